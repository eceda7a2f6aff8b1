import { present } from '../../../base/assert.ts'
import { stackOverflow } from '../../../base/errors.ts'
import type { Span } from '../../../base/span.ts'
import type { Steps } from '../../../base/steps.ts'
import { int8, text, type DataType } from '../../../data/types/data-type.ts'
import type { TableExpression, TableName } from '../../../sql/ast/select.ts'
import type { DeleteStatement, UpdateStatement } from '../../../sql/ast/statement.ts'
import type { TableEntry } from '../../catalog/catalog.ts'
import {
  and,
  columnReference,
  conjuncts,
  crossJoin,
  filter,
  named,
  project,
  renamed,
  scan,
} from '../../logical/build.ts'
import { expressionKey } from '../../logical/expression-key.ts'
import type { NamedExpression } from '../../logical/expression.ts'
import type { OutputColumn, Relation } from '../../logical/relation.ts'
import { coerceToBoolean } from '../../logical/typing.ts'
import { settleParameters } from '../assign.ts'
import { newBinder } from '../bind.ts'
import { checkComparable } from '../comparable.ts'
import { newLevel, stepsIn } from '../context.ts'
import type {
  BindContext,
  Binder,
  Namespace,
  QueryEnvironment,
  QueryLevel,
  Scope,
  ScopeColumn,
} from '../context.ts'
import { bindFrom } from '../from.ts'
import type { FromItem } from '../from-item.ts'
import { combine } from '../join.ts'
import { emptyNamespace, mergeNamespaces, scopeOf } from '../scope.ts'
import { bindWith } from '../with.ts'
import {
  columnsOfReturning,
  finishReturning,
  namespaceOf,
  returningSteps,
  type BoundReturning,
} from './returning.ts'
import { assignedRow } from './assigned-row.ts'
import { withGenerated } from './own-values.ts'
import { generatedColumns } from './stored-value.ts'

export type ChangeStatement = UpdateStatement | DeleteStatement

/** The rows that a statement changes, and what they become. */
export interface BoundChange {
  /**
   * The number of each row in the target, for UPDATE the target's columns as they are to be, and what RETURNING
   * reads besides. A row may come several times, where several of FROM match it: the first one counts.
   */
  readonly relation: Relation
  readonly returning: BoundReturning | undefined
  /** Of $1, $2, ... */
  readonly parameterTypes: readonly DataType[]
}

/** The table whose rows change: as it is, and with the number of each row as a last column. */
export interface ChangeTarget {
  readonly entry: TableEntry
  readonly numbered: TableEntry
}

/** The column that numbers the rows of a target; its name is seen by nobody. */
export const rowNumberField = { name: 'row number', type: int8, nullable: false } as const

/**
 * Binds UPDATE and DELETE, in steps: see `isOverdue`. Errors: those of binding a query, UNDEFINED_COLUMN,
 * DATATYPE_MISMATCH, SYNTAX_ERROR where a column is assigned twice.
 */
export function* changeSteps(
  statement: ChangeStatement,
  target: ChangeTarget,
  ctx: BindContext,
): Steps<BoundChange> {
  const binder = newBinder(ctx)
  const outer: QueryEnvironment = { binder, parent: undefined, ctes: undefined }
  // An expression nested too deeply for the stack is the statement's fault, not ours.
  try {
    const { environment, wrap } =
      statement.with === undefined
        ? { environment: outer, wrap: asItIs }
        : yield* bindWith(outer, statement.with)
    const bound = yield* boundChange(environment, statement, target, wrap)
    return { ...bound, parameterTypes: Array.from(binder.parameters, (type) => type ?? text) }
  } catch (error) {
    throw stackOverflow(error) ?? error
  }
}

const asItIs = (relation: Relation): Relation => relation

function* boundChange(
  environment: QueryEnvironment,
  statement: ChangeStatement,
  { entry, numbered }: ChangeTarget,
  wrap: (relation: Relation) => Relation,
): Steps<Omit<BoundChange, 'parameterTypes'>> {
  const { columnIds } = environment.binder.ctx
  const level = newLevel()
  level.clause = 'FROM'
  const whole = scan(columnIds, numbered)
  const number = present(whole.columns.at(-1), 'the numbers of a target')
  const before = whole.columns.slice(0, -1)
  const shown = shownAs(statement, entry)
  const from = yield* joined(environment, level, statement, {
    relation: whole,
    namespace: namespaceOf(shown, before),
  })
  const scope = scopeOf(from.namespace, level, environment)
  const rows = yield* where(scope, statement, from.relation)
  const own =
    statement.kind === 'update'
      ? assignedRow(scope, statement, { entry, span: statement.table.span, before })
      : renamed(columnIds, before)
  const beside = besides(environment, from)
  const numbers = named(columnIds, rowNumberField.name, columnReference(number))
  const span = statement.table.span
  const { columns } = project(rows, [numbers, ...own, ...beside.exprs])
  const returning =
    statement.returning &&
    (yield* returningSteps(
      environment,
      mergeNamespaces(
        namespaceOf(shown, columns.slice(1, 1 + own.length)),
        beside.namespace(columns.slice(1 + own.length)),
      ),
      statement.returning,
    ))
  const read = returning && columnsOfReturning(returning)
  const isRead = ({ id }: NamedExpression): boolean => read?.has(id) === true
  const stored = statement.kind === 'update' ? own : own.filter(isRead)
  const kept = beside.exprs.filter(isRead)
  const relation =
    statement.kind === 'update'
      ? updated(environment.binder, entry, rows, { numbers, own, kept, span })
      : project(rows, [numbers, ...stored, ...kept])
  const settled = settleParameters(environment.binder, wrap(relation))
  checkComparable(settled)
  const fields = own.map(({ id }, at) => [id, present(entry.columns[at], 'a field')] as const)
  const given = { target: entry, columns: relation.columns, own: new Map(fields), wrap }
  return {
    relation: settled,
    returning: returning && finishReturning(environment, returning, given),
  }
}

/** Rows as UPDATE makes them: what generated columns are follows from the others. */
function updated(
  binder: Binder,
  entry: TableEntry,
  rows: Relation,
  {
    numbers,
    own,
    kept,
    span,
  }: {
    readonly numbers: NamedExpression
    readonly own: readonly NamedExpression[]
    readonly kept: readonly NamedExpression[]
    readonly span: Span
  },
): Relation {
  const generated = new Set(generatedColumns(entry))
  const before = own.map((item, at) => {
    return generated.has(at) ? named(binder.ctx.columnIds, item.name, item.expr) : item
  })
  const made = project(rows, [numbers, ...before, ...kept])
  const ids = own.map(({ id }) => id)
  return withGenerated(binder, entry, made, { first: 1, span, ids })
}

/** The name of the target in its statement. */
export function shownAs(
  { table }: { readonly table: TableName },
  { schema, name }: TableEntry,
): Parameters<typeof namespaceOf>[0] {
  const { alias } = table
  return alias === undefined
    ? { alias: name, schema }
    : { alias: alias.name.text, hiddenName: name }
}

/** The target beside what FROM or USING names. */
interface TargetRows extends FromItem {
  /** What stands beside the target. */
  readonly others: Namespace
}

function* joined(
  environment: QueryEnvironment,
  level: QueryLevel,
  statement: ChangeStatement,
  target: FromItem,
): Steps<TargetRows> {
  const items: readonly TableExpression[] =
    statement.kind === 'update' ? statement.from : statement.using
  if (items.length === 0) return { ...target, others: emptyNamespace }
  const others = yield* bindFrom(environment, level, items)
  const namespace = mergeNamespaces(target.namespace, others.namespace)
  const relation =
    combine('inner', target.relation, others.relation) ??
    crossJoin(target.relation, others.relation)
  return { relation, namespace, others: others.namespace }
}

function* where(scope: Scope, { where: ast }: ChangeStatement, rows: Relation): Steps<Relation> {
  if (ast === undefined) return rows
  const bound = yield* stepsIn(scope, 'WHERE', ast)
  const condition = coerceToBoolean(scope.environment.binder, bound, 'WHERE')
  return filter(rows, and(conjuncts(condition)))
}

/** What stands beside the target, as outputs that RETURNING may read. */
interface Besides {
  readonly exprs: readonly NamedExpression[]
  /** Its names, over the columns that `exprs` become. */
  namespace(columns: readonly OutputColumn[]): Namespace
}

function besides({ binder }: QueryEnvironment, { others }: TargetRows): Besides {
  const outputs = new Map<string, NamedExpression>()
  const outputOf = ({ name, expr }: ScopeColumn): NamedExpression => {
    const key = expressionKey(expr)
    const known = outputs.get(key)
    if (known !== undefined) return known
    const output = named(binder.ctx.columnIds, name, expr)
    outputs.set(key, output)
    return output
  }
  for (const column of others.columns) outputOf(column)
  for (const { columns } of others.tables) for (const column of columns) outputOf(column)
  return {
    exprs: [...outputs.values()],
    namespace(columns) {
      const made = new Map(columns.map((column) => [column.id, column]))
      const over = (column: ScopeColumn): ScopeColumn => {
        const output = present(made.get(outputOf(column).id), 'an output beside the target')
        return { name: column.name, expr: columnReference(output) }
      }
      return {
        tables: others.tables.map(({ alias, schema, hiddenName, columns: own }) => {
          return { alias, schema, hiddenName, columns: own.map(over) }
        }),
        columns: others.columns.map(over),
      }
    },
  }
}
