import { QueryError, stackOverflow } from '../../../base/errors.ts'
import { present } from '../../../base/assert.ts'
import type { Steps } from '../../../base/steps.ts'
import { text, type DataType } from '../../../data/types/data-type.ts'
import { notSupported } from '../../../base/errors.ts'
import type {
  ConflictUpdate,
  InsertStatement,
  OnConflictClause,
} from '../../../sql/ast/statement.ts'
import type { TableEntry } from '../../catalog/catalog.ts'
import { noRules, type KeyRule } from '../../catalog/table-rules.ts'
import { columnReference, filter, join, named, project, scan } from '../../logical/build.ts'
import type { Expression } from '../../logical/expression.ts'
import type { Relation } from '../../logical/relation.ts'
import { coerceToBoolean } from '../../logical/typing.ts'
import { settleParameters } from '../assign.ts'
import { newBinder } from '../bind.ts'
import { checkComparable } from '../comparable.ts'
import { newLevel, stepsIn } from '../context.ts'
import type { BindContext, Binder, QueryEnvironment } from '../context.ts'
import { sameKeys, sameRows, takenRows } from '../row-checks.ts'
import { mergeNamespaces, scopeOf } from '../scope.ts'
import { assignedRow } from './assigned-row.ts'
import { rowNumberField } from './change.ts'
import { withGenerated } from './own-values.ts'
import { namespaceOf } from './returning.ts'
import { columnPosition } from './stored-value.ts'

/** The table that rows are inserted into, and the proposed rows, each with the number of a row as a last column. */
export interface ConflictTables {
  readonly entry: TableEntry
  readonly numbered: TableEntry
  readonly proposed: TableEntry
}

/** What becomes of proposed rows whose key is there already; queries over the tables that it was bound with. */
export interface BoundConflict {
  /** By key the numbers of the proposed rows whose key a row of the table has. */
  readonly taken: readonly Relation[]
  /** By key the numbers of the proposed rows that share it with others, and the least number among these. */
  readonly shared: readonly Relation[]
  /** DO UPDATE: the numbers of rows of the table, what they become, and the numbers of the proposed rows that met them. */
  readonly update: Relation | undefined
  /** Of $1, $2, ... */
  readonly parameterTypes: readonly DataType[]
}

/** Binds ON CONFLICT, in steps: see `isOverdue`. Errors: those of binding; INVALID_COLUMN_REFERENCE where no key is meant. */
export function* conflictSteps(
  statement: InsertStatement,
  tables: ConflictTables,
  ctx: BindContext,
): Steps<BoundConflict> {
  const clause = present(statement.onConflict, 'ON CONFLICT')
  const rules = keysMeant(tables.entry, clause)
  const binder = newBinder(ctx)
  const { columnIds } = ctx
  try {
    const over = (make: (rule: KeyRule) => Relation): readonly Relation[] => rules.map(make)
    const proposals = (): Relation => scan(columnIds, tables.proposed)
    const taken = over((rule) =>
      takenRows(binder, proposals(), scan(columnIds, tables.numbered), rule),
    )
    const shared = over((rule) => sameRows(binder, proposals(), rule))
    const update =
      clause.update &&
      (yield* updateSteps(binder, statement, clause.update, {
        ...tables,
        rule: present(rules[0], 'a key of ON CONFLICT'),
      }))
    const parameterTypes = Array.from(binder.parameters, (type) => type ?? text)
    return { taken, shared, update, parameterTypes }
  } catch (error) {
    throw stackOverflow(error) ?? error
  }
}

/** The keys that ON CONFLICT is about. Errors: INVALID_COLUMN_REFERENCE, UNDEFINED_OBJECT. */
function keysMeant(entry: TableEntry, { target, span }: OnConflictClause): readonly KeyRule[] {
  const { keys } = entry.rules ?? noRules
  const positions =
    target?.kind === 'columns'
      ? target.columns.map((column) => columnPosition(entry, column, false))
      : []
  const meant = keys.filter((rule) => isMeant(rule, target, new Set(positions)))
  if (target?.kind === 'constraint' && meant.length === 0) {
    const message = `constraint "${target.name.text}" for table "${entry.name}" does not exist`
    throw new QueryError('UNDEFINED_OBJECT', message, { span: target.name.span })
  }
  if (target !== undefined && meant.length === 0) {
    const message =
      'there is no unique or exclusion constraint matching the ON CONFLICT specification'
    throw new QueryError('INVALID_COLUMN_REFERENCE', message, { span })
  }
  if (meant.some(({ nullsDistinct }) => !nullsDistinct)) {
    throw notSupported('ON CONFLICT over a key with NULLS NOT DISTINCT', span)
  }
  return meant
}

function isMeant(
  { name, columns }: KeyRule,
  target: OnConflictClause['target'],
  positions: ReadonlySet<number>,
): boolean {
  if (target === undefined) return true
  if (target.kind === 'constraint') return name === target.name.text
  return positions.size === columns.length && columns.every((column) => positions.has(column))
}

function* updateSteps(
  binder: Binder,
  { table, alias }: InsertStatement,
  update: ConflictUpdate,
  { entry, numbered, proposed, rule }: ConflictTables & { readonly rule: KeyRule },
): Steps<Relation> {
  const { columnIds } = binder.ctx
  const [rows, excluded] = [scan(columnIds, numbered), scan(columnIds, proposed)]
  const before = rows.columns.slice(0, -1)
  const { schema, name } = entry
  const shown =
    alias === undefined ? { alias: name, schema } : { alias: alias.text, hiddenName: name }
  const namespace = mergeNamespaces(
    namespaceOf(shown, before),
    namespaceOf({ alias: 'excluded' }, excluded.columns.slice(0, -1)),
  )
  const environment: QueryEnvironment = { binder, parent: undefined, ctes: undefined }
  const scope = scopeOf(namespace, newLevel(), environment)
  const both = join('inner', rows, excluded, sameKeys(binder, rows, excluded, rule))
  const condition =
    update.where && coerceToBoolean(binder, yield* stepsIn(scope, 'WHERE', update.where), 'WHERE')
  const row = assignedRow(scope, update, { entry, span: table.span, before })
  const numberOf = (relation: Relation): Expression =>
    columnReference(present(relation.columns.at(-1), 'the numbers of rows'))
  const made = project(condition === undefined ? both : filter(both, condition), [
    named(columnIds, rowNumberField.name, numberOf(rows)),
    ...row,
    named(columnIds, rowNumberField.name, numberOf(excluded)),
  ])
  const whole = withGenerated(binder, entry, made, { first: 1, span: table.span })
  const settled = settleParameters(binder, whole)
  checkComparable(settled)
  return settled
}
