import { QueryError } from '../../base/errors.ts'
import type { Span } from '../../base/span.ts'
import { parseInterval } from '../../data/types/parse-interval.ts'
import { exactNumeric } from '../../data/types/parse-number.ts'
import {
  DECIMAL_PRECISION_MAX,
  decimal,
  int4,
  int8,
  interval,
  numeric,
} from '../../data/types/data-type.ts'
import type { IntervalValue } from '../../data/types/scalar.ts'
import type { AstIntervalLiteral } from '../../sql/ast/expression.ts'
import type { Locale } from '../../data/types/datetime/locale.ts'
import { literal } from '../logical/build.ts'
import type { Literal } from '../logical/expression.ts'

/** A number of so many digits is an integer. */
const SURE_INT4_DIGITS = 9
const plainInteger = /^\d+$/

/** Integers of more are numerics, of which there are only so many digits. */
const WHOLE_DIGITS_MAX = DECIMAL_PRECISION_MAX

const INT4_MAX = 2n ** 31n - 1n
const INT8_MAX = 2n ** 63n - 1n

/**
 * A number as PostgreSQL types it: integer if it fits, else bigint, else numeric; with a point or an
 * exponent numeric. A numeric of at most 38 digits is a decimal of just its digits.
 */
export function numberLiteral(text: string, span: Span): Literal {
  if (text.length <= SURE_INT4_DIGITS && plainInteger.test(text)) {
    return literal(Number(text), int4, span)
  }
  const negative = text.startsWith('-')
  const digits = negative ? text.slice(1) : text
  const match = /^(\d*)(?:\.(\d*))?(?:[eE]([-+]?\d+))?$/.exec(digits.replaceAll('_', ''))
  if (match === null) {
    throw new QueryError('SYNTAX_ERROR', `invalid number: "${text}"`, { span })
  }
  const [, whole = '', fraction, exponent] = match
  if (fraction === undefined && exponent === undefined && whole.length <= WHOLE_DIGITS_MAX) {
    return integerLiteral(negative ? -BigInt(whole) : BigInt(whole), span)
  }
  const behind = (fraction ?? '').length - Number(exponent ?? 0)
  const { unscaled, scale } = withSpan(span, () =>
    exactNumeric(negative, whole + (fraction ?? ''), behind),
  )
  return exactLiteral(unscaled, scale, span)
}

/** `INTERVAL '3' MONTH`: the fields give a bare number its unit and cut off what is finer. */
export function intervalLiteral(ast: AstIntervalLiteral, locale: Locale): Literal {
  const fields = ast.fields?.toLowerCase().split(' to ') ?? []
  const read = withSpan(ast.valueSpan, () => parseInterval(ast.value, fields, locale.intervalStyle))
  const finest = fields.at(-1)
  const value = finest === undefined ? read : truncated(read, finest)
  return literal(rounded(value, ast.precision), interval, ast.valueSpan)
}

/** The interval with so many digits of its seconds. */
function rounded(value: IntervalValue, precision: number | undefined): IntervalValue {
  if (precision === undefined || precision >= 6) return value
  const unit = 10n ** BigInt(6 - precision)
  const half = value.micros < 0n ? -unit / 2n : unit / 2n
  return { ...value, micros: ((value.micros + half) / unit) * unit }
}

/** Runs the reading of a literal so that its errors point at it. */
export function withSpan<T>(span: Span, read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof QueryError)) throw error
    throw new QueryError(error.code, error.message, { ...error.details, span })
  }
}

function integerLiteral(value: bigint, span: Span): Literal {
  if (value >= -INT4_MAX - 1n && value <= INT4_MAX) return literal(Number(value), int4, span)
  if (value >= -INT8_MAX - 1n && value <= INT8_MAX) return literal(value, int8, span)
  return exactLiteral(value, 0, span)
}

function exactLiteral(unscaled: bigint, scale: number, span: Span): Literal {
  const digits = String(unscaled < 0n ? -unscaled : unscaled).length
  const precision = Math.max(digits, scale, 1)
  return precision <= DECIMAL_PRECISION_MAX
    ? literal(unscaled, decimal(precision, scale), span)
    : literal({ unscaled, scale }, numeric, span)
}

const microsOf: Readonly<Record<string, bigint>> = {
  hour: 3_600_000_000n,
  minute: 60_000_000n,
  second: 1n,
}

function truncated(value: IntervalValue, finest: string): IntervalValue {
  const { months, days, micros } = value
  switch (finest) {
    case 'year':
      return { months: months - (months % 12), days: 0, micros: 0n }
    case 'month':
      return { months, days: 0, micros: 0n }
    case 'day':
      return { months, days, micros: 0n }
    default:
      return { months, days, micros: micros - (micros % (microsOf[finest] ?? 1n)) }
  }
}
