import { setMaxListeners } from 'node:events'
import { WHOLE_OUTPUT } from '../../scheduler/graph/task-graph.ts'
import type { RunId } from '../../scheduler/scheduler/task-id.ts'
import { Heap } from '../../data/arenas/heap.ts'
import { createDataClient } from '../comm/data-client.ts'
import { bytesOf, BytesLease } from '../comm/result-lease.ts'
import { connectionFailure } from '../comm/connection-failure.ts'
import { startLocalCluster } from '../local-cluster.ts'
import type { TaskCluster, TaskClusterOptions } from './task-cluster.ts'

/** Values take none of it. */
const HEAP_BYTES_MAX = 1 << 24

/** Starts worker processes of this machine. */
export async function startProcessWorkers(options: TaskClusterOptions): Promise<TaskCluster> {
  const { threadsPerWorker: threads } = options
  const cluster = await startLocalCluster({ ...options, userFunctions: true })
  const heap = new Heap(Heap.createMemory(HEAP_BYTES_MAX))
  const client = createDataClient(heap, cluster.token)
  const given = new Map<RunId, Uint8Array>()
  cluster.attach({
    heap,
    find(ref) {
      const bytes = ref.kind === 'result' ? given.get(ref.task) : undefined
      return bytes && new BytesLease(bytes, () => {})
    },
    workerLeft: (address) => client.disconnect(address),
  })
  return {
    scheduler: cluster.scheduler,
    resources: options.resources,
    get workers() {
      return new Map([...cluster.workers.keys()].map((id) => [id, { threads }]))
    },
    get lost() {
      const { lost } = cluster
      setMaxListeners(0, lost)
      return lost
    },
    async pull(worker, runs) {
      const found = cluster.workers.get(worker)
      if (found === undefined) throw connectionFailure('that holds the result was lost')
      const refs = runs.map((task) => ({ kind: 'result', task, slice: WHOLE_OUTPUT }) as const)
      return (await client.pull(found.address, refs)).map(bytesOf)
    },
    async give(worker, run, bytes) {
      given.set(run, bytes)
      try {
        await cluster.take(worker, run)
      } finally {
        given.delete(run)
      }
    },
    async close() {
      client.close()
      await cluster.close()
    },
  }
}
