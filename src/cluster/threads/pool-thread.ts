import { existsSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { present } from '../../base/assert.ts'
import { builtFile } from '../../base/built-file.ts'
import { QueryError } from '../../base/errors.ts'
import type { Heap } from '../../data/arenas/heap.ts'
import { scriptHeapFull } from '../../exec/jobs/raise-error.ts'
import { kernelModule } from '../../wasm/kernels/loader.ts'
import type { ThreadReply, ThreadRequest, ThreadStart } from './thread-messages.ts'

/** A thread as the pool sees it. */
export interface PoolThread {
  /** Throws when the request cannot be cloned; nothing was sent then. */
  post(request: ThreadRequest): void
  /** Whether the thread keeps the process alive. */
  hold(isHeld: boolean): void
  stop(): Promise<unknown>
}

/** What a thread tells its pool. Nothing comes after `died`. */
export interface ThreadEvents {
  reply(reply: ThreadReply): void
  /** `error`: what the jobs that it had end with. */
  died(error: QueryError): void
}

export type StartThread = (index: number, events: ThreadEvents) => PoolThread

/** The built program: source files cannot run in a thread, so tests use it too. */
const threadFile = builtFile('thread-main.js', import.meta.url)

/**
 * What a thread keeps for young objects in its JavaScript heap: three of the spaces that a collection copies
 * between. Rows lie elsewhere, and each thread would take 33 MiB of the machine in time.
 */
const YOUNG_MIB_MAX = 12

let threadSource: string | undefined

/** Whether the program of threads lies where it was built; else {@link useThreadSource} must give it. */
export function hasThreadFile(): boolean {
  return threadFile !== undefined && existsSync(threadFile)
}

/** Runs threads from a text (CommonJS), where an application's bundle has no file of their program. */
export function useThreadSource(text: string): void {
  threadSource ??= text
}

/** Starts worker threads over a heap that run a module, which must call `serveThread`. */
export function workerThreads(heap: Heap, entry: URL | undefined = threadFile): StartThread {
  return (index, events) => {
    const posted = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
    const start: ThreadStart = {
      memory: heap.memory,
      kernels: kernelModule(),
      threadIndex: index,
      posted,
    }
    const options = {
      workerData: start,
      execArgv: [],
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MIB_MAX },
    }
    const worker =
      threadSource === undefined
        ? new Worker(present(entry, 'program of a thread'), options)
        : new Worker(threadSource, { ...options, eval: true })
    let isDead = false
    const died = (error: QueryError): void => {
      if (!isDead) events.died(error)
      isDead = true
    }
    worker.on('message', (reply: ThreadReply) => events.reply(reply))
    worker.on('error', (error) => died(endOfThread(error)))
    worker.on('exit', (code) => died(stopped(`exit code ${code}`)))
    // Last: listening for messages holds the process again.
    worker.unref()
    return {
      post: (request) => {
        worker.postMessage(request)
        Atomics.add(posted, 0, 1)
      },
      hold: (isHeld) => (isHeld ? worker.ref() : worker.unref()),
      stop: () => worker.terminate(),
    }
  }
}

/** Why a thread ended by itself: the values of a function may have filled its JavaScript heap at once. */
export function endOfThread(error: unknown): QueryError {
  if (!(error instanceof Error)) return stopped(String(error))
  const isOutOfMemory = 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY'
  return isOutOfMemory ? scriptHeapFull() : stopped(error.message)
}

function stopped(reason: string): QueryError {
  return new QueryError('INTERNAL_ERROR', `a thread of the pool stopped: ${reason}`)
}
