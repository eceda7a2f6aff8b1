import { QueryError } from '../../../src/base/errors.ts'
import type { Random } from '../../../src/base/world.ts'
import { CallBoard } from '../../../src/cluster/user-functions/call-board.ts'
import type { CallReply, CallRequest } from '../../../src/cluster/user-functions/call-messages.ts'
import { CallServer } from '../../../src/cluster/user-functions/call-server.ts'
import type { After } from '../../../src/cluster/user-functions/function-pool.ts'
import type {
  FunctionThreadEvents,
  StartFunctionThread,
} from '../../../src/cluster/user-functions/function-thread.ts'

/** A thread that does what the real one does, when the simulation lets it. */
interface SimulatedThread {
  readonly events: FunctionThreadEvents
  readonly server: CallServer
  readonly requests: CallRequest[]
  readonly replies: CallReply[]
  isEnded: boolean
}

/** Threads, time and messages in an order that a seed chooses. */
export class SimulatedThreads {
  nowMs = 0
  deaths = 0
  readonly #random: Random
  readonly #threads: SimulatedThread[] = []
  readonly #timers = new Map<() => void, number>()

  constructor(random: Random) {
    this.#random = random
  }

  get running(): number {
    return this.#threads.filter(({ isEnded }) => !isEnded).length
  }

  readonly after: After = (ms, call) => {
    this.#timers.set(call, this.nowMs + ms)
    return () => this.#timers.delete(call)
  }

  readonly start: StartFunctionThread = (board, events) => {
    const replies: CallReply[] = []
    const server = new CallServer({
      board: new CallBoard(board.shared),
      reply: (reply) => void replies.push(reply),
      nowMs: () => this.nowMs,
      resultBytesMax: 1 << 20,
    })
    const thread: SimulatedThread = { events, server, requests: [], replies, isEnded: false }
    this.#threads.push(thread)
    return {
      post: (request) => void thread.requests.push(request),
      hold: () => {},
      end: () => {
        thread.isEnded = true
      },
    }
  }

  /** Lets one thing happen: a message arrives at either end, time passes, a thread ends. */
  step(deathPart: number): void {
    const alive = this.#threads.filter(({ isEnded }) => !isEnded)
    const thread = alive[Math.floor(this.#random.next() * alive.length)]
    this.nowMs += this.#random.next() ** 4 * 3
    for (const [call, atMs] of this.#timers) {
      if (atMs > this.nowMs) continue
      this.#timers.delete(call)
      call()
    }
    if (thread === undefined || thread.isEnded) return
    if (this.#random.next() < deathPart) {
      this.deaths++
      thread.isEnded = true
      return thread.events.died(new QueryError('FUNCTION_FAILED', 'the thread ended'))
    }
    const reply = this.#random.next() < 0.5 ? thread.replies.shift() : undefined
    if (reply !== undefined) return thread.events.reply(reply)
    const request = thread.requests.shift()
    if (request !== undefined) thread.server.receive(request)
  }
}
