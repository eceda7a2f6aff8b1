import { QueryError } from '../../base/errors.ts'
import { notYet } from '../../functions/sequences.ts'
import type { Catalog, SequenceEntry, SequenceNumbers } from '../../plan/catalog/catalog.ts'
import { lookupRelation } from '../../plan/catalog/relations.ts'
import { nameInText, textOfName } from '../../plan/catalog/name-text.ts'
import { shownName, type SearchPath } from '../../plan/catalog/schemas.ts'
import { setNumbers, takeNumbers, type NumberRun } from '../../plan/catalog/sequences.ts'

/** Told of each sequence whose numbers are others now; `isSet`: as somebody said where it goes on. */
export type MovedNumbers = (sequence: SequenceEntry, isSet: boolean) => void

/** What a session took of sequences last: currval and lastval, and numbers that it took ahead (CACHE). */
export class SessionSequences {
  readonly #taken = new Map<string, bigint>()
  readonly #ahead = new Map<string, Ahead>()
  readonly #coming = new Map<string, SequenceEntry>()
  #last: SequenceEntry | undefined
  readonly #moved: MovedNumbers
  #hasMoved = false

  constructor(moved: MovedNumbers = () => {}) {
    this.#moved = moved
  }

  /** Whether numbers were taken or set since this was asked last. */
  tellMoved(): boolean {
    const hasMoved = this.#hasMoved
    this.#hasMoved = false
    return hasMoved
  }

  /** The next numbers, so many at most. Errors: SEQUENCE_LIMIT_EXCEEDED. */
  take(sequence: SequenceEntry, wanted: number): NumberRun {
    const { id, options } = sequence
    const run =
      options.cache > 1n ? this.#takeAhead(sequence, wanted) : takeNumbers(sequence, wanted)
    this.#taken.set(id, run.first + options.increment * BigInt(run.count - 1))
    this.#last = sequence
    this.#hasMoved = true
    this.#moved(sequence, false)
    return run
  }

  #takeAhead(sequence: SequenceEntry, wanted: number): NumberRun {
    const { id, options, numbers } = sequence
    let ahead = this.#ahead.get(id)
    if (ahead === undefined || ahead.of !== numbers || ahead.count === 0) {
      ahead = { of: numbers, ...takeNumbers(sequence, Number(options.cache)) }
      this.#ahead.set(id, ahead)
    }
    const count = Math.min(wanted, ahead.count)
    const run = { first: ahead.first, count }
    ahead.first += options.increment * BigInt(count)
    ahead.count -= count
    return run
  }

  /** Errors: NUMERIC_OUT_OF_RANGE. */
  set(sequence: SequenceEntry, value: bigint, isCalled: boolean): void {
    setNumbers(sequence, value, isCalled)
    this.#hasMoved = true
    this.#moved(sequence, true)
    this.#ahead.delete(sequence.id)
    if (isCalled) this.#taken.set(sequence.id, value)
  }

  /** Errors: OBJECT_NOT_IN_STATE. */
  current({ id, name }: SequenceEntry): bigint {
    const taken = this.#taken.get(id)
    if (taken === undefined) throw notYet(`currval of sequence "${name}"`)
    return taken
  }

  /** Errors: OBJECT_NOT_IN_STATE, also where that sequence is gone. */
  last(catalog: Catalog): bigint {
    const last = this.#last
    const taken = last && this.#taken.get(last.id)
    if (last === undefined || taken === undefined || !isThere(catalog, last.id)) {
      throw notYet('lastval')
    }
    return taken
  }

  /** A sequence that the statement is about to make, by its name in texts; undefined where it does not. */
  comingNamed(text: string): SequenceEntry | undefined {
    return this.#coming.get(text)
  }

  /** Does work in which a sequence can be named that is not in the catalog yet. */
  async withComing<T>(coming: readonly SequenceEntry[], work: () => Promise<T>): Promise<T> {
    for (const sequence of coming) this.#coming.set(textOfName(sequence), sequence)
    try {
      return await work()
    } finally {
      for (const sequence of coming) this.#coming.delete(textOfName(sequence))
    }
  }

  /** DISCARD SEQUENCES. */
  discard(): void {
    this.#taken.clear()
    this.#ahead.clear()
    this.#last = undefined
  }
}

/** Numbers that a session has and did not give yet. */
interface Ahead {
  /** RESTART makes others. */
  readonly of: SequenceNumbers
  first: bigint
  count: number
}

function isThere(catalog: Catalog, id: string): boolean {
  for (const entries of catalog.relations.values()) {
    for (const entry of entries.values()) {
      if (entry.kind === 'sequence' && entry.id === id) return true
    }
  }
  return false
}

/** The sequence that a text names, as an argument of nextval. Errors: UNDEFINED_TABLE, WRONG_OBJECT_TYPE, INVALID_NAME. */
export function sequenceNamed(
  catalog: Catalog,
  text: string,
  searchPath: SearchPath,
): SequenceEntry {
  const name = nameInText(text)
  const entry = lookupRelation(catalog, name, searchPath)
  if (entry?.kind === 'sequence') return entry
  if (entry === undefined) {
    throw new QueryError('UNDEFINED_TABLE', `relation "${shownName(name)}" does not exist`)
  }
  throw new QueryError('WRONG_OBJECT_TYPE', `"${entry.name}" is not a sequence`)
}
