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
  return altered.notices
}
