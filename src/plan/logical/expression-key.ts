import { typeKey } from '../../data/types/data-type.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import type { AggregateCall, ColumnId, Expression, Frame, Let } from './expression.ts'
import { relationKey } from './relation-key.ts'

/** Longer texts are numbered, so that the keys of nested expressions stay short. */
const KEY_CHARACTERS_MAX = 120
/** Numbered texts that are remembered at most. */
const NUMBERED_MAX = 100_000

/**
 * A text that two expressions share exactly when they compute the same: same shape, columns, types and
 * constants; spans and names do not count, nor do the ids that a LET or a subquery binds. Keys are for
 * comparing within one planning.
 */
export function expressionKey(expr: Expression): string {
  return keyOf(expr, noNames)
}

/** The same with columns told by the names that are given for them. */
export function expressionKeyOver(expr: Expression, names: ColumnNames): string {
  return keyOf(expr, names)
}

/** What stands in a key for a column in place of its id. */
export type ColumnNames = ReadonlyMap<ColumnId, string>

const noNames: ColumnNames = new Map()

/** Keys of what is not under a LET, by the expression: each is worked out once. */
let known = new WeakMap<Expression, string>()
let numbers = new Map<string, number>()
let numbered = 0

function keyOf(expr: Expression, names: ColumnNames): string {
  const done = names === noNames ? known.get(expr) : undefined
  if (done !== undefined) return done
  const text = textOf(expr, names)
  const key = text.length > KEY_CHARACTERS_MAX ? `@${numberOf(text)}` : text
  if (names === noNames) known.set(expr, key)
  return key
}

/** Numbers are never given twice, so forgetting makes equal expressions differ at worst. */
function numberOf(text: string): number {
  const number = numbers.get(text)
  if (number !== undefined) return number
  if (numbers.size >= NUMBERED_MAX) {
    numbers = new Map()
    known = new WeakMap()
  }
  numbered++
  numbers.set(text, numbered)
  return numbered
}

function textOf(expr: Expression, names: ColumnNames): string {
  const key = (child: Expression): string => keyOf(child, names)
  switch (expr.kind) {
    case 'column':
      return names.get(expr.id) ?? `#${expr.id}`
    case 'literal':
      return `${scalarKey(expr.value)}::${typeKey(expr.type)}`
    case 'parameter':
      return `$${expr.index}::${typeKey(expr.type)}`
    case 'call':
      return `${expr.fn.id}[${expr.args.map(key).join()}]::${typeKey(expr.type)}`
    case 'cast': {
      const name = expr.lenient ? 'try_cast' : 'cast'
      return `${name}[${key(expr.arg)}]::${typeKey(expr.type)}`
    }
    case 'case': {
      const branches = expr.branches.map(({ when, then }) => `${key(when)}?${key(then)}`)
      return `case[${branches.join()}:${key(expr.otherwise)}]`
    }
    case 'and':
    case 'or':
      return `${expr.kind}[${expr.args.map(key).join()}]`
    case 'in-list':
      return `in[${key(expr.arg)}:${expr.list.map(key).join()}]`
    case 'in-set': {
      const values = expr.values.map(scalarKey).join()
      return `in[${key(expr.arg)}:${values}:${expr.hasNull}]::${typeKey(expr.arg.type)}`
    }
    case 'let':
      return letText(expr, names)
    case 'subquery': {
      const arg = expr.arg === undefined ? '' : key(expr.arg)
      return `${expr.form}[${arg} ${expr.fn?.id ?? ''} ${relationKey(expr.input)}]`
    }
  }
}

/** The same for equal values, whatever ids they are bound to. */
function letText({ bindings, body }: Let, names: ColumnNames): string {
  const within = new Map(names)
  const values = bindings.map(({ id, value }) => {
    const key = keyOf(value, within)
    within.set(id, `(${key})`)
    return key
  })
  return `let[${values.join()}:${keyOf(body, within)}]`
}

function scalarKey(value: Scalar): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (Object.is(value, -0)) return '-0'
  if (value instanceof Uint8Array) return `\\x${Array.from(value).join('.')}`
  if (typeof value !== 'object' || value === null) return String(value)
  return Object.values(value).join(' ')
}

/** A text that aggregates share that are the same over the same rows. */
export function aggregateKey(
  { fn, args, distinct, filter, orderBy = [] }: Omit<AggregateCall, 'id'>,
  names: ColumnNames = noNames,
): string {
  const key = (expr: Expression): string => keyOf(expr, names)
  const order = orderBy.map(
    ({ expr, descending, nullsFirst }) => `${key(expr)} ${descending} ${nullsFirst}`,
  )
  const when = filter === undefined ? '' : key(filter)
  return [fn.id, distinct, ...args.map(key), 'by', ...order, when].join()
}

/** A text that equal frames share. */
export function frameKey({ unit, start, end, exclude }: Frame): string {
  const bound = ({ kind, offset }: Frame['start']): string =>
    offset === undefined ? kind : `${kind} ${expressionKey(offset)}`
  return [unit, bound(start), bound(end), exclude].join()
}
