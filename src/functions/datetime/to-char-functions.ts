import { notSupported } from '../../base/errors.ts'
import { text } from '../../data/types/data-type.ts'
import type { NumericValue } from '../../data/types/scalar.ts'
import { toNumeric } from '../cast-scalar.ts'
import { formatMoment } from './to-char.ts'
import { literalMomentForm } from './to-char-inline.ts'
import { scalar } from '../define.ts'
import type { ScalarFunction } from '../function.ts'
import { formatNumber, fractionPlaces } from '../math/to-char.ts'
import { numericArgument } from '../operators/exact.ts'

const moments = (['timestamp', 'timestamptz'] as const).map((kind) =>
  scalar({
    name: 'to_char',
    args: [kind, 'text'],
    literalForm: literalMomentForm,
    returns: text,
    raises: true,
    doc: 'A timestamp by a template such as YYYY-MM-DD HH24:MI:SS.',
    example: `to_char(${kind} '2024-02-29 15:04', 'DD Mon YYYY, HH12:MI am') -- 29 Feb 2024, 03:04 pm`,
    evaluate: ([value, template]) =>
      template === ''
        ? null
        : formatMoment(value as bigint, String(template), kind === 'timestamptz' ? 'UTC' : ''),
  }),
)

/** Digits of a float that are shown. */
const FLOAT_DIGITS = 15

/** Decimals that toFixed gives at most; of a float that is at a tie no digits are behind them. */
const DECIMALS_MAX = 100

/** A float at so many places, as printf rounds it: by its exact value, ties to the even digit. */
function roundedFloat(value: number, places: number): NumericValue {
  const size = Math.abs(value)
  if (!(size < 1e21)) return toNumeric(value, { kind: 'float8' })
  const wholeDigits = size < 1 ? 1 : Math.trunc(size).toFixed(0).length
  const shown = Math.max(0, Math.min(places, FLOAT_DIGITS - wholeDigits))
  if (shown < places) throw notSupported(`to_char of a float with over ${FLOAT_DIGITS} digits`)
  const [whole = '', exact = ''] = size.toFixed(DECIMALS_MAX).split('.')
  let unscaled = BigInt(whole + exact.slice(0, shown))
  const rest = exact.slice(shown)
  const isTie = /^50*$/.test(rest)
  if (isTie ? (unscaled & 1n) === 1n : rest >= '5') unscaled++
  return { unscaled: value < 0 ? -unscaled : unscaled, scale: shown }
}

const numbers = (['int4', 'int8', 'numeric', 'float8'] as const).map((kind) =>
  scalar({
    name: 'to_char',
    args: [kind, 'text'],
    returns: text,
    raises: true,
    doc: 'A number by a template such as FM999,990.00.',
    example:
      kind === 'int4' || kind === 'int8'
        ? "to_char(485, 'FM000000') -- 000485"
        : "to_char(1234.5, 'FM9,999.00') -- 1,234.50",
    evaluate: (args, types) => {
      const value =
        kind === 'float8'
          ? roundedFloat(args[0] as number, fractionPlaces(String(args[1])))
          : numericArgument(args, types, 0)
      return formatNumber(value, String(args[1]), kind === 'float8' && (args[0] as number) < 0)
    },
  }),
)

/** to_char of dates (as timestamps) and of numbers. */
export const toCharFunctions: readonly ScalarFunction[] = [...moments, ...numbers]
