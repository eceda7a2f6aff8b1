import { QueryError } from '../../../base/errors.ts'
import { present } from '../../../base/assert.ts'
import type { Scalar } from '../../../data/types/scalar.ts'
import { scalarsOf } from '../../../data/vectors/column-scalars.ts'
import {
  layoutBytes,
  type Address,
  type Layout,
  type Vector,
} from '../../../data/vectors/vector.ts'
import { evaluate } from '../../../plan/logical/evaluate.ts'
import type { ColumnId, Expression } from '../../../plan/logical/expression.ts'
import { columnsUsed, someExpression } from '../../../plan/logical/walk.ts'
import type { ReaderEnvironment, ScanRequest, WantedKeys } from '../../scan/source.ts'
import { wantedRange, type WantedRange } from '../../scan/wanted-range.ts'
import { Scratch } from '../scratch.ts'
import { boundsOfBytes } from './statistics.ts'

/** Where rows' marks are, and room for them as they were. */
export interface Marks {
  readonly at: Address
  readonly before: Address
}

/** Tells rows of one column that cannot be in the scan's result from those that may be. */
export interface RowTest {
  /** Of the column, in the request's columns. */
  readonly index: number
  /** Whether some row of a row group may pass, where its dictionary tells, which all its pages use then. */
  readonly mayPass?: (dictionary: Vector | undefined) => boolean
  /** Takes the marks of rows that do not pass. */
  mark(vector: Vector, marks: Marks): void
  free(): void
}

/** The tests that a request's predicates over one column each allow, then those of joins' keys. */
export function rowTests(request: ScanRequest, env: ReaderEnvironment): readonly RowTest[] {
  const byColumn = new Map<ColumnId, Expression[]>()
  for (const predicate of request.predicates) {
    const [column, ...others] = columnsUsed(predicate)
    if (column === undefined || others.length > 0) continue
    byColumn.set(column, [...(byColumn.get(column) ?? []), predicate])
  }
  const ofPredicates = [...byColumn].flatMap(([column, predicates]) => {
    const position = request.predicateColumns.get(column)
    const index = position === undefined ? -1 : request.columns.indexOf(position)
    return index < 0 ? [] : (testOf(request, env, { column, index, predicates }) ?? [])
  })
  const ofKeys = (request.keys ?? []).map((keys) => keyTest(env, keys))
  return [...ofPredicates, ...ofKeys]
}

interface Asked {
  readonly column: ColumnId
  readonly index: number
  readonly predicates: readonly Expression[]
}

function testOf(request: ScanRequest, env: ReaderEnvironment, asked: Asked): RowTest | undefined {
  const { column, index, predicates } = asked
  const position = present(request.columns[index], 'column of a request')
  const { type } = present(request.tableColumns[position], 'column of a table')
  if (type.kind === 'text') {
    const foreseen = predicates.filter(isForeseeable)
    return foreseen.length === 0 ? undefined : new TextTest(env, { ...asked, predicates: foreseen })
  }
  const bounds =
    request.columnBounds[index] ??
    boundsOfBytes(type.kind === 'int2' ? 2 : type.kind === 'int4' || type.kind === 'date' ? 4 : 8)
  const range = wantedRange(predicates, column, type, bounds)
  if (range === undefined) return undefined
  const isAll = range.nulls && range.min <= bounds.min && range.max >= bounds.max
  return isAll ? undefined : rangeTest(env, index, range)
}

/** Whether a predicate is known for every row of one value at once. */
function isForeseeable(predicate: Expression): boolean {
  return !someExpression(
    predicate,
    (expr) =>
      expr.kind === 'subquery' ||
      expr.kind === 'parameter' ||
      (expr.kind === 'call' && expr.fn.volatility !== 'immutable'),
  )
}

const integerLayouts: ReadonlySet<Layout> = new Set(['i8', 'i16', 'i32', 'i64'])

/** Takes marks by `take`; those of NULLs stay or go. */
function takeMarks(
  { kernels }: ReaderEnvironment,
  { validity, length }: Vector,
  { at, before }: Marks,
  keepsNulls: boolean,
  take: () => void,
): void {
  if (validity === 0) return take()
  kernels.call('copy', before, at, length)
  take()
  kernels.call('marksOfNulls', at, before, validity, length, Number(keepsNulls))
}

function rangeTest(env: ReaderEnvironment, index: number, range: WantedRange): RowTest {
  return {
    index,
    mark(vector, marks) {
      const { layout, values, length } = vector
      if (!integerLayouts.has(layout)) return
      const bytes = layoutBytes[layout]
      const held = boundsOfBytes(bytes)
      const low = range.min > held.min ? range.min : held.min
      const high = range.max < held.max ? range.max : held.max
      takeMarks(env, vector, marks, range.nulls, () => {
        if (low > high) env.kernels.call('fill', marks.at, 0, length)
        else env.kernels.call('marksWithin', values, bytes, length, low, high, marks.at)
      })
    },
    free: () => {},
  }
}

function keyTest(env: ReaderEnvironment, { column, words, first, span }: WantedKeys): RowTest {
  return {
    index: column,
    mark(vector, marks) {
      const { layout, values, length } = vector
      if (!integerLayouts.has(layout)) return
      const keys = [words, first, span, marks.at] as const
      takeMarks(env, vector, marks, true, () =>
        env.kernels.call('marksByRank', values, layoutBytes[layout], length, ...keys),
      )
    },
    free: () => {},
  }
}

/** Larger dictionaries are not asked: so many values take longer than the rows that they would leave out. */
const WORDS_MAX = 4_096
/** Of words that were asked, so many are remembered. */
const REMEMBERED_MAX = 65_536

/** Asks once a word of a dictionary; says nothing of texts that lie one by one. */
class TextTest implements RowTest {
  readonly index: number
  readonly #env: ReaderEnvironment
  readonly #asked: Asked
  readonly #flags: Scratch
  readonly #known = new Map<string, boolean>()
  readonly #keepsNulls: boolean
  #flagged: Vector | undefined
  #passes = 0

  constructor(env: ReaderEnvironment, asked: Asked) {
    this.index = asked.index
    this.#env = env
    this.#asked = asked
    this.#flags = new Scratch(env.heap)
    this.#keepsNulls = this.#isWanted(null)
  }

  readonly mayPass = (dictionary: Vector | undefined): boolean => {
    if (!this.#flag(dictionary)) return true
    return this.#passes > 0 || this.#keepsNulls
  }

  mark(vector: Vector, marks: Marks): void {
    const { dictionary, values, layout, length } = vector
    if (!this.#flag(dictionary) || this.#passes === dictionary?.length) return
    const flags = this.#flags.at
    takeMarks(this.#env, vector, marks, this.#keepsNulls, () =>
      this.#env.kernels.call('marksByCode', values, layoutBytes[layout], length, flags, marks.at),
    )
  }

  free(): void {
    this.#flags.release()
  }

  /** Sets the flags of a dictionary's words; false where it is none that is asked. */
  #flag(dictionary: Vector | undefined): boolean {
    if (dictionary === undefined || dictionary.length > WORDS_MAX) return false
    if (this.#flagged === dictionary) return true
    const { heap } = this.#env
    const at = this.#flags.ensure(dictionary.length)
    this.#passes = 0
    scalarsOf(heap, dictionary).forEach((word, code) => {
      const passes = typeof word !== 'string' || this.#isKnownAsWanted(word)
      heap.u8[at + code] = Number(passes)
      if (passes) this.#passes++
    })
    this.#flagged = dictionary
    return true
  }

  #isKnownAsWanted(word: string): boolean {
    const known = this.#known.get(word)
    if (known !== undefined) return known
    const wanted = this.#isWanted(word)
    if (this.#known.size >= REMEMBERED_MAX) this.#known.clear()
    this.#known.set(word, wanted)
    return wanted
  }

  #isWanted(value: Scalar): boolean {
    try {
      return this.#asked.predicates.every((predicate) => evaluate(predicate, () => value) === true)
    } catch (error) {
      // The row is left to the query, which ends with the error if it comes to it.
      if (error instanceof QueryError && error.code !== 'QUERY_CANCELED') return true
      throw error
    }
  }
}
