import { QueryError } from '../../../base/errors.ts'
import { formatDecimal } from '../../../data/types/format-values.ts'
import type { JsonNumber } from '../../../data/types/json-value.ts'
import type {
  ArithmeticOperator,
  ArithmeticStep,
  PathItem,
} from '../../../data/types/jsonpath/tree.ts'
import {
  addNumeric,
  divideNumeric,
  multiplyNumeric,
  negateNumeric,
  numericValue,
  remainderNumeric,
} from '../../../data/types/numeric-arithmetic.ts'
import { parseNumeric } from '../../../data/types/parse-number.ts'
import type { NumericValue } from '../../../data/types/scalar.ts'
import { isNumber, type PathValue } from './items.ts'
import type { Gathered, Outcome, PathRun } from './run.ts'

const operations: Readonly<
  Record<ArithmeticOperator, (left: NumericValue, right: NumericValue) => NumericValue>
> = {
  '+': addNumeric,
  '-': (left, right) => addNumeric(left, negateNumeric(right)),
  '*': multiplyNumeric,
  '/': divideNumeric,
  '%': remainderNumeric,
}

/** A number of JSON as a value, and back. */
export function numericOfJson({ digits }: JsonNumber): NumericValue {
  return parseNumeric(digits)
}

export function jsonOfNumeric({ unscaled, scale }: NumericValue): JsonNumber {
  const within = numericValue(unscaled, scale)
  return { digits: formatDecimal(within.unscaled, within.scale) }
}

export function runArithmetic(
  { operator, left, right }: Extract<ArithmeticStep, { kind: 'arithmetic' }>,
  run: PathRun,
  item: PathItem,
  value: PathValue,
  gathered: Gathered,
): Outcome {
  const [lefts, rights]: [PathValue[], PathValue[]] = [[], []]
  if (run.operand(left, value, true, lefts) === 'failed') return 'failed'
  if (run.operand(right, value, true, rights) === 'failed') return 'failed'
  const sides = [lefts, rights].map(single)
  const [first, second] = sides
  if (first === undefined || second === undefined) {
    const side = first === undefined ? 'left' : 'right'
    return run.fail(
      'SINGLETON_JSON_ITEM_REQUIRED',
      `${side} operand of jsonpath operator ${operator} is not a single numeric value`,
    )
  }
  const result = computed(run, () => operations[operator](first, second))
  if (result === undefined) return 'failed'
  if (item.next === undefined && gathered === undefined) return 'found'
  return run.next(item, result, gathered)
}

function single(values: readonly PathValue[]): NumericValue | undefined {
  const [only] = values
  const isSingle = values.length === 1 && only !== undefined && isNumber(only)
  return isSingle ? numericOfJson(only) : undefined
}

/** A number that is computed; undefined: an error of it that is not raised. */
function computed(run: PathRun, compute: () => NumericValue): JsonNumber | undefined {
  try {
    return jsonOfNumeric(compute())
  } catch (error) {
    const isOfNumber =
      error instanceof QueryError &&
      (error.code === 'DIVISION_BY_ZERO' || error.code === 'NUMERIC_OUT_OF_RANGE')
    if (run.throws || !isOfNumber) throw error
    return undefined
  }
}

export function runSign(
  { operator, operand }: Extract<ArithmeticStep, { kind: 'sign' }>,
  run: PathRun,
  item: PathItem,
  value: PathValue,
  gathered: Gathered,
): Outcome {
  const values: PathValue[] = []
  if (run.operand(operand, value, true, values) === 'failed') return 'failed'
  const isOnlyAsked = item.next === undefined && gathered === undefined
  let result: Outcome = 'nothing'
  for (const one of values) {
    if (!isNumber(one)) {
      // Where one is enough, the others are not looked at.
      if (isOnlyAsked) continue
      return run.fail(
        'JSON_NUMBER_NOT_FOUND',
        `operand of unary jsonpath operator ${operator} is not a numeric value`,
      )
    }
    if (isOnlyAsked) return 'found'
    const signed = operator === '-' ? jsonOfNumeric(negateNumeric(numericOfJson(one))) : one
    const outcome = run.next(item, signed, gathered)
    if (outcome === 'failed') return outcome
    if (outcome === 'found') {
      if (gathered === undefined) return outcome
      result = outcome
    }
  }
  return result
}
