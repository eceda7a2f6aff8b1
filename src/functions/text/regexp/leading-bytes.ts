import type { Alphabet } from './alphabet.ts'
import { CELL_BYTES, type Table } from './table.ts'

const ASCII = 128
/** Where so many bytes lead on, a search for them is no quicker than the table. */
const LEADING_BYTES_MAX = 64
const RANGES = 2

type Range = readonly [first: number, last: number]

/** What begins characters beyond ASCII. */
const longLeads: Range = [0xc0, 0xff]

/**
 * The bytes that lead on from the row where reading begins, as two ranges (first and length less 1 each) that may
 * have more in them; undefined where that hangs on the character before, or where they are many. With `anywhere` reading
 * stays in the row until then, else it ends there.
 */
export function leadingBytes(
  { cells, starts }: Table,
  { latin, starts: rangeStarts, classes }: Alphabet,
  anywhere: boolean,
): Uint8Array | undefined {
  const [first = 0] = starts
  if (starts.some((start) => start !== first)) return undefined
  const staying = anywhere ? first : 0
  const leads = (number: number): boolean => cells[first / CELL_BYTES + number] !== staying
  const bytes = [...latin.subarray(0, ASCII).keys()].filter((byte) => leads(latin[byte] ?? 0))
  const beyond = classes.subarray(rangeStarts.findLastIndex((start) => start <= ASCII))
  const others = beyond.some(leads) ? [longLeads] : []
  const ascii = joined(rangesOf(bytes), RANGES - others.length)
  const count = ascii.reduce((sum, [from, to]) => sum + to + 1 - from, 0)
  const [one, other = one] = [...ascii, ...others]
  if (one === undefined || other === undefined || count > LEADING_BYTES_MAX) return undefined
  return Uint8Array.of(one[0], one[1] - one[0], other[0], other[1] - other[0])
}

function rangesOf(bytes: readonly number[]): readonly Range[] {
  const ranges: Range[] = []
  for (const byte of bytes) {
    const last = ranges.at(-1)
    if (last?.[1] === byte - 1) ranges[ranges.length - 1] = [last[0], byte]
    else ranges.push([byte, byte])
  }
  return ranges
}

/** So many ranges at most: those that are nearest to each other become one. */
function joined(ranges: readonly Range[], most: number): readonly Range[] {
  if (ranges.length <= most) return ranges
  const gaps = ranges.slice(1).map(([from], at) => from - (ranges[at]?.[1] ?? 0))
  const at = gaps.indexOf(Math.min(...gaps))
  const [left, right] = [ranges[at], ranges[at + 1]]
  if (left === undefined || right === undefined) return ranges
  return joined([...ranges.slice(0, at), [left[0], right[1]], ...ranges.slice(at + 2)], most)
}
