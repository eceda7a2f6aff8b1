import type { Cell, Rows } from './engines.ts'

/** How far double precision may differ: sums come in another order on other threads. */
const RELATIVE_TOLERANCE = 1e-9

/** What a query says about the order of its rows. */
export interface RowOrder {
  /** Columns of the answer that it is ordered by, the first of them first; rows of equal ones in any order. */
  readonly columns: readonly number[]
  /** Whether rows were cut off behind the last: of those equal to it in `columns` any may be there. */
  readonly isLimited: boolean
}

/** Rows in any order. */
export const anyOrder: RowOrder = { columns: [], isLimited: false }

/** Complains when two engines' answers differ, row by row; see {@link difference}. */
export function compareAnswers(name: string, ours: Rows, theirs: Rows): void {
  const found = difference(ours, theirs)
  if (found !== undefined) throw new Error(`${name}: ${found}`)
}

/**
 * Where two engines' answers differ, or undefined. Exact types must agree digit by digit (trailing zeros
 * aside); columns that are double precision on either side may differ by a relative 1e-9. Without an
 * `order` rows must come in the same order.
 */
export function difference(ours: Rows, theirs: Rows, order?: RowOrder): string | undefined {
  if (ours.length !== theirs.length) return `${ours.length} rows, expected ${theirs.length}`
  const inPlace = firstDifference(ours, theirs)
  if (inPlace === undefined || order === undefined) return inPlace
  const keys = (rows: Rows): Rows => rows.map((row) => order.columns.map((at) => row[at]!))
  const misplaced = firstDifference(keys(ours), keys(theirs))
  if (misplaced !== undefined) return `by the order that the query gives: ${misplaced}`
  const kept = order.isLimited ? ours.findIndex((row) => isTied(row, ours.at(-1)!, order)) : -1
  const rowsKept = kept < 0 ? ours.length : kept
  const isApproximate = (column: number): boolean =>
    [ours, theirs].some((rows) => rows.some((row) => row[column]!.approximate))
  const compare = comparison((ours[0] ?? []).map((_, column) => isApproximate(column)))
  return firstDifference(
    ours.slice(0, rowsKept).toSorted(compare),
    theirs.slice(0, rowsKept).toSorted(compare),
  )
}

function firstDifference(ours: Rows, theirs: Rows): string | undefined {
  for (const [index, row] of ours.entries()) {
    for (const [column, cell] of row.entries()) {
      const expected = theirs[index]?.[column]
      if (expected !== undefined && agrees(cell, expected)) continue
      return `row ${index + 1}, column ${column + 1}: ${cell.text}, expected ${expected?.text}`
    }
  }
  return undefined
}

function isTied(row: readonly Cell[], last: readonly Cell[], { columns }: RowOrder): boolean {
  return columns.every((column) => agrees(row[column]!, last[column]!))
}

/** Puts rows that are the same at the same place: by exact columns first, which agree digit by digit. */
function comparison(
  approximate: readonly boolean[],
): (a: readonly Cell[], b: readonly Cell[]) => number {
  const columns = approximate.map((_, column) => column)
  const exact = columns.filter((column) => approximate[column] === false)
  const others = columns.filter((column) => approximate[column] === true)
  return (a, b) => {
    for (const column of exact) {
      const [x, y] = [sortText(a[column]!), sortText(b[column]!)]
      if (x !== y) return x < y ? -1 : 1
    }
    for (const column of others) {
      const [x, y] = [sortNumber(a[column]!), sortNumber(b[column]!)]
      if (x !== y) return x < y ? -1 : 1
    }
    return 0
  }
}

function sortText({ text }: Cell): string {
  return text === null ? '' : `=${normalized(text)}`
}

function sortNumber({ text }: Cell): number {
  return text === null ? Number.NEGATIVE_INFINITY : Number(text)
}

function agrees(ours: Cell, theirs: Cell): boolean {
  if (ours.text === null || theirs.text === null) return ours.text === theirs.text
  if (normalized(ours.text) === normalized(theirs.text)) return true
  if (!ours.approximate && !theirs.approximate) return false
  const [a, b] = [Number(ours.text), Number(theirs.text)]
  return Math.abs(a - b) <= RELATIVE_TOLERANCE * Math.max(Math.abs(a), Math.abs(b))
}

function normalized(text: string): string {
  if (!/^-?\d+\.\d+$/.test(text)) return text
  return text.replace(/\.?0+$/, '')
}
