import { present } from '../../base/assert.ts'
import { postgresRows } from './postgres-rows.ts'

/** A row of a catalog as texts, by its columns. */
export type StaticRow = Readonly<Record<string, string | null>>

export type StaticCatalog = keyof ReturnType<typeof postgresRows>

const known = new Map<string, readonly StaticRow[]>()

/** The rows that a catalog has in every database; none of those that begin empty. */
export function staticRows(catalog: string): readonly StaticRow[] {
  let rows = known.get(catalog)
  if (rows === undefined) {
    const all = postgresRows()
    rows = Object.hasOwn(all, catalog) ? readRows(all[catalog as StaticCatalog]) : []
    known.set(catalog, rows)
  }
  return rows
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '\\': '\\' }

/** Lines of fields as COPY writes them; `~` is what the line before had. */
function readRows(source: string): readonly StaticRow[] {
  const [head = '', ...lines] = source.split('\n')
  const names = head.split('\t')
  let before: readonly (string | null)[] = []
  return lines.map((line) => {
    before = line.split('\t').map((field, at) => {
      if (field === '~') return before[at] ?? null
      return field === '\\N'
        ? null
        : field.replaceAll(/\\(.)/g, (_, one: string) => escapes[one] ?? one)
    })
    return Object.fromEntries(names.map((name, at) => [name, before[at] ?? null]))
  })
}

/** A field that is never NULL. */
export function fieldOf(row: StaticRow, name: string): string {
  return present(row[name], `${name} of a catalog`)
}

export function oidField(row: StaticRow, name = 'oid'): number {
  return Number(fieldOf(row, name))
}

const byOid = new Map<string, ReadonlyMap<number, StaticRow>>()

/** The row of an OID, in a catalog whose rows have one. */
export function staticRow(catalog: StaticCatalog, oid: number): StaticRow | undefined {
  let rows = byOid.get(catalog)
  if (rows === undefined) {
    rows = new Map(staticRows(catalog).map((row) => [oidField(row), row]))
    byOid.set(catalog, rows)
  }
  return rows.get(oid)
}

const groups = new Map<string, ReadonlyMap<string, readonly StaticRow[]>>()

/** The rows in which a column has a value. */
export function staticRowsWith(
  catalog: StaticCatalog,
  column: string,
  value: string,
): readonly StaticRow[] {
  const key = `${catalog}.${column}`
  let rows = groups.get(key)
  if (rows === undefined) {
    const found = new Map<string, StaticRow[]>()
    for (const row of staticRows(catalog)) {
      const own = row[column] ?? ''
      const others = found.get(own)
      if (others === undefined) found.set(own, [row])
      else others.push(row)
    }
    rows = found
    groups.set(key, rows)
  }
  return rows.get(value) ?? []
}
