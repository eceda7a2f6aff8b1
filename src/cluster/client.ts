import { setMaxListeners } from 'node:events'
import { present } from '../base/assert.ts'
import type { Heap } from '../data/arenas/heap.ts'
import { WHOLE_OUTPUT } from '../scheduler/graph/task-graph.ts'
import type { Kernels } from '../wasm/kernels/loader.ts'
import { callingThread } from './host/calling-thread.ts'
import { createDataClient } from './comm/data-client.ts'
import type { DataRef } from './comm/data-messages.ts'
import { rowsOf } from './comm/result-lease.ts'
import { connectionFailure } from './comm/connection-failure.ts'
import { inProcessRunner, type QueryRunner } from './in-process-runner.ts'
import type { LocalCluster } from './local-cluster.ts'
import { encodePlan, isOfValues, memorySources } from './plan-transfer.ts'
import { RoundsRunner } from './rounds.ts'
import { runQuery, shuttingDown, type ResultSource } from './run-query.ts'
import { createServedTables } from './served-tables.ts'

export interface ClusterRunnerOptions {
  /** Results come to this heap, and tables in memory are served from it. */
  readonly heap: Heap
  readonly kernels: Kernels
}

const ALIVE_MS = 2 ** 30

/** Runs plans on worker processes; the result is pulled into this process's heap. */
export function clusterRunner(
  cluster: LocalCluster,
  { heap, kernels }: ClusterRunnerOptions,
): QueryRunner {
  const tables = createServedTables({ heap, kernels })
  const client = createDataClient(heap, cluster.token)
  const closing = new AbortController()
  setMaxListeners(0, closing.signal)
  cluster.attach({
    heap,
    find: (ref) => tables.find(ref),
    workerLeft: (address) => client.disconnect(address),
  })
  const source: ResultSource = {
    stops: () => [closing.signal, cluster.lost],
    isCopy: true,
    async collect({ run, holders }, abandoned) {
      const worker = holders.map((id) => cluster.workers.get(id)).find((held) => held !== undefined)
      if (worker === undefined) throw connectionFailure('that holds the result was lost')
      const refs: readonly DataRef[] = [{ kind: 'result', task: run, slice: WHOLE_OUTPUT }]
      const [result] = await client.pull(worker.address, refs, abandoned.signal)
      return rowsOf(present(result, 'a pull without a result'))
    },
    // What workers run touches their own heaps only.
    settled: () => Promise.resolve(),
  }
  const env = callingThread(heap, kernels)
  const rounds = new RoundsRunner(env, undefined, closing.signal)
  const here = inProcessRunner({ heap, kernels, pool: undefined })
  return {
    // Each worker has a memory of its own.
    claims: { claimedBytes: 0, waitingBytes: 0 },
    rounds: (options, work) => rounds.run(options, work),
    async run(plan, options) {
      if (isOfValues(plan)) return here.run(plan, options)
      // What is too large is refused before anybody hears of it.
      encodePlan(plan)
      const sources = plan.stages.flatMap(memorySources)
      tables.open(sources)
      // The sockets of a cluster do not keep the process alive, a query that runs does.
      const alive = setInterval(() => {}, ALIVE_MS)
      try {
        return await runQuery(cluster.scheduler, source, plan, options)
      } finally {
        clearInterval(alive)
        await tables.close(sources)
      }
    },
    async close() {
      closing.abort(shuttingDown())
      await Promise.all([rounds.settled(), here.close()])
      client.close()
    },
  }
}
