import { QueryError } from '../../base/errors.ts'
import { castKind, shownType } from '../../data/types/coercion.ts'
import type { DataType } from '../../data/types/data-type.ts'
import type { Schema } from '../../data/types/schema.ts'
import { objectName } from '../../plan/binder/object-name.ts'
import type { Catalog, TableEntry } from '../../plan/catalog/catalog.ts'
import { hasKeyOver } from '../../plan/catalog/references.ts'
import { findRelation, addRelation } from '../../plan/catalog/relations.ts'
import { addSchema, isTemporarySchema } from '../../plan/catalog/schemas.ts'
import type { ForeignKeyRule } from '../../plan/catalog/table-rules.ts'
import type { ForeignKeyConstraint, ReferenceAction } from '../../sql/ast/definition.ts'
import type { Identifier } from '../../sql/ast/expression.ts'
import type { StatementContext } from '../context/statement-context.ts'
import type { MemoryTable } from './memory-tables.ts'

/** Gives constraints of one table their names. */
interface ConstraintNames {
  /** Errors: DUPLICATE_OBJECT, DUPLICATE_TABLE. */
  take(name: string, table: string): string
  choose(wanted: string): string
}

/**
 * The foreign keys that are declared of a table, which has all but them. Errors: UNDEFINED_TABLE, UNDEFINED_COLUMN,
 * INVALID_FOREIGN_KEY, UNDEFINED_OBJECT, DATATYPE_MISMATCH, INVALID_TABLE_DEFINITION, WRONG_OBJECT_TYPE.
 */
export function foreignKeyRules(
  ctx: StatementContext,
  constraints: readonly ForeignKeyConstraint[],
  table: MemoryTable,
  names: ConstraintNames,
): readonly ForeignKeyRule[] {
  if (constraints.length === 0) return []
  const catalog = withTable(ctx.catalog, table)
  return constraints.map((constraint) => {
    const columns = positionsOf(table.columns, constraint.columns)
    const target = targetTable(ctx, catalog, constraint, table)
    const keyed = keyOf(target, constraint)
    const targetColumns = keyed ?? positionsOf(target.columns, constraint.targetColumns)
    const base = `${table.name}_${constraint.columns.map(({ text }) => text).join('_')}_fkey`
    const { name: given } = constraint
    const name = given === undefined ? names.choose(base) : names.take(given.text, table.name)
    if (columns.length !== targetColumns.length) {
      const message = 'number of referencing and referenced columns for foreign key disagree'
      throw new QueryError('INVALID_FOREIGN_KEY', message)
    }
    if (keyed === undefined && !hasKeyOver(target.rules?.keys ?? [], targetColumns)) {
      const message = `there is no unique constraint matching given keys for referenced table "${target.name}"`
      throw new QueryError('INVALID_FOREIGN_KEY', message)
    }
    refuseTypes(name, fieldsAt(table, columns), fieldsAt(target, targetColumns))
    return {
      name,
      columns,
      target: { schema: target.schema, name: target.name },
      targetColumns,
      match: constraint.match,
      ...actionsOf(table, constraint, columns),
    }
  })
}

function withTable(catalog: Catalog, table: MemoryTable): Catalog {
  const { schema } = table
  const there = isTemporarySchema(schema) ? addSchema(catalog, schema, 'keep') : catalog
  return addRelation(there, table, 'replace')
}

function targetTable(
  { searchPath }: StatementContext,
  catalog: Catalog,
  { target: name }: ForeignKeyConstraint,
  { schema }: MemoryTable,
): TableEntry {
  const target = findRelation(catalog, objectName(name), searchPath)
  if (target.kind !== 'table' || target.source.kind !== 'memory') {
    const message = `referenced relation "${target.name}" is not a table`
    throw new QueryError('WRONG_OBJECT_TYPE', message)
  }
  if (isTemporarySchema(schema) !== isTemporarySchema(target.schema)) {
    const kind = isTemporarySchema(schema) ? 'temporary' : 'permanent'
    const message = `constraints on ${kind} tables may reference only ${kind} tables`
    throw new QueryError('INVALID_TABLE_DEFINITION', message)
  }
  return target
}

/** The columns of the primary key, where the constraint names none. Errors: UNDEFINED_OBJECT. */
function keyOf(
  { name, rules }: TableEntry,
  { targetColumns }: ForeignKeyConstraint,
): readonly number[] | undefined {
  if (targetColumns.length > 0) return undefined
  const key = rules?.keys.find(({ kind }) => kind === 'primary')
  if (key !== undefined) return key.columns
  const message = `there is no primary key for referenced table "${name}"`
  throw new QueryError('UNDEFINED_OBJECT', message)
}

function positionsOf(columns: Schema, names: readonly Identifier[]): readonly number[] {
  return names.map(({ text }) => {
    const position = columns.findIndex(({ name }) => name === text)
    if (position >= 0) return position
    const message = `column "${text}" referenced in foreign key constraint does not exist`
    throw new QueryError('UNDEFINED_COLUMN', message)
  })
}

/** Errors: UNDEFINED_COLUMN, INVALID_COLUMN_REFERENCE, SYNTAX_ERROR. */
function actionsOf(
  { columns, rules }: TableEntry,
  { onUpdate, onDelete }: ForeignKeyConstraint,
  own: readonly number[],
): Pick<ForeignKeyRule, 'onUpdate' | 'onDelete'> {
  const named = positionsOf(columns, onDelete.columns)
  const other = named.findIndex((at) => !own.includes(at))
  if (other >= 0) {
    const name = onDelete.columns[other]!.text
    const message = `column "${name}" referenced in ON DELETE SET action must be part of foreign key`
    throw new QueryError('INVALID_COLUMN_REFERENCE', message)
  }
  if (own.some((at) => rules?.generated?.[at] !== undefined)) {
    if (isSetting(onUpdate) || onUpdate.kind === 'cascade') throw ofGenerated('ON UPDATE')
    if (isSetting(onDelete)) throw ofGenerated('ON DELETE')
  }
  return {
    onUpdate: { kind: onUpdate.kind, columns: own },
    onDelete: { kind: onDelete.kind, columns: named.length > 0 ? [...new Set(named)] : own },
  }
}

function isSetting({ kind }: ReferenceAction): boolean {
  return kind === 'set null' || kind === 'set default'
}

function ofGenerated(event: string): QueryError {
  const message = `invalid ${event} action for foreign key constraint containing generated column`
  return new QueryError('SYNTAX_ERROR', message)
}

function fieldsAt({ columns }: TableEntry, positions: readonly number[]): Schema {
  return positions.map((position) => columns[position]!)
}

const integers: ReadonlySet<string> = new Set(['int2', 'int4', 'int8'])
const floats: ReadonlySet<string> = new Set(['float4', 'float8'])

/** Whether a value of one type may be looked up among those of another without a cast that could change it. */
function isComparable(from: DataType, to: DataType): boolean {
  if ([integers, floats].some((kinds) => kinds.has(from.kind) && kinds.has(to.kind))) return true
  const numbers: ReadonlySet<string> = new Set(['decimal', 'numeric'])
  if (numbers.has(from.kind) && numbers.has(to.kind)) return true
  if (numbers.has(to.kind) && integers.has(from.kind)) return true
  return castKind(from, to) === 'implicit'
}

/** Errors: DATATYPE_MISMATCH. */
function refuseTypes(constraint: string, columns: Schema, keys: Schema): void {
  for (const [at, { name, type }] of columns.entries()) {
    const key = keys[at]!
    if (isComparable(type, key.type)) continue
    const message = `foreign key constraint "${constraint}" cannot be implemented`
    throw new QueryError('DATATYPE_MISMATCH', message, {
      detail: `Key columns "${name}" and "${key.name}" are of incompatible types: ${shownType(type)} and ${shownType(key.type)}.`,
    })
  }
}
