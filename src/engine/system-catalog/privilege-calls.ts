import { QueryError, type ErrorCode } from '../../base/errors.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import type { CatalogCall } from './catalog-call.ts'
import { OWNER, type SessionNames } from './object-names.ts'
import { readName } from './read-name.ts'
import { staticRow, staticRowsWith } from './static-rows.ts'
import { typeOfOid } from './type-names.ts'

/** A kind of object that privileges are asked of. */
interface Privileged {
  /** The words that say what one may do. */
  readonly words: readonly string[]
  /** The OID of the object of a name. Errors: there is none. */
  named(names: SessionNames, name: string): number
  isThere(names: SessionNames, oid: number): boolean
}

const relationNamed = (names: SessionNames, name: string): number => names.find('regclass', name)
const isRelation = (names: SessionNames, oid: number): boolean => names.relation(oid) !== undefined

function undefinedObject(what: string, name: string, code: ErrorCode = 'UNDEFINED_OBJECT'): never {
  throw new QueryError(code, `${what} "${name}" does not exist`)
}

/** Those that there are by a catalog that no user adds to. */
function inCatalog(
  what: string,
  catalog: 'pg_language' | 'pg_tablespace',
  column: string,
): Privileged {
  return {
    words: what === 'language' ? ['USAGE'] : ['CREATE'],
    named(_, name) {
      const [row] = staticRowsWith(catalog, column, name)
      return row === undefined ? undefinedObject(what, name) : Number(row['oid'])
    },
    isThere: (_, oid) => staticRow(catalog, oid) !== undefined,
  }
}

function none(what: string, words: readonly string[]): Privileged {
  return { words, named: (_, name) => undefinedObject(what, name), isThere: () => false }
}

const columnWords = ['SELECT', 'INSERT', 'UPDATE', 'REFERENCES']
const tableWords = [...columnWords, 'DELETE', 'TRUNCATE', 'TRIGGER']

const kinds: Readonly<Record<string, Privileged>> = {
  table: { words: tableWords, named: relationNamed, isThere: isRelation },
  any_column: { words: columnWords, named: relationNamed, isThere: isRelation },
  sequence: {
    words: ['USAGE', 'SELECT', 'UPDATE'],
    named(names, name) {
      const oid = names.find('regclass', name)
      if (names.snapshot.relation(oid)?.kind === 'S') return oid
      const shown = readName(name).at(-1) ?? name
      throw new QueryError('WRONG_OBJECT_TYPE', `"${shown}" is not a sequence`)
    },
    isThere: isRelation,
  },
  database: {
    words: ['CREATE', 'TEMPORARY', 'TEMP', 'CONNECT'],
    named: (names, name) =>
      name === names.database
        ? names.databaseOid
        : undefinedObject('database', name, 'UNDEFINED_DATABASE'),
    isThere: (names, oid) => oid === names.databaseOid,
  },
  schema: {
    words: ['CREATE', 'USAGE'],
    named: (names, name) =>
      names.snapshot.schemas.get(name) ?? undefinedObject('schema', name, 'UNDEFINED_SCHEMA'),
    isThere: (names, oid) => names.snapshot.schemaName(oid) !== undefined,
  },
  function: {
    words: ['EXECUTE'],
    named: (names, name) => names.find('regprocedure', name),
    isThere: (_, oid) => staticRow('pg_proc', oid) !== undefined,
  },
  type: {
    words: ['USAGE'],
    named: (names, name) => names.find('regtype', name),
    isThere: (names, oid) => typeOfOid(names.snapshot, oid) !== undefined,
  },
  language: inCatalog('language', 'pg_language', 'lanname'),
  tablespace: inCatalog('tablespace', 'pg_tablespace', 'spcname'),
  server: none('server', ['USAGE']),
  foreign_data_wrapper: none('foreign-data wrapper', ['USAGE']),
}

/** Whether a user that is named has all rights: the owner of all. Errors: there is no such user. */
function isOwner(names: SessionNames, user: Scalar): boolean {
  if (typeof user !== 'string') return Number(user) === OWNER
  if (user === names.user) return true
  if (user === 'public') return false
  names.find('regrole', `"${user.replaceAll('"', '""')}"`)
  return false
}

/** Errors: INVALID_PARAMETER_VALUE for a word that is no privilege of the kind. */
function checkWords(text: Scalar, words: readonly string[]): void {
  for (const part of String(text).split(',')) {
    const word = part
      .trim()
      .toUpperCase()
      .replace(/ WITH GRANT OPTION$/, '')
    if (!words.includes(word)) {
      const message = `unrecognized privilege type: "${part.trim()}"`
      throw new QueryError('INVALID_PARAMETER_VALUE', message)
    }
  }
}

function privilege(kind: Privileged): CatalogCall {
  return (names, args) => {
    const [object = null, words = null] = args.slice(-2)
    const user = args.length > 2 ? (args[0] ?? null) : names.user
    const owns = isOwner(names, user)
    const oid = typeof object === 'string' ? kind.named(names, object) : Number(object)
    checkWords(words, kind.words)
    return kind.isThere(names, oid) ? owns : null
  }
}

const columnPrivilege: CatalogCall = (names, args) => {
  const [object = null, column = null, words = null] = args.slice(-3)
  const owns = isOwner(names, args.length > 3 ? (args[0] ?? null) : names.user)
  const oid = typeof object === 'string' ? names.find('regclass', object) : Number(object)
  const columns = names.columnsOf(oid)
  checkWords(words, columnWords)
  if (columns === undefined) return null
  if (typeof column !== 'string') return columns.length >= Number(column) ? owns : null
  if (columns.includes(column)) return owns
  const relation = names.relation(oid)?.name ?? ''
  const message = `column "${column}" of relation "${relation}" does not exist`
  throw new QueryError('UNDEFINED_COLUMN', message)
}

const memberOf: CatalogCall = (names, args) => {
  const [role = null, words = null] = args.slice(-2)
  if (typeof role === 'string') names.find('regrole', `"${role.replaceAll('"', '""')}"`)
  const owns = isOwner(names, args.length > 2 ? (args[0] ?? null) : names.user)
  checkWords(words, ['USAGE', 'MEMBER'])
  return owns
}

/** Types of arguments that privileges are asked by, see functions/catalogs. */
const lists = [
  'text,text',
  'oid,text',
  'text,text,text',
  'text,oid,text',
  'oid,text,text',
  'oid,oid,text',
]
const objects = ['text', 'oid', 'text,text', 'text,oid', 'oid,text', 'oid,oid']

export const privilegeCalls: Readonly<Record<string, CatalogCall>> = Object.fromEntries([
  ...Object.entries(kinds).flatMap(([name, kind]) =>
    lists.map((list) => [`has_${name}_privilege(${list})`, privilege(kind)] as const),
  ),
  ...objects.flatMap((object) =>
    ['text', 'int2'].map(
      (column) => [`has_column_privilege(${object},${column},text)`, columnPrivilege] as const,
    ),
  ),
  ...lists.map((list) => [`pg_has_role(${list})`, memberOf] as const),
])
