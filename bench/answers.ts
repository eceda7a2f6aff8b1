import type { Cell } from './engines.ts'

const RELATIVE_TOLERANCE = 1e-9

/**
 * Complains when two engines' answers differ. Exact types must agree digit by digit (trailing zeros
 * aside); columns that are double precision on either side may differ in the last digits.
 */
export function compareAnswers(
  name: string,
  ours: readonly (readonly Cell[])[],
  theirs: readonly (readonly Cell[])[],
): void {
  if (ours.length !== theirs.length) {
    throw new Error(`${name}: ${ours.length} rows, expected ${theirs.length}`)
  }
  ours.forEach((row, index) => {
    row.forEach((cell, column) => {
      const expected = theirs[index]?.[column]
      if (expected === undefined || !agrees(cell, expected)) {
        throw new Error(
          `${name}: row ${index + 1}, column ${column + 1}: ${cell.text}, expected ${expected?.text}`,
        )
      }
    })
  })
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
