import { type Alphabet, alphabetOf } from './alphabet.ts'
import { Automaton } from './automaton.ts'
import { type Looks, looksOf, programOf } from './program.ts'
import type { Subject } from './subject.ts'
import type { Tree } from './tree.ts'

type Use = 'forward' | 'backward' | 'forward anywhere' | 'backward anywhere'

/** The automata of a pattern and of its parts, each made when it is first asked for. */
export class Machine {
  readonly alphabet: Alphabet
  readonly #looks: Looks
  readonly #automata = new Map<Tree, Partial<Record<Use, Automaton>>>()

  constructor(tree: Tree) {
    this.alphabet = alphabetOf(tree)
    this.#looks = looksOf(tree)
  }

  get hasLooks(): boolean {
    return this.#looks.size > 0
  }

  /**
   * What runs a tree of the pattern: over the text or against it, and where a match may begin
   * anywhere or at the first place only. Throws INVALID_REGULAR_EXPRESSION if it is too complex.
   */
  automaton(tree: Tree, use: Use): Automaton {
    let made = this.#automata.get(tree)
    if (made === undefined) this.#automata.set(tree, (made = {}))
    const known = made[use]
    if (known !== undefined) return known
    const program = programOf(tree, this.alphabet, this.#looks, use.startsWith('forward'))
    const anywhere = use.endsWith('anywhere')
    const automaton = new Automaton(program, this.alphabet, anywhere)
    made[use] = automaton
    return automaton
  }

  /** Finds, for every place of a subject at once, which lookarounds match there. */
  look(subject: Subject): void {
    if (!this.hasLooks) return
    const { length } = subject
    const bits = new Int32Array(length + 1)
    subject.looks = bits
    for (const [look, number] of this.#looks) {
      const marks = new Uint8Array(length + 1)
      // What is ahead of a place matches if, read backward from any later one, it ends there.
      if (look.ahead) {
        this.automaton(look.body, 'backward anywhere').mark(subject, length, 0, marks)
      } else this.automaton(look.body, 'forward anywhere').mark(subject, 0, length, marks)
      for (let place = 0; place <= length; place++) {
        if (marks[place] === 1) bits[place] = (bits[place] ?? 0) | (1 << number)
      }
    }
  }
}
