import { QueryError } from '../../base/errors.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { quotedName } from '../../functions/text/names.ts'
import { typesOf, type SessionNames } from './object-names.ts'
import { fieldOf, oidField, staticRow, type StaticRow } from './static-rows.ts'
import { readArrayText } from '../../data/types/array-text.ts'

/** Parts of an array of a catalog; none where it is NULL. */
function partsOf(row: StaticRow, name: string): readonly (string | null)[] | undefined {
  const text = row[name] ?? null
  return text === null ? undefined : readArrayText(text).elements
}

/** How a declaration says what an argument is for. */
const modes: Readonly<Record<string, string>> = { o: 'OUT ', b: 'INOUT ', v: 'VARIADIC ' }

/** The arguments of a function as its declaration has them; `isIdentity`: those that tell it from others. */
export function functionArguments(names: SessionNames, oid: number, isIdentity = false): Scalar {
  const row = staticRow('pg_proc', oid)
  if (row === undefined) return null
  const all = partsOf(row, 'proallargtypes')?.map(Number) ?? typesOf(row)
  const argumentModes = partsOf(row, 'proargmodes')
  const argumentNames = partsOf(row, 'proargnames')
  const shown = all.flatMap((type, at) => {
    const mode = argumentModes?.[at] ?? 'i'
    if (mode === 't' || (isIdentity && mode === 'o')) return []
    const name = argumentNames?.[at] ?? ''
    const called = name === '' ? '' : `${quotedName(name)} `
    return [`${modes[mode] ?? ''}${called}${names.formatType(type, -1)}`]
  })
  return shown.join(', ')
}

/** What a function gives: `SETOF text`, `TABLE(a integer)`; NULL for a procedure. */
export function functionResult(names: SessionNames, oid: number): Scalar {
  const row = staticRow('pg_proc', oid)
  if (row === undefined || fieldOf(row, 'prokind') === 'p') return null
  const modesOf = partsOf(row, 'proargmodes')
  if (modesOf?.includes('t') === true) return tableResult(names, row, modesOf)
  const setOf = fieldOf(row, 'proretset') === 'true' ? 'SETOF ' : ''
  return `${setOf}${names.formatType(oidField(row, 'prorettype'), -1)}`
}

function tableResult(
  names: SessionNames,
  row: StaticRow,
  modesOf: readonly (string | null)[],
): string {
  const types = partsOf(row, 'proallargtypes') ?? []
  const called = partsOf(row, 'proargnames') ?? []
  const columns = modesOf.flatMap((mode, at) =>
    mode === 't'
      ? [`${quotedName(called[at] ?? '')} ${names.formatType(Number(types[at]), -1)}`]
      : [],
  )
  return `TABLE(${columns.join(', ')})`
}

/** The words for how a function may be called, by letters of pg_proc. */
const volatilities: Readonly<Record<string, string>> = { i: ' IMMUTABLE', s: ' STABLE' }
const parallels: Readonly<Record<string, string>> = {
  s: ' PARALLEL SAFE',
  r: ' PARALLEL RESTRICTED',
}

/** The statement that makes a function. Errors: it is an aggregate. */
export function functionDefinition(names: SessionNames, oid: number): Scalar {
  const row = staticRow('pg_proc', oid)
  if (row === undefined) return null
  const name = fieldOf(row, 'proname')
  if (row['prokind'] === 'a') {
    throw new QueryError('WRONG_OBJECT_TYPE', `"${name}" is an aggregate function`)
  }
  const language = fieldOf(staticRow('pg_language', oidField(row, 'prolang')) ?? row, 'lanname')
  const options = [
    row['prokind'] === 'w' ? ' WINDOW' : '',
    volatilities[row['provolatile'] ?? ''] ?? '',
    parallels[row['proparallel'] ?? ''] ?? '',
    row['proisstrict'] === 'true' ? ' STRICT' : '',
  ].join('')
  const head = `pg_catalog.${quotedName(name)}(${String(functionArguments(names, oid))})`
  const body = `AS $function$${fieldOf(row, 'prosrc')}$function$`
  return (
    `CREATE OR REPLACE FUNCTION ${head}\n RETURNS ${String(functionResult(names, oid))}\n ` +
    `LANGUAGE ${language}\n${options}\n${body}\n`
  )
}
