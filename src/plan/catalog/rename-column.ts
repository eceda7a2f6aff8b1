import { QueryError } from '../../base/errors.ts'
import type { Schema } from '../../data/types/schema.ts'
import type { AstExpression } from '../../sql/ast/expression.ts'
import { parseExpression } from '../../sql/parse.ts'
import type { Catalog, CatalogEntry, EntryName, NeededRelation } from './catalog.ts'
import { overtaken } from './indexes.ts'
import { identifierText } from './name-text.ts'
import { sameForSame } from './same-for-same.ts'
import { withTypeChanged } from './retyped.ts'
import { rowTypeOf } from './row-types.ts'
import { withEntry } from './schemas.ts'
import { refuseTaken } from './types.ts'
import type { TableRules } from './table-rules.ts'

/**
 * A catalog in which a column of a table or view has another name; views over it and texts of rules go on to mean it. Errors:
 * UNDEFINED_COLUMN, DUPLICATE_COLUMN; SERIALIZATION_FAILURE where the relation is gone.
 */
export function withColumnRenamed(
  catalog: Catalog,
  { schema, name }: EntryName,
  from: string,
  to: string,
): Catalog {
  const entry = catalog.relations.get(schema)?.get(name)
  if (entry === undefined) throw overtaken()
  const names = entry.columns.map((column) => column.name)
  if (!names.includes(from)) {
    throw new QueryError('UNDEFINED_COLUMN', `column "${from}" does not exist`)
  }
  if (names.includes(to)) {
    const message = `column "${to}" of relation "${name}" already exists`
    throw new QueryError('DUPLICATE_COLUMN', message)
  }
  const renamed = renamedIn(entry, from, to)
  let relations = withEntry(catalog.relations, schema, name, renamed)
  for (const [ofSchema, entries] of catalog.relations) {
    for (const [ofName, other] of entries) {
      const changed = following(other, entry, from, to)
      if (changed !== other) relations = withEntry(relations, ofSchema, ofName, changed)
    }
  }
  const root = { ...catalog, relations }
  if (entry.kind === 'sequence' || renamed.kind === 'sequence') return root
  refuseTaken(catalog, rowTypeOf(entry), from)
  return withTypeChanged(root, rowTypeOf(entry), rowTypeOf(renamed))
}

function renamedIn(entry: CatalogEntry, from: string, to: string): CatalogEntry {
  const of = <C extends { readonly name: string }>(column: C): C =>
    column.name === from ? { ...column, name: to } : column
  switch (entry.kind) {
    case 'table': {
      const { rules } = entry
      const key = JSON.stringify([from, to])
      const columns = columnsWith(entry.columns, key)
      return { ...entry, columns, ...(rules && { rules: rulesWith(rules, key) }) }
    }
    case 'view':
      return { ...entry, columns: entry.columns.map(of) }
    case 'sequence':
      throw new QueryError('WRONG_OBJECT_TYPE', `cannot rename columns of sequence "${entry.name}"`)
  }
}

/** Views and sequences that know a column of another relation by its name. */
function following(
  entry: CatalogEntry,
  { schema, name }: EntryName,
  from: string,
  to: string,
): CatalogEntry {
  const isIt = (one: EntryName): boolean => one.schema === schema && one.name === name
  if (entry.kind === 'sequence') {
    const { owner } = entry
    if (owner === undefined || !isIt(owner) || owner.column !== from) return entry
    return { ...entry, owner: { ...owner, column: to } }
  }
  if (entry.kind !== 'view' || !entry.dependsOn.some(isIt)) return entry
  const needing = (needed: NeededRelation): NeededRelation => {
    if (!isIt(needed)) return needed
    const current = needed.currentNames ?? needed.columnNames
    return { ...needed, currentNames: current.map((one) => (one === from ? to : one)) }
  }
  return { ...entry, dependsOn: entry.dependsOn.map(needing) }
}

/** What is renamed: the old name and the new one. */
function namesIn(key: string): readonly [from: string, to: string] {
  return JSON.parse(key) as [string, string]
}

const columnsWith = sameForSame((columns: Schema, key): Schema => {
  const [from, to] = namesIn(key)
  return columns.map((field) => (field.name === from ? { ...field, name: to } : field))
})

const rulesWith = sameForSame((rules: TableRules, key): TableRules => {
  const [from, to] = namesIn(key)
  const text = (condition: string): string => withColumn(condition, from, to)
  const { checks, generated } = rules
  return {
    ...rules,
    checks: checks.map((check) => ({ ...check, condition: text(check.condition) })),
    ...(generated && { generated: generated.map((one) => one && text(one)) }),
  }
})

/** An expression over the columns of a table with another name of one of them. */
function withColumn(written: string, from: string, to: string): string {
  const places: { readonly start: number; readonly end: number }[] = []
  visit(parseExpression(written), (ast) => {
    const last = ast.kind === 'column' ? ast.name.parts.at(-1) : undefined
    if (last?.text === from) places.push(last.span)
  })
  const name = identifierText(to)
  return places
    .toSorted((left, right) => right.start - left.start)
    .reduce((text, { start, end }) => text.slice(0, start) + name + text.slice(end), written)
}

/** Looks at all expressions in a tree. */
function visit(node: unknown, look: (ast: AstExpression) => void): void {
  if (typeof node !== 'object' || node === null) return
  if ('kind' in node && 'span' in node) look(node as AstExpression)
  for (const part of Object.values(node)) visit(part, look)
}
