import { QueryError } from '../../../src/base/errors.ts'
import type {
  PoolThread,
  StartThread,
  ThreadEvents,
} from '../../../src/cluster/threads/pool-thread.ts'
import type { ThreadReply } from '../../../src/cluster/threads/thread-messages.ts'
import { ThreadWork } from '../../../src/cluster/threads/thread-work.ts'
import type { Steps } from '../../../src/exec/jobs/steps.ts'
import type { ThreadEnvironment } from '../../../src/exec/jobs/thread.ts'

/** A job of the simulation: what each share does, step by step. */
export interface SimulatedJob {
  readonly name: string
  /** What each step takes, in milliseconds of the thread that does it. */
  readonly stepsMs: readonly number[]
  /** The share that fails, once it has done so many steps. */
  readonly fails?: { readonly share: number; readonly atStep: number }
}

interface SimulatedThread {
  readonly work: ThreadWork
  readonly died: ThreadEvents['died']
  nowMs: number
  isDead: boolean
}

/** Threads whose time is only counted: each step takes what its job says. */
export class SimulatedThreads {
  readonly #threads: SimulatedThread[] = []
  readonly #stopped = new Set<string>()
  /** The jobs whose steps ran, in order, with the time at their end. */
  readonly log: { readonly name: string; readonly thread: number; readonly endMs: number }[] = []

  readonly start: StartThread = (index, events) => {
    const clock = { nowMs: () => thread.nowMs }
    const work = new ThreadWork({
      env: { threadIndex: index } as ThreadEnvironment,
      clock,
      post: (reply: ThreadReply) => {
        if (!thread.isDead) events.reply(structuredClone(reply))
      },
      startJob: (env, job) => this.#steps(thread, index, env.threadIndex, job as SimulatedJob),
    })
    const thread: SimulatedThread = { work, died: events.died, nowMs: this.nowMs, isDead: false }
    this.#threads[index] = thread
    return {
      post(request) {
        work.accept(structuredClone(request))
      },
      hold: () => {},
      async stop() {
        thread.isDead = true
      },
    } satisfies PoolThread
  }

  /** When the thread that is furthest behind has got to, of those that work. */
  get nowMs(): number {
    const working = this.#threads.filter(({ work }) => !work.isIdle)
    const times = (working.length > 0 ? working : this.#threads).map(({ nowMs }) => nowMs)
    return times.length === 0 ? 0 : Math.min(...times)
  }

  /** Lets the thread that is furthest behind take a turn; false when none has work. */
  turn(): boolean {
    const working = this.#threads.filter(({ work, isDead }) => !work.isIdle && !isDead)
    const [first] = working.sort((left, right) => left.nowMs - right.nowMs)
    first?.work.turn()
    return first !== undefined
  }

  /** Ends a thread in the middle of what it does. */
  kill(index: number): void {
    const thread = this.#threads[index]
    if (thread === undefined || thread.isDead) return
    thread.isDead = true
    thread.died(new QueryError('INTERNAL_ERROR', 'a thread of the pool stopped: killed'))
  }

  /** The other shares of the job end at their next step, as those that look at a cancel word do. */
  stop(name: string): void {
    this.#stopped.add(name)
  }

  *#steps(
    thread: SimulatedThread,
    index: number,
    share: number,
    { name, stepsMs, fails }: SimulatedJob,
  ): Steps<unknown> {
    for (const [step, ms] of stepsMs.entries()) {
      if (this.#stopped.has(name)) throw new QueryError('QUERY_CANCELED', 'stopped')
      if (fails?.share === share && fails.atStep === step) {
        this.stop(name)
        throw new QueryError('DIVISION_BY_ZERO', `share ${share} of ${name}`)
      }
      thread.nowMs += ms
      this.log.push({ name, thread: index, endMs: thread.nowMs })
      yield
    }
    return `${name} ${share}`
  }
}
