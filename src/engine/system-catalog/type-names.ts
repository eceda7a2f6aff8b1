import { quotedName } from '../../functions/text/names.ts'
import type { CatalogSnapshot } from './snapshot.ts'
import { fieldOf, oidField, staticRow, staticRows } from './static-rows.ts'

/** What is to be known of a type to show its name. */
export interface ShownType {
  readonly schema: string
  readonly name: string
  /** Of arrays: their elements' type. */
  readonly elementOid: number
}

const VARIABLE = '-1'
const ARRAY_SUBSCRIPT = '6179'

/** The type of an OID: of PostgreSQL's own, one that was made, or that of a relation's rows. */
export function typeOfOid(snapshot: CatalogSnapshot, oid: number): ShownType | undefined {
  const row = staticRow('pg_type', oid)
  if (row !== undefined) {
    const isArray = fieldOf(row, 'typsubscript') === ARRAY_SUBSCRIPT
    const schema = snapshot.schemaName(oidField(row, 'typnamespace')) ?? 'pg_catalog'
    const name = fieldOf(row, 'typname')
    const isList = isArray && fieldOf(row, 'typlen') === VARIABLE
    return { schema, name, elementOid: isList ? oidField(row, 'typelem') : 0 }
  }
  return madeType(snapshot, oid)
}

function madeType(snapshot: CatalogSnapshot, oid: number): ShownType | undefined {
  for (const { schema, name, oid: own } of snapshot.types) {
    if (own === oid) return { schema, name, elementOid: 0 }
    if (own + 1 === oid) return { schema, name: `_${name}`, elementOid: own }
  }
  for (const { schema, name, rowType, arrayType } of snapshot.relations) {
    if (rowType === oid && rowType !== 0) return { schema, name, elementOid: 0 }
    if (arrayType === oid && arrayType !== 0) {
      return { schema, name: `_${name}`, elementOid: rowType }
    }
  }
  return undefined
}

/** The OID of a type by its name in the catalog; the schemas are looked through in order. */
export function typeNamed(
  snapshot: CatalogSnapshot,
  schemas: readonly string[],
  name: string,
): number | undefined {
  for (const schema of schemas) {
    const found = typeIn(snapshot, schema, name)
    if (found !== undefined) return found
  }
  return undefined
}

let staticTypes: ReadonlyMap<string, number> | undefined

function typeIn(snapshot: CatalogSnapshot, schema: string, name: string): number | undefined {
  staticTypes ??= new Map(
    staticRows('pg_type').map((row) => [
      `${fieldOf(row, 'typnamespace')}.${fieldOf(row, 'typname')}`,
      oidField(row),
    ]),
  )
  const own = staticTypes.get(`${snapshot.schemaOid(schema)}.${name}`)
  if (own !== undefined) return own
  for (const type of snapshot.types) {
    if (type.schema !== schema) continue
    if (type.name === name) return type.oid
    if (`_${type.name}` === name) return type.oid + 1
  }
  const relation = snapshot.relationNamed(schema, name)
  if (relation !== undefined && relation.rowType !== 0) return relation.rowType
  if (!name.startsWith('_')) return undefined
  const element = snapshot.relationNamed(schema, name.slice(1))
  return element === undefined || element.arrayType === 0 ? undefined : element.arrayType
}

interface BuiltInName {
  readonly name: string
  /** What stands behind the modifier. */
  readonly behind?: string
  /** Whether the name means something else where no length is given. */
  readonly needsLength?: true
}

/** Types that SQL has words of its own for. */
const builtInNames: Readonly<Record<number, BuiltInName>> = {
  16: { name: 'boolean' },
  20: { name: 'bigint' },
  21: { name: 'smallint' },
  23: { name: 'integer' },
  700: { name: 'real' },
  701: { name: 'double precision' },
  1042: { name: 'character', needsLength: true },
  1043: { name: 'character varying' },
  1083: { name: 'time', behind: ' without time zone' },
  1114: { name: 'timestamp', behind: ' without time zone' },
  1184: { name: 'timestamp', behind: ' with time zone' },
  1186: { name: 'interval' },
  1266: { name: 'time', behind: ' with time zone' },
  1560: { name: 'bit', needsLength: true },
  1562: { name: 'bit varying' },
  1700: { name: 'numeric' },
}

/**
 * format_type: how SQL writes a type. `modifier`: null where none is told; -1: none is set.
 * `isVisible`: whether a name needs no schema.
 */
export function formatType(
  snapshot: CatalogSnapshot,
  oid: number,
  modifier: number | null,
  isVisible: (schema: string, name: string) => boolean,
): string {
  if (oid === 0) return '-'
  const type = typeOfOid(snapshot, oid)
  if (type === undefined) return '???'
  if (type.elementOid !== 0) {
    return `${formatType(snapshot, type.elementOid, modifier, isVisible)}[]`
  }
  const builtIn = builtInNames[oid]
  const given = modifier !== null && modifier >= 0
  const shown = given ? modifierText(oid, modifier) : ''
  if (builtIn !== undefined && (builtIn.needsLength !== true || given || modifier === null)) {
    return `${builtIn.name}${shown}${builtIn.behind ?? ''}`
  }
  const own = quotedName(type.name)
  const name = oid === CHAR ? '"char"' : own
  const plain = isVisible(type.schema, type.name) ? name : `${quotedName(type.schema)}.${name}`
  return builtIn === undefined ? `${plain}${shown}` : `${quotedBuiltIn(type.name)}`
}

const CHAR = 18

/** `bit` is a word of SQL, which means bit(1). */
function quotedBuiltIn(name: string): string {
  return name === 'bit' ? '"bit"' : name
}

const HEAD_BYTES = 4
const FULL_PRECISION = 0xffff

function modifierText(oid: number, modifier: number): string {
  switch (oid) {
    case 1042:
    case 1043:
      return modifier > HEAD_BYTES ? `(${modifier - HEAD_BYTES})` : ''
    case 1560:
    case 1562:
      return `(${modifier})`
    case 1700: {
      const digits = modifier - HEAD_BYTES
      const scale = ((digits & 0x7ff) ^ 1024) - 1024
      return digits < 0 ? '' : `(${(digits >>> 16) & 0xffff},${scale})`
    }
    case 1186:
      return intervalModifier(modifier)
    case 1083:
    case 1114:
    case 1184:
    case 1266:
      return `(${modifier})`
    default:
      return `(${modifier})`
  }
}

const YEAR = 4
const MONTH = 2
const DAY = 8
const HOUR = 1_024
const MINUTE = 2_048
const SECOND = 4_096

const fieldNames: ReadonlyMap<number, string> = new Map([
  [YEAR, ' year'],
  [MONTH, ' month'],
  [DAY, ' day'],
  [HOUR, ' hour'],
  [MINUTE, ' minute'],
  [SECOND, ' second'],
  [YEAR | MONTH, ' year to month'],
  [DAY | HOUR, ' day to hour'],
  [DAY | HOUR | MINUTE, ' day to minute'],
  [DAY | HOUR | MINUTE | SECOND, ' day to second'],
  [HOUR | MINUTE, ' hour to minute'],
  [HOUR | MINUTE | SECOND, ' hour to second'],
  [MINUTE | SECOND, ' minute to second'],
])

function intervalModifier(modifier: number): string {
  const fields = fieldNames.get((modifier >>> 16) & 0x7fff) ?? ''
  const precision = modifier & FULL_PRECISION
  return precision === FULL_PRECISION ? fields : `${fields}(${precision})`
}
