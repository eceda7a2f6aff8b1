import { QueryError } from '../../base/errors.ts'
import { listOf, writeArrayText } from '../../data/types/array-text.ts'
import { arrayOf, int4, text } from '../../data/types/data-type.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { scalar } from '../define.ts'
import type { ScalarFunction } from '../function.ts'

/*
 * Functions of information_schema over the OID of a type and its modifier, as its SQL defines them.
 */

const INT2 = 21
const INT4 = 23
const INT8 = 20
const FLOAT4 = 700
const FLOAT8 = 701
const BPCHAR = 1_042
const VARCHAR = 1_043
const TEXT = 25
const DATE = 1_082
const TIME = 1_083
const TIMESTAMP = 1_114
const TIMESTAMPTZ = 1_184
const INTERVAL = 1_186
const TIMETZ = 1_266
const BIT = 1_560
const VARBIT = 1_562
const NUMERIC = 1_700

const HEAD = 4
const UTF8_BYTES_MAX = 4
const OCTETS_MAX = 1_073_741_824
const DIGITS_MASK = 0xffff

function charactersMax(type: number, modifier: number): number | null {
  if (type === BPCHAR || type === VARCHAR) return modifier === -1 ? null : modifier - HEAD
  return (type === BIT || type === VARBIT) && modifier !== -1 ? modifier : null
}

function octetsMax(type: number, modifier: number): number | null {
  if (type !== TEXT && type !== BPCHAR && type !== VARCHAR) return null
  return modifier === -1 ? OCTETS_MAX : (modifier - HEAD) * UTF8_BYTES_MAX
}

function numericPrecision(type: number, modifier: number): number | null {
  const known = precisions[type]
  if (known !== undefined) return known
  return type !== NUMERIC || modifier === -1 ? null : ((modifier - HEAD) >>> 16) & DIGITS_MASK
}

/** What the owner of an object of a kind may do with it, where nobody said otherwise, and what all others may. */
const defaults: Readonly<Record<string, readonly [own: string, all: string]>> = {
  c: ['', ''],
  r: ['arwdDxt', ''],
  s: ['rwU', ''],
  d: ['CTc', 'Tc'],
  f: ['X', 'X'],
  l: ['U', 'U'],
  L: ['rw', ''],
  n: ['UC', ''],
  p: ['sA', ''],
  t: ['C', ''],
  F: ['U', ''],
  S: ['U', ''],
  T: ['U', 'U'],
}

/** An access list by OIDs of users. */
function defaultList(kind: string, owner: Scalar): Scalar {
  const found = defaults[kind]
  if (found === undefined) {
    const message = `unrecognized object type abbreviation: ${kind}`
    throw new QueryError('INVALID_PARAMETER_VALUE', message)
  }
  const [own, all] = found
  const items = [
    ...(all === '' ? [] : [`=${all}/${String(owner)}`]),
    ...(own === '' ? [] : [`${String(owner)}=${own}/${String(owner)}`]),
  ]
  return writeArrayText(listOf(items))
}

/** In bits. */
const precisions: Readonly<Record<number, number>> = {
  [INT2]: 16,
  [INT4]: 32,
  [INT8]: 64,
  [FLOAT4]: 24,
  [FLOAT8]: 53,
}

function radix(type: number): number | null {
  if (precisions[type] !== undefined) return 2
  return type === NUMERIC ? 10 : null
}

function scale(type: number, modifier: number): number | null {
  if (type === INT2 || type === INT4 || type === INT8) return 0
  return type !== NUMERIC || modifier === -1 ? null : (modifier - HEAD) & DIGITS_MASK
}

const MOMENT_DIGITS = 6

function momentDigits(type: number, modifier: number): number | null {
  if (type === DATE) return 0
  if (type === TIME || type === TIMESTAMP || type === TIMESTAMPTZ || type === TIMETZ) {
    return modifier < 0 ? MOMENT_DIGITS : modifier
  }
  if (type !== INTERVAL) return null
  const digits = modifier & DIGITS_MASK
  return modifier < 0 || digits === DIGITS_MASK ? MOMENT_DIGITS : digits
}

type OfType = (type: number, modifier: number) => Scalar

function ofType(name: string, doc: string, example: string, of: OfType): ScalarFunction {
  return scalar({
    name,
    args: ['oid', 'int4'],
    returns: int4,
    doc,
    example: `${name}(${example}`,
    evaluate: ([type, modifier]) => of(Number(type), Number(modifier)),
  })
}

export const informationSchemaFunctions: readonly ScalarFunction[] = [
  ofType(
    '_pg_char_max_length',
    'The most characters, or bits, of a type with this modifier.',
    '1043, 14) -- 10',
    charactersMax,
  ),
  ofType('_pg_char_octet_length', 'The most bytes of its texts.', '1043, 14) -- 40', octetsMax),
  ofType('_pg_numeric_precision', 'The digits of its numbers.', '23, -1) -- 32', numericPrecision),
  ofType('_pg_numeric_precision_radix', 'The base that these count by.', '23, -1) -- 2', radix),
  ofType('_pg_numeric_scale', 'The digits behind the point.', '1700, 655366) -- 2', scale),
  ofType('_pg_datetime_precision', 'The digits of seconds.', '1114, 3) -- 3', momentDigits),
  scalar({
    name: '_pg_interval_type',
    args: ['oid', 'int4'],
    returns: text,
    doc: 'The fields of an interval, where its type says which.',
    example: '_pg_interval_type(1186, -1) -- NULL',
    evaluate: () => null,
  }),
  scalar({
    name: 'acldefault',
    args: ['text', 'oid'],
    returns: arrayOf({ kind: 'text' }),
    raises: true,
    doc: 'What users may do with an object of a kind while nobody granted anything; users are told by their OIDs.',
    example: "acldefault('r', 10) -- {10=arwdDxt/10}",
    evaluate: ([kind, owner = null]) => defaultList(String(kind), owner),
  }),
]
