import { keptNumbers } from './automaton.ts'
import { Divider } from './divide.ts'
import { Machine } from './machine.ts'
import { type Part, partsOf } from './parts.ts'
import { readPattern } from './read-pattern.ts'
import { offsetsOf, type Subject, subjectOf } from './subject.ts'
import type { Options, Pattern, Tree } from './tree.ts'

/** Bounds on the patterns that are kept compiled; the second in numbers of 4 bytes. */
const CACHE_ENTRIES_MAX = 256
const CACHE_NUMBERS_MAX = 1 << 24

const cache = new Map<string, Expression>()

/** The expression of a pattern, kept for the next time. Throws INVALID_REGULAR_EXPRESSION. */
export function expressionOf(pattern: string, options: Options): Expression {
  const { syntax, ignoreCase, expanded, newlineStops, newlineAnchors } = options
  const flags = [ignoreCase, expanded, newlineStops, newlineAnchors].map(Number).join('')
  const key = `${syntax}${flags}/${pattern}`
  const known = cache.get(key)
  if (known !== undefined) return known
  const expression = new Expression(readPattern(pattern, options))
  if (keptNumbers() > CACHE_NUMBERS_MAX) {
    keptNumbers(true)
    cache.clear()
  }
  const [oldest] = cache.keys()
  if (cache.size >= CACHE_ENTRIES_MAX && oldest !== undefined) cache.delete(oldest)
  cache.set(key, expression)
  return expression
}

/** A compiled regular expression. It takes time linear in the text, back references apart. */
export class Expression {
  /** How many groups it has. */
  readonly groups: number
  readonly pattern: Pattern
  readonly machine: Machine
  readonly parts: Part
  /** The text that it stands for if it is plain characters only. */
  readonly literal: string | undefined
  /** Whether every match begins where the text does. */
  readonly isAnchored: boolean

  constructor(pattern: Pattern) {
    this.pattern = pattern
    this.groups = pattern.groups
    this.machine = new Machine(pattern.tree)
    this.parts = partsOf(pattern.tree)
    this.literal = literalOf(pattern.tree)
    this.isAnchored = isAnchored(pattern.tree)
  }

  /** Whether the text has a match. */
  test(text: string): boolean {
    if (this.literal !== undefined) return text.includes(this.literal)
    if (this.pattern.hasBackReferences || this.machine.hasLooks) {
      return this.search(text, 0).find(0)
    }
    const use = this.isAnchored ? 'forward' : 'forward anywhere'
    return this.machine.automaton(this.pattern.tree, use).finds(text)
  }

  /** A search for matches in a text, with as many of the groups as are asked for. */
  search(text: string, groups: number): Search {
    return new Search(this, text, groups)
  }
}

/** Goes through the matches of a text. Use one up before the next is made. */
export class Search {
  /** Length of the text in characters: places go from 0 to this. */
  readonly length: number
  readonly #expression: Expression
  readonly #subject: Subject
  #offsets: Int32Array | undefined
  readonly #divider: Divider
  /** The places where a match begins; undefined if that can only be the first. */
  readonly #starts: Uint8Array | undefined
  readonly #divides: boolean

  constructor(expression: Expression, text: string, groups: number) {
    const { machine, pattern } = expression
    const subject = subjectOf(text, machine.alphabet)
    this.#expression = expression
    this.#subject = subject
    this.length = subject.length
    this.#divides = pattern.hasBackReferences || groups > 0
    this.#divider = new Divider(machine, subject, pattern.groups, pattern.ignoreCase)
    machine.look(subject)
    if (expression.isAnchored) return
    this.#starts = new Uint8Array(subject.length + 1)
    const backward = machine.automaton(pattern.tree, 'backward anywhere')
    backward.mark(subject, subject.length, 0, this.#starts)
  }

  /** Finds the first match that begins at a place or later. */
  find(from: number): boolean {
    if (this.#starts === undefined) return from === 0 && this.#matchAt(0)
    for (let start = from; ; start++) {
      start = this.#starts.indexOf(1, start)
      if (start < 0) return false
      if (this.#matchAt(start)) return true
    }
  }

  #matchAt(start: number): boolean {
    const { parts } = this.#expression
    const { length } = this.#subject
    const automaton = this.#expression.machine.automaton(parts.tree, 'forward')
    let [least, limit] = [start, length]
    for (;;) {
      const end = parts.prefersShort
        ? automaton.shortest(this.#subject, start, least, limit)
        : automaton.longest(this.#subject, start, limit)
      if (end < 0) return false
      const { places } = this.#divider
      places.fill(-1)
      if (!this.#divides || this.#divider.divide(parts, start, end)) {
        places[0] = start
        places[1] = end
        return true
      }
      if (end === (parts.prefersShort ? length : start)) return false
      if (parts.prefersShort) least = end + 1
      else limit = end - 1
    }
  }

  /** The place where the match (0) or a group of it begins; -1 if the group has no match. */
  start(group: number): number {
    return this.#divider.places[2 * group] ?? -1
  }

  end(group: number): number {
    return this.#divider.places[2 * group + 1] ?? -1
  }

  /** The text of the match or of a group; undefined if the group has no match. */
  text(group: number): string | undefined {
    const start = this.start(group)
    return start < 0 ? undefined : this.slice(start, this.end(group))
  }

  /** The text between two places. */
  slice(start: number, end: number): string {
    const { text, isWide } = this.#subject
    if (!isWide) return text.slice(start, end)
    this.#offsets ??= offsetsOf(this.#subject)
    return text.slice(this.#offsets[start], this.#offsets[end])
  }
}

/** The text that a pattern stands for if it is plain characters only. */
function literalOf(tree: Tree): string | undefined {
  let literal = ''
  for (const item of tree.kind === 'sequence' ? tree.items : [tree]) {
    if (item.kind !== 'characters') return undefined
    const [first, last, ...more] = item.set
    if (first === undefined || first !== last || more.length > 0) return undefined
    literal += String.fromCodePoint(first)
  }
  return literal
}

/** Whether every match begins where the text does. */
function isAnchored(tree: Tree): boolean {
  switch (tree.kind) {
    case 'place':
      return tree.name === 'text-start'
    case 'sequence':
      return tree.items[0] !== undefined && isAnchored(tree.items[0])
    case 'choice':
      return tree.branches.every(isAnchored)
    case 'group':
      return isAnchored(tree.body)
    // A look or a repeat could be anchored too: saying no costs time only.
    case 'back':
    case 'characters':
    case 'empty':
    case 'look':
    case 'repeat':
      return false
  }
}
