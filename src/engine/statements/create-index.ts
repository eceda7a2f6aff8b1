import { notSupported, QueryError } from '../../base/errors.ts'
import { bindIndexedOf } from '../../plan/binder/table-rules.ts'
import type { TableEntry } from '../../plan/catalog/catalog.ts'
import { indexNames, withRules } from '../../plan/catalog/indexes.ts'
import { findRelation } from '../../plan/catalog/relations.ts'
import { noRules, type KeyRule } from '../../plan/catalog/table-rules.ts'
import type { AstExpression } from '../../sql/ast/expression.ts'
import type { CreateIndexStatement } from '../../sql/ast/statement.ts'
import type { CatalogChange } from '../catalog/catalog-change.ts'
import { memoryTableIn } from '../tables/memory-tables.ts'
import { objectName } from '../../plan/binder/object-name.ts'
import { QueryResult, skipped, type Notice } from '../results/result.ts'
import { checkUnique } from '../tables/alter/check-rows.ts'
import type { StatementContext } from '../context/statement-context.ts'
import { noShape, type StatementEntry } from './entry.ts'

const methods: ReadonlySet<string> = new Set(['btree', 'hash', 'gist', 'gin', 'spgist', 'brin'])

/**
 * CREATE INDEX. A UNIQUE one is a key of its table; any other is kept by name only, as scans have no use
 * for it, which a notice says.
 */
export const createIndexEntry: StatementEntry<CreateIndexStatement> = {
  tag: () => 'CREATE INDEX',
  looks: () => true,
  writes: 'yes',
  describe: () => noShape,
  run: createIndex,
}

async function createIndex(
  ctx: StatementContext,
  statement: CreateIndexStatement,
): Promise<QueryResult> {
  const { catalog } = ctx
  const table = indexedTable(ctx, statement)
  checkExpressions(ctx, statement, table)
  const taken = indexNames(catalog, table.schema)
  const name = statement.name?.text ?? freeName(statement, table, taken)
  if (taken.has(name) || catalog.relations.get(table.schema)?.has(name) === true) {
    if (statement.ifNotExists) return QueryResult.ofCommand('CREATE INDEX', 0, [skipped(name)])
    throw new QueryError('DUPLICATE_TABLE', `relation "${name}" already exists`)
  }
  const rule = statement.unique ? await newKey(ctx, statement, table, name) : undefined
  await ctx.transaction.changeChecked(ctx.queries, addedIndex(table, name, rule))
  return QueryResult.ofCommand('CREATE INDEX', 0, statement.unique ? [] : [notUsed(name)])
}

/** An index for a table as it is when it is committed: rows that came meanwhile are looked at too. */
function addedIndex(table: TableEntry, name: string, rule: KeyRule | undefined): CatalogChange {
  const rules = table.rules ?? noRules
  const { keys, indexes } = rules
  const after =
    rule === undefined
      ? { ...rules, indexes: [...indexes, name] }
      : { ...rules, keys: [...keys, rule] }
  return {
    apply: (root) => withRules(root, table, after),
    guards: () => rule !== undefined,
    check(queries, { root, checked }) {
      if (rule === undefined) return undefined
      const now = memoryTableIn(root, table.schema, table.name)
      const before = memoryTableIn(checked, table.schema, table.name)
      if (now === undefined || now.source === before?.source) return undefined
      return checkUnique(queries, now, rule)
    },
  }
}

function indexedTable(ctx: StatementContext, { table }: CreateIndexStatement): TableEntry {
  const entry = findRelation(ctx.catalog, objectName(table), ctx.searchPath)
  if (entry.kind === 'table' && entry.source.kind === 'memory') return entry
  const what = entry.kind === 'view' ? 'views' : 'tables over files'
  const message = `cannot create index on relation "${entry.name}"`
  throw new QueryError('WRONG_OBJECT_TYPE', message, {
    span: table.span,
    detail: `This operation is not supported for ${what}.`,
  })
}

/** Everything that the index names must be there, though most of it is never looked at again. */
function checkExpressions(
  ctx: StatementContext,
  { method, elements, where }: CreateIndexStatement,
  table: TableEntry,
): void {
  if (method !== undefined && !methods.has(method.text)) {
    const message = `access method "${method.text}" does not exist`
    throw new QueryError('UNDEFINED_OBJECT', message, { span: method.span })
  }
  const columns = table.columns.map((field) => ({ ...field, id: ctx.columnIds.next() }))
  const bind = (ast: AstExpression, clause: 'index expressions' | 'index predicates'): void => {
    bindIndexedOf(ctx.queries.binder(), ast, table.name, columns, clause)
  }
  for (const element of elements) bind(element, 'index expressions')
  if (where !== undefined) bind(where, 'index predicates')
}

async function newKey(
  ctx: StatementContext,
  statement: CreateIndexStatement,
  table: TableEntry,
  name: string,
): Promise<KeyRule> {
  const rule = keyOf(statement, table, name)
  await checkUnique(ctx.queries, table, rule)
  return rule
}

function keyOf(statement: CreateIndexStatement, table: TableEntry, name: string): KeyRule {
  const { elements, nullsDistinct, where } = statement
  if (where !== undefined) throw notSupported('WHERE of a unique index', where.span)
  const columns = elements.map((element) => {
    const column = element.kind === 'column' ? element.name.parts.at(-1)!.text : undefined
    const position = table.columns.findIndex((field) => field.name === column)
    if (position < 0) throw notSupported('a unique index over an expression', element.span)
    return position
  })
  return { name, kind: 'index', columns: [...new Set(columns)], nullsDistinct }
}

function freeName(
  { elements }: CreateIndexStatement,
  table: TableEntry,
  taken: ReadonlySet<string>,
): string {
  const parts = elements.map((e) => (e.kind === 'column' ? e.name.parts.at(-1)!.text : 'expr'))
  const base = [table.name, ...parts, 'idx'].join('_')
  let name = base
  for (let i = 1; taken.has(name); i++) name = `${base}${i}`
  return name
}

function notUsed(name: string): Notice {
  const message = `index "${name}" is kept by name only: scans need none`
  return { sqlState: '00000', severity: 'NOTICE', message }
}
