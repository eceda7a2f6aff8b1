import { present, unreachable } from '../../base/assert.ts'
import { decodeValue } from '../values/decode-value.ts'
import { encodeValue } from '../values/encode-value.ts'
import { callState, type CallBoard, type CallState } from './call-board.ts'
import { unpackCalls, type CallReply, type CallRequest, type PackedCall } from './call-messages.ts'
import type { FunctionCode } from './function-code.ts'
import { loadFunction, type Callable } from './load-function.ts'
import { encodeThrown } from './thrown.ts'

/** What a function finds as `this`. */
export interface TaskContext {
  /** Aborted when nobody wants the result any more; a function that goes on is ended after a time. */
  readonly signal: AbortSignal
  /** The same for code that does not wait: looked up whenever it is read. */
  readonly isCancelled: boolean
}

export interface CallServerOptions {
  readonly board: CallBoard
  readonly reply: (reply: CallReply, transfer: readonly ArrayBuffer[]) => void
  readonly nowMs: () => number
  readonly resultBytesMax: number
}

/** How long what is on the board may stay untold while more calls run. */
const UNTOLD_MS_MAX = 0.5

/** The calls of one thread, one after another. */
export class CallServer {
  readonly #options: CallServerOptions
  readonly #functions = new Map<number, FunctionCode | Callable>()
  #queue: PackedCall[] = []
  #isServing = false
  /** The call that runs. */
  #running: { readonly serial: number; readonly context: RunningContext } | undefined
  /** Since when something is on the board that the pool was not told of. */
  #untoldSinceMs: number | undefined

  constructor(options: CallServerOptions) {
    this.#options = options
  }

  receive(request: CallRequest): void {
    switch (request.kind) {
      case 'calls':
        for (const [number, code] of request.functions) this.#functions.set(number, code)
        for (const call of unpackCalls(request.table, request.bytes)) this.#queue.push(call)
        return void this.#serve()
      case 'stop':
        if (this.#running?.serial === request.serial) this.#running.context.abort()
        return
      default:
        return unreachable(request)
    }
  }

  async #serve(): Promise<void> {
    if (this.#isServing) return
    this.#isServing = true
    while (this.#queue.length > 0) {
      const calls = this.#queue
      this.#queue = []
      for (const call of calls) {
        const running = this.#run(call)
        if (running === undefined) continue
        this.#tell()
        await running
      }
    }
    this.#isServing = false
    this.#tell()
  }

  /** Runs a call that was not taken back; a promise where it has to be waited for. */
  #run(call: PackedCall): Promise<void> | undefined {
    const { board, nowMs } = this.#options
    if (!board.move(call, callState.waiting, callState.running)) return undefined
    const startMs = nowMs()
    if (this.#untoldSinceMs !== undefined && startMs - this.#untoldSinceMs > UNTOLD_MS_MAX) {
      this.#tell()
    }
    const context = new RunningContext(board, call)
    this.#running = { serial: call.serial, context }
    try {
      const fn = this.#function(call.fn)
      const value =
        fn instanceof Promise
          ? fn.then((it) => called(it, context, call))
          : called(fn, context, call)
      if (isThenable(value)) return this.#awaited(value, call, startMs)
      this.#done(call, value, startMs)
    } catch (error) {
      this.#failed(call, error, startMs)
    }
    this.#running = undefined
    return undefined
  }

  async #awaited(value: PromiseLike<unknown>, call: PackedCall, startMs: number): Promise<void> {
    try {
      this.#done(call, await value, startMs)
    } catch (error) {
      this.#failed(call, error, startMs)
    }
    this.#running = undefined
  }

  #function(number: number): Callable | Promise<Callable> {
    const known = present(this.#functions.get(number), 'a call of a function that was not sent')
    if (typeof known === 'function') return known
    const loaded = loadFunction(known)
    if (!(loaded instanceof Promise)) {
      this.#functions.set(number, loaded)
      return loaded
    }
    return loaded.then((fn) => {
      this.#functions.set(number, fn)
      return fn
    })
  }

  #done(call: PackedCall, value: unknown, startMs: number): void {
    const bytesMax = this.#options.resultBytesMax
    const bytes = encodeValue(value, { bytesMax, what: 'the result of a function' })
    this.#end(call, bytes, startMs, [callState.done, callState.doneApart])
  }

  #failed(call: PackedCall, error: unknown, startMs: number): void {
    this.#end(call, encodeThrown(error), startMs, [callState.failed, callState.failedApart])
  }

  #end(
    call: PackedCall,
    bytes: Uint8Array<ArrayBuffer>,
    startMs: number,
    [here, apart]: readonly [CallState, CallState],
  ): void {
    const { board, nowMs, reply } = this.#options
    const endMs = nowMs()
    const tookMs = endMs - startMs
    this.#untoldSinceMs ??= endMs
    if (board.put(call, bytes, tookMs, here)) return
    // In this order: once the pool has the message the place is free for another call.
    board.end(call, tookMs, apart)
    reply({ kind: 'apart', serial: call.serial, state: apart, bytes }, [bytes.buffer])
  }

  #tell(): void {
    if (this.#untoldSinceMs === undefined) return
    this.#untoldSinceMs = undefined
    this.#options.reply({ kind: 'look' }, [])
  }
}

/** `this` of one call. */
class RunningContext implements TaskContext {
  readonly #board: CallBoard
  readonly #call: PackedCall
  #controller: AbortController | undefined

  constructor(board: CallBoard, call: PackedCall) {
    this.#board = board
    this.#call = call
  }

  get isCancelled(): boolean {
    return this.#board.state(this.#call) === callState.stopping
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.isCancelled) this.#controller.abort()
    return this.#controller.signal
  }

  abort(): void {
    this.#controller?.abort()
  }
}

function called(fn: Callable, context: TaskContext, { args, inputs }: PackedCall): unknown {
  if (inputs.length === 0) return fn.apply(context, decodeValue(args) as unknown[])
  const values = new Map<number, unknown>()
  const input = (n: number): unknown => {
    if (!values.has(n)) values.set(n, decodeValue(present(inputs[n], 'a result that was not sent')))
    return values.get(n)
  }
  return fn.apply(context, decodeValue(args, input) as unknown[])
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  )
}
