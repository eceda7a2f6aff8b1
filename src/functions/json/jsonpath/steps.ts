import { isJsonObject, type JsonValue } from '../../../data/types/json-value.ts'
import { parseNumeric } from '../../../data/types/parse-number.ts'
import type { Level, PathItem, PathStep } from '../../../data/types/jsonpath/tree.ts'
import { assert } from '../../../base/assert.ts'
import { runArithmetic, runSign } from './arithmetic.ts'
import { isArray, isMoment, isNumber, type PathValue } from './items.ts'
import { runDatetime, runMethod } from './methods.ts'
import { truthOf } from './predicates.ts'
import type { Gathered, Outcome, PathRun, Runner, Runners } from './run.ts'

type StepOf<K extends PathStep['kind']> = Extract<PathStep, { readonly kind: K }>

/** A runner that knows its step. */
function stepRunner<K extends PathStep['kind']>(
  kind: K,
  of: (step: StepOf<K>, ...rest: Parameters<Runner>) => Outcome,
): Runner {
  return (run, item, ...rest) => {
    assert(item.step.kind === kind, 'a step of another kind')
    return of(item.step as StepOf<K>, run, item, ...rest)
  }
}

/** A step that gives one value whatever it is run over. */
function constant<K extends PathStep['kind']>(
  kind: K,
  of: (step: StepOf<K>, run: PathRun) => PathValue,
): Runner {
  return stepRunner(kind, (step, run, item, _value, gathered) => {
    if (item.next === undefined && gathered === undefined) return 'found'
    return run.next(item, of(step, run), gathered)
  })
}

/** true, false or null for unknown. */
const condition: Runner = (run, item, value, gathered) => {
  if (item.next === undefined && gathered === undefined) return 'found'
  return run.next(item, truthOf(run, item.step, value) ?? null, gathered)
}

const member = stepRunner('member', ({ name }, run, item, value, gathered, unwraps) => {
  if (!isMoment(value) && isJsonObject(value)) {
    const found = value.members.get(name)
    if (found !== undefined) return run.next(item, found, gathered)
    if (run.ignoresStructure) return 'nothing'
    return run.fail('JSON_MEMBER_NOT_FOUND', `JSON object does not contain key "${name}"`)
  }
  if (unwraps && isArray(value)) return run.overItems(item, value, gathered)
  if (run.ignoresStructure) return 'nothing'
  return run.fail(
    'JSON_MEMBER_NOT_FOUND',
    'jsonpath member accessor can only be applied to an object',
  )
})

const anyItem: Runner = (run, item, value, gathered) => {
  if (isArray(value)) return each(run, item, value, gathered, oneLevel)
  if (run.isLax) return run.next(item, value, gathered)
  if (run.ignoresStructure) return 'nothing'
  return run.fail(
    'JSON_ARRAY_NOT_FOUND',
    'jsonpath wildcard array accessor can only be applied to an array',
  )
}

const anyMember: Runner = (run, item, value, gathered, unwraps) => {
  if (!isMoment(value) && isJsonObject(value)) return each(run, item, value, gathered, oneLevel)
  if (unwraps && isArray(value)) return run.overItems(item, value, gathered)
  if (run.ignoresStructure) return 'nothing'
  return run.fail(
    'JSON_OBJECT_NOT_FOUND',
    'jsonpath wildcard member accessor can only be applied to an object',
  )
}

const levels = stepRunner('levels', ({ first, last }, run, item, value, gathered) => {
  let outcome: Outcome = 'nothing'
  if (first === 0) {
    outcome = run.withoutStructure(() => run.next(item, value, gathered))
    if (outcome === 'found' && gathered === undefined) return outcome
  }
  if (isMoment(value) || !isContainer(value)) return outcome
  return each(run, item, value, gathered, { level: 1, first, last, isDeep: true })
})

interface Depths {
  readonly level: number
  readonly first: Level
  readonly last: Level
  /** Whether what is missing below is no error. */
  readonly isDeep: boolean
}

const oneLevel: Depths = { level: 1, first: 1, last: 1, isDeep: false }

function isContainer(value: JsonValue): boolean {
  return isArray(value) || isJsonObject(value)
}

/** Hands on what lies in a value between two levels. */
function each(
  run: PathRun,
  item: PathItem,
  container: JsonValue,
  gathered: Gathered,
  depths: Depths,
): Outcome {
  const { level, first, last, isDeep } = depths
  const lastLevel = last === 'last' ? Infinity : last
  let outcome: Outcome = 'nothing'
  if (level > lastLevel) return outcome
  const isWanted = (value: JsonValue): boolean =>
    first === 'last' ? last === 'last' && !isContainer(value) : level >= first
  for (const value of partsOf(container)) {
    if (isWanted(value)) {
      const go = (): Outcome => run.next(item, value, gathered)
      outcome = isDeep ? run.withoutStructure(go) : go()
      if (outcome === 'failed' || (outcome === 'found' && gathered === undefined)) break
    }
    if (level < lastLevel && isContainer(value)) {
      outcome = each(run, item, value, gathered, { ...depths, level: level + 1 })
      if (outcome === 'failed' || (outcome === 'found' && gathered === undefined)) break
    }
  }
  return outcome
}

function partsOf(value: JsonValue): Iterable<JsonValue> {
  if (isArray(value)) return value
  return !isMoment(value) && isJsonObject(value) ? value.members.values() : []
}

const items = stepRunner('items', ({ ranges }, run, item, value, gathered) => {
  const array = isArray(value) ? value : undefined
  if (array === undefined && !run.isLax) {
    if (run.ignoresStructure) return 'nothing'
    return run.fail(
      'JSON_ARRAY_NOT_FOUND',
      'jsonpath array accessor can only be applied to an array',
    )
  }
  const size = array?.length ?? 1
  const sizeBefore = run.innermostSize
  const put = (next: number): void => void (run.innermostSize = next)
  let outcome: Outcome = 'nothing'
  for (const { from, to } of ranges) {
    put(size)
    const first = indexOf(run, from, value)
    const last = first === undefined || to === undefined ? first : indexOf(run, to, value)
    if (first === undefined || last === undefined) {
      put(sizeBefore)
      return 'failed'
    }
    if (!run.ignoresStructure && (first < 0 || first > last || last >= size)) {
      put(sizeBefore)
      return run.fail('INVALID_JSON_SUBSCRIPT', 'jsonpath array subscript is out of bounds')
    }
    outcome = 'nothing'
    for (let at = Math.max(first, 0); at <= Math.min(last, size - 1); at++) {
      const found = array === undefined ? value : array[at]
      outcome = run.next(item, found ?? null, gathered)
      if (outcome === 'failed' || (outcome === 'found' && gathered === undefined)) {
        put(sizeBefore)
        return outcome
      }
    }
  }
  put(sizeBefore)
  return outcome
})

const INT4_MAX = 2_147_483_647

/** What a subscript says; undefined: an error that is not raised. */
function indexOf(run: PathRun, subscript: PathItem, value: PathValue): number | undefined {
  const values: PathValue[] = []
  if (run.execute(subscript, value, values) === 'failed') return undefined
  const [found] = values
  if (values.length !== 1 || found === undefined || !isNumber(found)) {
    run.fail('INVALID_JSON_SUBSCRIPT', 'jsonpath array subscript is not a single numeric value')
    return undefined
  }
  const { unscaled, scale } = parseNumeric(found.digits)
  const index = Number(unscaled / 10n ** BigInt(scale))
  if (index >= -INT4_MAX - 1 && index <= INT4_MAX) return index
  run.fail('INVALID_JSON_SUBSCRIPT', 'jsonpath array subscript is out of integer range')
  return undefined
}

const filter = stepRunner(
  'filter',
  ({ condition: within }, run, item, value, gathered, unwraps) => {
    if (unwraps && isArray(value)) return run.overItems(item, value, gathered)
    const before = run.current
    run.current = value
    const truth = truthOf(run, within.step, value)
    run.current = before
    return truth === true ? run.next(item, value, gathered) : 'nothing'
  },
)

/** How each kind of step runs. */
export const stepRunners: Runners = {
  null: constant('null', () => null),
  boolean: constant('boolean', ({ value }) => value),
  number: constant('number', ({ digits }) => ({ digits })),
  string: constant('string', ({ text }) => text),
  last: constant('last', (_, run) => ({ digits: String(run.innermostSize - 1) })),
  variable: stepRunner('variable', ({ name }, run, item, _value, gathered) => {
    if (item.next === undefined && gathered === undefined) return 'found'
    const found = run.variable(name)
    return run.withBase(run.options.variables ?? null, 1, () => run.next(item, found, gathered))
  }),
  root: (run, item, _value, gathered) =>
    run.withBase(run.root, 0, () => run.next(item, run.root, gathered)),
  current: (run, item, _value, gathered) => run.next(item, run.current, gathered),
  member,
  'any member': anyMember,
  'any item': anyItem,
  items,
  levels,
  filter,
  method: stepRunner('method', ({ name }, run, ...rest) => runMethod[name](run, ...rest)),
  datetime: stepRunner('datetime', ({ template }, run, item, value, gathered, unwraps) => {
    if (unwraps && isArray(value)) return run.overItems(item, value, gathered)
    return runDatetime(run, item, value, template, gathered)
  }),
  arithmetic: stepRunner('arithmetic', runArithmetic),
  sign: stepRunner('sign', runSign),
  and: condition,
  or: condition,
  not: condition,
  'is unknown': condition,
  exists: condition,
  comparison: condition,
  'starts with': condition,
  like_regex: condition,
}
