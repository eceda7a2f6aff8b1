import { float8 } from '../../../data/types/data-type.ts'
import { isJsonObject, objectOf, type JsonNumber } from '../../../data/types/json-value.ts'
import type { Method, PathItem } from '../../../data/types/jsonpath/tree.ts'
import { absolute, powerOfTen } from '../../../data/types/numeric-arithmetic.ts'
import { parseFloatText } from '../../../data/types/parse-number.ts'
import type { NumericValue } from '../../../data/types/scalar.ts'
import { QueryError } from '../../../base/errors.ts'
import { toNumeric } from '../../cast-scalar.ts'
import { jsonOfNumeric, numericOfJson } from './arithmetic.ts'
import { isArray, isMoment, isNumber, kindOf, type PathValue } from './items.ts'
import { readIsoMoment, readMoment, type Moment } from './moments.ts'
import type { Gathered, Outcome, PathRun, Runner } from './run.ts'

const canOnly = (name: string, what: string): string =>
  `jsonpath item method .${name}() can only be applied to ${what}`

function ofNumbers(name: Method, of: (value: NumericValue) => NumericValue): Runner {
  return (run, item, value, gathered, unwraps) => {
    if (unwraps && isArray(value)) return run.overItems(item, value, gathered)
    if (!isNumber(value)) {
      return run.fail('NON_NUMERIC_JSON_ITEM', canOnly(name, 'a numeric value'))
    }
    return run.next(item, jsonOfNumeric(of(numericOfJson(value))), gathered)
  }
}

function roundedDown({ unscaled, scale }: NumericValue): NumericValue {
  const unit = powerOfTen(scale)
  const cut = unscaled / unit
  return { unscaled: cut * unit > unscaled ? cut - 1n : cut, scale: 0 }
}

function roundedUp({ unscaled, scale }: NumericValue): NumericValue {
  const below = roundedDown({ unscaled: -unscaled, scale })
  return { unscaled: -below.unscaled, scale: 0 }
}

const double: Runner = (run, item, value, gathered, unwraps) => {
  if (unwraps && isArray(value)) return run.overItems(item, value, gathered)
  if (isNumber(value)) {
    if (floatOf(value.digits) !== undefined) return run.next(item, value, gathered)
    return run.fail(
      'NON_NUMERIC_JSON_ITEM',
      'numeric argument of jsonpath item method .double() is out of range for type double precision',
    )
  }
  if (typeof value !== 'string') {
    return run.fail('NON_NUMERIC_JSON_ITEM', canOnly('double', 'a string or numeric value'))
  }
  const float = floatOf(value)
  if (float === undefined || !Number.isFinite(float)) {
    return run.fail(
      'NON_NUMERIC_JSON_ITEM',
      'string argument of jsonpath item method .double() is not a valid representation of a double precision number',
    )
  }
  const number: JsonNumber = jsonOfNumeric(toNumeric(float, float8))
  return run.next(item, number, gathered)
}

/** A text as a float; undefined where it is none. */
function floatOf(text: string): number | undefined {
  try {
    return parseFloatText(text, float8)
  } catch (error) {
    if (!(error instanceof QueryError)) throw error
    return undefined
  }
}

const keyvalue: Runner = (run, item, value, gathered, unwraps) => {
  if (unwraps && isArray(value)) return run.overItems(item, value, gathered)
  if (isMoment(value) || !isJsonObject(value)) {
    return run.fail('JSON_OBJECT_NOT_FOUND', canOnly('keyvalue', 'an object'))
  }
  const id: JsonNumber = { digits: String(run.idOf(value)) }
  for (const [key, member] of value.members) {
    if (item.next === undefined && gathered === undefined) return 'found'
    const pair = objectOf([
      ['key', key],
      ['value', member],
      ['id', id],
    ])
    const outcome = run.withBase(pair, 'new', () => run.next(item, pair, gathered))
    if (outcome === 'failed' || (outcome === 'found' && gathered === undefined)) return outcome
  }
  return value.members.size === 0 ? 'nothing' : 'found'
}

/** How each method runs. */
export const runMethod: Readonly<Record<Method, Runner>> = {
  type: (run, item, value, gathered) => run.next(item, kindOf(value), gathered),
  size(run, item, value, gathered) {
    if (!isArray(value) && !run.isLax) {
      if (run.ignoresStructure) return 'nothing'
      return run.fail('JSON_ARRAY_NOT_FOUND', canOnly('size', 'an array'))
    }
    const size = isArray(value) ? value.length : 1
    return run.next(item, { digits: String(size) }, gathered)
  },
  abs: ofNumbers('abs', ({ unscaled, scale }) => ({ unscaled: absolute(unscaled), scale })),
  floor: ofNumbers('floor', roundedDown),
  ceiling: ofNumbers('ceiling', roundedUp),
  double,
  keyvalue,
}

/** A text as a moment, by a template or as ISO 8601 has it. */
export function runDatetime(
  run: PathRun,
  item: PathItem,
  value: PathValue,
  template: string | undefined,
  gathered: Gathered,
): Outcome {
  if (typeof value !== 'string') {
    return run.fail('INVALID_JSON_DATETIME_ARGUMENT', canOnly('datetime', 'a string'))
  }
  let moment: Moment | undefined
  if (template === undefined) {
    moment = readIsoMoment(value)
    if (moment === undefined) {
      const message = `datetime format is not recognized: "${value}"`
      return run.fail('INVALID_JSON_DATETIME_ARGUMENT', message, {
        hint: 'Use a datetime template argument to specify the input data format.',
      })
    }
  } else {
    try {
      moment = readMoment(value, template)
    } catch (error) {
      if (run.throws || !(error instanceof QueryError)) throw error
      return 'failed'
    }
  }
  if (item.next === undefined && gathered === undefined) return 'found'
  return run.next(item, moment, gathered)
}
