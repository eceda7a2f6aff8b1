import { spend } from '../../../base/budget.ts'
import { type Alphabet, classOf, EDGE } from './alphabet.ts'
import type { Program } from './program.ts'
import { keyOfSet, Simulation } from './simulation.ts'
import type { Subject } from './subject.ts'

/** Numbers that one automaton keeps of its states before it forgets them all and goes on. */
const KEPT_NUMBERS_MAX = 1 << 18

/** Numbers that all automata keep, forgotten ones included: about 4 bytes each. */
let keptByAll = 0

/** Says that so many more are kept. */
export function keepNumbers(count: number): void {
  keptByAll += count
}

/** How much was kept since the last call with `reset`, in numbers of 4 bytes. */
export function keptNumbers(reset = false): number {
  const kept = keptByAll
  if (reset) keptByAll = 0
  return kept
}

/** Characters between two accounts of what was done. */
const STRIDE = 1 << 14

/** The state that nothing leads out of. */
const DEAD = 0

/**
 * A program made deterministic while it runs: a state is the set of the program's states that the
 * text so far leads to, and where it goes on a class of characters is found once. So a text takes
 * one step a character, whatever the pattern. What is kept is bounded, and forgotten when full.
 */
export class Automaton {
  readonly #program: Program
  readonly #alphabet: Alphabet
  readonly #simulation: Simulation
  #sets: Int32Array[] = []
  /** The kind of the character that led to each state; always OTHER without conditions. */
  #kinds: number[] = []
  #byKey = new Map<string, number>()
  /** Per state and class: twice the next state, plus 1 if there is a match before the character. */
  #rows: Int32Array[] = []
  #rowsByLooks = new Map<number, Map<number, Int32Array>>()
  #keptNumbers = 0

  /** With `anywhere` a match may begin at each place, not only where the run begins. */
  constructor(program: Program, alphabet: Alphabet, anywhere: boolean) {
    this.#program = program
    this.#alphabet = alphabet
    this.#simulation = new Simulation(program, alphabet, anywhere)
    this.#forget()
  }

  #forget(): void {
    this.#sets = [new Int32Array(0)]
    this.#kinds = [EDGE]
    this.#byKey = new Map()
    this.#rows = [new Int32Array(this.#alphabet.edge + 1)]
    this.#rowsByLooks = new Map()
    this.#keptNumbers = 0
  }

  /** The state at a place where a match may begin, by the class of the character behind. */
  #startState(behind: number): number {
    return this.#stateOf([this.#program.start], this.#alphabet.kinds[behind] ?? EDGE)
  }

  #stateOf(set: readonly number[], kind: number): number {
    const known = this.#program.hasConditions ? kind : EDGE
    const key = keyOfSet(set, known)
    const found = this.#byKey.get(key)
    if (found !== undefined) return found
    const size = set.length * 2 + this.#alphabet.edge + 16
    if (this.#keptNumbers + size > KEPT_NUMBERS_MAX) this.#forget()
    this.#keptNumbers += size
    keepNumbers(size)
    const state = this.#sets.length
    this.#sets.push(Int32Array.from(set))
    this.#kinds.push(known)
    this.#rows.push(new Int32Array(this.#alphabet.edge + 1).fill(-1))
    this.#byKey.set(key, state)
    return state
  }

  #rowOf(state: number, looks: number): Int32Array {
    if (looks === 0) return this.#rows[state] ?? NO_ROW
    let rows = this.#rowsByLooks.get(looks)
    if (rows === undefined) this.#rowsByLooks.set(looks, (rows = new Map()))
    let row = rows.get(state)
    if (row === undefined) {
      row = new Int32Array(this.#alphabet.edge + 1).fill(-1)
      rows.set(state, row)
      this.#keptNumbers += row.length
      keepNumbers(row.length)
    }
    return row
  }

  /** Where a state goes on a class, found for the first time. */
  #find(state: number, ahead: number, looks: number): number {
    const row = this.#rowOf(state, looks)
    const kindBehind = this.#kinds[state] ?? EDGE
    const isMatch = this.#simulation.follow(this.#sets[state] ?? [], kindBehind, ahead, looks)
    const { next } = this.#simulation
    const kindAhead = this.#alphabet.kinds[ahead] ?? EDGE
    const target = next.length === 0 ? DEAD : this.#stateOf(next, kindAhead)
    const found = target * 2 + (isMatch ? 1 : 0)
    row[ahead] = found
    return found
  }

  /**
   * Runs from a place to a limit (against the text's direction if the program is read backward) and
   * marks the places where a match ends, up to the first that is at or behind `wanted`. Returns the
   * last of them, -1 if none.
   */
  #run(
    subject: Subject,
    from: number,
    limit: number,
    marks: Uint8Array | undefined,
    wanted: number,
  ): number {
    const { classes, looks } = subject
    const step = this.#program.forward ? 1 : -1
    const shift = this.#program.forward ? 1 : 0
    let place = from
    let last = -1
    let state = this.#startState(classes[place + 1 - shift] ?? 0)
    for (let count = 1; ; count++) {
      const ahead = classes[place + shift] ?? 0
      const bits = looks === undefined ? 0 : (looks[place] ?? 0)
      const row = bits === 0 ? (this.#rows[state] ?? NO_ROW) : this.#rowOf(state, bits)
      let found = row[ahead] ?? -1
      if (found < 0) found = this.#find(state, ahead, bits)
      if ((found & 1) === 1) {
        last = place
        if (marks !== undefined) marks[place] = 1
        if ((place - wanted) * step >= 0) {
          return this.#account(subject, count, last)
        }
      }
      state = found >> 1
      if (state === DEAD || place === limit) {
        return this.#account(subject, count, last)
      }
      place += step
      if (count % STRIDE === 0) spend(STRIDE)
    }
  }

  #account(subject: Subject, steps: number, result: number): number {
    subject.steps += steps
    spend(steps % STRIDE)
    return result
  }

  /** The last place, up to a limit, where a match that begins at a place ends; -1 if none. */
  longest(subject: Subject, from: number, limit: number): number {
    return this.#run(subject, from, limit, undefined, NEVER * this.#direction)
  }

  /** The first such place that is not before `least`. */
  shortest(subject: Subject, from: number, least: number, limit: number): number {
    const found = this.#run(subject, from, limit, undefined, least)
    return (found - least) * this.#direction < 0 ? -1 : found
  }

  /** Sets the marks at all such places. */
  mark(subject: Subject, from: number, limit: number, marks: Uint8Array): void {
    this.#run(subject, from, limit, marks, NEVER * this.#direction)
  }

  get #direction(): number {
    return this.#program.forward ? 1 : -1
  }

  /** Whether there is a match anywhere; only for programs that are read forward, without looks. */
  finds(text: string): boolean {
    const { latin, edge } = this.#alphabet
    const units = text.length
    let state = this.#startState(edge)
    for (let at = 0; at <= units; at++) {
      let ahead = edge
      if (at < units) {
        let code = text.charCodeAt(at)
        if (code < 256) ahead = latin[code] ?? 0
        else {
          if (code >= 0xd800 && code < 0xdc00) {
            code = text.codePointAt(at) ?? code
            if (code > 0xffff) at++
          }
          ahead = classOf(this.#alphabet, code)
        }
      }
      let found = this.#rows[state]?.[ahead] ?? -1
      if (found < 0) found = this.#find(state, ahead, 0)
      if ((found & 1) === 1) return true
      state = found >> 1
      if (at % STRIDE === STRIDE - 1) spend(STRIDE)
    }
    spend(units % STRIDE)
    return false
  }
}

const NEVER = 2 ** 31
const NO_ROW = new Int32Array(0)
