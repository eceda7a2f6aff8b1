import { RESULT_BYTES_MAX } from '../comm/data-messages.ts'
import { FunctionPool, type After } from './function-pool.ts'
import { functionThreads } from './function-thread.ts'

/** Waits in real time, without keeping the process alive. */
const after: After = (ms, call) => {
  const timer = setTimeout(call, ms).unref()
  return () => clearTimeout(timer)
}

/** A pool of so many threads of this process, which start when they are needed. */
export function startFunctionPool(threads: number, cancelGraceMs?: number): FunctionPool {
  const start = functionThreads(RESULT_BYTES_MAX)
  return new FunctionPool({ threads, start, after, cancelGraceMs })
}
