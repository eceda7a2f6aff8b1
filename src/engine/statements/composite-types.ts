import { notSupported, QueryError } from '../../base/errors.ts'
import type { CompositeType, RecordField } from '../../data/types/data-type.ts'
import { digitLimit, lengthLimit, timeLimit, dataTypeOf } from '../../plan/binder/type-name.ts'
import type { NamedType } from '../../plan/catalog/catalog.ts'
import { mentions } from '../../plan/catalog/mentions.ts'
import { namedTypes } from '../../plan/catalog/types.ts'
import type { AttributeAction, AttributeDefinition } from '../../sql/ast/definition.ts'
import type { StatementContext } from '../context/statement-context.ts'
import type { Notice } from '../results/result.ts'
import { skipping } from '../tables/alter/altered-table.ts'
import { refuseUsed } from '../tables/alter/reshaped-rows.ts'

const ATTRIBUTES_MAX = 1_600

/** The fields that CREATE TYPE declares. Errors: DUPLICATE_COLUMN, TOO_MANY_COLUMNS, UNDEFINED_OBJECT. */
export function declaredFields(
  ctx: StatementContext,
  attributes: readonly AttributeDefinition[],
): readonly RecordField[] {
  if (attributes.length > ATTRIBUTES_MAX) {
    throw new QueryError('TOO_MANY_COLUMNS', `tables can have at most ${ATTRIBUTES_MAX} columns`)
  }
  const seen = new Set<string>()
  for (const { name } of attributes) {
    if (seen.has(name.text)) {
      throw new QueryError('DUPLICATE_COLUMN', `column "${name.text}" specified more than once`)
    }
    seen.add(name.text)
  }
  return attributes.map((attribute) => declaredField(ctx, attribute))
}

function declaredField(
  { catalog, searchPath }: StatementContext,
  { name, type }: AttributeDefinition,
): RecordField {
  const limits = [lengthLimit(type), digitLimit(type), timeLimit(type)]
  if (limits.some((limit) => limit !== undefined)) {
    throw notSupported('attributes of a type with a length or a precision', type.span)
  }
  return { name: name.text, type: dataTypeOf(type, namedTypes(catalog, searchPath)) }
}

/** What a type becomes, action by action, the first being what it is. */
export interface AlteredType {
  readonly versions: readonly CompositeType[]
  readonly notices: readonly Notice[]
}

/** Does what ALTER TYPE says of attributes. Errors: WRONG_OBJECT_TYPE, UNDEFINED_COLUMN, DUPLICATE_COLUMN. */
export function alteredAttributes(
  ctx: StatementContext,
  entry: NamedType,
  actions: readonly AttributeAction[],
): AlteredType {
  let type = compositeOf(entry)
  const versions = [type]
  const notices: Notice[] = []
  for (const action of actions) {
    const at = type.fields.findIndex(({ name }) => name === nameOf(action))
    if (action.kind === 'drop' && action.ifExists && at < 0) {
      notices.push(skipping(noAttribute(entry, nameOf(action)).message))
      continue
    }
    if (action.kind !== 'add' && at < 0) throw noAttribute(entry, nameOf(action))
    if (action.kind === 'add' && at >= 0) throw attributeThere(entry, nameOf(action))
    type = { ...type, fields: changedFields(ctx, type, action, at) }
    versions.push(type)
  }
  return { versions, notices }
}

function nameOf(action: AttributeAction): string {
  return action.kind === 'drop' ? action.name.text : action.attribute.name.text
}

function changedFields(
  ctx: StatementContext,
  type: CompositeType,
  action: AttributeAction,
  at: number,
): readonly RecordField[] {
  if (action.kind === 'drop') return type.fields.filter((_, index) => index !== at)
  const field = declaredField(ctx, action.attribute)
  if (mentions(field.type, type)) {
    const message = `composite type ${type.name} cannot be made a member of itself`
    throw new QueryError('INVALID_TABLE_DEFINITION', message)
  }
  if (action.kind === 'add') return [...type.fields, field]
  refuseUsed(ctx.catalog, type, `type "${type.name}"`, 'it')
  return type.fields.map((before, index) => (index === at ? field : before))
}

/** The type with another name of an attribute. Errors: those of {@link alteredAttributes}. */
export function withAttributeRenamed(entry: NamedType, from: string, to: string): CompositeType {
  const type = compositeOf(entry)
  if (!type.fields.some(({ name }) => name === from)) {
    throw new QueryError('UNDEFINED_COLUMN', `column "${from}" does not exist`)
  }
  if (type.fields.some(({ name }) => name === to)) throw attributeThere(entry, to)
  const fields = type.fields.map((field) => (field.name === from ? { ...field, name: to } : field))
  return { ...type, fields }
}

function compositeOf({ name, type }: NamedType): CompositeType {
  if (type.kind === 'record') return type
  throw new QueryError('WRONG_OBJECT_TYPE', `"${name}" is not a composite type`)
}

function noAttribute({ name }: NamedType, attribute: string): QueryError {
  const message = `column "${attribute}" of relation "${name}" does not exist`
  return new QueryError('UNDEFINED_COLUMN', message)
}

function attributeThere({ name }: NamedType, attribute: string): QueryError {
  const message = `column "${attribute}" of relation "${name}" already exists`
  return new QueryError('DUPLICATE_COLUMN', message)
}
