import { createHash } from 'node:crypto'
import type { QueryRecord, SortMode } from './record.ts'

/** Values as text, null for NULL. */
export type TextRows = readonly (readonly (string | null)[])[]

/**
 * How values are written in a file: `text` is PostgreSQL's output as it is; `classic` is SQLite's
 * driver: whole numbers for I, three decimals for R, `@` for what does not print.
 */
export type Rendering = 'text' | 'classic'

export interface Comparison {
  readonly equal: boolean
  /** The result as it would stand in the file. */
  readonly actual: readonly string[]
  /** Identifies the result, for labels. */
  readonly hash: string
}

export function renderValue(value: string | null, type: string, rendering: Rendering): string {
  if (value === null) return 'NULL'
  if (value === '') return '(empty)'
  if (rendering === 'text') return value
  if (type === 'I') return renderInteger(value)
  if (type === 'R') return renderReal(value)
  return value.replaceAll(/[^ -~]/g, '@')
}

/** As `%d` of C after a conversion to an integer: text that is no number is 0. */
function renderInteger(value: string): string {
  if (/^-?\d+$/.test(value)) return value
  if (value === 't' || value === 'f') return value === 't' ? '1' : '0'
  const number = Math.trunc(Number.parseFloat(value))
  return Number.isFinite(number) ? String(number) : '0'
}

function renderReal(value: string): string {
  const number = Number.parseFloat(value)
  return Number.isFinite(number) ? number.toFixed(3) : value
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function compareRows(a: readonly string[], b: readonly string[]): number {
  for (let index = 0; index < a.length; index += 1) {
    const order = compareText(a[index]!, b[index] ?? '')
    if (order !== 0) return order
  }
  return 0
}

function sortedValues(rows: readonly (readonly string[])[], sort: SortMode): readonly string[] {
  if (sort === 'valuesort') return rows.flat().sort(compareText)
  if (sort === 'rowsort') return [...rows].sort(compareRows).flat()
  return rows.flat()
}

/** MD5 over the values in order, each with a line break behind it, as SQLite's driver has it. */
export function hashValues(values: readonly string[]): string {
  const hash = createHash('md5')
  for (const value of values) hash.update(`${value}\n`)
  return hash.digest('hex')
}

const hashLine = /^(\d+) values hashing to ([0-9a-f]{32})$/

/** Holds a result against what the file says, whichever of the ways to write it the file uses. */
export function compareResult(
  record: Pick<QueryRecord, 'types' | 'sort'>,
  expected: readonly string[],
  rows: TextRows,
  rendering: Rendering,
): Comparison {
  const rendered = rows.map((row) =>
    row.map((value, index) => renderValue(value, record.types[index] ?? 'T', rendering)),
  )
  const values = sortedValues(rendered, record.sort)
  const hash = hashValues(values)
  const width = rendered[0]?.length ?? record.types.length
  const rightWidth = rendered.length === 0 || record.types === '' || width === record.types.length
  const hashed = expected.length === 1 ? hashLine.exec(expected[0]!) : null
  if (hashed !== null) {
    const equal = rightWidth && Number(hashed[1]) === values.length && hashed[2] === hash
    return { equal, actual: [`${values.length} values hashing to ${hash}`], hash }
  }
  if (expected.length === values.length && (width === 1 || equalLists(expected, values))) {
    return { equal: rightWidth && equalLists(expected, values), actual: values, hash }
  }
  return { ...compareRowWise(record.sort, expected, rendered, rightWidth), hash }
}

function compareRowWise(
  sort: SortMode,
  expected: readonly string[],
  rendered: readonly (readonly string[])[],
  rightWidth: boolean,
): Omit<Comparison, 'hash'> {
  const tabbed = expected.some((line) => line.includes('\t'))
  const canonical = (line: string): string => (tabbed ? line : line.trim().split(/\s+/).join(' '))
  const lines = rendered.map((row) => canonical(row.join(tabbed ? '\t' : ' ')))
  const wanted = expected.map(canonical)
  const ordered = (items: readonly string[]): readonly string[] =>
    sort === 'nosort' ? items : [...items].sort(compareText)
  return { equal: rightWidth && equalLists(ordered(wanted), ordered(lines)), actual: lines }
}

function equalLists(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index])
}
