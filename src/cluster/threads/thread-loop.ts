import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { present } from '../../base/assert.ts'
import { Heap } from '../../data/arenas/heap.ts'
import type { ThreadEnvironment } from '../../exec/jobs/thread.ts'
import { loadKernels } from '../../wasm/kernels/loader.ts'
import { systemClock } from '../host/clock.ts'
import { systemScriptHeap } from '../host/script-heap.ts'
import type { ThreadReply, ThreadRequest, ThreadStart } from './thread-messages.ts'
import { ThreadWork, type StartJob } from './thread-work.ts'

/** Turns the current worker thread into a member of a pool; never returns work to another thread. */
export function serveThread(startJob: StartJob): void {
  const port = present(parentPort, 'a pool thread runs as a worker thread')
  const start = workerData as ThreadStart
  const heap = new Heap(start.memory)
  const kernels = loadKernels(heap, start.kernels)
  const clock = systemClock
  const { threadIndex } = start
  const env: ThreadEnvironment = { heap, kernels, threadIndex, clock, scriptHeap: systemScriptHeap }
  const post = port.postMessage.bind(port)
  const work = new ThreadWork({ env, startJob, clock, post })
  post({ kind: 'ready' } satisfies ThreadReply)
  let accepted = 0
  const accept = (request: ThreadRequest): void => {
    accepted = (accepted + 1) | 0
    work.accept(request)
  }
  port.on('message', (request: ThreadRequest) => {
    accept(request)
    while (!work.isIdle) {
      work.turn()
      // What came in meanwhile has its turn while older work goes on. Asking the port costs as much as
      // thousands of rows.
      if (Atomics.load(start.posted, 0) === accepted) continue
      let next = receiveMessageOnPort(port)
      for (; next !== undefined; next = receiveMessageOnPort(port)) {
        accept(next.message as ThreadRequest)
      }
    }
  })
}
