import { assert, present, unreachable } from '../../base/assert.ts'
import { QueryError } from '../../base/errors.ts'
import type { Urgency } from '../../scheduler/worker/events.ts'
import { BOARD_SLOTS, CallBoard, callState, type CallState, type Place } from './call-board.ts'
import { packCalls, type CallReply, type PackedCall } from './call-messages.ts'
import { CallTimes } from './call-times.ts'
import { identityOf, type FunctionCode } from './function-code.ts'
import type { FunctionThread, StartFunctionThread } from './function-thread.ts'
import { decodeFailure } from './thrown.ts'

/** Calls something once after a time, unless it is told not to. */
export type After = (ms: number, call: () => void) => () => void

export interface FunctionPoolOptions {
  readonly threads: number
  readonly start: StartFunctionThread
  readonly after: After
  /** How long a function that is cancelled may go on before its thread is ended. */
  readonly cancelGraceMs?: number | undefined
}

export interface FunctionCall {
  readonly urgency: Urgency
  readonly code: FunctionCode
  /** Arguments, an encoded array. */
  readonly args: Uint8Array
  /** Encoded results that stand in the arguments, by their number. */
  readonly inputs: readonly Uint8Array[]
}

export interface FunctionResult {
  /** The encoded value. */
  readonly bytes: Uint8Array
  readonly tookMs: number
}

/** A call on its way. */
export interface RunningCall {
  /** Rejects with FUNCTION_FAILED, which has what was thrown, with QUERY_CANCELED, or with an error of ours. */
  readonly result: Promise<FunctionResult>
  /** Nobody wants its result: a call that has not begun never does, one that runs is told so. */
  cancel(reason: QueryError): void
}

const CANCEL_GRACE_MS = 1_000
/** So much expected work a thread has at once: less than this is not worth a message of its own. */
const BATCH_MS = 1
/** Calls that wait behind one that takes longer than that go to other threads. */
const PATIENCE_MS = 5
/** Threads that end before they have begun anything. */
const FRUITLESS_STARTS_MAX = 3
const FUNCTIONS_MAX = 1_000

interface Call {
  readonly request: FunctionCall
  readonly identity: string
  readonly resolve: (result: FunctionResult) => void
  readonly reject: (reason: unknown) => void
  at: { readonly thread: Thread; readonly place: Place } | undefined
  cancelled: QueryError | undefined
  disarm: (() => void) | undefined
}

/** Runs functions of users in threads of their own, which share no memory with the engine. */
export class FunctionPool {
  readonly #options: FunctionPoolOptions
  readonly #threads = new Set<Thread>()
  readonly #times = new CallTimes(FUNCTIONS_MAX)
  /** The most urgent first. */
  readonly #queue: Call[] = []
  #fruitless = 0
  #isLooking = false
  #isClosed = false

  constructor(options: FunctionPoolOptions) {
    this.#options = options
  }

  /** More calls at a time only make a queue. */
  get callsMax(): number {
    return this.#options.threads * BOARD_SLOTS
  }

  /** Starts all threads, so that the first calls need not wait for them. */
  warm(): void {
    while (!this.#isClosed && this.#threads.size < this.#options.threads) this.#start()
  }

  run(request: FunctionCall): RunningCall {
    let call!: Call
    const result = new Promise<FunctionResult>((resolve, reject) => {
      const identity = identityOf(request.code)
      call = {
        request,
        identity,
        resolve,
        reject,
        at: undefined,
        cancelled: undefined,
        disarm: undefined,
      }
    })
    if (this.#isClosed) call.reject(closed())
    else {
      this.#enqueue(call)
      this.#dispatch()
    }
    return { result, cancel: (reason) => this.#cancel(call, reason) }
  }

  /** Ends all threads; what runs or waits is rejected with ADMIN_SHUTDOWN. */
  close(): void {
    this.#isClosed = true
    for (const thread of this.#threads) {
      for (const call of thread.calls.values()) this.#settled(call, (it) => it.reject(closed()))
      thread.calls.clear()
      thread.end()
    }
    this.#threads.clear()
    for (const call of this.#queue.splice(0)) call.reject(closed())
  }

  #cancel(call: Call, reason: QueryError): void {
    if (call.cancelled !== undefined) return
    call.cancelled = reason
    const { at } = call
    if (at === undefined) {
      const index = this.#queue.indexOf(call)
      if (index < 0) return
      this.#queue.splice(index, 1)
      call.reject(reason)
      return
    }
    const { thread, place } = at
    if (thread.board.move(place, callState.waiting, callState.free)) {
      thread.calls.delete(place.serial)
      this.#settled(call, (it) => it.reject(reason))
      this.#dispatch()
      return
    }
    if (!thread.board.move(place, callState.running, callState.stopping)) return
    thread.stop(place.serial)
    const { after, cancelGraceMs = CANCEL_GRACE_MS } = this.#options
    call.disarm = after(cancelGraceMs, () => this.#end(thread))
  }

  #enqueue(call: Call): void {
    const queue = this.#queue
    let [low, high] = [0, queue.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (isBefore(call.request.urgency, queue[middle]!.request.urgency)) high = middle
      else low = middle + 1
    }
    queue.splice(low, 0, call)
  }

  /** Gives calls to threads as long as there is one that has room. */
  #dispatch(): void {
    while (this.#queue.length > 0) {
      const call = this.#queue[0]!
      const expectedMs = this.#times.expectedMs(call.identity)
      const thread = this.#threadFor(expectedMs)
      if (thread === undefined) break
      this.#queue.shift()
      call.at = { thread, place: thread.take(call, expectedMs ?? BATCH_MS) }
    }
    this.#lookLater()
  }

  /** One that is idle, a new one, or one with little to do when the call is short, too. */
  #threadFor(expectedMs: number | undefined): Thread | undefined {
    let best: Thread | undefined
    for (const thread of this.#threads) {
      if (best === undefined || thread.expectedMs < best.expectedMs) best = thread
    }
    if (best?.calls.size === 0) return best
    if (this.#threads.size < this.#options.threads) return this.#start()
    if (best === undefined || expectedMs === undefined || best.calls.size >= BOARD_SLOTS)
      return undefined
    return best.expectedMs + expectedMs <= BATCH_MS ? best : undefined
  }

  #start(): Thread {
    const thread: Thread = new Thread(this.#options.start, {
      reply: (reply) => this.#replied(thread, reply),
      died: (error) => this.#died(thread, error),
    })
    this.#threads.add(thread)
    return thread
  }

  #replied(thread: Thread, reply: CallReply): void {
    switch (reply.kind) {
      case 'look':
        return this.#look(thread)
      case 'apart': {
        const call = thread.calls.get(reply.serial)
        // Nobody waits for it any more.
        if (call === undefined) return
        const { place } = present(call.at, 'a call without its place')
        this.#ended(thread, place, call, reply.state, reply.bytes)
        return this.#dispatch()
      }
      default:
        return unreachable(reply)
    }
  }

  /** Takes what is on a thread's board. */
  #look(thread: Thread): void {
    const { board } = thread
    for (const [, call] of thread.calls) {
      const { place } = present(call.at, 'a call without its place')
      const state = board.state(place)
      // They are begun in this order.
      if (state === callState.waiting) break
      if (state === callState.done || state === callState.failed) {
        this.#ended(thread, place, call, state, board.result(place))
      }
    }
    this.#dispatch()
  }

  #ended(thread: Thread, place: Place, call: Call, state: CallState, bytes: Uint8Array): void {
    const tookMs = thread.board.tookMs(place)
    thread.board.set(place, callState.free)
    thread.calls.delete(place.serial)
    this.#fruitless = 0
    this.#times.add(call.identity, tookMs)
    const isDone = state === callState.done || state === callState.doneApart
    this.#settled(call, ({ cancelled, resolve, reject }) => {
      if (cancelled !== undefined) reject(cancelled)
      else if (isDone) resolve({ bytes, tookMs })
      else reject(decodeFailure(bytes))
    })
  }

  #settled(call: Call, settle: (call: Call) => void): void {
    const thread = call.at?.thread
    if (thread !== undefined) thread.left(call)
    call.at = undefined
    call.disarm?.()
    settle(call)
  }

  /** While calls wait behind others it is looked whether these take longer than they should. */
  #lookLater(): void {
    if (this.#isLooking || ![...this.#threads].some(({ calls }) => calls.size > 1)) return
    this.#isLooking = true
    const begun = new Map([...this.#threads].map((thread) => [thread, thread.firstSerial]))
    this.#options.after(PATIENCE_MS, () => {
      this.#isLooking = false
      for (const thread of this.#threads) {
        this.#look(thread)
        if (thread.firstSerial !== undefined && begun.get(thread) === thread.firstSerial) {
          this.#takeBack(thread)
        }
      }
      this.#dispatch()
    })
  }

  /** Calls that a thread has not begun wait for any thread again. */
  #takeBack(thread: Thread): void {
    const back: Call[] = []
    for (const [serial, call] of thread.calls) {
      const { place } = present(call.at, 'a call without its place')
      // The first one may not have been begun as its thread is just starting.
      if (serial === thread.firstSerial) {
        thread.expectMore(call, BATCH_MS)
        continue
      }
      if (!thread.board.move(place, callState.waiting, callState.free)) continue
      thread.calls.delete(serial)
      thread.left(call)
      call.at = undefined
      back.push(call)
    }
    for (const call of back) this.#enqueue(call)
  }

  #end(thread: Thread): void {
    thread.end()
    this.#died(
      thread,
      new QueryError('QUERY_CANCELED', 'a function went on after it was cancelled'),
    )
  }

  /** What it ran fails; what it had not begun goes to others. */
  #died(thread: Thread, error: QueryError): void {
    if (!this.#threads.delete(thread)) return
    const { board } = thread
    const again: Call[] = []
    let hasRun = false
    for (const [, call] of thread.calls) {
      const { place } = present(call.at, 'a call without its place')
      const state = board.state(place)
      if (state === callState.done || state === callState.failed) {
        this.#ended(thread, place, call, state, board.result(place))
        hasRun = true
      } else if (board.move(place, callState.waiting, callState.free)) {
        thread.left(call)
        call.at = undefined
        again.push(call)
      } else {
        this.#settled(call, ({ cancelled, reject }) => reject(cancelled ?? error))
        hasRun = true
      }
    }
    thread.calls.clear()
    for (const call of again) this.#enqueue(call)
    this.#fruitless = hasRun ? 0 : this.#fruitless + 1
    if (this.#fruitless >= FRUITLESS_STARTS_MAX) {
      for (const call of this.#queue.splice(0)) call.reject(error)
      this.#fruitless = 0
    }
    this.#dispatch()
  }
}

/** A thread and the calls that it has. */
class Thread {
  readonly board = new CallBoard()
  /** By serial, in the order in which they are run. */
  readonly calls = new Map<number, Call>()
  expectedMs = 0
  readonly #thread: FunctionThread
  readonly #expected = new Map<Call, number>()
  /** Numbers of the functions that it knows. */
  readonly #functions = new Map<string, number>()
  #newFunctions: (readonly [number, FunctionCode])[] = []
  #unsent: PackedCall[] = []
  #serial = 0
  readonly #slots = Array.from({ length: BOARD_SLOTS }, (_, slot) => BOARD_SLOTS - 1 - slot)

  constructor(start: StartFunctionThread, events: Parameters<StartFunctionThread>[1]) {
    this.#thread = start(this.board, events)
  }

  /** The call that it runs, or will next. */
  get firstSerial(): number | undefined {
    const first = this.calls.keys().next()
    return first.done === true ? undefined : first.value
  }

  take(call: Call, expectedMs: number): Place {
    const slot = this.#slots.pop()
    assert(slot !== undefined, 'a thread has no room for a call')
    this.#serial = CallBoard.after(this.#serial)
    const place: Place = { slot, serial: this.#serial }
    this.board.set(place, callState.waiting)
    if (this.calls.size === 0) this.#thread.hold(true)
    this.calls.set(place.serial, call)
    this.#expected.set(call, expectedMs)
    this.expectedMs += expectedMs
    const { args, inputs } = call.request
    this.#unsent.push({ ...place, fn: this.#numberOf(call), args, inputs })
    if (this.#unsent.length === 1) {
      // With all others that come in this turn.
      if (this.calls.size === 1) queueMicrotask(() => this.#send())
      else setImmediate(() => this.#send())
    }
    return place
  }

  /** A call is no longer its own, and was struck off its list. */
  left(call: Call): void {
    const { place } = present(call.at, 'a call without its place')
    this.#slots.push(place.slot)
    this.expectedMs -= this.#expected.get(call) ?? 0
    this.#expected.delete(call)
    if (this.calls.size > 0) return
    this.expectedMs = 0
    this.#thread.hold(false)
  }

  expectMore(call: Call, ms: number): void {
    this.#expected.set(call, (this.#expected.get(call) ?? 0) + ms)
    this.expectedMs += ms
  }

  stop(serial: number): void {
    this.#thread.post({ kind: 'stop', serial })
  }

  end(): void {
    this.#thread.end()
  }

  #numberOf({ identity, request }: Call): number {
    const known = this.#functions.get(identity)
    if (known !== undefined) return known
    const number = this.#functions.size
    this.#functions.set(identity, number)
    this.#newFunctions.push([number, request.code])
    return number
  }

  #send(): void {
    const calls = this.#unsent
    const functions = this.#newFunctions
    this.#unsent = []
    this.#newFunctions = []
    this.#thread.post({ kind: 'calls', functions, ...packCalls(calls) })
  }
}

function isBefore(left: Urgency, right: Urgency): boolean {
  return left.priority === right.priority ? left.rank < right.rank : left.priority < right.priority
}

function closed(): QueryError {
  return new QueryError('ADMIN_SHUTDOWN', 'a worker ends, and with it the functions that it runs')
}
