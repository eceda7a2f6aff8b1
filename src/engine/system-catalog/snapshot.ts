import { wireType } from '../../data/binary/type-oids.ts'
import type { DeclaredType } from '../../data/types/declared-type.ts'
import type { Field, TimeLimit } from '../../data/types/schema.ts'
import type { Catalog, CatalogEntry, NamedType, TableEntry } from '../../plan/catalog/catalog.ts'
import { noRules, type ForeignKeyRule } from '../../plan/catalog/table-rules.ts'
import type { ObjectIds } from './object-ids.ts'
import { fieldOf, oidField, staticRows } from './static-rows.ts'

/** A relation that users have made, or an index of one, as pg_class knows it. */
export interface RelationObject {
  readonly oid: number
  readonly schema: string
  readonly name: string
  readonly kind: 'r' | 'v' | 'm' | 'S'
  readonly entry: CatalogEntry
  readonly columns: readonly ColumnObject[]
  /** Of its rows, and of arrays of these; 0 for sequences. */
  readonly rowType: number
  readonly arrayType: number
  /** Of the rule that a view is to PostgreSQL; 0 for others. */
  readonly ruleOid: number
  readonly indexes: readonly IndexObject[]
  readonly constraints: readonly ConstraintObject[]
}

export interface ColumnObject {
  /** From 1. */
  readonly number: number
  readonly name: string
  readonly typeOid: number
  readonly modifier: number
  readonly isNotNull: boolean
  /** As it was written; `defaultOid` is its own in pg_attrdef. */
  readonly defaultText: string | undefined
  readonly defaultOid: number
  readonly identity: '' | 'a' | 'd'
  readonly isGenerated: boolean
}

export interface IndexObject {
  readonly oid: number
  readonly name: string
  /** Numbers of columns. */
  readonly columns: readonly number[]
  readonly isUnique: boolean
  readonly isPrimary: boolean
  readonly nullsDistinct: boolean
}

export interface ConstraintObject {
  readonly oid: number
  readonly name: string
  readonly kind: 'p' | 'u' | 'c' | 'f'
  readonly columns: readonly number[]
  /** Of a check, as it was written. */
  readonly condition?: string
  readonly foreign?: ForeignKeyRule
  readonly index?: IndexObject
}

export interface TypeObject extends NamedType {
  readonly oid: number
  /** Of an enum one a label. */
  readonly labelOids: readonly number[]
}

/** The labels of an enum, in their order; a composite type has none. */
export function labelsOf({ type }: NamedType): readonly string[] {
  return type.kind === 'enum' ? type.labels.map(({ label }) => label) : []
}

/** OIDs of schemas that every database has. */
export const PG_CATALOG = 11
export const PUBLIC = 2_200

/** All that is in a catalog, with OIDs. Made once for each catalog that somebody asks about. */
export class CatalogSnapshot {
  readonly schemas: ReadonlyMap<string, number>
  readonly relations: readonly RelationObject[]
  readonly types: readonly TypeObject[]
  readonly #relationsByOid: ReadonlyMap<number, RelationObject>
  readonly #indexes: ReadonlyMap<number, readonly [RelationObject, IndexObject]>
  readonly #constraints: ReadonlyMap<number, readonly [RelationObject, ConstraintObject]>
  readonly #byName: ReadonlyMap<string, RelationObject>
  readonly #schemaNames: ReadonlyMap<number, string>

  constructor(catalog: Catalog, ids: ObjectIds) {
    this.schemas = schemasOf(catalog, ids)
    this.#schemaNames = new Map(Array.from(this.schemas, ([name, oid]) => [oid, name]))
    this.relations = [...catalog.relations.values()].flatMap((entries) =>
      Array.from(entries.values(), (entry) => relationOf(entry, ids)),
    )
    this.types = [...catalog.types.values()].flatMap((entries) =>
      Array.from(entries.values(), (entry) => ({
        ...entry,
        oid: entry.type.id,
        labelOids: labelsOf(entry).map((label) => ids.of('label', String(entry.type.id), label)),
      })),
    )
    ids.forgetOthers()
    this.#relationsByOid = new Map(this.relations.map((one) => [one.oid, one]))
    this.#byName = new Map(this.relations.map((one) => [nameKey(one.schema, one.name), one]))
    this.#indexes = new Map(
      this.relations.flatMap((one) => one.indexes.map((index) => [index.oid, [one, index]])),
    )
    this.#constraints = new Map(
      this.relations.flatMap((one) => one.constraints.map((own) => [own.oid, [one, own]])),
    )
  }

  schemaOid(name: string): number {
    return this.schemas.get(name) ?? 0
  }

  schemaName(oid: number): string | undefined {
    return this.#schemaNames.get(oid)
  }

  relation(oid: number): RelationObject | undefined {
    return this.#relationsByOid.get(oid)
  }

  relationNamed(schema: string, name: string): RelationObject | undefined {
    return this.#byName.get(nameKey(schema, name))
  }

  index(oid: number): readonly [RelationObject, IndexObject] | undefined {
    return this.#indexes.get(oid)
  }

  /** The index of a name in a schema. */
  indexNamed(schema: string, name: string): IndexObject | undefined {
    for (const [relation, index] of this.#indexes.values()) {
      if (relation.schema === schema && index.name === name) return index
    }
    return undefined
  }

  constraint(oid: number): readonly [RelationObject, ConstraintObject] | undefined {
    return this.#constraints.get(oid)
  }

  indexes(): Iterable<readonly [RelationObject, IndexObject]> {
    return this.#indexes.values()
  }

  constraints(): Iterable<readonly [RelationObject, ConstraintObject]> {
    return this.#constraints.values()
  }
}

function nameKey(schema: string, name: string): string {
  return `${schema}\0${name}`
}

function schemasOf(catalog: Catalog, ids: ObjectIds): ReadonlyMap<string, number> {
  const schemas = new Map<string, number>()
  for (const row of staticRows('pg_namespace')) schemas.set(fieldOf(row, 'nspname'), oidField(row))
  for (const name of catalog.relations.keys()) {
    if (!schemas.has(name)) schemas.set(name, name === 'public' ? PUBLIC : ids.of('schema', name))
  }
  return schemas
}

function relationOf(entry: CatalogEntry, ids: ObjectIds): RelationObject {
  const { schema, name } = entry
  const oid = ids.of('relation', schema, name)
  const isSequence = entry.kind === 'sequence'
  const indexes = entry.kind === 'table' ? indexesOf(entry, ids) : []
  return {
    oid,
    schema,
    name,
    kind: kindOf(entry),
    entry,
    columns: columnsOf(entry, ids),
    rowType: isSequence ? 0 : ids.of('row', schema, name),
    arrayType: isSequence ? 0 : ids.of('rows', schema, name),
    ruleOid: entry.kind === 'view' ? ids.of('rule', schema, name) : 0,
    indexes,
    constraints: entry.kind === 'table' ? constraintsOf(entry, indexes, ids) : [],
  }
}

function kindOf(entry: CatalogEntry): RelationObject['kind'] {
  if (entry.kind === 'sequence') return 'S'
  if (entry.kind === 'table') return 'r'
  return entry.stored === undefined ? 'v' : 'm'
}

function columnsOf(entry: CatalogEntry, ids: ObjectIds): readonly ColumnObject[] {
  const rules = entry.kind === 'table' ? (entry.rules ?? noRules) : noRules
  return entry.columns.map((field, at) => {
    const { oid, modifier } = typeOfField(field)
    const identity = rules.identities?.[at]
    const generated = rules.generated?.[at]
    const isOfSequence = entry.kind === 'sequence'
    const defaultText = generated ?? (identity === undefined ? rules.defaults[at] : undefined)
    const { schema, name } = entry
    return {
      number: at + 1,
      name: field.name,
      typeOid: oid,
      modifier,
      isNotNull: isOfSequence || (entry.kind === 'table' && !field.nullable),
      defaultText,
      defaultOid: defaultText === undefined ? 0 : ids.of('default', schema, name, field.name),
      identity: identity === undefined ? '' : identity.always ? 'a' : 'd',
      isGenerated: generated !== undefined,
    }
  })
}

/** What a column was declared as, to clients. */
function typeOfField(field: Pick<Field, 'type'> & Partial<Field>): {
  readonly oid: number
  readonly modifier: number
} {
  const { oid, modifier } = wireType(field.type, declaredOf(field))
  return { oid, modifier: field.timeLimit === undefined ? modifier : timeModifier(field.timeLimit) }
}

function declaredOf(field: Pick<Field, 'type'> & Partial<Field>): DeclaredType | undefined {
  const { type, lengthLimit, digitLimit, declared, computed } = field
  if (digitLimit !== undefined) return { name: 'numeric', ...digitLimit }
  if (lengthLimit !== undefined) {
    return { name: lengthLimit.type, charactersMax: lengthLimit.charactersMax }
  }
  if (declared !== undefined) return { name: declared }
  const own = type.kind === 'array' ? type.element : type
  if (own.kind !== 'decimal' || computed === true) return undefined
  return { name: 'numeric', precision: own.precision, scale: own.scale }
}

/** Bits of the fields of an interval, as PostgreSQL's typmod has them. */
const fieldBits: Readonly<Record<string, number>> = {
  year: 2,
  month: 1,
  day: 3,
  hour: 10,
  minute: 11,
  second: 12,
}

const FULL_RANGE = 0x7fff
const FULL_PRECISION = 0xffff
/** From the longest unit to the shortest. */
const units = ['year', 'month', 'day', 'hour', 'minute', 'second']

function timeModifier({ digits, fields }: TimeLimit): number {
  if (fields === undefined) return digits ?? -1
  const [first = '', last = first] = fields.split(' to ')
  let range = 0
  for (const unit of units.slice(units.indexOf(first), units.indexOf(last) + 1)) {
    range |= 1 << (fieldBits[unit] ?? 0)
  }
  return ((range & FULL_RANGE) << 16) | (digits ?? FULL_PRECISION)
}

function indexesOf({ schema, rules }: TableEntry, ids: ObjectIds): readonly IndexObject[] {
  return (rules?.keys ?? []).map(({ name, kind, columns, nullsDistinct }) => ({
    oid: ids.of('index', schema, name),
    name,
    columns: columns.map((at) => at + 1),
    isUnique: true,
    isPrimary: kind === 'primary',
    nullsDistinct,
  }))
}

function constraintsOf(
  { schema, name: table, rules = noRules }: TableEntry,
  indexes: readonly IndexObject[],
  ids: ObjectIds,
): readonly ConstraintObject[] {
  const oidOf = (name: string): number => ids.of('constraint', schema, table, name)
  const keys = rules.keys.flatMap(({ name, kind, columns }, at): readonly ConstraintObject[] => {
    const index = indexes[at]
    if (kind === 'index' || index === undefined) return []
    const own = { oid: oidOf(name), name, columns: columns.map((one) => one + 1), index }
    return [{ ...own, kind: kind === 'primary' ? 'p' : 'u' }]
  })
  const checks = rules.checks.map(({ name, condition }): ConstraintObject => {
    return { oid: oidOf(name), name, kind: 'c', columns: [], condition }
  })
  const foreign = (rules.foreignKeys ?? []).map((rule): ConstraintObject => {
    const columns = rule.columns.map((at) => at + 1)
    return { oid: oidOf(rule.name), name: rule.name, kind: 'f', columns, foreign: rule }
  })
  return [...keys, ...checks, ...foreign]
}
