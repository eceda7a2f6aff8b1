import { notSupported, QueryError } from '../../base/errors.ts'
import { declaredName } from '../../data/types/declared-name.ts'
import type { Field } from '../../data/types/schema.ts'
import { objectName } from '../../plan/binder/object-name.ts'
import type { CatalogEntry, SequenceOptions, TableEntry } from '../../plan/catalog/catalog.ts'
import { identifierText, textOfName } from '../../plan/catalog/name-text.ts'
import { findRelation } from '../../plan/catalog/relations.ts'
import { noRules, type KeyRule } from '../../plan/catalog/table-rules.ts'
import { typeOfId } from '../../plan/catalog/types.ts'
import type { CreateTableStatement, LikeClause } from '../../sql/ast/statement.ts'
import { parseStatements } from '../../sql/parse.ts'
import { placedAt } from '../../sql/placed-at.ts'
import type { StatementContext } from '../context/statement-context.ts'

/** CREATE TABLE with the columns and constraints of other tables written out. Errors: UNDEFINED_TABLE, WRONG_OBJECT_TYPE. */
export function withLikes(
  ctx: StatementContext,
  statement: CreateTableStatement,
): CreateTableStatement {
  const { likes } = statement
  if (likes.length === 0) return statement
  const columns = [...statement.columns]
  const constraints = [...statement.constraints]
  for (const like of likes.toReversed()) {
    const parsed = declaredAs(ctx, like)
    columns.splice(like.at, 0, ...parsed.columns)
    constraints.unshift(...parsed.constraints)
  }
  return { ...statement, columns, constraints, likes: [] }
}

type Declared = Pick<CreateTableStatement, 'columns' | 'constraints'>

/** What a table would be declared with. */
function declaredAs(ctx: StatementContext, like: LikeClause): Declared {
  const entry = findRelation(ctx.catalog, objectName(like.source), ctx.searchPath)
  if (entry.kind === 'sequence') {
    const message = `relation "${entry.name}" is invalid in LIKE clause`
    throw new QueryError('WRONG_OBJECT_TYPE', message, {
      span: like.source.span,
      detail: 'This operation is not supported for sequences.',
    })
  }
  if (entry.columns.length === 0) return { columns: [], constraints: [] }
  const parts =
    entry.kind === 'table' ? tableParts(ctx, entry, like) : entry.columns.map(plainColumn(ctx))
  const [parsed] = parseStatements(`create table t (${parts.join(', ')})`)
  if (parsed?.kind !== 'create-table') throw new TypeError('a table is not declared as one')
  return placedAt({ columns: parsed.columns, constraints: parsed.constraints }, like.span)
}

function plainColumn(ctx: StatementContext) {
  return (field: Field): string => `${identifierText(field.name)} ${typeText(ctx, field)}`
}

function tableParts(
  ctx: StatementContext,
  entry: TableEntry,
  { including, span }: LikeClause,
): readonly string[] {
  const { rules = noRules } = entry
  const columns = entry.columns.map((field, at) => {
    const words = [plainColumn(ctx)(field)]
    if (!field.nullable) words.push('not null')
    const generated = rules.generated?.[at]
    const identity = rules.identities?.[at]
    const value = rules.defaults[at]
    if (generated !== undefined) {
      if (including.has('generated')) words.push(`generated always as (${generated}) stored`)
    } else if (identity !== undefined) {
      const when = identity.always ? 'always' : 'by default'
      const options = sequenceText(ctx, entry, field.name)
      if (including.has('identity')) words.push(`generated ${when} as identity ${options}`)
    } else if (value !== undefined && including.has('defaults')) words.push(`default (${value})`)
    return words.join(' ')
  })
  const checks = including.has('constraints')
    ? rules.checks.map(
        ({ name, condition }) => `constraint ${identifierText(name)} check (${condition})`,
      )
    : []
  const keys = including.has('indexes') ? rules.keys : []
  if (keys.some(({ kind }) => kind === 'index')) {
    throw notSupported('INCLUDING INDEXES of a unique index that is of no constraint', span)
  }
  return [...columns, ...checks, ...keys.map((key) => keyOf(entry, key))]
}

function keyOf({ columns }: TableEntry, key: KeyRule): string {
  const kind =
    key.kind === 'primary'
      ? 'primary key'
      : `unique${key.nullsDistinct ? '' : ' nulls not distinct'}`
  return `${kind} (${key.columns.map((at) => identifierText(columns[at]!.name)).join(', ')})`
}

/** A type as a declaration names it, wherever the search path leads. */
function typeText({ catalog }: StatementContext, field: Field): string {
  const { type } = field
  const element = type.kind === 'array' ? type.element : type
  const id = element.kind === 'enum' || element.kind === 'record' ? element.id : undefined
  const named = id === undefined ? undefined : typeOfId(catalog, id)
  if (named === undefined) return declaredName(field)
  return `${textOfName(named)}${type.kind === 'array' ? '[]' : ''}`
}

function sequenceText(
  { catalog }: StatementContext,
  { schema, name }: TableEntry,
  column: string,
): string {
  const entries: readonly CatalogEntry[] = [...(catalog.relations.get(schema)?.values() ?? [])]
  const sequence = entries.find(
    (entry) =>
      entry.kind === 'sequence' && entry.owner?.name === name && entry.owner.column === column,
  )
  return sequence?.kind === 'sequence' ? optionsText(sequence.options) : ''
}

function optionsText(options: SequenceOptions): string {
  const { increment, min, max, start, cache, cycles } = options
  const words = [
    `increment ${increment}`,
    `minvalue ${min}`,
    `maxvalue ${max}`,
    `start ${start}`,
    `cache ${cache}`,
    cycles ? 'cycle' : 'no cycle',
  ]
  return `(${words.join(' ')})`
}
