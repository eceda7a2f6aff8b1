import type { Heap } from '../../data/arenas/heap.ts'
import type { ThreadEnvironment } from '../../exec/jobs/thread.ts'
import type { Kernels } from '../../wasm/kernels/loader.ts'
import { systemClock, systemEventLoop } from './clock.ts'
import { systemScriptHeap } from './script-heap.ts'

/** What jobs have that run on a process's main thread, beside all that its event loop serves. */
export function callingThread(heap: Heap, kernels: Kernels): ThreadEnvironment {
  return {
    heap,
    kernels,
    threadIndex: 0,
    clock: systemClock,
    eventLoop: systemEventLoop,
    scriptHeap: systemScriptHeap,
  }
}
