import { assert } from '../../../base/assert.ts'
import { compareText } from '../../../data/types/compare-values.ts'
import {
  isPredicate,
  type PathComparison,
  type PathItem,
  type PathStep,
  type PredicateStep,
} from '../../../data/types/jsonpath/tree.ts'
import { addNumeric, negateNumeric } from '../../../data/types/numeric-arithmetic.ts'
import { expressionOf } from '../../text/regexp/expression.ts'
import { advanced } from '../../text/regexp/options.ts'
import { numericOfJson } from './arithmetic.ts'
import { isMoment, isNumber, kindOf, type PathValue } from './items.ts'
import { compareMoments } from './moments.ts'
import type { PathRun } from './run.ts'

/** What a condition says; undefined: unknown. */
export type Truth = boolean | undefined

/** Whether a condition holds of a value. */
export function truthOf(run: PathRun, step: PathStep, value: PathValue): Truth {
  assert(isPredicate(step), 'a condition that is none')
  return truthOfPredicate(run, step, value)
}

function truthOfPredicate(run: PathRun, step: PredicateStep, value: PathValue): Truth {
  const of = ({ step: part }: PathItem): Truth => truthOf(run, part, value)
  switch (step.kind) {
    case 'and': {
      const left = of(step.left)
      if (left === false) return false
      const right = of(step.right)
      return right === true ? left : right
    }
    case 'or': {
      const left = of(step.left)
      if (left === true) return true
      const right = of(step.right)
      return right === false ? left : right
    }
    case 'not': {
      const truth = of(step.operand)
      return truth === undefined ? undefined : !truth
    }
    case 'is unknown':
      return of(step.operand) === undefined
    case 'exists':
      return exists(run, step.operand, value)
    case 'comparison':
      return holdsOfPairs(run, value, step.left, step.right, true, (left, right) =>
        compared(step.operator, left, right, run.options.usesZone),
      )
    case 'starts with':
      return holdsOfPairs(run, value, step.left, step.right, false, (left, right) =>
        typeof left === 'string' && typeof right === 'string' ? left.startsWith(right) : undefined,
      )
    case 'like_regex': {
      const { operand, pattern, flags } = step
      return holdsOfPairs(run, value, operand, undefined, false, (text) =>
        typeof text === 'string' ? expressionOf(pattern, optionsOf(flags)).test(text) : undefined,
      )
    }
  }
}

function exists(run: PathRun, operand: PathItem, value: PathValue): Truth {
  const values: PathValue[] | undefined = run.isLax ? undefined : []
  const outcome = run.withoutErrors(() => run.execute(operand, value, values))
  if (outcome === 'failed') return undefined
  return values === undefined ? outcome === 'found' : values.length > 0
}

type Test = (left: PathValue, right: PathValue) => Truth

/** Whether a test holds of one pair of values; in strict mode all are looked at, and none may be unknown. */
function holdsOfPairs(
  run: PathRun,
  value: PathValue,
  left: PathItem,
  right: PathItem | undefined,
  unwrapsRight: boolean,
  test: Test,
): Truth {
  const lefts = operandsOf(run, left, value, true)
  if (lefts === undefined) return undefined
  const rights = right === undefined ? [null] : operandsOf(run, right, value, unwrapsRight)
  if (rights === undefined) return undefined
  let [isFound, isUnknown] = [false, false]
  for (const one of lefts) {
    for (const other of rights) {
      const truth = test(one, other)
      if (truth === undefined) {
        if (!run.isLax) return undefined
        isUnknown = true
      } else if (truth) {
        if (run.isLax) return true
        isFound = true
      }
    }
  }
  if (isFound) return true
  return isUnknown ? undefined : false
}

function operandsOf(
  run: PathRun,
  item: PathItem,
  value: PathValue,
  unwraps: boolean,
): readonly PathValue[] | undefined {
  const values: PathValue[] = []
  const outcome = run.withoutErrors(() => run.operand(item, value, unwraps, values))
  return outcome === 'failed' ? undefined : values
}

const holds: Readonly<Record<PathComparison, (order: number) => boolean>> = {
  '==': (order) => order === 0,
  '!=': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
}

function compared(
  operator: PathComparison,
  left: PathValue,
  right: PathValue,
  usesZone: boolean,
): Truth {
  const order = orderOf(left, right, usesZone)
  if (order === 'apart') return operator === '!='
  return order === undefined ? undefined : holds[operator](order)
}

/** Which of two values is less; apart: one of them is null; undefined: they cannot be compared. */
function orderOf(
  left: PathValue,
  right: PathValue,
  usesZone: boolean,
): number | 'apart' | undefined {
  if (isMoment(left) && isMoment(right)) return compareMoments(left, right, usesZone)
  if (isMoment(left) || isMoment(right)) {
    return left === null || right === null ? 'apart' : undefined
  }
  if (left === null || right === null) return left === right ? 0 : 'apart'
  if (kindOf(left) !== kindOf(right)) return undefined
  if (typeof left === 'boolean') return Number(left) - Number(right)
  if (typeof left === 'string') return compareText(left, String(right))
  if (!isNumber(left) || !isNumber(right)) return undefined
  const { unscaled } = addNumeric(numericOfJson(left), negateNumeric(numericOfJson(right)))
  return unscaled === 0n ? 0 : unscaled > 0n ? 1 : -1
}

/** How an expression is read, by the flags of SQL/JSON. */
function optionsOf(flags: string): typeof advanced {
  const ignoreCase = flags.includes('i')
  if (flags.includes('q')) return { ...advanced, ignoreCase, syntax: 'literal' }
  return {
    ...advanced,
    ignoreCase,
    newlineStops: !flags.includes('s'),
    newlineAnchors: flags.includes('m'),
  }
}
