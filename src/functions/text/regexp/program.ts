import { present } from '../../../base/assert.ts'
import type { Alphabet } from './alphabet.ts'
import { EDGE, NEWLINE, WORD } from './alphabet.ts'
import { patternError } from './errors.ts'
import type { Look, PlaceName, Repeat, Tree } from './tree.ts'

/** States of one program; a pattern that needs more is refused as too complex. */
export const PROGRAM_STATES_MAX = 50_000

/** Lookarounds of a pattern: each is a bit of what is known of a place. */
export const LOOKS_MAX = 30

/** What happens in a state of the program: one of its fields' kinds. */
export type State =
  | { readonly kind: 'match' }
  | { readonly kind: 'characters'; readonly members: Uint8Array; readonly next: number }
  | { readonly kind: 'fork'; readonly next: number[] }
  | { readonly kind: 'place'; readonly name: PlaceName; readonly next: number }
  | {
      readonly kind: 'look'
      readonly bit: number
      readonly negative: boolean
      readonly next: number
    }

/** A nondeterministic automaton over classes of characters, read forward or backward. */
export interface Program {
  readonly states: readonly State[]
  readonly start: number
  readonly forward: boolean
  /** Whether any condition on places is in it. */
  readonly hasConditions: boolean
}

/** A lookaround's number: its bit. Inner ones come before those they are in. */
export type Looks = ReadonlyMap<Look, number>

export function looksOf(tree: Tree): Looks {
  const looks = new Map<Look, number>()
  number(tree, looks)
  return looks
}

function number(tree: Tree, looks: Map<Look, number>): void {
  if (tree.kind === 'sequence') for (const item of tree.items) number(item, looks)
  else if (tree.kind === 'choice') for (const branch of tree.branches) number(branch, looks)
  else if (tree.kind === 'group' || tree.kind === 'repeat') number(tree.body, looks)
  else if (tree.kind === 'look') {
    number(tree.body, looks)
    if (looks.size === LOOKS_MAX) throw patternError('complex')
    looks.set(tree, looks.size)
  }
}

/** Makes the program of a tree. Throws INVALID_REGULAR_EXPRESSION for one that is too complex. */
export function programOf(tree: Tree, alphabet: Alphabet, looks: Looks, forward: boolean): Program {
  const writer = new ProgramWriter(alphabet, looks, forward)
  const match = writer.add({ kind: 'match' })
  const start = writer.write(tree, match)
  const { states, hasConditions } = writer
  return { states, start, forward, hasConditions }
}

class ProgramWriter {
  readonly states: State[] = []
  hasConditions = false
  readonly #alphabet: Alphabet
  readonly #looks: Looks
  readonly #forward: boolean
  /** Within what a back reference may match, where conditions do not hold any more. */
  #unconditional = 0

  constructor(alphabet: Alphabet, looks: Looks, forward: boolean) {
    this.#alphabet = alphabet
    this.#looks = looks
    this.#forward = forward
  }

  add(state: State): number {
    if (this.states.length >= PROGRAM_STATES_MAX) throw patternError('complex')
    this.states.push(state)
    return this.states.length - 1
  }

  /** Adds the states of a tree that goes on to `next`; returns where it begins. */
  write(tree: Tree, next: number): number {
    switch (tree.kind) {
      case 'empty':
        return next
      case 'characters': {
        const members = present(this.#alphabet.members.get(tree.set), 'a set of no class')
        return this.add({ kind: 'characters', members, next })
      }
      case 'place':
        if (this.#unconditional > 0) return next
        this.hasConditions = true
        return this.add({ kind: 'place', name: tree.name, next })
      case 'look':
        return this.#writeLook(tree, next)
      case 'group':
        return this.write(tree.body, next)
      case 'back': {
        this.#unconditional++
        const start = this.write(tree.body, next)
        this.#unconditional--
        return start
      }
      case 'sequence': {
        const items = this.#forward ? tree.items.toReversed() : tree.items
        return items.reduce((behind, item) => this.write(item, behind), next)
      }
      case 'choice': {
        const starts = tree.branches.map((branch) => this.write(branch, next))
        return this.add({ kind: 'fork', next: starts })
      }
      case 'repeat':
        return this.#writeRepeat(tree, next)
    }
  }

  #writeLook(look: Look, next: number): number {
    if (this.#unconditional > 0) return next
    this.hasConditions = true
    const bit = 1 << present(this.#looks.get(look), 'a lookaround without number')
    return this.add({ kind: 'look', bit, negative: look.negative, next })
  }

  #writeRepeat({ body, min, max }: Repeat, next: number): number {
    let start = next
    if (max === Infinity) {
      const targets = [next]
      start = this.add({ kind: 'fork', next: targets })
      targets.push(this.write(body, start))
    } else {
      for (let count = min; count < max; count++) {
        const once = this.write(body, start)
        start = this.add({ kind: 'fork', next: [once, next] })
      }
    }
    for (let count = 0; count < min; count++) start = this.write(body, start)
    return start
  }
}

/** Whether a condition holds between characters of two kinds. */
export function placeHolds(name: PlaceName, before: number, after: number): boolean {
  switch (name) {
    case 'text-start':
      return before === EDGE
    case 'text-end':
      return after === EDGE
    case 'line-start':
      return before === EDGE || before === NEWLINE
    case 'line-end':
      return after === EDGE || after === NEWLINE
    case 'word-start':
      return before !== WORD && after === WORD
    case 'word-end':
      return before === WORD && after !== WORD
    case 'word-edge':
      return (before === WORD) !== (after === WORD)
    case 'word-inside':
      return (before === WORD) === (after === WORD)
  }
}
