import { present } from '../../base/assert.ts'
import type { BreakerId, Pipeline, ProbeStep } from '../../compile/model/pipeline.ts'
import type { Heap } from '../../data/arenas/heap.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { NO_ADDRESS, type ColumnStatistics } from '../../data/vectors/vector.ts'
import type { WantedKeys } from '../../io/scan/source.ts'
import type { ColumnId } from '../../plan/logical/expression.ts'
import type { BreakerState, JoinState } from '../jobs/jobs.ts'
import { fieldReader } from '../rows/row-values.ts'

/** What a pipeline's joins keep of its source. */
export interface Narrowing {
  readonly mayHold: MayHold
  readonly keys: readonly WantedKeys[]
}

/** Whether a piece of which this is known may have a row that all joins keep. */
export type MayHold = (statisticsOf: (column: number) => ColumnStatistics | undefined) => boolean

/** What the rows of one join say of a column of the pipeline's source. */
interface KeyTest {
  /** Its number among the columns of the source. */
  readonly column: number
  /** Whether a key lies in a range, its ends included. */
  readonly hasKeyIn: (min: bigint, max: bigint) => boolean
}

/** Keys of a table that has no rank index are listed if there are no more. */
const LISTED_KEYS_MAX = 8_192

/**
 * Tells by the smallest and largest values of a piece of the pipeline's source whether to read it, and by its
 * keys which rows: the tables that its rows are looked up in are there before the first row is. Undefined where
 * they say nothing.
 */
export function narrowedBy(
  pipeline: Pipeline,
  breakers: ReadonlyMap<BreakerId, BreakerState>,
  heap: Heap,
): Narrowing | undefined {
  const tests = pipeline.steps.flatMap((step) =>
    step.kind === 'probe' ? keyTests(pipeline, step, breakers, heap) : [],
  )
  if (tests.length === 0) return undefined
  const mayHold: MayHold = (statisticsOf) =>
    tests.every(({ column, hasKeyIn }) => {
      const known = statisticsOf(column)
      // A piece of NULLs has no smallest value, and one of which nothing is known neither.
      if (known?.min === undefined || known.max === undefined) return true
      return hasKeyIn(known.min, known.max)
    })
  return { mayHold, keys: wantedKeys(pipeline, breakers) }
}

/** The keys of joins that have a rank index, for readers to leave out rows by whose keys have no partner. */
function wantedKeys(
  { source, steps }: Pipeline,
  breakers: ReadonlyMap<BreakerId, BreakerState>,
): readonly WantedKeys[] {
  return steps.flatMap((step) => {
    if (step.kind !== 'probe' || step.table.rank === undefined) return []
    const state = breakers.get(step.breaker)
    if (source.kind !== 'chunks' || state?.kind !== 'join-build') return []
    const { rankWords: words, rankMin: first, rankSpan: span } = state.join
    if (words === NO_ADDRESS) return []
    return step.narrows.flatMap(({ column: id }) => {
      const column = columnIndex(source.columns, id)
      return column < 0 ? [] : [{ column, words, first, span }]
    })
  })
}

function keyTests(
  { source }: Pipeline,
  step: ProbeStep,
  breakers: ReadonlyMap<BreakerId, BreakerState>,
  heap: Heap,
): readonly KeyTest[] {
  const state = breakers.get(step.breaker)
  if (source.kind !== 'chunks' || state?.kind !== 'join-build') return []
  const { layout, keyFields } = step.table
  return step.narrows.flatMap(({ key, column }) => {
    const index = columnIndex(source.columns, column)
    if (index < 0) return []
    if (step.table.rank !== undefined) {
      return [{ column: index, hasKeyIn: rankTest(heap, state.join) }]
    }
    const field = present(layout.fields[keyFields[key] ?? -1], 'field of a key')
    // Of two lanes a value may be beyond 64 bits.
    if (state.rows > LISTED_KEYS_MAX || field.lanes.length > 1) return []
    let test: KeyTest['hasKeyIn'] | undefined
    const hasKeyIn = (min: bigint, max: bigint): boolean => {
      test ??= listTest(listedKeys(state, layout.rowBytes, fieldReader(heap, field)))
      return test(min, max)
    }
    return [{ column: index, hasKeyIn }]
  })
}

function columnIndex(columns: readonly { readonly id: ColumnId }[], column: ColumnId): number {
  return columns.findIndex(({ id }) => id === column)
}

/** By the bits of a rank index, and by how many are set before each word of them. */
function rankTest(heap: Heap, join: JoinState): KeyTest['hasKeyIn'] {
  const { rankWords, rankMin, rankSpan } = join
  const { i64, u32 } = heap
  const bits = (word: number): bigint => BigInt.asUintN(64, i64[rankWords / 8 + word * 2] ?? 0n)
  const before = (word: number): number => u32[(rankWords >>> 2) + word * 4 + 2] ?? 0
  return (min, max) => {
    const first = min < rankMin ? 0n : min - rankMin
    const last = max - rankMin > rankSpan ? rankSpan : max - rankMin
    if (last < 0n || first > last) return false
    const [from, to] = [Number(first / 64n), Number(last / 64n)]
    const upTo = BigInt.asUintN(64, (2n << (last % 64n)) - 1n)
    const behind = bits(from) >> (first % 64n)
    if (from === to) return (bits(to) & upTo) >> (first % 64n) !== 0n
    return behind !== 0n || (bits(to) & upTo) !== 0n || before(to) > before(from + 1)
  }
}

/** By a list of all keys in their order. */
function listTest(keys: BigInt64Array): KeyTest['hasKeyIn'] {
  return (min, max) => {
    let [from, to] = [0, keys.length]
    while (from < to) {
      const middle = (from + to) >>> 1
      if ((keys[middle] ?? 0n) < min) from = middle + 1
      else to = middle
    }
    const next = keys[from]
    return next !== undefined && next <= max
  }
}

function listedKeys(
  { pages, rows }: BreakerState & { readonly kind: 'join-build' },
  rowBytes: number,
  read: (row: number) => Scalar,
): BigInt64Array {
  const keys = new BigInt64Array(rows)
  let count = 0
  for (const page of pages) {
    for (let row = 0; row < page.rows; row++) {
      const value = read(page.address + row * rowBytes)
      // A key that is NULL has no partner.
      if (typeof value === 'bigint' || typeof value === 'number') keys[count++] = BigInt(value)
    }
  }
  return keys.subarray(0, count).toSorted()
}
