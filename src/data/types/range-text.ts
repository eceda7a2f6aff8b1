import { spend } from '../../base/budget.ts'
import { ELEMENT_STEPS } from './array-text.ts'
import { PartReader, partText } from './quoted-parts.ts'

/** A range's text taken apart; null is an infinite bound. */
export interface RangeParts {
  readonly lower: string | null
  readonly upper: string | null
  readonly hasLower: boolean
  readonly hasUpper: boolean
}

/** What a bound without quotes ends before. */
const ENDS = ',)]'

/** Reads `[1,5)`; undefined for `empty`. Throws PostgreSQL's errors of range_in. */
export function readRangeText(source: string): RangeParts | undefined {
  const reader = new PartReader(source, 'range', ENDS)
  const parts = readRange(reader, 'Missing left parenthesis or bracket.')
  reader.end(parts === undefined ? 'Junk after "empty" key word.' : JUNK)
  return parts
}

const JUNK = 'Junk after right parenthesis or bracket.'

/** Reads `{[1,5),[7,9)}`. Throws PostgreSQL's errors of multirange_in. */
export function readMultirangeText(source: string): readonly (RangeParts | undefined)[] {
  const reader = new PartReader(source, 'multirange', ENDS)
  reader.skipSpaces()
  if (source[reader.at++] !== '{') throw reader.malformed('Missing left brace.')
  const ranges: (RangeParts | undefined)[] = []
  reader.skipSpaces()
  if (source[reader.at] === '}') reader.at++
  else {
    for (;;) {
      spend(ELEMENT_STEPS)
      ranges.push(readRange(reader, 'Expected range start.'))
      reader.skipSpaces()
      const next = source[reader.at++]
      if (next === '}') break
      if (next === undefined) throw reader.malformed('Unexpected end of input.')
      if (next !== ',') throw reader.malformed('Expected comma or end of multirange.')
      reader.skipSpaces()
    }
  }
  reader.end('Junk after closing right brace.')
  return ranges
}

const EMPTY = /empty/iy

/** `unopened`: what is wrong where no range begins. */
function readRange(reader: PartReader, unopened: string): RangeParts | undefined {
  const { source } = reader
  reader.skipSpaces()
  EMPTY.lastIndex = reader.at
  if (EMPTY.test(source)) {
    reader.at += 'empty'.length
    return undefined
  }
  const open = source[reader.at]
  if (open !== '[' && open !== '(') throw reader.malformed(unopened)
  reader.at++
  const lower = reader.part()
  if (source[reader.at] !== ',') throw reader.malformed('Missing comma after lower bound.')
  reader.at++
  const upper = reader.part()
  const close = source[reader.at++]
  if (close === ',') throw reader.malformed('Too many commas.')
  return { lower, upper, hasLower: open === '[', hasUpper: close === ']' }
}

/** What cannot stand in a bound without quotes. */
const QUOTED = /[()[\]",\\ \t\n\v\f\r]/

/** PostgreSQL's text of a range; undefined is the empty one. */
export function writeRangeText(parts: RangeParts | undefined): string {
  if (parts === undefined) return 'empty'
  const { lower, upper, hasLower, hasUpper } = parts
  const [open, close] = [hasLower ? '[' : '(', hasUpper ? ']' : ')']
  return `${open}${partText(lower, QUOTED)},${partText(upper, QUOTED)}${close}`
}

export function writeMultirangeText(ranges: readonly (RangeParts | undefined)[]): string {
  return `{${ranges.map(writeRangeText).join()}}`
}
