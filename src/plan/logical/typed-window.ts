import { commonType, shownType } from '../../data/types/coercion.ts'
import { QueryError } from '../../base/errors.ts'
import type { Span } from '../../base/span.ts'
import { float8, int8, interval, numeric, type DataType } from '../../data/types/data-type.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { isResolved } from '../../functions/resolve.ts'
import { frameProblem } from '../../sql/ast/frame-problem.ts'
import type { Expression, Frame, FrameBound, SortKey, WindowCall } from './expression.ts'
import { coerce, coerceTo, unify, unresolved, type Typing } from './typing.ts'
import { spanDetail } from './span-detail.ts'

/** A window function with its overload chosen and its arguments brought to the types that it takes. */
export function typedWindowCall(
  typing: Typing,
  name: string,
  given: readonly Expression[],
  at?: Span,
): Pick<WindowCall, 'name' | 'type' | 'fn' | 'args'> {
  const bound = withDefault(typing, name, given)
  const outcome = typing.functions.window.resolve(
    name,
    bound.map(({ type }) => type),
  )
  if (!isResolved(outcome)) throw unresolved(typing, name, given, outcome, at)
  const args = bound.map((arg, i) => coerce(typing, arg, outcome.argTypes[i] ?? arg.type))
  return { name, type: outcome.resultType, fn: outcome.fn, args }
}

/** What PostgreSQL has for aggregates alone, or not over windows. Errors: FEATURE_NOT_SUPPORTED. */
export function checkWindowClauses(
  name: string,
  isAggregate: boolean,
  clauses: Readonly<Record<'isWithin' | 'isDistinct' | 'isOrdered' | 'isFiltered', boolean>>,
  span?: Span,
): void {
  const refuse = (message: string): never => {
    throw new QueryError('FEATURE_NOT_SUPPORTED', message, spanDetail(span))
  }
  if (clauses.isWithin) refuse(`OVER is not supported for ordered-set aggregate ${name}`)
  if (clauses.isDistinct) refuse('DISTINCT is not implemented for window functions')
  if (clauses.isOrdered) refuse('aggregate ORDER BY is not implemented for window functions')
  if (clauses.isFiltered && !isAggregate) {
    refuse('FILTER is not implemented for non-aggregate window functions')
  }
}

/** The value that is given, and what lag and lead give where there is none, are of one type. */
function withDefault(
  typing: Typing,
  name: string,
  args: readonly Expression[],
): readonly Expression[] {
  const [value, offset, standIn] = args
  const givesValues = typing.functions.window.named(name).some(({ gives }) => gives === 'row')
  if (value === undefined || !givesValues || args.length > 3) return args
  const values = standIn === undefined ? [value] : [value, standIn]
  if (values.every(({ type }) => type.kind === 'unknown')) {
    const message = 'could not determine polymorphic type because input has type unknown'
    throw new QueryError('DATATYPE_MISMATCH', message, spanDetail(value.span))
  }
  // Types that have nothing in common fit no overload.
  if (standIn === undefined || offset === undefined) return args
  if (commonType(values.map(({ type }) => type)) === undefined) return [...args, standIn]
  const [first, last] = unify(typing, values, name)
  return [first!, offset, last!]
}

/** Refuses a frame that an order has no place for. Errors: WINDOWING_ERROR. */
export function checkFrame(
  {
    unit,
    start,
    end,
  }: Pick<Frame, 'unit'> & {
    readonly [K in 'start' | 'end']: Pick<FrameBound, 'kind'> & { offset?: unknown }
  },
  orderBy: readonly SortKey[],
  span?: Span,
): void {
  // Who writes SQL was told by its grammar, at the place.
  const problem = frameProblem(start.kind, end.kind, true)
  if (problem !== undefined) throw new QueryError('WINDOWING_ERROR', problem, spanDetail(span))
  const hasOffset = start.offset !== undefined || end.offset !== undefined
  if (unit === 'range' && hasOffset && orderBy.length !== 1) {
    const message = 'RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column'
    throw new QueryError('WINDOWING_ERROR', message, spanDetail(span))
  }
  if (unit === 'groups' && orderBy.length === 0) {
    const message = 'GROUPS mode requires an ORDER BY clause'
    throw new QueryError('WINDOWING_ERROR', message, spanDetail(span))
  }
}

/** A frame whose offsets are of the types that its order asks for. */
export function typedFrame(typing: Typing, frame: Frame, orderBy: readonly SortKey[]): Frame {
  const { unit } = frame
  const bound = ({ kind, offset: given }: FrameBound, side: 'starting' | 'ending'): FrameBound => {
    if (given === undefined) return { kind }
    const offset = typedOffset(typing, given, orderBy[0]?.expr, unit)
    if (offset.kind === 'literal') checkOffset(offset.value, side, unit, given)
    return { kind, offset }
  }
  return { ...frame, start: bound(frame.start, 'starting'), end: bound(frame.end, 'ending') }
}

function typedOffset(
  typing: Typing,
  given: Expression,
  key: Expression | undefined,
  unit: Frame['unit'],
): Expression {
  if (unit !== 'range' || key === undefined) {
    return coerceTo(typing, given, int8, unit.toUpperCase(), 'assignment')
  }
  const type = offsetType(key.type, given.type)
  if (type === undefined) throw noDistance(key, given)
  // A string is read as the order's own type where that is a number.
  const isOwn = given.type.kind === 'unknown' && type.kind !== 'interval'
  return coerce(typing, isOwn ? coerce(typing, given, key.type) : given, type)
}

/** What is known of a constant; others are looked at when there are rows. */
function checkOffset(
  value: Scalar,
  side: 'starting' | 'ending',
  unit: Frame['unit'],
  given: Expression,
): void {
  if (value === null) {
    const message = `frame ${side} offset must not be null`
    throw new QueryError('NULL_VALUE_NOT_ALLOWED', message, spanDetail(given.span))
  }
  if (unit === 'range' || Number(value) >= 0) return
  const message = `frame ${side} offset must not be negative`
  throw new QueryError('INVALID_FRAME_OFFSET', message, spanDetail(given.span))
}

const integers: ReadonlySet<DataType['kind']> = new Set(['int2', 'int4', 'int8'])
const exact: ReadonlySet<DataType['kind']> = new Set([...integers, 'decimal', 'numeric'])
const floats: ReadonlySet<DataType['kind']> = new Set(['float4', 'float8'])
const moments: ReadonlySet<DataType['kind']> = new Set([
  'date',
  'time',
  'timestamp',
  'timestamptz',
  'interval',
])

/** What is added to values of a type to get to the ends of a RANGE; undefined where there is no such. */
function offsetType(key: DataType, offset: DataType): DataType | undefined {
  const isOpen = offset.kind === 'unknown'
  if (integers.has(key.kind)) return isOpen || integers.has(offset.kind) ? int8 : undefined
  if (exact.has(key.kind)) return isOpen || exact.has(offset.kind) ? numeric : undefined
  if (floats.has(key.kind)) {
    return isOpen || exact.has(offset.kind) || floats.has(offset.kind) ? float8 : undefined
  }
  if (!moments.has(key.kind)) return undefined
  return isOpen || offset.kind === 'interval' ? interval : undefined
}

function noDistance(key: Expression, given: Expression): QueryError {
  const text = 'RANGE with offset PRECEDING/FOLLOWING is not supported for column type'
  if (offsetType(key.type, { kind: 'unknown' }) === undefined) {
    const message = `${text} ${shownType(key.type)}`
    return new QueryError('FEATURE_NOT_SUPPORTED', message, spanDetail(given.span))
  }
  const types = `${shownType(key.type)} and offset type ${shownType(given.type)}`
  return new QueryError('FEATURE_NOT_SUPPORTED', `${text} ${types}`, {
    ...spanDetail(given.span),
    hint: 'Cast the offset value to an appropriate type.',
  })
}
