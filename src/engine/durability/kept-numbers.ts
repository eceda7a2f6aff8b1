import type { Catalog, SequenceEntry, SequenceNumbers } from '../../plan/catalog/catalog.ts'
import { isTemporarySchema } from '../../plan/catalog/schemas.ts'
import type { CatalogEdit } from '../../storage/log/catalog-edits.ts'
import type { NumbersText } from '../../storage/log/records.ts'

/** How many numbers are kept ahead, as in PostgreSQL (SEQ_LOG_VALS). */
const AHEAD = 32n

interface Moved {
  readonly sequence: SequenceEntry
  /** Whether it was told where to go on, and no number was taken since. */
  readonly isSet: boolean
}

/** What is kept of a sequence: that it may have given these. */
interface KeptRange {
  readonly from: bigint
  readonly to: bigint
}

/**
 * Which numbers of sequences are to be kept. Some are kept ahead, so that few of those that are taken are written; what was ahead
 * when a process ends is never given.
 */
export class KeptNumbers {
  #kept = new WeakMap<SequenceNumbers, KeptRange>()
  readonly #moved = new Map<SequenceNumbers, Moved>()

  /** Whether something is to be kept that is not. */
  get hasMoved(): boolean {
    return this.#moved.size > 0
  }

  /** Numbers were taken of a sequence. */
  took(sequence: SequenceEntry): void {
    if (isTemporarySchema(sequence.schema)) return
    const { numbers } = sequence
    const kept = this.#kept.get(numbers)
    if (kept !== undefined && kept.from <= numbers.last && numbers.last <= kept.to) return
    this.#moved.set(numbers, { sequence, isSet: false })
  }

  /** A sequence was told where to go on. */
  set(sequence: SequenceEntry): void {
    if (isTemporarySchema(sequence.schema)) return
    this.#moved.set(sequence.numbers, { sequence, isSet: true })
  }

  /** Sequences were written with the numbers that they have now: nothing is kept ahead. */
  written(edits: readonly CatalogEdit[]): void {
    for (const edit of edits) {
      if (edit.edit !== 'entry' || !isSequence(edit.entry)) continue
      this.#kept.delete(edit.entry.numbers)
    }
  }

  /** What was to be kept was not. */
  lost(): void {
    this.#kept = new WeakMap()
  }

  /**
   * What is to be kept now. Sequences that are not in the catalog are kept with it when they come there, with the
   * numbers that they have then.
   */
  take(catalog: Catalog): readonly NumbersText[] {
    if (this.#moved.size === 0) return []
    const there = new Set<SequenceNumbers>()
    for (const entries of catalog.relations.values()) {
      for (const entry of entries.values()) {
        if (entry.kind === 'sequence') there.add(entry.numbers)
      }
    }
    const texts: NumbersText[] = []
    for (const [numbers, moved] of this.#moved) {
      if (there.has(numbers)) texts.push(this.#keep(moved, numbers))
    }
    this.#moved.clear()
    return texts
  }

  #keep({ sequence: { id, options }, isSet }: Moved, numbers: SequenceNumbers): NumbersText {
    const { last, isCalled } = numbers
    if (isSet) {
      this.#kept.delete(numbers)
      return { id, last, isCalled }
    }
    const { increment, min, max } = options
    const room = increment > 0n ? (max - last) / increment : (last - min) / -increment
    const to = last + increment * (room < AHEAD ? room : AHEAD)
    this.#kept.set(numbers, increment > 0n ? { from: last, to } : { from: to, to: last })
    return { id, last: to, isCalled: true }
  }
}

function isSequence(entry: object): entry is SequenceEntry {
  return 'kind' in entry && entry.kind === 'sequence'
}
