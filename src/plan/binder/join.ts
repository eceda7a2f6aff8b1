import { QueryError } from '../../base/errors.ts'
import type { Span } from '../../base/span.ts'
import type { Steps } from '../../base/steps.ts'
import type { Identifier } from '../../sql/ast/expression.ts'
import type { JoinedTable, TableAlias, TableExpression } from '../../sql/ast/select.ts'
import { and, apply, join, trueLiteral } from '../logical/build.ts'
import type { Expression } from '../logical/expression.ts'
import type { Apply, Join, JoinKind, Relation } from '../logical/relation.ts'
import { freeColumns } from '../logical/walk.ts'
import { coerceToBoolean, mergedColumn, typedCall } from '../logical/typing.ts'
import { asofJoin } from './asof-join.ts'
import { positionalJoin } from './positional-join.ts'
import {
  stepsIn,
  type Namespace,
  type Scope,
  type ScopeColumn,
  type ScopeTable,
} from './context.ts'
import type { FromContext, FromItem } from './from-item.ts'
import { mergeNamespaces, scopeOf } from './scope.ts'

/** Binds JOIN in FROM with ON, USING or NATURAL, in steps. `bindTable` binds its two sides. */
export function* bindJoin(
  ctx: FromContext,
  table: JoinedTable,
  bindTable: (ctx: FromContext, table: TableExpression) => Steps<FromItem>,
  rename: (item: FromItem, alias: TableAlias) => FromItem,
): Steps<FromItem> {
  const isAsof = table.joinKind === 'asof' || table.joinKind === 'asof-left'
  const kind = kindOf(table.joinKind)
  const left = yield* bindTable(ctx, table.left)
  const before = mergeNamespaces(ctx.before, left.namespace)
  const right = yield* bindTable({ ...ctx, before }, table.right)
  const both = mergeNamespaces(left.namespace, right.namespace)
  const names = table.natural ? sharedNames(left.namespace, right.namespace) : usingNames(table)
  const merged = names.map((name, at) => {
    // The last column of an ASOF join is the one by which rows are near.
    const operator = isAsof && at === names.length - 1 ? '>=' : '='
    return mergeColumn(ctx, kind, left, right, name, operator)
  })
  const condition =
    table.on === undefined
      ? and(merged.map((column) => column.condition))
      : yield* conditionSteps(scopeOf(both, ctx.level, ctx.environment), table.on)
  const relation = relationOf(ctx, table, left.relation, right.relation, condition)
  if (kind === 'semi' || kind === 'anti') return { relation, namespace: left.namespace }
  const shown = withMissing(kind, left.namespace, right.namespace)
  const item = { relation, namespace: joinNamespace(table, shown, left, right, merged) }
  return table.alias === undefined ? item : rename(item, table.alias)
}

/** What rows of either side a join gives that meet none. */
function kindOf(written: JoinedTable['joinKind']): JoinKind {
  if (written === 'cross' || written === 'asof') return 'inner'
  if (written === 'asof-left') return 'left'
  return written === 'positional' ? 'full' : written
}

function relationOf(
  { environment: { binder } }: FromContext,
  { joinKind, span }: JoinedTable,
  left: Relation,
  right: Relation,
  condition: Expression,
): Relation {
  if (joinKind === 'asof' || joinKind === 'asof-left') {
    return asofJoin(binder, left, right, condition, { isOuter: joinKind === 'asof-left', span })
  }
  if (joinKind === 'positional') return positionalJoin(binder, left, right, span)
  const kind = kindOf(joinKind)
  return combine(kind, left, right, condition, span) ?? join(kind, left, right, condition)
}

/** The tables of both sides, those marked of which the join may find no row. */
function withMissing(kind: JoinKind, left: Namespace, right: Namespace): Namespace {
  const marked = (tables: readonly ScopeTable[], isOuter: boolean): readonly ScopeTable[] =>
    isOuter ? tables.map((table) => ({ ...table, mayBeMissing: true })) : tables
  const tables = [
    ...marked(left.tables, kind === 'right' || kind === 'full'),
    ...marked(right.tables, kind === 'left' || kind === 'full'),
  ]
  return { tables, columns: [...left.columns, ...right.columns] }
}

/**
 * Joins two relations of which the right may refer to the left (LATERAL): an Apply if it does;
 * undefined if it does not, for the caller to make a plain join.
 */
export function combine(
  kind: JoinKind,
  left: Relation,
  right: Relation,
  condition: Expression = trueLiteral,
  span?: Span,
): Apply | Join | undefined {
  const free = freeColumns(right)
  if (!left.columns.some((column) => free.has(column.id))) return undefined
  if (kind === 'right' || kind === 'full') {
    throw new QueryError(
      'INVALID_COLUMN_REFERENCE',
      'invalid reference to the left side of the join',
      {
        ...(span && { span }),
        detail: 'The combining JOIN type must be INNER or LEFT for a LATERAL reference.',
      },
    )
  }
  return apply(kind, left, right, condition)
}

interface MergedColumn {
  readonly name: string
  readonly condition: Expression
  readonly column: ScopeColumn
}

function mergeColumn(
  ctx: FromContext,
  kind: JoinKind,
  left: FromItem,
  right: FromItem,
  name: Identifier,
  operator: '=' | '>=',
): MergedColumn {
  const { binder } = ctx.environment
  const leftExpr = sideColumn(left.namespace, name, 'left')
  const rightExpr = sideColumn(right.namespace, name, 'right')
  const condition = typedCall(binder, operator, [leftExpr, rightExpr], name.span)
  const expr = mergedColumn(binder, kind, leftExpr, rightExpr, name.span)
  return { name: name.text, condition, column: { name: name.text, expr } }
}

function joinNamespace(
  table: JoinedTable,
  both: Namespace,
  left: FromItem,
  right: FromItem,
  merged: readonly MergedColumn[],
): Namespace {
  const names = new Set(merged.map((column) => column.name))
  const rest = [...left.namespace.columns, ...right.namespace.columns].filter(
    (column) => !names.has(column.name),
  )
  const mergedColumns = merged.map(({ column }) => column)
  const columns = [...mergedColumns, ...rest]
  if (table.usingAlias === undefined) return { ...both, columns }
  const alias: ScopeTable = {
    alias: table.usingAlias.text,
    schema: undefined,
    hiddenName: undefined,
    columns: mergedColumns,
  }
  return { tables: [...both.tables, alias], columns }
}

function sideColumn(namespace: Namespace, name: Identifier, side: 'left' | 'right'): Expression {
  const matches = namespace.columns.filter((column) => column.name === name.text)
  const [only] = matches
  if (only === undefined) {
    throw new QueryError(
      'UNDEFINED_COLUMN',
      `column "${name.text}" specified in USING clause does not exist in ${side} table`,
      { span: name.span },
    )
  }
  if (matches.length > 1) {
    throw new QueryError(
      'AMBIGUOUS_COLUMN',
      `common column name "${name.text}" appears more than once in ${side} table`,
      { span: name.span },
    )
  }
  return { ...only.expr, span: name.span }
}

function usingNames(table: JoinedTable): readonly Identifier[] {
  const names = table.using ?? []
  for (const [index, name] of names.entries()) {
    if (names.findIndex((other) => other.text === name.text) < index) {
      throw new QueryError(
        'DUPLICATE_COLUMN',
        `column name "${name.text}" appears more than once in USING clause`,
        { span: name.span },
      )
    }
  }
  return names
}

function sharedNames(left: Namespace, right: Namespace): readonly Identifier[] {
  const rightNames = new Set(right.columns.map((column) => column.name))
  const shared = left.columns.filter((column) => rightNames.has(column.name))
  const span = { start: 0, end: 0 }
  return [...new Set(shared.map((column) => column.name))].map((text) => {
    return { text, quoted: false, span }
  })
}

function* conditionSteps(scope: Scope, on: NonNullable<JoinedTable['on']>): Steps<Expression> {
  const bound = yield* stepsIn(scope, 'JOIN conditions', on)
  return coerceToBoolean(scope.environment.binder, bound, 'JOIN/ON')
}
