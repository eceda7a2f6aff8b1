import { present } from '../../../base/assert.ts'
import { QueryError, stackOverflow } from '../../../base/errors.ts'
import type { Span } from '../../../base/span.ts'
import type { Steps } from '../../../base/steps.ts'
import { int4, int8, text, type DataType } from '../../../data/types/data-type.ts'
import type { AstExpression } from '../../../sql/ast/expression.ts'
import type { MergeAction, MergeInsert, MergeStatement } from '../../../sql/ast/statement.ts'
import type { TableEntry } from '../../catalog/catalog.ts'
import {
  and,
  caseOf,
  columnReference,
  filter,
  join,
  literal,
  named,
  project,
  scan,
} from '../../logical/build.ts'
import type { Case, Expression, NamedExpression } from '../../logical/expression.ts'
import { tested, compared } from '../../logical/predicates.ts'
import type { OutputColumn, Relation } from '../../logical/relation.ts'
import { coerceToBoolean } from '../../logical/typing.ts'
import { settleParameters } from '../assign.ts'
import { newBinder } from '../bind.ts'
import { checkComparable } from '../comparable.ts'
import { bindIn, newLevel } from '../context.ts'
import type { BindContext, Clause, QueryEnvironment, QueryLevel, Scope } from '../context.ts'
import { bindFrom } from '../from.ts'
import { mergeNamespaces, scopeOf } from '../scope.ts'
import { bindDefaultOf } from '../table-rules.ts'
import { bindWith } from '../with.ts'
import { assignedRow } from './assigned-row.ts'
import { rowNumberField, shownAs, type ChangeTarget } from './change.ts'
import { insertedColumns } from './insert.ts'
import { ownValueOf, refuseGiven, withGenerated } from './own-values.ts'
import { namespaceOf } from './returning.ts'
import { bindTargetOf, storedValue } from './stored-value.ts'

/** What a MERGE does. */
export interface BoundMerge {
  /**
   * One row for each of the source for which something is done: the number of the target's row that goes, or -1;
   * whether a row comes; and that row.
   */
  readonly relation: Relation
  /** Of $1, $2, ... */
  readonly parameterTypes: readonly DataType[]
}

/** The column that tells whether a row comes. */
export const comesField = { name: 'comes', type: int4, nullable: false } as const

/** Binds MERGE, in steps: see `isOverdue`. Errors: those of binding a query; SYNTAX_ERROR for an action that is never met. */
export function* mergeSteps(
  statement: MergeStatement,
  target: ChangeTarget,
  ctx: BindContext,
): Steps<BoundMerge> {
  const binder = newBinder(ctx)
  const outer: QueryEnvironment = { binder, parent: undefined, ctes: undefined }
  try {
    checkActions(statement)
    const { environment, wrap } =
      statement.with === undefined
        ? { environment: outer, wrap: (relation: Relation): Relation => relation }
        : yield* bindWith(outer, statement.with)
    const relation = settleParameters(
      binder,
      wrap(yield* mergedRows(environment, statement, target)),
    )
    checkComparable(relation)
    return { relation, parameterTypes: Array.from(binder.parameters, (type) => type ?? text) }
  } catch (error) {
    throw stackOverflow(error) ?? error
  }
}

/** Behind an action without a condition no other of its kind is met. */
function checkActions({ actions }: MergeStatement): void {
  for (const matched of [true, false]) {
    const own = actions.filter(({ isMatched }) => isMatched === matched)
    const at = own.findIndex(({ condition }) => condition === undefined)
    const unreachable = at < 0 ? undefined : own[at + 1]
    if (unreachable === undefined) continue
    const message = 'unreachable WHEN clause specified after unconditional WHEN clause'
    throw new QueryError('SYNTAX_ERROR', message, { span: unreachable.span })
  }
}

/** The target beside the source. */
interface Sides {
  readonly rows: Relation
  /** Where both can be named. */
  readonly both: Scope
  /** Where only the source can be. */
  readonly source: Scope
  /** Of the target: its columns, and the number of a row, NULL where none matches. */
  readonly before: readonly OutputColumn[]
  readonly number: OutputColumn
}

function* mergedRows(
  environment: QueryEnvironment,
  statement: MergeStatement,
  { entry, numbered }: ChangeTarget,
): Steps<Relation> {
  const { columnIds } = environment.binder.ctx
  const sides = yield* sidesOf(environment, statement, { entry, numbered })
  // Which action is for a row is found out once.
  const chosen = named(columnIds, 'action', chosenAction(sides, statement.actions))
  const given = sides.rows.columns.map((column) => {
    return { id: column.id, name: column.name, expr: columnReference(column) }
  })
  const told = project(sides.rows, [...given, chosen])
  const action = columnReference(present(told.columns.at(-1), 'the action of a row'))
  const done = filter(told, compared('>=', action, literal(0, int4)))
  const isOne = (kinds: readonly string[]): readonly Expression[] =>
    statement.actions.flatMap((one, at) =>
      kinds.includes(one.action.kind) ? [is(action, at)] : [],
    )
  const goes = isOne(['update', 'delete']).map((when) => {
    return { when, then: columnReference(sides.number) }
  })
  const comes = isOne(['update', 'insert']).map((when) => ({ when, then: literal(1, int4) }))
  const rows = project(done, [
    named(columnIds, rowNumberField.name, firstOf(goes, literal(-1n, int8))),
    named(columnIds, comesField.name, firstOf(comes, literal(0, int4))),
    ...rowsThatCome(sides, statement, entry, action),
  ])
  const { span } = statement.table
  return withGenerated(environment.binder, entry, rows, { first: 2, span })
}

function* sidesOf(
  environment: QueryEnvironment,
  statement: MergeStatement,
  { entry, numbered }: ChangeTarget,
): Steps<Sides> {
  const { binder } = environment
  const level = newLevel()
  level.clause = 'FROM'
  const source = yield* bindFrom(environment, level, [statement.source])
  const target = scan(binder.ctx.columnIds, numbered)
  const own = namespaceOf(shownAs(statement, entry), target.columns.slice(0, -1))
  refuseSameName(own.tables[0]?.alias, source.namespace.tables, statement.source.span)
  const both = scopeOf(mergeNamespaces(own, source.namespace), level, environment)
  const on = booleanIn(both, 'JOIN conditions', statement.on)
  const rows = join('left', source.relation, target, on)
  const columns = rows.columns.slice(-target.columns.length)
  const alone: QueryLevel = { ...newLevel(), clause: 'FROM' }
  return {
    rows,
    both,
    source: scopeOf(source.namespace, alone, environment),
    before: columns.slice(0, -1),
    number: present(columns.at(-1), 'the numbers of a target'),
  }
}

function refuseSameName(
  target: string | undefined,
  tables: readonly { readonly alias: string }[],
  span: Span,
): void {
  if (!tables.some(({ alias }) => alias === target)) return
  throw new QueryError('DUPLICATE_ALIAS', `name "${target}" specified more than once`, {
    span,
    detail: 'The name is used both as MERGE target table and data source.',
  })
}

function booleanIn(scope: Scope, clause: Clause, ast: AstExpression): Expression {
  return coerceToBoolean(scope.environment.binder, bindIn(scope, clause, ast), clause)
}

/** The first action that is for a row, by its place; -1 where none is, or nothing is to be done. */
function chosenAction(
  { both, source, number }: Sides,
  actions: readonly MergeAction[],
): Expression {
  const branches = actions.map(({ isMatched, condition, action }, at) => {
    const scope = isMatched ? both : source
    const own = condition && booleanIn(scope, 'WHERE', condition)
    const side = tested(columnReference(number), 'null', isMatched)
    const when = own === undefined ? side : and([side, tested(own, 'true')])
    return { when, then: literal(action.kind === 'nothing' ? -1 : at, int4) }
  })
  return caseOf(branches, literal(-1, int4))
}

function firstOf(branches: Case['branches'], otherwise: Expression): Expression {
  return branches.length === 0 ? otherwise : caseOf(branches, otherwise)
}

function is(action: Expression, at: number): Expression {
  return compared('=', action, literal(at, int4))
}

/** The columns of the row that comes, where one does. */
function rowsThatCome(
  sides: Sides,
  statement: MergeStatement,
  entry: TableEntry,
  action: Expression,
): readonly NamedExpression[] {
  const { both, source, before } = sides
  const { columnIds } = both.environment.binder.ctx
  const { span } = statement.table
  const made = statement.actions.flatMap(({ action: one }, at) => {
    if (one.kind === 'update') {
      const row = assignedRow(both, one, { entry, span, before })
      return [{ when: is(action, at), row: row.map(({ expr }) => expr) }]
    }
    if (one.kind !== 'insert') return []
    return [{ when: is(action, at), row: insertedRow(source, one, entry, span) }]
  })
  return entry.columns.map(({ name, type }, position) => {
    const branches = made.map(({ when, row }) => {
      return { when, then: present(row[position], 'a value of a row') }
    })
    return named(columnIds, name, firstOf(branches, literal(null, type)))
  })
}

function insertedRow(
  scope: Scope,
  { columns, overriding, values }: MergeInsert,
  entry: TableEntry,
  span: Span,
): readonly Expression[] {
  const { binder } = scope.environment
  const positions = insertedColumns(entry, columns)
  const surplus = values?.[positions.length]
  if (surplus !== undefined) {
    const message = 'INSERT has more expressions than target columns'
    throw new QueryError('SYNTAX_ERROR', message, { span: surplus.span })
  }
  const unfilled = columns[values?.length ?? columns.length]
  if (unfilled !== undefined) {
    const message = 'INSERT has more target columns than expressions'
    throw new QueryError('SYNTAX_ERROR', message, { span: unfilled.span })
  }
  const bind = (ast: AstExpression): Expression => bindIn(scope, 'VALUES', ast)
  return entry.columns.map((field, position) => {
    const target = bindTargetOf(entry, position, span)
    const value = values?.[positions.indexOf(position)]
    const isNumbered = entry.rules?.identities?.[position] !== undefined && overriding === 'user'
    if (value === undefined || isNumbered) return bindDefaultOf(binder, target)
    const own = ownValueOf(entry, position)
    const isRefused = own === 'generated' || (own === 'identity' && overriding !== 'system')
    if (own !== undefined && isRefused && value.kind !== 'default') {
      refuseGiven(entry, position, own, { updated: false })
    }
    return storedValue(binder, field, target, value, bind)
  })
}
