import { parentPort, workerData } from 'node:worker_threads'
import { present } from '../../base/assert.ts'
import { errorToData } from '../../base/errors.ts'
import { Heap } from '../../data/arenas/heap.ts'
import type { ThreadEnvironment } from '../../exec/thread.ts'
import { loadKernels } from '../../wasm/kernels/loader.ts'
import type { ThreadReply, ThreadRequest, ThreadStart } from './thread-messages.ts'

/** What a thread does with a job: synchronous, its result is posted back by structured clone. */
export type RunJob = (env: ThreadEnvironment, job: unknown) => unknown

/** Turns the current worker thread into a member of a pool; never returns work to another thread. */
export function serveThread(runJob: RunJob): void {
  const port = present(parentPort, 'a pool thread runs as a worker thread')
  const start = workerData as ThreadStart
  const heap = new Heap(start.memory)
  const kernels = loadKernels(heap, start.kernels)
  const env: ThreadEnvironment = { heap, kernels, threadIndex: start.threadIndex }
  port.on('message', (request: ThreadRequest) => {
    const { run } = request
    const post = (reply: ThreadReply): void => port.postMessage(reply)
    try {
      post({ kind: 'report', run, report: runJob(env, request.job) })
    } catch (error) {
      post({ kind: 'error', run, error: errorToData(error) })
    }
  })
}
