import { present } from '../../base/assert.ts'
import { int8 } from '../../data/types/data-type.ts'
import type { KeyRule } from '../catalog/table-rules.ts'
import {
  aggregate,
  and,
  columnReference,
  filter,
  join,
  limit,
  literal,
  or,
  project,
  renamed,
  unionAll,
  type ColumnIds,
} from '../logical/build.ts'
import type { Expression } from '../logical/expression.ts'
import { withFreshColumns } from '../logical/fresh.ts'
import type { OutputColumn, Relation } from '../logical/relation.ts'
import { plainAggregate, typedCall } from '../logical/typing.ts'
import type { Binder } from './context.ts'
import { tested } from '../logical/predicates.ts'

export const one = literal(1n, int8)

/** The rows that break a rule, one at most: enough to know that there are any. */
export function anyRow(rows: Relation, conditions: readonly Expression[]): Relation {
  return limit(filter(rows, or(conditions)), { limit: one })
}

/** The least number, in the last column, of the rows for which a condition holds. */
export function leastOf(binder: Binder, rows: Relation, condition: Expression): Relation {
  const numbers = [columnReference(rows.columns.at(-1)!)]
  const least = plainAggregate(binder, binder.ctx.columnIds, 'min', numbers)
  return aggregate(filter(rows, condition), [], [least])
}

/** Whether a condition is broken: it is FALSE, where NULL will do. */
export function isFalse(condition: Expression): Expression {
  return tested(condition, 'false')
}

export function isNull(binder: Binder, column: OutputColumn): Expression {
  return typedCall(binder, 'is_null', [columnReference(column)], nowhere)
}

/** Where what no statement says is written. */
export const nowhere = { start: 0, end: 0 }

/** One key that several of the rows have, if there is one. */
export function repeatedKey(binder: Binder, rows: Relation, rule: KeyRule): Relation {
  const { columnIds } = binder.ctx
  const keys = renamed(columnIds, keyColumns(rows, rule))
  const count = plainAggregate(binder, columnIds, 'count', [])
  const groups = aggregate(withoutNulls(binder, rows, rule), keys, [count])
  const counted = columnReference(groups.columns.at(-1)!)
  const repeated = filter(groups, typedCall(binder, '>', [counted, one], nowhere))
  return limit(onlyColumns(columnIds, repeated.columns.slice(0, keys.length), repeated), {
    limit: one,
  })
}

/** One key of the new rows that a row of the table has, if there is one. */
export function takenKey(
  binder: Binder,
  added: Relation,
  table: Relation,
  rule: KeyRule,
): Relation {
  const { columnIds } = binder.ctx
  if (!rule.nullsDistinct) {
    const both = [keysOf(columnIds, added, rule), keysOf(columnIds, table, rule)]
    const columns = rule.columns.map((_, index) => index)
    return repeatedKey(binder, unionAll(columnIds, both), { ...rule, columns })
  }
  const left = keysOf(columnIds, table, rule)
  const right = keysOf(columnIds, withoutNulls(binder, added, rule), rule)
  const both = join('inner', left, right, allEqual(binder, left.columns, right.columns))
  return limit(onlyColumns(columnIds, right.columns, both), { limit: one })
}

/**
 * The numbers, in the last column, of rows whose key a row of the table has. Keys whose NULLs are not distinct are not
 * for this.
 */
export function takenRows(
  binder: Binder,
  rows: Relation,
  table: Relation,
  rule: KeyRule,
): Relation {
  const keyed = withoutNulls(binder, rows, rule)
  const met = join('semi', keyed, table, sameKeys(binder, keyed, table, rule))
  return onlyColumns(binder.ctx.columnIds, met.columns.slice(-1), met)
}

/** Of rows that have their key in common with others the number, in their last column, and the least of these. */
export function sameRows(binder: Binder, rows: Relation, rule: KeyRule): Relation {
  const { columnIds } = binder.ctx
  const keyed = withoutNulls(binder, rows, rule)
  const keys = renamed(columnIds, keyColumns(keyed, rule))
  const number = present(keyed.columns.at(-1), 'the numbers of rows')
  const least = plainAggregate(binder, columnIds, 'min', [columnReference(number)])
  const count = plainAggregate(binder, columnIds, 'count', [])
  const groups = aggregate(keyed, keys, [least, count])
  const counted = columnReference(groups.columns.at(-1)!)
  const several = filter(groups, typedCall(binder, '>', [counted, one], nowhere))
  const others = withFreshColumns(columnIds, keyed)
  const equal = allEqual(binder, keyColumns(others, rule), several.columns.slice(0, keys.length))
  const both = join('inner', others, several, equal)
  const kept = [others.columns.at(-1)!, several.columns[keys.length]!]
  return onlyColumns(columnIds, kept, both)
}

/** Whether two rows have the same key. */
export function sameKeys(
  binder: Binder,
  left: Relation,
  right: Relation,
  rule: KeyRule,
): Expression {
  return allEqual(binder, keyColumns(left, rule), keyColumns(right, rule))
}

/** Whether two rows have the same values in these columns. */
export function allEqual(
  binder: Binder,
  left: readonly OutputColumn[],
  right: readonly OutputColumn[],
): Expression {
  const pairs = left.map((column, at) => [column, right[at]!] as const)
  return and(
    pairs.map((pair) =>
      typedCall(
        binder,
        '=',
        pair.map((one) => columnReference(one)),
        nowhere,
      ),
    ),
  )
}

/** The rows of a table whose key column is from the least to the greatest of some values. */
export function between(
  binder: Binder,
  rows: Relation,
  column: OutputColumn,
  bounds: { readonly least: Expression; readonly greatest: Expression },
): Relation {
  const value = columnReference(column)
  return filter(
    rows,
    and([
      typedCall(binder, '>=', [value, bounds.least], nowhere),
      typedCall(binder, '<=', [value, bounds.greatest], nowhere),
    ]),
  )
}

function keyColumns(rows: Relation, rule: KeyRule): readonly OutputColumn[] {
  return rule.columns.map((position) => rows.columns[position]!)
}

function keysOf(ids: ColumnIds, rows: Relation, rule: KeyRule): Relation {
  return onlyColumns(ids, keyColumns(rows, rule), rows)
}

export function onlyColumns(
  ids: ColumnIds,
  columns: readonly OutputColumn[],
  rows: Relation,
): Relation {
  return project(rows, renamed(ids, columns))
}

/** Rows with a NULL in the key are no one's double, unless the rule has it otherwise. */
function withoutNulls(binder: Binder, rows: Relation, rule: KeyRule): Relation {
  if (!rule.nullsDistinct) return rows
  const present = keyColumns(rows, rule)
    .filter(({ nullable }) => nullable)
    .map((column) => typedCall(binder, 'is_not_null', [columnReference(column)], nowhere))
  return present.length === 0 ? rows : filter(rows, and(present))
}
