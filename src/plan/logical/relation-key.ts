import type { ScalarFunction } from '../../functions/function.ts'
import type { ColumnId } from './expression.ts'
import type { Relation } from './relation.ts'
import { visitRelation } from './walk.ts'

const known = new WeakMap<Relation, string>()
const numbers = new WeakMap<object, number>()
let numbered = 0

/**
 * A text that two relations share only when they give the same rows: same operators over the same tables
 * and outer columns. The ids of columns that a relation makes do not count, nor do spans; what a
 * volatile function is in is the same as itself only.
 */
export function relationKey(relation: Relation): string {
  const done = known.get(relation)
  if (done !== undefined) return done
  const key = isVolatile(relation) ? `relation ${numberOf(relation)}` : textOf(relation)
  known.set(relation, key)
  return key
}

function isVolatile(relation: Relation): boolean {
  let found = false
  visitRelation(relation, {
    expression: (expr) => {
      found ||= expr.kind === 'call' && expr.fn.volatility === 'volatile'
    },
  })
  return found
}

/** Fields that hold ids of columns; those of CTEs stay, which makes equal ones differ at worst. */
const idFields: ReadonlySet<string> = new Set(['id', 'definitionColumns', 'inputColumns'])

function textOf(relation: Relation): string {
  const made = new Map<ColumnId, string>()
  const make = (id: ColumnId): void => {
    if (!made.has(id)) made.set(id, `made ${made.size}`)
  }
  visitRelation(relation, {
    expression: (expr) => {
      if (expr.kind === 'let') for (const { id } of expr.bindings) make(id)
    },
    relation: ({ columns }) => {
      for (const { id } of columns) make(id)
    },
  })
  const renamed = (value: unknown): unknown =>
    Array.isArray(value) ? value.map(renamed) : (made.get(value as ColumnId) ?? value)
  return JSON.stringify(relation, (field, value: unknown) => {
    if (field === 'span') return undefined
    if (field === 'fn') return (value as ScalarFunction).id
    if (field === 'table') return `table ${numberOf(value as object)}`
    if (idFields.has(field)) return renamed(value)
    if (typeof value === 'bigint') return { bigint: String(value) }
    const isPlain = typeof value !== 'number' || (Number.isFinite(value) && !Object.is(value, -0))
    return isPlain ? value : { number: Object.is(value, -0) ? '-0' : String(value) }
  })
}

function numberOf(object: object): number {
  const number = numbers.get(object)
  if (number !== undefined) return number
  numbered += 1
  numbers.set(object, numbered)
  return numbered
}
