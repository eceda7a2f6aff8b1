import {
  bool,
  date,
  float8,
  int8,
  numeric,
  sameType,
  text,
  time,
  timestamp,
  timestamptz,
  type DataType,
} from '../../data/types/data-type.ts'

const INT8_MIN = -(2n ** 63n)
const INT8_MAX = 2n ** 63n - 1n

/** Digits that a numeric surely holds. */
const NUMERIC_DIGITS_MAX = 35

const integerPattern = /^[+-]?\d+$/
// Codes, such as postal ones: the zeros mean something.
const paddedPattern = /^[+-]?0\d+(?:\.\d*)?(?:[eE].*)?$/
const floatPattern = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/
const notFinitePattern = /^(?:nan|[+-]?inf(?:inity)?)$/i
const booleanPattern = /^(?:true|false)$/i
const datePattern = /^\d{4}-\d\d-\d\d$/
const timePattern = /^(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?$/
const timestampPattern =
  /^\d{4}-\d\d-\d\d[ T](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?(Z|[+-]\d\d(?::?\d\d)?)?$/

/** The narrowest type of {@link inferType} that a text can be read as. */
export function typeOfText(value: string): DataType {
  const plain = plainNumber(value)
  if (plain !== undefined) return plain
  const first = value.charCodeAt(0)
  // Letters other than those of true, false, nan and inf begin no value: most text ends here.
  if (first > 57 && !/^[tfni]/i.test(value)) return text
  // Dates are common, and look like nothing else.
  if (value.charCodeAt(4) === MINUS && datePattern.test(value)) return isDate(value) ? date : text
  if (paddedPattern.test(value)) return text
  if (integerPattern.test(value)) return typeOfInteger(value)
  if (floatPattern.test(value) || notFinitePattern.test(value)) return float8
  if (booleanPattern.test(value)) return bool
  if (timePattern.test(value)) return time
  const zoned = timestampPattern.exec(value)
  if (zoned === null || !isDate(value.slice(0, 10))) return text
  return zoned[1] === undefined ? timestamp : timestamptz
}

/** int8, or numeric beyond it, which keeps every digit; text beyond that. */
function typeOfInteger(value: string): DataType {
  if (value.length < 19) return int8
  if (value.length > NUMERIC_DIGITS_MAX) return text
  const integer = BigInt(value.replace('+', ''))
  return integer >= INT8_MIN && integer <= INT8_MAX ? int8 : numeric
}

/** Digits, a sign before and a point among them: most numbers, without the patterns below. */
function plainNumber(value: string): DataType | undefined {
  const first = value.charCodeAt(0)
  let points = 0
  const start = first === MINUS ? 1 : 0
  if (value.length <= start || value.length > 18) return undefined
  for (let at = start; at < value.length; at++) {
    const code = value.charCodeAt(at)
    if (code === POINT) points++
    else if (code < ZERO || code > NINE) return undefined
  }
  const next = value.charCodeAt(start + 1)
  if (value.charCodeAt(start) === ZERO && next >= ZERO && next <= NINE) return text
  if (points === 0) return int8
  return points === 1 && value.length > start + 1 ? float8 : undefined
}

const MINUS = 45
const POINT = 46
const ZERO = 48
const NINE = 57

/** Whether `YYYY-MM-DD...` names a day. */
function isDate(value: string): boolean {
  const month = Number(value.slice(5, 7))
  const day = Number(value.slice(8, 10))
  if (month < 1 || month > 12 || day < 1 || value.startsWith('0000')) return false
  return (
    day <= (month === 2 ? 28 : 30) ||
    day <= new Date(Date.UTC(Number(value.slice(0, 4)), month, 0)).getUTCDate()
  )
}

/** The type that holds the values of both; undefined stands for "no value seen". */
export function widerType(
  left: DataType | undefined,
  right: DataType | undefined,
): DataType | undefined {
  if (left === undefined) return right
  if (right === undefined || sameType(left, right)) return left
  const kinds = new Set([left.kind, right.kind])
  const only = (...names: readonly DataType['kind'][]): boolean =>
    [...kinds].every((kind) => names.includes(kind))
  if (only('int8', 'float8')) return float8
  if (only('int8', 'float8', 'numeric')) return numeric
  if (only('date', 'timestamp')) return timestamp
  return text
}

/**
 * The type of a column from some of its texts: int8, numeric, float8, bool, date, time, timestamp,
 * timestamptz if every value is one, else text; undefined when all are NULL. Integers widen to float8
 * (to numeric, beyond int8 or where a float would round one) and dates to timestamps when both occur.
 * Numbers with zeros in front are text.
 */
export function inferType(values: Iterable<string | null>): DataType | undefined {
  const column = new InferredType()
  for (const value of values) {
    if (value !== null) column.add(value, typeOfText(value))
    if (column.type?.kind === 'text') break
  }
  return column.type
}

/** What the texts of a column come to. */
export class InferredType {
  #widest: DataType | undefined
  #hasExponent = false
  #hasLongInteger = false

  /** `own`: what the text is by itself. */
  add(value: string, own: DataType): void {
    if (own.kind === 'float8') this.#hasExponent ||= /[a-z]/i.test(value)
    if (own.kind === 'int8') this.#hasLongInteger ||= !isExact(value)
    this.#widest = widerType(this.#widest, own)
  }

  /** Undefined as long as nothing was added. */
  get type(): DataType | undefined {
    const widest = this.#widest
    // Who writes 1e30 or nan writes floats, however many digits the others have.
    if (this.#hasExponent) return widest?.kind === 'numeric' ? float8 : widest
    return widest?.kind === 'float8' && this.#hasLongInteger ? numeric : widest
  }
}

/** Whether a float holds all digits of an integer. */
function isExact(value: string): boolean {
  // Up to 15 digits it surely does.
  return value.length < 16 || BigInt(Number(value)) === BigInt(value.replace('+', ''))
}

/** Whether a text may stand in a column of an inferred type: the sample would have told the same. */
export function isOfType(value: string, type: DataType): boolean {
  const own = typeOfText(value)
  if (type.kind === 'float8' && (own.kind === 'numeric' || own.kind === 'int8')) {
    return isExact(value)
  }
  const wider = widerType(type, own)
  return wider !== undefined && sameType(wider, type)
}
