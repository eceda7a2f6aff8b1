import { QueryError, type ErrorCode } from '../../base/errors.ts'
import type { RegName } from '../../data/types/data-type.ts'
import type { ObjectNames } from '../../data/types/object-names.ts'
import { quotedName } from '../../functions/text/names.ts'
import { parseTypeText } from '../../sql/parse.ts'
import { isTemporarySchema, type SearchPath } from '../../plan/catalog/schemas.ts'
import { readName } from './read-name.ts'
import type { CatalogSnapshot } from './snapshot.ts'
import {
  fieldOf,
  oidField,
  staticRow,
  staticRows,
  staticRowsWith,
  type StaticCatalog,
  type StaticRow,
} from './static-rows.ts'
import { formatType, typeNamed, typeOfOid } from './type-names.ts'

/** A relation as a name leads to it. */
export interface NamedRelation {
  readonly oid: number
  readonly schema: string
  readonly name: string
}

/** The user to whom everything belongs. */
export const OWNER = 10
/** The one database. */
export const DATABASE = 5

/** Where a session is. */
export interface SessionPlace {
  readonly searchPath: SearchPath
  readonly user: string
  readonly database: string
  readonly session: number
}

/** A catalog as a session sees it: where names lead on its search path, and how objects are shown there. */
export class SessionNames implements ObjectNames {
  readonly snapshot: CatalogSnapshot
  readonly user: string
  /** The schemas that names without one are looked for in: pg_catalog first, unless the session says where. */
  readonly schemas: readonly string[]

  readonly database: string
  readonly databaseOid = DATABASE
  /** The number that clients cancel it by. */
  readonly session: number

  constructor(snapshot: CatalogSnapshot, { searchPath, user, database, session }: SessionPlace) {
    this.snapshot = snapshot
    this.user = user
    this.database = database
    this.session = session
    const named = searchPath.filter((schema) => snapshot.schemas.has(schema))
    const temporary = named.filter(isTemporarySchema)
    const others = named.filter((schema) => !isTemporarySchema(schema))
    this.schemas = named.includes('pg_catalog')
      ? [...temporary, ...others]
      : [...temporary, 'pg_catalog', ...others]
  }

  nameOf(type: RegName, oid: bigint): string {
    return this.#shown(type, Number(oid)) ?? String(oid)
  }

  oidOf(type: RegName, text: string): bigint {
    return BigInt(this.find(type, text))
  }

  /** As {@link oidOf}, as a number. */
  find(type: RegName, text: string): number {
    switch (type) {
      case 'regclass':
        return this.#relationNamed(text)
      case 'regtype':
        return this.typeNamed(text)
      case 'regproc':
        return this.#onlyNamed('pg_proc', 'proname', text, 'function', 'UNDEFINED_FUNCTION')
      case 'regprocedure':
        return this.#procedureNamed(text)
      case 'regoper':
        return this.#onlyNamed('pg_operator', 'oprname', text, 'operator', 'UNDEFINED_FUNCTION')
      case 'regoperator':
        return this.#operatorNamed(text)
      case 'regnamespace':
        return this.#schemaNamed(text)
      case 'regrole':
        return this.#roleNamed(text)
      case 'regcollation':
        return this.#collationNamed(text)
    }
  }

  #shown(type: RegName, oid: number): string | undefined {
    switch (type) {
      case 'regclass': {
        const relation = this.relation(oid)
        return relation && this.shownRelation(relation)
      }
      case 'regtype':
        return typeOfOid(this.snapshot, oid) && this.formatType(oid, null)
      case 'regproc':
        return this.#shownFunction(oid)
      case 'regprocedure':
        return this.#shownSignature(oid)
      case 'regoper': {
        const row = staticRow('pg_operator', oid)
        if (row === undefined) return undefined
        const name = fieldOf(row, 'oprname')
        const isOnly = staticRowsWith('pg_operator', 'oprname', name).length === 1
        return isOnly ? name : `pg_catalog.${name}`
      }
      case 'regoperator': {
        const row = staticRow('pg_operator', oid)
        if (row === undefined) return undefined
        const side = (name: string): string =>
          fieldOf(row, name) === '0' ? 'NONE' : this.formatType(oidField(row, name), null)
        return `${fieldOf(row, 'oprname')}(${side('oprleft')},${side('oprright')})`
      }
      case 'regnamespace': {
        const name = this.snapshot.schemaName(oid)
        return name && quotedName(name)
      }
      case 'regrole': {
        const name = this.roleName(oid)
        return name && quotedName(name)
      }
      case 'regcollation': {
        const row = staticRow('pg_collation', oid)
        return row && quotedName(fieldOf(row, 'collname'))
      }
    }
  }

  formatType(oid: number, modifier: number | null): string {
    return formatType(this.snapshot, oid, modifier, (schema, name) =>
      this.isTypeVisible(schema, name),
    )
  }

  roleName(oid: number): string | undefined {
    if (oid === OWNER) return this.user
    const row = staticRow('pg_authid', oid)
    return row && fieldOf(row, 'rolname')
  }

  /** The relation or index of an OID. */
  relation(oid: number): NamedRelation | undefined {
    const own = this.snapshot.relation(oid)
    if (own !== undefined) return own
    const index = this.snapshot.index(oid)
    if (index !== undefined) return { oid, schema: index[0].schema, name: index[1].name }
    const row = staticRow('pg_class', oid)
    if (row === undefined) return undefined
    const schema = this.snapshot.schemaName(oidField(row, 'relnamespace')) ?? ''
    return { oid, schema, name: fieldOf(row, 'relname') }
  }

  shownRelation({ oid, schema, name }: NamedRelation): string {
    const isVisible = this.#relationIn(this.schemas, name) === oid
    return isVisible ? quotedName(name) : `${quotedName(schema)}.${quotedName(name)}`
  }

  isRelationVisible(oid: number): boolean | null {
    const relation = this.relation(oid)
    return relation === undefined ? null : this.#relationIn(this.schemas, relation.name) === oid
  }

  isTypeVisible(schema: string, name: string): boolean {
    return typeNamed(this.snapshot, this.schemas, name) === typeNamed(this.snapshot, [schema], name)
  }

  /** Names of the columns of a relation; undefined where there is none. */
  columnsOf(oid: number): readonly string[] | undefined {
    const own = this.snapshot.relation(oid)
    if (own !== undefined) return own.columns.map(({ name }) => name)
    if (staticRow('pg_class', oid) === undefined) return undefined
    const rows = staticRowsWith('pg_attribute', 'attrelid', String(oid))
    return rows.map((row) => fieldOf(row, 'attname'))
  }

  isSchemaOnPath(oid: number): boolean {
    const name = this.snapshot.schemaName(oid)
    return name !== undefined && this.schemas.includes(name)
  }

  /** The relation of a name as a text has it; undefined where there is none. */
  lookupRelation(text: string): number | undefined {
    const parts = readName(text)
    const name = parts.at(-1) ?? ''
    const schema = parts.at(-2)
    if (schema === undefined) return this.#relationIn(this.schemas, name)
    return this.#relationIn([schema === 'pg_temp' ? this.#temporary : schema], name)
  }

  get #temporary(): string {
    return this.schemas.find(isTemporarySchema) ?? ''
  }

  #relationIn(schemas: readonly string[], name: string): number | undefined {
    for (const schema of schemas) {
      const own = this.snapshot.relationNamed(schema, name)?.oid
      const found = own ?? this.#staticRelation(schema, name)
      const oid = found ?? this.snapshot.indexNamed(schema, name)?.oid
      if (oid !== undefined) return oid
    }
    return undefined
  }

  #staticRelation(schema: string, name: string): number | undefined {
    const namespace = String(this.snapshot.schemaOid(schema))
    const row = staticRowsWith('pg_class', 'relname', name).find(
      (one) => one['relnamespace'] === namespace,
    )
    return row && oidField(row)
  }

  #relationNamed(text: string): number {
    const oid = this.lookupRelation(text)
    if (oid !== undefined) return oid
    const parts = readName(text)
    if (parts.length > 1 && !this.snapshot.schemas.has(parts.at(-2) ?? '')) {
      // As PostgreSQL has it: the relation is what is missing, whatever its schema.
      throw missing('UNDEFINED_TABLE', 'relation', parts.join('.'))
    }
    throw missing('UNDEFINED_TABLE', 'relation', parts.join('.'))
  }

  /** The OID of a type as SQL writes it. Errors: UNDEFINED_OBJECT, SYNTAX_ERROR. */
  typeNamed(text: string): number {
    const written = parseTypeText(text)
    const parts = written.name.split('.')
    const [schema, name = ''] = parts.length > 1 ? parts : [undefined, parts[0]]
    const schemas = schema === undefined ? this.schemas : [schema]
    const oid = typeNamed(this.snapshot, schemas, name)
    const found = oid === undefined || written.arrayDimensions === 0 ? oid : this.#arrayOf(oid)
    if (found !== undefined) return found
    throw missing('UNDEFINED_OBJECT', 'type', text.trim())
  }

  #arrayOf(oid: number): number | undefined {
    const row = staticRow('pg_type', oid)
    if (row !== undefined) return oidField(row, 'typarray') || undefined
    const relation = this.snapshot.relations.find(({ rowType }) => rowType === oid)
    return relation?.arrayType ?? oid + 1
  }

  #shownFunction(oid: number): string | undefined {
    const row = staticRow('pg_proc', oid)
    if (row === undefined) return undefined
    const name = fieldOf(row, 'proname')
    const own = quotedName(name)
    const schema = this.snapshot.schemaName(oidField(row, 'pronamespace')) ?? ''
    const isOnly = staticRowsWith('pg_proc', 'proname', name).length === 1
    return isOnly && this.schemas.includes(schema) ? own : `${quotedName(schema)}.${own}`
  }

  #shownSignature(oid: number): string | undefined {
    const row = staticRow('pg_proc', oid)
    if (row === undefined) return undefined
    const types = typesOf(row).map((type) => this.formatType(type, null))
    return `${quotedName(fieldOf(row, 'proname'))}(${types.join(',')})`
  }

  #onlyNamed(
    catalog: StaticCatalog,
    column: string,
    text: string,
    what: string,
    code: ErrorCode,
  ): number {
    const parts = what === 'operator' ? [text.replace(/^pg_catalog\./, '')] : readName(text)
    const rows = staticRowsWith(catalog, column, parts.at(-1) ?? '')
    const [row] = rows
    const shown = parts.join('.')
    if (row === undefined) {
      const message = `${what} ${what === 'operator' ? shown : `"${shown}"`} does not exist`
      throw new QueryError(code, message)
    }
    if (rows.length === 1) return oidField(row)
    const name = what === 'operator' ? shown : `"${shown}"`
    throw new QueryError('AMBIGUOUS_FUNCTION', `more than one ${what} named ${name}`)
  }

  #procedureNamed(text: string): number {
    const { name, types } = this.#signatureOf(text, '')
    const row = staticRowsWith('pg_proc', 'proname', name.at(-1) ?? '').find(
      (one) => typesOf(one).join() === types.join(),
    )
    if (row !== undefined) return oidField(row)
    throw new QueryError('UNDEFINED_FUNCTION', `function "${text}" does not exist`)
  }

  #operatorNamed(text: string): number {
    const { name, types } = this.#signatureOf(text, 'operator')
    if (types.length !== 2) {
      const message = types.length < 2 ? 'missing argument' : 'too many arguments'
      throw new QueryError('INVALID_PARAMETER_VALUE', message)
    }
    const row = staticRowsWith('pg_operator', 'oprname', name.at(-1) ?? '').find(
      (one) => oidField(one, 'oprleft') === types[0] && oidField(one, 'oprright') === types[1],
    )
    if (row !== undefined) return oidField(row)
    throw new QueryError('UNDEFINED_FUNCTION', `operator does not exist: ${text}`)
  }

  /** `name(type, type)`. Errors: INVALID_TEXT_REPRESENTATION. */
  #signatureOf(
    text: string,
    what: '' | 'operator',
  ): { readonly name: readonly string[]; readonly types: readonly number[] } {
    const open = text.indexOf('(')
    if (open < 0) throw new QueryError('INVALID_TEXT_REPRESENTATION', 'expected a left parenthesis')
    if (!text.trimEnd().endsWith(')')) {
      throw new QueryError('INVALID_TEXT_REPRESENTATION', 'expected a right parenthesis')
    }
    const named = text.slice(0, open).trim()
    const name = what === 'operator' ? [named.replace(/^pg_catalog\./, '')] : readName(named)
    const listed = text
      .trimEnd()
      .slice(open + 1, -1)
      .trim()
    const parts = listed === '' ? [] : listed.split(',').map((part) => part.trim())
    const types = parts.map((part) =>
      what === 'operator' && part.toUpperCase() === 'NONE' ? 0 : this.typeNamed(part),
    )
    return { name, types }
  }

  #schemaNamed(text: string): number {
    const name = readName(text).join('.')
    const oid = this.snapshot.schemas.get(name)
    if (oid === undefined) throw missing('UNDEFINED_SCHEMA', 'schema', name)
    return oid
  }

  #roleNamed(text: string): number {
    const name = readName(text).join('.')
    if (name === this.user) return OWNER
    const row = staticRowsWith('pg_authid', 'rolname', name)[0]
    if (row === undefined) throw missing('UNDEFINED_OBJECT', 'role', name)
    return oidField(row)
  }

  #collationNamed(text: string): number {
    const name = readName(text).at(-1) ?? ''
    const row = staticRows('pg_collation').find((one) => one['collname'] === name)
    if (row !== undefined) return oidField(row)
    const message = `collation "${name}" for encoding "UTF8" does not exist`
    throw new QueryError('UNDEFINED_OBJECT', message)
  }
}

/** The types of a function's arguments. */
export function typesOf(row: StaticRow): readonly number[] {
  return fieldOf(row, 'proargtypes')
    .split(' ')
    .filter((part) => part !== '')
    .map(Number)
}

function missing(code: ErrorCode, what: string, name: string): QueryError {
  return new QueryError(code, `${what} "${name}" does not exist`)
}
