import { setMaxListeners } from 'node:events'
import { assert } from '../../base/assert.ts'
import { notSupported } from '../../base/errors.ts'
import { Heap } from '../../data/arenas/heap.ts'
import { WHOLE_OUTPUT } from '../../scheduler/graph/task-graph.ts'
import type { WorkerId } from '../../scheduler/scheduler/task-id.ts'
import type { InputRef } from '../../scheduler/worker/events.ts'
import { bytesOf, BytesLease, type ResultLease } from '../comm/result-lease.ts'
import { connectionFailure } from '../comm/connection-failure.ts'
import { functionKind } from '../function-kind.ts'
import { systemClock } from '../host/clock.ts'
import { createSchedulerShell } from '../scheduler-shell.ts'
import { shuttingDown } from '../run-query.ts'
import type { TaskKind } from '../task-kinds.ts'
import { startFunctionPool } from '../user-functions/start-function-pool.ts'
import type { FunctionPool } from '../user-functions/function-pool.ts'
import { createWorkerShell, type WorkerShell } from '../worker-shell.ts'
import type { TaskCluster, TaskClusterOptions } from './task-cluster.ts'

/** For words to stop tasks by, alone. */
const HEAP_BYTES_MAX = 1 << 24

interface ThreadWorker {
  readonly threads: number
  readonly shell: WorkerShell
  readonly pool: FunctionPool
}

/** Workers of threads in this process: nothing is copied between them, and none can be lost. */
export interface ThreadWorkers extends TaskCluster {
  /** Ends a worker with all that it holds, as if it was lost. */
  end(worker: WorkerId): Promise<void>
}

export function startThreadWorkers(options: TaskClusterOptions): ThreadWorkers {
  const { workers: count, threadsPerWorker: threads, memoryBytesMax, resources } = options
  const scheduler = createSchedulerShell(systemClock, { sparesUntried: true })
  const heap = new Heap(Heap.createMemory(HEAP_BYTES_MAX))
  const workers = new Map<WorkerId, ThreadWorker>()
  const lost = new AbortController()
  // One for each client.
  setMaxListeners(0, lost.signal)
  const read = (holder: WorkerId, inputs: readonly InputRef[]): readonly ResultLease[] => {
    const leases = inputs.flatMap((ref) => workers.get(holder)?.shell.read(ref) ?? [])
    if (leases.length === inputs.length) return leases
    for (const lease of leases) lease.release()
    throw connectionFailure('that holds a result was lost')
  }
  const add = (id: WorkerId): void => {
    const pool = startFunctionPool(threads)
    const shell = createWorkerShell({
      id,
      heap,
      kinds: { fragment: noQueries, function: functionKind(pool) },
      clock: systemClock,
      machine: { executingMax: pool.callsMax },
      valueBytesMax: memoryBytesMax,
      report: (event) =>
        scheduler.tell(event, event.kind === 'task-finished' ? event.value : undefined),
      fetch: async (holder, inputs) => read(holder, inputs),
    })
    workers.set(id, { threads, shell, pool })
    scheduler.addWorker({
      slots: threads,
      memoryBytesMax,
      resources,
      welcome: (given) => assert(given === id, 'workers are counted from 0'),
      openGraph: (graph, contexts) => shell.openGraph(graph, contexts),
      closeGraph: (graph) => shell.closeGraph(graph),
      runTask: (task) => shell.runTask(task),
      forgetTasks: (tasks) => shell.forgetTasks(tasks),
      silent: () => assert(false, 'a worker in this process is not listened for'),
    })
  }
  for (let id = 0; id < count; id++) add(id as WorkerId)
  const end = async (id: WorkerId): Promise<void> => {
    const worker = workers.get(id)
    if (!workers.delete(id) || worker === undefined) return
    scheduler.removeWorker(id)
    worker.pool.close()
    await worker.shell.close()
  }
  return {
    scheduler,
    workers,
    resources,
    lost: lost.signal,
    end,
    pull: async (worker, runs) =>
      read(
        worker,
        runs.map((task) => ({ task, slice: WHOLE_OUTPUT })),
      ).map(bytesOf),
    async give(worker, run, bytes) {
      const found = workers.get(worker)
      if (found === undefined) throw connectionFailure('was lost')
      found.shell.give(run, new BytesLease(bytes, () => {}))
    },
    async close() {
      lost.abort(shuttingDown())
      await Promise.all([...workers.keys()].map(end))
    },
  }
}

const noQueries: TaskKind<'fragment'> = {
  open: () => ({
    isOneByOne: false,
    run: () => Promise.reject(notSupported('queries on workers that are threads')),
  }),
}
