import type { Steps } from '../../../base/steps.ts'
import type { DeclaredType } from '../../../data/types/declared-type.ts'
import type { Field } from '../../../data/types/schema.ts'
import type { Returning } from '../../../sql/ast/statement.ts'
import type { TableEntry } from '../../catalog/catalog.ts'
import { columnReference, named, project } from '../../logical/build.ts'
import { declaredColumns } from '../../logical/declared.ts'
import type { NamedExpression } from '../../logical/expression.ts'
import type { OutputColumn, Relation, Scan } from '../../logical/relation.ts'
import { settle } from '../../logical/typing.ts'
import { columnsUsedByAll, rewriteAllRelations } from '../../logical/walk.ts'
import { settleParameters } from '../assign.ts'
import { checkComparable } from '../comparable.ts'
import { newLevel } from '../context.ts'
import type { Locale } from '../../../data/types/datetime/locale.ts'
import type { Namespace, QueryEnvironment, ScopeColumn } from '../context.ts'
import { scopeOf } from '../scope.ts'
import { bindSelectList } from '../select-list.ts'

/** What a statement that changed rows gives of them: a query over the rows as they were stored for it. */
export interface BoundReturning {
  readonly relation: Relation
  readonly outputNames: readonly string[]
  /** One a column. */
  readonly declared: readonly (DeclaredType | undefined)[]
  /** Of the session. */
  readonly locale: Locale
  /** Stands for the stored rows in `relation`, until there are any. */
  readonly stored: TableEntry
}

/** What RETURNING makes of rows, before these are known to be stored. */
export interface DraftReturning {
  readonly names: readonly string[]
  readonly exprs: readonly NamedExpression[]
}

/** Binds RETURNING's list over columns under their names, in steps: see `isOverdue`. */
export function* returningSteps(
  environment: QueryEnvironment,
  namespace: Namespace,
  { items }: Returning,
): Steps<DraftReturning> {
  const { binder } = environment
  const scope = scopeOf(namespace, newLevel(), environment)
  const outputs = yield* bindSelectList(scope, items, 'RETURNING')
  const { columnIds } = binder.ctx
  return {
    names: outputs.map(({ name }) => name),
    exprs: outputs.map(({ name, expr }) => named(columnIds, name, settle(binder, expr))),
  }
}

/** The columns that RETURNING reads. */
export function columnsOfReturning({ exprs }: DraftReturning): ReadonlySet<OutputColumn['id']> {
  return columnsUsedByAll(exprs.map(({ expr }) => expr))
}

/** The columns of rows that are stored for a statement. */
interface StoredColumns {
  readonly target: TableEntry
  readonly columns: readonly OutputColumn[]
  /** Those of them that are the target's own, as it declares them. */
  readonly own: ReadonlyMap<OutputColumn['id'], Field>
}

/** The query over the stored rows. `wrap`: puts the definitions of WITH around it. */
export function finishReturning(
  { binder }: QueryEnvironment,
  { names, exprs }: DraftReturning,
  rows: StoredColumns & { readonly wrap: (relation: Relation) => Relation },
): BoundReturning {
  const { columns, wrap } = rows
  const stored = storedEntry(rows)
  const input: Scan = {
    kind: 'scan',
    table: stored,
    sourceColumns: columns.map((_, at) => at),
    filters: [],
    columns,
  }
  const bound = wrap(project(input, exprs))
  const declared = declaredColumns(bound, binder.declared)
  const relation = settleParameters(binder, bound)
  checkComparable(relation)
  return { relation, outputNames: names, declared, locale: binder.ctx.locale, stored }
}

/** A table for rows that are stored for a statement. */
function storedEntry({ target, columns, own }: StoredColumns): TableEntry {
  return {
    kind: 'table',
    schema: target.schema,
    name: target.name,
    columns: columns.map(({ id, name, type }): Field => {
      return { ...own.get(id), name, type, nullable: true }
    }),
    source: { kind: 'memory', id: '', chunks: [] },
    statistics: { rows: 0, exact: true, columns: columns.map(() => undefined) },
  }
}

/** RETURNING's query over the rows that were stored. */
export function overStored(
  { relation, stored }: BoundReturning,
  rows: Pick<TableEntry, 'source' | 'statistics'>,
): Relation {
  const { source, statistics } = rows
  const table = { ...stored, source, statistics }
  return rewriteAllRelations(relation, (node) =>
    node.kind === 'scan' && node.table === stored ? { ...node, table } : node,
  )
}

/** The columns of a table under its name, as RETURNING and conditions see them. */
export function namespaceOf(
  table: { readonly alias: string; readonly schema?: string; readonly hiddenName?: string },
  columns: readonly OutputColumn[],
): Namespace {
  const shown = columns.map((column): ScopeColumn => ({
    name: column.name,
    expr: columnReference(column),
  }))
  const { alias, schema, hiddenName } = table
  return { tables: [{ alias, schema, hiddenName, columns: shown }], columns: shown }
}
