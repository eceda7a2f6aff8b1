import { parseExpression } from '../../sql/parse.ts'
import { placedAt } from '../../sql/placed-at.ts'
import type { TableEntry } from '../catalog/catalog.ts'
import type { ForeignKeyRule, ReferenceRule } from '../catalog/table-rules.ts'
import {
  columnReference,
  filter,
  join,
  literal,
  named,
  or,
  project,
  renamed,
  scan,
} from '../logical/build.ts'
import type { Expression, NamedExpression } from '../logical/expression.ts'
import { compared } from '../logical/predicates.ts'
import type { OutputColumn, Relation } from '../logical/relation.ts'
import { rowNumberField } from './changes/change.ts'
import { withGenerated } from './changes/own-values.ts'
import { withinLimits } from './changes/stored-value.ts'
import { assign } from './assign.ts'
import type { Binder, BindTarget } from './context.ts'
import { allEqual, nowhere, onlyColumns } from './row-checks.ts'
import { bindDefaultOf } from './table-rules.ts'

/** Keys of a table that rows lost, and those that they have instead where they are still there. */
export interface LostKeys {
  readonly rows: Relation
  readonly before: readonly OutputColumn[]
  readonly after: readonly OutputColumn[] | undefined
}

/** The keys of rows that are gone: no row has them, and no row that is there had them. */
export function keysOfGone(
  rows: { readonly gone: Relation; readonly after: Relation; readonly renewed?: LostKeys },
  binder: Binder,
  { targetColumns }: ForeignKeyRule,
): LostKeys {
  const { gone, after, renewed } = rows
  const keys = columnsAt(gone, targetColumns)
  let lost = join('anti', gone, after, allEqual(binder, keys, columnsAt(after, targetColumns)))
  if (renewed !== undefined) {
    lost = join('anti', lost, renewed.rows, allEqual(binder, keys, renewed.before))
  }
  const only = onlyColumns(binder.ctx.columnIds, columnsAt(lost, targetColumns), lost)
  return { rows: only, before: only.columns, after: undefined }
}

/**
 * The keys that rows had which have others now. `numbered`: the rows as they were, their numbers last; `renewed`: as they
 * are, their numbers first and their columns from `first` on.
 */
export function keysOfRenewed(
  rows: { readonly numbered: Relation; readonly renewed: Relation; readonly first: number },
  binder: Binder,
  { targetColumns }: ForeignKeyRule,
): LostKeys {
  const { numbered, renewed, first } = rows
  const number = columnReference(numbered.columns.at(-1)!)
  const own = compared('=', number, columnReference(renewed.columns[0]!))
  const both = join('inner', numbered, renewed, own)
  const before = columnsAt(numbered, targetColumns)
  const after = targetColumns.map((at) => renewed.columns[at + first]!)
  const differs = before.map((column, at) =>
    compared('distinct', columnReference(column), columnReference(after[at]!)),
  )
  const { columnIds } = binder.ctx
  const only = onlyColumns(columnIds, [...before, ...after], filter(both, or(differs)))
  const count = before.length
  return { rows: only, before: only.columns.slice(0, count), after: only.columns.slice(count) }
}

/** A table whose rows refer to others, with their numbers as a last column. */
export interface ReferringTable {
  readonly entry: TableEntry
  readonly numbered: TableEntry
  readonly rule: ForeignKeyRule
}

/** The numbers of the rows that refer to lost keys. */
export function referringRows(
  binder: Binder,
  { numbered, rule }: ReferringTable,
  lost: LostKeys,
): Relation {
  const { columnIds } = binder.ctx
  const rows = scan(columnIds, numbered)
  const met = join('semi', rows, lost.rows, refersTo(binder, rows, lost, rule))
  return onlyColumns(columnIds, met.columns.slice(-1), met)
}

/** Rows that refer to lost keys, numbered in the first column, and as an action makes them. */
export function actedOn(
  binder: Binder,
  { entry, numbered, rule }: ReferringTable,
  lost: LostKeys,
  action: ReferenceRule,
): Relation {
  const { columnIds } = binder.ctx
  const rows = scan(columnIds, numbered)
  const kind = action.kind === 'cascade' ? 'inner' : 'semi'
  const met = join(kind, rows, lost.rows, refersTo(binder, rows, lost, rule))
  const own = rows.columns.slice(0, -1)
  const numbers = named(columnIds, rowNumberField.name, columnReference(rows.columns.at(-1)!))
  const made = renamed(columnIds, own).map((item, position): NamedExpression => {
    if (!action.columns.includes(position)) return item
    const expr = valueAt(binder, { entry, rule, position }, lost, action)
    return { ...item, expr: withinLimits(binder, expr, entry.columns[position]!) }
  })
  return withGenerated(binder, entry, project(met, [numbers, ...made]), { first: 1, span: nowhere })
}

function valueAt(
  binder: Binder,
  of: { readonly entry: TableEntry; readonly rule: ForeignKeyRule; readonly position: number },
  { after }: LostKeys,
  { kind }: ReferenceRule,
): Expression {
  const { entry, rule, position } = of
  const { name, type } = entry.columns[position]!
  if (kind === 'set null') return literal(null, type)
  const target: BindTarget = { name, type }
  if (kind === 'set default') {
    const text = entry.rules?.defaults[position]
    if (text === undefined) return literal(null, type)
    const defaultValue = placedAt(parseExpression(text), nowhere)
    return bindDefaultOf(binder, { ...target, defaultValue })
  }
  const value = after![rule.columns.indexOf(position)]!
  return assign(binder, columnReference(value), target)
}

function refersTo(
  binder: Binder,
  rows: Relation,
  { before }: LostKeys,
  { columns }: ForeignKeyRule,
): Expression {
  return allEqual(binder, columnsAt(rows, columns), before)
}

function columnsAt({ columns }: Relation, positions: readonly number[]): readonly OutputColumn[] {
  return positions.map((position) => columns[position]!)
}
