import { typeKey, type RecordField } from '../../../data/types/data-type.ts'
import type { Field } from '../../../data/types/schema.ts'
import { withTypeChanged } from '../../../plan/catalog/retyped.ts'
import { rowTypeOf } from '../../../plan/catalog/row-types.ts'
import { serialType } from '../owned-sequences.ts'
import type { AlterAction, ColumnAction, ConstraintAction } from '../../../sql/ast/definition.ts'
import type { StatementContext } from '../../context/statement-context.ts'
import { addColumn } from './add-column.ts'
import { AlteredTable } from './altered-table.ts'
import {
  addIdentity,
  columnDefault,
  columnNull,
  columnType,
  dropOwnValue,
} from './column-actions.ts'
import { addConstraint, dropConstraint } from './constraint-actions.ts'
import { dropColumn } from './drop-column.ts'
import { columnsOver, refuseUsed, reshapeRows } from './reshaped-rows.ts'
import type { MemoryTable } from '../memory-tables.ts'
import type { Notice } from '../../results/result.ts'

type TableAction = ColumnAction | ConstraintAction
type ActionOf<K extends TableAction['kind']> = Extract<TableAction, { readonly kind: K }>

/** Everything that is known of one kind of action. */
interface ActionEntry<Action> {
  /** Actions of a statement are done pass by pass, as PostgreSQL does: what goes, types, what comes, the rest. */
  pass(action: Action): 'drop' | 'type' | 'add' | 'constraint' | 'attribute'
  act(ctx: StatementContext, altered: AlteredTable, action: Action): void | Promise<void>
}

const actionTable: {
  readonly [K in TableAction['kind']]: ActionEntry<ActionOf<K> & { readonly kind: K }>
} = {
  'add-column': { pass: () => 'add', act: addColumn },
  'drop-column': { pass: () => 'drop', act: dropColumn },
  'column-type': { pass: () => 'type', act: columnType },
  'column-default': {
    pass: ({ value }) => (value === undefined ? 'drop' : 'constraint'),
    act: columnDefault,
  },
  'column-null': { pass: ({ notNull }) => (notNull ? 'attribute' : 'drop'), act: columnNull },
  'add-identity': { pass: () => 'constraint', act: addIdentity },
  'drop-identity': { pass: () => 'drop', act: dropOwnValue },
  'drop-expression': { pass: () => 'drop', act: dropOwnValue },
  'add-constraint': {
    pass: () => 'constraint',
    act: (ctx, altered, { constraint }) => addConstraint(ctx, altered, constraint),
  },
  'drop-constraint': { pass: () => 'drop', act: dropConstraint },
}

const passes = ['drop', 'type', 'add', 'attribute', 'constraint'] as const

export function isTableAction(action: AlterAction): action is TableAction {
  return Object.hasOwn(actionTable, action.kind)
}

/** Does what ALTER TABLE says of columns and constraints, all or nothing. What it did not need to do is told. */
export async function alterTable(
  ctx: StatementContext,
  table: MemoryTable,
  actions: readonly TableAction[],
): Promise<readonly Notice[]> {
  const isUsed = columnsOver(ctx.catalog, rowTypeOf(table)).length > 0
  if (isUsed && actions.some(rewritesRows)) {
    refuseUsed(ctx.catalog, rowTypeOf(table), `table "${table.name}"`, 'its row type')
  }
  const altered = new AlteredTable(ctx, table)
  const entryOf = (action: TableAction): ActionEntry<TableAction> =>
    actionTable[action.kind] as ActionEntry<TableAction>
  for (const pass of passes) {
    for (const action of actions) {
      const { pass: passOf, act } = entryOf(action)
      if (passOf(action) === pass) await act(ctx, altered, action)
    }
  }
  await altered.finish()
  await rowsFollow(ctx, table, altered.columns)
  return altered.notices
}

/** Whether an action makes the rows of a table anew, which PostgreSQL does not with rows that stand in others. */
function rewritesRows(action: TableAction): boolean {
  if (action.kind === 'column-type') return true
  if (action.kind !== 'add-column') return false
  const { type, constraints } = action.definition
  if (serialType(type) !== undefined) return true
  return constraints.some(
    (one) =>
      ['identity', 'generated'].includes(one.kind) ||
      (one.kind === 'default' && one.value.kind !== 'null'),
  )
}

/** Rows of the table that stand in values of others become what its rows are now. */
async function rowsFollow(
  ctx: StatementContext,
  table: MemoryTable,
  columns: readonly Field[],
): Promise<void> {
  const before = rowTypeOf(table)
  const now = rowTypeOf({ ...table, columns })
  if (typeKey(before) === typeKey(now)) return
  const isLeft = ({ name }: RecordField): boolean => columns.some((one) => one.name === name)
  const left = { ...before, fields: before.fields.filter(isLeft) }
  await reshapeRows(ctx, [before, left, now])
  await ctx.transaction.change({ apply: (catalog) => withTypeChanged(catalog, before, now) })
}
