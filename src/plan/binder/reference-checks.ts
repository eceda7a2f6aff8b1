import type { ForeignKeyRule } from '../catalog/table-rules.ts'
import { and, columnReference, filter, join, limit, or } from '../logical/build.ts'
import type { Expression } from '../logical/expression.ts'
import type { OutputColumn, Relation } from '../logical/relation.ts'
import { typedCall } from '../logical/typing.ts'
import type { Binder } from './context.ts'
import type { LostKeys } from './reference-actions.ts'
import { allEqual, isNull, nowhere, one, onlyColumns } from './row-checks.ts'

/** One key of rows that refer to a table in which no row has it, if there is one. */
export function orphanedKey(
  binder: Binder,
  rows: Relation,
  target: Relation,
  rule: ForeignKeyRule,
): Relation {
  const keys = columnsAt(rows, rule.columns)
  const referring = filter(rows, and(keys.map((column) => isPresent(binder, column))))
  const there = columnsAt(target, rule.targetColumns)
  const orphaned = join('anti', referring, target, allEqual(binder, keys, there))
  return oneOf(binder, orphaned, columnsAt(orphaned, rule.columns))
}

/** One row of which some columns of a key are NULL and some are not, if there is one. */
export function mixedKey(binder: Binder, rows: Relation, rule: ForeignKeyRule): Relation {
  const keys = columnsAt(rows, rule.columns)
  const some = or(keys.map((column) => isPresent(binder, column)))
  const missing = or(keys.map((column) => isNull(binder, column)))
  return oneOf(binder, filter(rows, and([some, missing])), keys)
}

/** Rows of a table around a change of some of them. */
export interface ChangedTarget {
  /** Those that went, with others that stay. */
  readonly gone: Relation
  readonly after: Relation
}

/** One key that is gone while rows refer to it, if there is one. */
export function keyInUse(
  binder: Binder,
  referring: Relation,
  { gone, after }: ChangedTarget,
  rule: ForeignKeyRule,
): Relation {
  const before = columnsAt(gone, rule.targetColumns)
  const same = allEqual(binder, before, columnsAt(after, rule.targetColumns))
  const lost = join('anti', gone, after, same)
  const keys = columnsAt(lost, rule.targetColumns)
  const used = allEqual(binder, columnsAt(referring, rule.columns), keys)
  return oneOf(binder, join('inner', referring, lost, used), keys)
}

/** One of the keys that are lost while rows refer to it, if there is one. */
export function lostKeyInUse(
  binder: Binder,
  referring: Relation,
  lost: LostKeys,
  rule: ForeignKeyRule,
): Relation {
  const used = allEqual(binder, columnsAt(referring, rule.columns), lost.before)
  return oneOf(binder, join('inner', referring, lost.rows, used), lost.before)
}

function oneOf(binder: Binder, rows: Relation, columns: readonly OutputColumn[]): Relation {
  return limit(onlyColumns(binder.ctx.columnIds, columns, rows), { limit: one })
}

function columnsAt({ columns }: Relation, positions: readonly number[]): readonly OutputColumn[] {
  return positions.map((position) => columns[position]!)
}

function isPresent(binder: Binder, column: OutputColumn): Expression {
  return typedCall(binder, 'is_not_null', [columnReference(column)], nowhere)
}
