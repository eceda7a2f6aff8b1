import { assert } from '../base/assert.ts'
import type { Waiting } from './places.ts'

/** What a run asks for before it begins. */
export interface Claim {
  /** What it is expected to take of the working memory, an integer. 0: next to nothing, it is let in at once. */
  readonly bytes: number
  /**
   * `shared`: it begins when that fits beside what others claimed. `alone`: when nobody has claimed anything.
   * `sole`: when nothing runs at all, and nothing begins beside it: what fails then fails for good. The latter two, which have waited
   * before, come before all others.
   */
  readonly company: Company
}

export type Company = 'shared' | 'alone' | 'sole'

/** A run that was let in, until it ends. */
export interface Admitted {
  /** Whether anything else ran at any time since it was let in. */
  readonly hadCompany: boolean
  /** It has ended, and holds no memory but its result's. Called once. */
  end(): void
}

/** How many runs may overtake the one that waits longest: without a bound a stream of small ones would keep it out. */
export const OVERTAKEN_MAX = 32
/** Of the room; only runs that claim no more overtake others. */
const SMALL_PART = 1 / 16

interface Waiter extends Claim {
  readonly letIn: (admitted: Admitted) => void
  overtaken: number
}

/**
 * Which runs may have the working memory at once: as many as it is expected to have room for, in the order in which
 * they come. Whoever waits holds nothing of it yet, and whoever runs waits for nobody here, so that all come to an
 * end. One run is always let in, whatever it claims.
 */
export class Admission {
  readonly #room: () => number
  readonly #running = new Set<Running>()
  readonly #waiting: Waiter[] = []
  #claimed = 0
  #held = 0

  /** `room`: the bytes of the working memory that runs can have together now. */
  constructor(room: () => number) {
    this.#room = room
  }

  /** What those that run have claimed, and what is held of others that have ended. */
  get claimedBytes(): number {
    return this.#claimed + this.#held
  }

  /** What runs can have together beside what is held. */
  get roomBytes(): number {
    return Math.max(0, this.#room() - this.#held)
  }

  /**
   * Bytes that are there until whoever has the rows of a run that has ended lets go of them, however long that takes: nobody waits
   * for it, but there is less room for others. Gives what is called then, once.
   */
  hold(bytes: number): () => void {
    this.#held += bytes
    return () => {
      this.#held -= bytes
      this.#proceed()
    }
  }

  /** What those that wait would claim. */
  get waitingBytes(): number {
    return this.#waiting.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  /** Lets a run in at once if it may; undefined: it has to wait. */
  begin(claim: Claim): Admitted | undefined {
    const place = this.#placeOf(claim)
    return this.#fits(claim) && this.#mayOvertake(claim, place) ? this.#letIn(claim) : undefined
  }

  /** Waits to be let in. */
  wait(claim: Claim): Waiting<Admitted> {
    let leave: Waiting['leave'] = () => {}
    const turn = new Promise<Admitted>((letIn, reject) => {
      const waiter: Waiter = { ...claim, letIn, overtaken: 0 }
      this.#waiting.splice(this.#placeOf(claim), 0, waiter)
      leave = (reason) => {
        const at = this.#waiting.indexOf(waiter)
        if (at < 0) return
        this.#waiting.splice(at, 1)
        reject(reason as Error)
        this.#proceed()
      }
    })
    this.#proceed()
    return { turn, leave: (reason) => leave(reason) }
  }

  /** How many that wait come before a newcomer. */
  #placeOf(claim: Claim): number {
    if (claim.company === 'shared') return this.#waiting.length
    const at = this.#waiting.findIndex(({ company }) => company === 'shared')
    return at < 0 ? this.#waiting.length : at
  }

  /** Lets in whoever may be, in order. */
  #proceed(): void {
    for (let at = 0; at < this.#waiting.length;) {
      const waiter = this.#waiting[at]!
      if (!this.#fits(waiter) || !this.#mayOvertake(waiter, at)) {
        at++
        continue
      }
      this.#waiting.splice(at, 1)
      waiter.letIn(this.#letIn(waiter))
    }
  }

  #fits({ bytes, company }: Claim): boolean {
    if (company === 'sole') return this.#running.size === 0
    for (const running of this.#running) if (running.isSole) return false
    if (company === 'alone') return this.#claimed === 0
    return this.#claimed === 0 || bytes === 0 || this.#claimed + bytes <= this.roomBytes
  }

  /** Whether a run may come before so many that wait; they are overtaken then. */
  #mayOvertake({ bytes }: Claim, before: number): boolean {
    if (before === 0) return true
    const overtaken = this.#waiting.slice(0, before)
    // It would never be its turn.
    if (overtaken.some(({ company }) => company === 'sole')) return false
    if (bytes === 0) return true
    if (bytes > this.roomBytes * SMALL_PART) return false
    if (overtaken.some((waiter) => waiter.overtaken >= OVERTAKEN_MAX)) return false
    for (const waiter of overtaken) waiter.overtaken++
    return true
  }

  #letIn({ bytes, company }: Claim): Admitted {
    assert(Number.isInteger(bytes) && bytes >= 0, `a claim of ${bytes} bytes`)
    for (const other of this.#running) other.hadCompany = true
    const running = new Running(bytes, company === 'sole', this.#running.size > 0, () => {
      this.#running.delete(running)
      this.#claimed -= bytes
      this.#proceed()
    })
    this.#running.add(running)
    this.#claimed += bytes
    return running
  }
}

class Running implements Admitted {
  readonly bytes: number
  readonly isSole: boolean
  readonly end: () => void
  hadCompany: boolean

  constructor(bytes: number, isSole: boolean, hadCompany: boolean, end: () => void) {
    this.bytes = bytes
    this.isSole = isSole
    this.hadCompany = hadCompany
    this.end = end
  }
}
