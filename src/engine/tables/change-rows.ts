import { referencesTo } from '../../plan/catalog/references.ts'
import { applied } from '../catalog/catalog-change.ts'
import type { StatementContext } from '../context/statement-context.ts'
import { checkJointly, JointChange } from './joint-change.ts'
import { mayAct, withActions } from './reference-actions.ts'
import { ownReferences, type RowChange } from './references.ts'

/**
 * Makes a change of rows whose own rules are checked, and what foreign keys do to rows that refer to these. Errors:
 * FOREIGN_KEY_VIOLATION, SERIALIZATION_FAILURE, and what such an action raises.
 */
export async function changeRows(ctx: StatementContext, change: RowChange): Promise<void> {
  const { transaction, queries, leases } = ctx
  // What statements of the same WITH did counts.
  const before = leases.add(transaction.hold()).value
  const { touched } = change
  const { table, going } = touched
  const changes = mayAct(before, touched) ? await withActions(ctx, before, change) : [change]
  const isReferredTo = going.length > 0 && referencesTo(before, table).length > 0
  if (isReferredTo || ownReferences(before, table).length > 0) {
    await checkJointly(queries, applied(changes, before), changes, 'first')
  }
  const whole = changes.length === 1 ? change : new JointChange(changes)
  await transaction.changeChecked(queries, whole)
}
