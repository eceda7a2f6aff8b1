import { spend } from '../../../base/budget.ts'
import { type Alphabet, EDGE } from './alphabet.ts'
import { placeHolds, type Program } from './program.ts'

/**
 * Follows a program over a character: from the set of its states that a text led to, to the set that the
 * text and the character lead to.
 */
export class Simulation {
  /** Where {@link follow} led to, rising; nothing goes on from an empty set. */
  next: readonly number[] = []
  /** States visited so far. */
  steps = 0
  readonly #program: Program
  readonly #alphabet: Alphabet
  /** Whether a match may begin at each place, not only where the text begins. */
  readonly #anywhere: boolean
  /** Work space: states to visit, and the round in which each was seen. */
  readonly #stack: number[] = []
  readonly #seen: Int32Array
  #round = 0

  constructor(program: Program, alphabet: Alphabet, anywhere: boolean) {
    this.#program = program
    this.#alphabet = alphabet
    this.#anywhere = anywhere
    this.#seen = new Int32Array(program.states.length)
  }

  /**
   * Goes on from a set over a character of the class `ahead`; `behind` is the kind of the character before.
   * Returns whether a match ends between the two.
   */
  follow(set: Iterable<number>, behind: number, ahead: number, looks: number): boolean {
    const { states, forward, start } = this.#program
    const { edge, kinds } = this.#alphabet
    const kindAhead = kinds[ahead] ?? EDGE
    const before = forward ? behind : kindAhead
    const after = forward ? kindAhead : behind
    const round = ++this.#round
    const stack = this.#stack
    for (const source of set) stack.push(source)
    const next: number[] = this.#anywhere && ahead !== edge ? [start] : []
    let isMatch = false
    let steps = 0
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      const visited = states[at]
      if (visited === undefined || this.#seen[at] === round) continue
      this.#seen[at] = round
      steps++
      if (visited.kind === 'match') isMatch = true
      else if (visited.kind === 'characters') {
        if (visited.members[ahead] === 1) next.push(visited.next)
      } else if (visited.kind === 'fork') for (const target of visited.next) stack.push(target)
      else if (visited.kind === 'place') {
        if (placeHolds(visited.name, before, after)) stack.push(visited.next)
      } else if (((looks & visited.bit) !== 0) !== visited.negative) stack.push(visited.next)
    }
    this.steps += steps
    spend(steps)
    this.next = Array.from(new Set(next)).sort((a, b) => a - b)
    return isMatch
  }
}

const KEY_PART = 4_096

/** What is the same for equal sets that characters of one kind led to. */
export function keyOfSet(set: readonly number[], kind: number): string {
  let key = String.fromCharCode(kind, ...set.slice(0, KEY_PART))
  for (let at = KEY_PART; at < set.length; at += KEY_PART) {
    key += String.fromCharCode(...set.slice(at, at + KEY_PART))
  }
  return key
}
