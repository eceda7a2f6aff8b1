import { Worker } from 'node:worker_threads'
import { builtFile } from '../../base/built-file.ts'
import { notSupported, QueryError } from '../../base/errors.ts'
import type { CallBoard } from './call-board.ts'
import type { CallReply, CallRequest } from './call-messages.ts'

/** What a thread begins with. */
export interface FunctionThreadStart {
  readonly shared: SharedArrayBuffer
  readonly resultBytesMax: number
}

/** A thread of functions as its pool sees it. */
export interface FunctionThread {
  post(request: CallRequest): void
  /** Whether it keeps the process alive. */
  hold(isHeld: boolean): void
  /** Ends it at once, whatever it does; `died` is called nevertheless. */
  end(): void
}

/** What a thread tells its pool. Nothing comes after `died`. */
export interface FunctionThreadEvents {
  reply(reply: CallReply): void
  /** `error`: what the call that it ran ends with. */
  died(error: QueryError): void
}

export type StartFunctionThread = (board: CallBoard, events: FunctionThreadEvents) => FunctionThread

/** The built program: source files cannot run in a thread, so tests use it too. */
const threadFile = builtFile('function-thread-main.js', import.meta.url)

/** Starts threads of this process. */
export function functionThreads(resultBytesMax: number): StartFunctionThread {
  return ({ shared }, events) => {
    if (threadFile === undefined) throw notSupported('functions in an application bundle')
    const workerData: FunctionThreadStart = { shared, resultBytesMax }
    const worker = new Worker(threadFile, { workerData, execArgv: [] })
    let isDead = false
    const died = (error: QueryError): void => {
      if (!isDead) events.died(error)
      isDead = true
    }
    worker.on('message', (reply: CallReply) => {
      if (!isDead) events.reply(reply)
    })
    worker.on('error', (error) => died(endOf(error)))
    worker.on('exit', (code) => died(ended(`exit code ${code}`)))
    // Last: listening for messages holds the process again.
    worker.unref()
    return {
      post(request) {
        if (request.kind === 'stop') return worker.postMessage(request)
        worker.postMessage(request, [request.table.buffer, request.bytes.buffer])
      },
      hold: (isHeld) => (isHeld ? worker.ref() : worker.unref()),
      end: () => void worker.terminate(),
    }
  }
}

/** Why a thread ended by itself. */
function endOf(error: unknown): QueryError {
  if (!(error instanceof Error)) return ended(String(error))
  if ('code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY') {
    const message = 'out of memory: the values of a function filled the heap of its thread'
    return new QueryError('OUT_OF_MEMORY', message)
  }
  return ended(`${error.name}: ${error.message}`)
}

function ended(reason: string): QueryError {
  return new QueryError('FUNCTION_FAILED', `a function ended its thread: ${reason}`)
}
