import { compareScalars } from '../../data/types/compare-scalar.ts'
import { exactDecimal } from '../../data/types/coercion.ts'
import type { DataType, TypeKind } from '../../data/types/data-type.ts'
import { isNumeric, type NumericValue, type Scalar } from '../../data/types/scalar.ts'
import type { Field } from '../../data/types/schema.ts'
import type { ColumnStatistics } from '../../data/vectors/vector.ts'
import type { FileEntry, FilePart } from '../../plan/catalog/catalog.ts'
import type {
  Call,
  Cast,
  ColumnId,
  Expression,
  InList,
  InSet,
} from '../../plan/logical/expression.ts'
import { partitionValue } from './partition-columns.ts'
import type { ScanRequest } from './source.ts'
import { operatorOf, testOf } from '../../plan/logical/predicates.ts'

/** What is known of an expression's values over some rows. Bounds are inclusive and may be loose. */
export interface ValueRange {
  readonly type: DataType
  readonly min: Scalar
  readonly max: Scalar
  readonly mayBeNull: boolean
  readonly mayBeValue: boolean
}

/**
 * Whether some row of a part of a file may satisfy all of a scan's predicates, by the part's
 * statistics and the file's partition values. False only where it is proved.
 */
export function partMayMatch(request: ScanRequest, file: FileEntry, part: FilePart): boolean {
  return mayMatch(
    request,
    (position) => {
      const statistics = part.statistics[position]
      const field = request.tableColumns[position]
      if (statistics === undefined || field === undefined) return undefined
      return rangeOfStatistics(statistics, field)
    },
    file,
  )
}

/** The same by the partition values alone, for formats without statistics. */
export function fileMayMatch(request: ScanRequest, file: FileEntry): boolean {
  return mayMatch(request, () => undefined, file)
}

function mayMatch(
  request: ScanRequest,
  fileColumn: (position: number) => ValueRange | undefined,
  file: FileEntry,
): boolean {
  const { tableColumns, source, predicateColumns } = request
  const fileColumns = tableColumns.length - source.partitionColumns.length
  const rangeOf = (id: ColumnId): ValueRange | undefined => {
    const position = predicateColumns.get(id)
    if (position === undefined) return undefined
    if (position < fileColumns) return fileColumn(position)
    const type = tableColumns[position]?.type
    return type && constant(partitionValue(file, position - fileColumns, type), type)
  }
  return mayAllBeTrue(request.predicates, rangeOf)
}

/** What is known of a column's values; undefined: nothing. */
type RangeOf = (id: ColumnId) => ValueRange | undefined

/** Whether all conditions may be TRUE for one row. False only where it is proved. */
export function mayAllBeTrue(predicates: readonly Expression[], rangeOf: RangeOf): boolean {
  return predicates.every((predicate) => mayBeTrue(predicate, rangeOf))
}

function constant(value: Scalar, type: DataType): ValueRange {
  const isNull = value === null
  return { type, min: value, max: value, mayBeNull: isNull, mayBeValue: !isNull }
}

/** What statistics tell of a column. */
export function rangeOfStatistics(
  { min, max }: Pick<ColumnStatistics, 'min' | 'max'>,
  { type, nullable }: Omit<Field, 'name'>,
): ValueRange {
  // Readers hold every value to the bounds; nothing holds a file to the NULLs that it counts.
  const nulls = { mayBeNull: nullable, mayBeValue: true }
  if (min === undefined || max === undefined) return { type, min: null, max: null, ...nulls }
  return { type, min: integerScalar(min, type), max: integerScalar(max, type), ...nulls }
}

/** A value of a column's own unit, as its type has it. */
export function integerScalar(value: bigint, { kind }: DataType): Scalar {
  return kind === 'int2' || kind === 'int4' || kind === 'date' ? Number(value) : value
}

/** Whether a condition may be TRUE (neither FALSE nor NULL) for some row. */
function mayBeTrue(expr: Expression, rangeOf: RangeOf): boolean {
  switch (expr.kind) {
    case 'literal':
      return expr.value === true
    case 'and':
      return expr.args.every((arg) => mayBeTrue(arg, rangeOf))
    case 'or':
      return expr.args.some((arg) => mayBeTrue(arg, rangeOf))
    case 'in-list':
      return listMayMatch(expr, rangeOf)
    case 'in-set':
      return setMayMatch(expr, rangeOf)
    case 'call':
      return callMayBeTrue(expr, rangeOf)
    case 'column':
    case 'parameter':
    case 'cast':
    case 'case':
    case 'let':
    case 'subquery':
      return true
  }
}

function listMayMatch(expr: InList, rangeOf: RangeOf): boolean {
  const range = rangeOfExpression(expr.arg, rangeOf)
  if (range === undefined) return true
  return expr.list.some((member) => {
    const other = rangeOfExpression(member, rangeOf)
    return other === undefined || comparisonMayHold('=', range, other)
  })
}

/** By the least and the greatest of the values. */
function setMayMatch({ arg, values }: InSet, rangeOf: RangeOf): boolean {
  const range = rangeOfExpression(arg, rangeOf)
  if (range === undefined || values.length === 0) return true
  const less = (a: Scalar, b: Scalar): Scalar => (compareScalars(a, b, arg.type) <= 0 ? a : b)
  const more = (a: Scalar, b: Scalar): Scalar => (compareScalars(a, b, arg.type) >= 0 ? a : b)
  const rangeOfValue = (value: Scalar): ReturnType<typeof rangeOfExpression> =>
    rangeOfExpression({ kind: 'literal', type: arg.type, value }, rangeOf)
  const [least, greatest] = [rangeOfValue(values.reduce(less)), rangeOfValue(values.reduce(more))]
  if (least === undefined || greatest === undefined) return true
  return comparisonMayHold('>=', range, least) && comparisonMayHold('<=', range, greatest)
}

function callMayBeTrue(expr: Call, rangeOf: RangeOf): boolean {
  const [first, second] = expr.args
  if (first === undefined) return true
  const left = rangeOfExpression(first, rangeOf)
  if (left === undefined) return true
  const test = testOf(expr)
  if (test?.of === 'null') return test.negated ? left.mayBeValue : left.mayBeNull
  const operator = operatorOf(expr)
  if (operator === undefined || second === undefined) return true
  const right = rangeOfExpression(second, rangeOf)
  return right === undefined || comparisonMayHold(operator, left, right)
}

function comparisonMayHold(
  operator: NonNullable<ReturnType<typeof operatorOf>>,
  left: ValueRange,
  right: ValueRange,
): boolean {
  if (!left.mayBeValue || !right.mayBeValue) return false
  if (left.min === null || left.max === null || right.min === null || right.max === null) {
    return true
  }
  if (left.type.kind !== right.type.kind) return true
  const lowest = compareScalars(left.min, right.max, left.type, right.type)
  const highest = compareScalars(left.max, right.min, left.type, right.type)
  switch (operator) {
    case '=':
      return lowest <= 0 && highest >= 0
    case '<>':
      // Only when both are one and the same value there is no pair that differs.
      return lowest !== 0 || highest !== 0
    case '<':
      return lowest < 0
    case '<=':
      return lowest <= 0
    case '>':
      return highest > 0
    case '>=':
      return highest >= 0
  }
}

function rangeOfExpression(expr: Expression, rangeOf: RangeOf): ValueRange | undefined {
  switch (expr.kind) {
    case 'literal':
      return constant(expr.value, expr.type)
    case 'column':
      return rangeOf(expr.id)
    case 'cast':
      return castRange(expr, rangeOf)
    case 'parameter':
    case 'call':
    case 'case':
    case 'and':
    case 'or':
    case 'in-list':
    case 'in-set':
    case 'let':
    case 'subquery':
      return undefined
  }
}

// Casts that keep the order, so that the bounds of the argument become bounds of the result.
function castRange(expr: Cast, rangeOf: RangeOf): ValueRange | undefined {
  const range = rangeOfExpression(expr.arg, rangeOf)
  if (range === undefined) return undefined
  const { type } = expr
  if (range.min === null || range.max === null) return { ...range, type }
  const min = castScalar(range.min, range.type, type)
  const max = castScalar(range.max, range.type, type)
  return min === undefined || max === undefined ? undefined : { ...range, type, min, max }
}

const MICROS_PER_DAY = 86_400_000_000n

function castScalar(value: Scalar, from: DataType, to: DataType): Scalar | undefined {
  if (from.kind === 'date' && to.kind === 'timestamp') {
    return typeof value === 'number' ? BigInt(value) * MICROS_PER_DAY : undefined
  }
  const exact = exactOf(value, from)
  if (exact === undefined) return undefined
  return casts[to.kind]?.(exact, to, from)
}

/** Casts of exact numbers that keep their order and raise nothing; others say nothing of bounds. */
const casts: {
  readonly [K in TypeKind]?: (
    exact: NumericValue,
    to: DataType,
    from: DataType,
  ) => Scalar | undefined
} = {
  int4: ({ unscaled }, _, from) => (from.kind === 'int2' ? Number(unscaled) : undefined),
  int8: ({ unscaled, scale }) => (scale === 0 ? unscaled : undefined),
  decimal: ({ unscaled, scale }, to) => {
    if (to.kind !== 'decimal' || scale > to.scale) return undefined
    return unscaled * 10n ** BigInt(to.scale - scale)
  },
  numeric: (exact) => exact,
  // Rounding to the nearest keeps the order.
  float8: ({ unscaled, scale }) => (scale === 0 ? Number(unscaled) : undefined),
}

function exactOf(value: Scalar, type: DataType): NumericValue | undefined {
  if (type.kind === 'numeric') {
    return isNumeric(value) && value.special === undefined ? value : undefined
  }
  const scale = exactDecimal(type)?.scale
  if (scale === undefined || (typeof value !== 'number' && typeof value !== 'bigint'))
    return undefined
  return { unscaled: BigInt(value), scale }
}
