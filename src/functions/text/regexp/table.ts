import { type Alphabet, EDGE, NEWLINE, OTHER, WORD } from './alphabet.ts'
import type { Program } from './program.ts'
import { keyOfSet, Simulation } from './simulation.ts'

/** Rows are told by their byte offsets in 16 bits. */
const TABLE_BYTES_MAX = 1 << 16
export const CELL_BYTES = 2

/** States of the program visited while a table is made: some milliseconds. */
const TABLE_STEPS_MAX = 1 << 16

/** The row that nothing leads out of. */
const DEAD = 0

/**
 * A program made deterministic as a whole: a row for each set of its states, with a cell for each class of
 * characters and one for the edge of the text. A cell is the byte offset of the next row, plus 1 if there is a
 * match before the character. The first row is that of the set that nothing leads out of.
 */
export interface Table {
  readonly cells: Uint16Array
  /** Where a text begins to be read, by the kind of the character before. */
  readonly starts: Uint16Array
}

export interface TableOptions {
  /** Whether a match may begin at each place, not only where reading begins. */
  readonly anywhere: boolean
  /** Whether reading ends with the first match: nothing goes on from there. */
  readonly untilMatch: boolean
}

/** The table of a program that is read forward; undefined for one that has lookarounds or needs too large a table. */
export function tableOf(
  program: Program,
  alphabet: Alphabet,
  { anywhere, untilMatch }: TableOptions,
): Table | undefined {
  if (program.states.some(({ kind }) => kind === 'look')) return undefined
  const columns = alphabet.edge + 1
  const sets: (readonly number[])[] = [[]]
  const kinds: number[] = [EDGE]
  const rowsByKey = new Map<string, number>()
  const rowOf = (set: readonly number[], kind: number): number => {
    if (set.length === 0) return DEAD
    const known = program.hasConditions ? kind : EDGE
    const key = keyOfSet(set, known)
    const found = rowsByKey.get(key)
    if (found !== undefined) return found
    kinds.push(known)
    const row = sets.push(set) - 1
    rowsByKey.set(key, row)
    return row
  }
  const offset = (row: number): number => row * columns * CELL_BYTES
  const starts = [EDGE, NEWLINE, WORD, OTHER].map((kind) => rowOf([program.start], kind))
  const simulation = new Simulation(program, alphabet, anywhere)
  const cells: number[] = []
  for (let row = 0; row < sets.length; row++) {
    for (let ahead = 0; ahead < columns; ahead++) {
      const isMatch = simulation.follow(sets[row] ?? [], kinds[row] ?? EDGE, ahead, 0)
      const ends = row === DEAD || (isMatch && untilMatch)
      const next = ends ? DEAD : rowOf(simulation.next, alphabet.kinds[ahead] ?? EDGE)
      cells.push(offset(next) + (isMatch ? 1 : 0))
    }
    if (offset(sets.length) > TABLE_BYTES_MAX || simulation.steps > TABLE_STEPS_MAX)
      return undefined
  }
  return { cells: Uint16Array.from(cells), starts: Uint16Array.from(starts, offset) }
}
