import { EngineError, type EngineSession } from '../../sqllogictest/runner/engine.ts'
import type { Kind } from './schema.ts'

type Row = readonly (string | null)[]

/** What an engine made of a statement. */
export type Answer =
  | { readonly kind: 'rows'; readonly rows: readonly Row[] }
  | { readonly kind: 'error'; readonly sqlState: string; readonly message: string }

export async function ask(session: EngineSession, text: string): Promise<Answer> {
  try {
    const { rows } = await session.run(text)
    return { kind: 'rows', rows }
  } catch (error) {
    if (error instanceof EngineError) {
      return { kind: 'error', sqlState: error.sqlState, message: error.message }
    }
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return { kind: 'error', sqlState: 'XX000', message }
  }
}

const RELATIVE_TOLERANCE = 1e-9
const ABSOLUTE_TOLERANCE = 1e-9

/**
 * Whether two answers have the same rows, in any order unless they are ordered (floats, which may differ in
 * their last digits, are no order to hold anybody to): floats to a tolerance, numerics and intervals by
 * value (which of two equal ones stands for a group is nobody's promise).
 */
export function sameRows(
  kinds: readonly Kind[],
  isOrdered: boolean,
  left: readonly Row[],
  right: readonly Row[],
): boolean {
  if (left.length !== right.length) return false
  const a = left.map((row) => canonicalRow(kinds, row))
  const b = right.map((row) => canonicalRow(kinds, row))
  if (!isOrdered || kinds.includes('float')) for (const rows of [a, b]) rows.sort(byText)
  return a.every((row, index) => row.every((value, c) => sameValue(kinds[c], value, b[index]?.[c])))
}

function canonicalRow(kinds: readonly Kind[], row: Row): Row {
  return row.map((value, column) => {
    if (value === null) return null
    if (kinds[column] === 'numeric') return withoutZeros(value)
    if (kinds[column] === 'interval') return String(microseconds(value))
    return kinds[column] === 'float' ? Number(Number(value).toPrecision(7)).toString() : value
  })
}

function withoutZeros(value: string): string {
  return value.includes('.') ? value.replace(/\.?0+$/, '') : value
}

const unitMicroseconds: Readonly<Record<string, number>> = {
  year: 360 * 86_400e6,
  mon: 30 * 86_400e6,
  day: 86_400e6,
}

/** What PostgreSQL compares intervals by: months have 30 days, days 24 hours. */
function microseconds(interval: string): number {
  const [, sign, hours = 0, minutes = 0, seconds = 0] =
    /(-?)(\d+):(\d+):([\d.]+)$/.exec(interval) ?? []
  const time = Math.round((Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1e6)
  const larger = [...interval.matchAll(/([+-]?\d+) (year|mon|day)s?/g)].map(
    ([, count, unit]) => Number(count) * unitMicroseconds[unit!]!,
  )
  return larger.reduce((sum, one) => sum + one, sign === '-' ? -time : time)
}

function byText(left: Row, right: Row): number {
  const [a, b] = [JSON.stringify(left), JSON.stringify(right)]
  return a < b ? -1 : a > b ? 1 : 0
}

function sameValue(
  kind: Kind | undefined,
  left: string | null,
  right: string | null | undefined,
): boolean {
  if (left === right) return true
  if (kind !== 'float' || left === null || right === null || right === undefined) return false
  const [a, b] = [Number(left), Number(right)]
  const bound = RELATIVE_TOLERANCE * Math.max(Math.abs(a), Math.abs(b)) + ABSOLUTE_TOLERANCE
  return Math.abs(a - b) <= bound || (Number.isNaN(a) && Number.isNaN(b))
}
