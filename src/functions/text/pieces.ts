import { spend } from '../../base/budget.ts'
import { QueryError } from '../../base/errors.ts'
import { bool, bytea, int4, text } from '../../data/types/data-type.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { aliases, scalar } from '../define.ts'
import type { ScalarFunction } from '../function.ts'
import { limitFunctions } from './limits.ts'
import { byteLength, checkBytes } from './bounds.ts'
import {
  characterCount,
  characterSlice,
  eachCode,
  eachCodeBackward,
  firstCharacters,
  isPairAt,
  lastCharacters,
  TextBuilder,
} from './characters.ts'
import { kernelForm, viewForm } from '../kernel-forms.ts'
import {
  byteLengthForm,
  padForm,
  repeatForm,
  replaceForm,
  reverseForm,
  substringForm,
  byteSliceForm,
  overlayForm,
  translateForm,
  trimForm,
} from './inline.ts'
import { prefixSelectivity } from '../selectivity.ts'

function negativeLength(): QueryError {
  return new QueryError('SUBSTRING_ERROR', 'negative substring length not allowed')
}

/** SQL's substring: positions count from 1, and those before the start use up length. */
function slice<T>(
  start: number,
  length: number | undefined,
  cut: (from: number, to?: number) => T,
): T {
  if (length === undefined) return cut(Math.max(0, start - 1))
  if (length < 0) throw negativeLength()
  return cut(Math.max(0, start - 1), Math.max(0, start - 1 + length))
}

/** The characters from a position on, or so many. Throws SUBSTRING_ERROR. */
export function substring(args: readonly Scalar[]): string {
  const source = String(args[0])
  const length = args.length < 3 ? undefined : Number(args[2])
  return slice(Number(args[1]), length, (from, to) => characterSlice(source, from, to))
}

function substringBytes(args: readonly Scalar[]): Uint8Array {
  const all = args[0] as Uint8Array
  const length = args.length < 3 ? undefined : Number(args[2])
  return slice(Number(args[1]), length, (a, b) => all.slice(a, b))
}

/** Pieces of texts repeat each other more often than the texts do. */
const fewerPieces = (values: number): number => Math.max(1, Math.sqrt(values))

const substrings = [
  scalar({
    name: 'substring',
    distinctValues: fewerPieces,
    args: ['text', 'int4'],
    returns: text,
    doc: 'The text from a position (from 1) on.',
    example: "substring('heddle', 3) -- ddle",
    evaluate: substring,
    inline: substringForm,
  }),
  scalar({
    name: 'substring',
    distinctValues: fewerPieces,
    args: ['text', 'int4', 'int4'],
    returns: text,
    raises: true,
    doc: 'So many characters from a position (from 1) on.',
    example: "substring('heddle', 2, 3) -- edd",
    evaluate: substring,
    inline: substringForm,
  }),
  scalar({
    name: 'substring',
    distinctValues: fewerPieces,
    args: ['bytea', 'int4'],
    returns: bytea,
    doc: 'The bytes from a position (from 1) on.',
    example: "substring(bytea '\\x010203', 2) -- \\x0203",
    evaluate: substringBytes,
    inline: byteSliceForm,
  }),
  scalar({
    name: 'substring',
    distinctValues: fewerPieces,
    args: ['bytea', 'int4', 'int4'],
    returns: bytea,
    raises: true,
    doc: 'So many bytes from a position (from 1) on.',
    example: "substring(bytea '\\x010203', 2, 1) -- \\x02",
    evaluate: substringBytes,
    inline: byteSliceForm,
  }),
]

/** First or last characters; a negative count leaves out so many at the other end. */
const ends = [
  scalar({
    name: 'left',
    args: ['text', 'int4'],
    returns: text,
    doc: 'The first characters; a negative count leaves out that many at the end.',
    example: "left('heddle', 2) -- he",
    evaluate: ([source, count]) => firstCharacters(String(source), Number(count)),
    inline: kernelForm('textLeft'),
  }),
  scalar({
    name: 'right',
    args: ['text', 'int4'],
    returns: text,
    doc: 'The last characters; a negative count leaves out that many at the start.',
    example: "right('heddle', 2) -- le",
    evaluate: ([source, count]) => lastCharacters(String(source), Number(count)),
    inline: kernelForm('textRight'),
  }),
]

/** The text without the characters of a set (blanks) at its start or end. */
export function trim(
  source: Scalar | undefined,
  set: Scalar | undefined,
  start: boolean,
  end: boolean,
): string {
  const whole = String(source)
  const trimmed = new Set<number>()
  eachCode(set === undefined ? ' ' : String(set), (code) => trimmed.add(code))
  let from = 0
  let to = whole.length
  if (start) {
    while (from < to && trimmed.has(whole.codePointAt(from) ?? -1)) {
      from += isPairAt(whole, from) ? 2 : 1
    }
  }
  if (end) {
    for (;;) {
      const last = to - (to > from + 1 && isPairAt(whole, to - 2) ? 2 : 1)
      if (to <= from || !trimmed.has(whole.codePointAt(last) ?? -1)) break
      to = last
    }
  }
  return whole.slice(from, to)
}

function sidesOf(start: boolean, end: boolean): number {
  return Number(start) + 2 * Number(end)
}

const trims = (
  [
    ['btrim', true, true, 'both ends', 'heddle'],
    ['ltrim', true, false, 'the start', 'heddlexx'],
    ['rtrim', false, true, 'the end', 'xxheddle'],
  ] as const
).flatMap(([name, start, end, where, result]) => [
  scalar({
    name,
    args: ['text'],
    returns: text,
    doc: `The text without spaces at ${where}.`,
    example: `length(${name}(' a ')) -- ${start && end ? 1 : 2}`,
    evaluate: ([source]) => trim(source, undefined, start, end),
    inline: trimForm(sidesOf(start, end)),
  }),
  scalar({
    name,
    args: ['text', 'text'],
    returns: text,
    doc: `The text without any of the given characters at ${where}.`,
    example: `${name}('xxheddlexx', 'xy') -- ${result}`,
    evaluate: ([source, set]) => trim(source, set, start, end),
    inline: trimForm(sidesOf(start, end)),
  }),
])

function pad(args: readonly Scalar[], atStart: boolean): string {
  const source = String(args[0])
  const wanted = Math.max(0, Number(args[1]))
  const missing = wanted - characterCount(source)
  if (missing <= 0) return firstCharacters(source, wanted)
  const fill = args.length < 3 ? ' ' : String(args[2])
  if (fill === '') return source
  const fillLength = characterCount(fill)
  const times = Math.floor(missing / fillLength)
  const rest = firstCharacters(fill, missing % fillLength)
  checkBytes(byteLength(source) + times * byteLength(fill) + byteLength(rest))
  const padding = fill.repeat(times) + rest
  return atStart ? padding + source : source + padding
}

const paddings = (
  [
    ['lpad', true, 'start', '  hi', 'xyhi'],
    ['rpad', false, 'end', 'hi  ', 'hixy'],
  ] as const
).flatMap(([name, atStart, where, spaces, filled]) => [
  scalar({
    name,
    args: ['text', 'int4'],
    returns: text,
    raises: true,
    doc: `The text filled up with spaces at the ${where}, or cut at the end, to a length.`,
    example: `${name}('hi', 4) || '.' -- ${spaces}.`,
    evaluate: (args) => pad(args, atStart),
    inline: padForm(atStart),
  }),
  scalar({
    name,
    args: ['text', 'int4', 'text'],
    returns: text,
    raises: true,
    doc: `The text filled up at the ${where}, or cut at the end, to a length.`,
    example: `${name}('hi', 4, 'xyz') -- ${filled}`,
    evaluate: (args) => pad(args, atStart),
    inline: padForm(atStart),
  }),
])

function splitPart([source, separator, index]: readonly Scalar[]): string {
  const number = Number(index)
  if (number === 0) {
    throw new QueryError('INVALID_PARAMETER_VALUE', 'field position must not be zero')
  }
  const [whole, mark] = [String(source), String(separator)]
  if (whole === '' || mark === '') return number === 1 || number === -1 ? whole : ''
  const wanted = number > 0 ? number : countOf(whole, mark) + 2 + number
  if (wanted < 1) return ''
  let start = 0
  for (let field = 1; field < wanted; field++) {
    const next = whole.indexOf(mark, start)
    if (next < 0) return ''
    spend(next - start)
    start = next + mark.length
  }
  const end = whole.indexOf(mark, start)
  return whole.slice(start, end < 0 ? undefined : end)
}

/** How often a text that is not empty is in another, from its start on without overlapping. */
function countOf(whole: string, part: string): number {
  let count = 0
  for (let at = whole.indexOf(part); at >= 0; at = whole.indexOf(part, at + part.length)) count++
  spend(whole.length + count)
  return count
}

/** UTF-16 units that are replaced in at a time. */
const REPLACED_AT_ONCE = 4_096
const JOINED_UNITS_MAX = 1_048_576

/** Every occurrence of a text replaced. Throws PROGRAM_LIMIT_EXCEEDED if that is too long. */
export function replaceAll(whole: string, from: string, to: string): string {
  if (from === '' || whole === '') return whole
  if (whole.length <= REPLACED_AT_ONCE && to.length <= REPLACED_AT_ONCE) {
    return whole.replaceAll(from, () => to)
  }
  const result = new TextBuilder()
  // An occurrence that begins in a piece is whole in it: the pieces overlap by what it may need.
  const overlap = from.length - 1
  let start = 0
  while (start < whole.length) {
    const end = Math.min(whole.length, start + REPLACED_AT_ONCE + overlap)
    const fields = whole.slice(start, end).split(from)
    const tail = fields.pop() ?? ''
    if (to.length * fields.length <= JOINED_UNITS_MAX) {
      fields.push('')
      result.add(fields.join(to))
    } else {
      for (const field of fields) {
        result.add(field)
        result.add(to)
      }
    }
    const kept = end === whole.length ? 0 : Math.min(overlap, tail.length)
    result.add(tail.slice(0, tail.length - kept))
    start = end - kept
    spend(REPLACED_AT_ONCE)
  }
  return result.finish()
}

/** The text with so many characters, or as many as the other one has, replaced from a position on. */
export function overlay(args: readonly Scalar[]): string {
  const [whole, insert] = [String(args[0]), String(args[1])]
  const start = Number(args[2])
  const count = args.length < 4 ? characterCount(insert) : Number(args[3])
  if (start <= 0) throw negativeLength()
  const rest = start + count
  if (rest > INT4_MAX || rest < -INT4_MAX - 1) {
    throw new QueryError('NUMERIC_OUT_OF_RANGE', 'integer out of range')
  }
  const result = new TextBuilder()
  result.add(firstCharacters(whole, start - 1))
  result.add(insert)
  result.add(characterSlice(whole, rest - 1))
  return result.finish()
}

const INT4_MAX = 2_147_483_647

function position(source: Scalar | undefined, part: Scalar | undefined): number {
  const whole = String(source)
  const at = whole.indexOf(String(part))
  return at < 0 ? 0 : characterCount(whole, at) + 1
}

function translate([source, from, to]: readonly Scalar[]): string {
  const given: number[] = []
  eachCode(String(to), (code) => given.push(code))
  const mapped = new Map<number, number | undefined>()
  let index = 0
  eachCode(String(from), (code) => {
    if (!mapped.has(code)) mapped.set(code, given[index])
    index++
  })
  const result = new TextBuilder()
  eachCode(String(source), (code) => {
    const target = mapped.has(code) ? mapped.get(code) : code
    if (target !== undefined) result.addCode(target)
  })
  return result.finish()
}

function reversed(source: string): string {
  const result = new TextBuilder()
  eachCodeBackward(source, (code) => result.addCode(code))
  return result.finish()
}

const others: readonly ScalarFunction[] = [
  scalar({
    name: 'replace',
    args: ['text', 'text', 'text'],
    returns: text,
    doc: 'The text with every occurrence of one text replaced by another.',
    example: "replace('banana', 'an', 'AN') -- bANANa",
    evaluate: ([source, from, to]) => replaceAll(String(source), String(from), String(to)),
    inline: replaceForm,
  }),
  scalar({
    name: 'repeat',
    args: ['text', 'int4'],
    returns: text,
    raises: true,
    doc: 'The text several times over.',
    example: "repeat('ab', 3) -- ababab",
    evaluate: ([source, count]) => {
      const times = Math.max(0, Number(count))
      checkBytes(byteLength(String(source)) * times)
      return String(source).repeat(times)
    },
    inline: repeatForm,
  }),
  scalar({
    name: 'reverse',
    args: ['text'],
    returns: text,
    doc: 'The characters in reverse order.',
    example: "reverse('abc') -- cba",
    evaluate: ([source]) => reversed(String(source)),
    inline: reverseForm,
  }),
  ...['strpos', 'position'].map((name) =>
    scalar({
      name,
      args: ['text', 'text'],
      returns: int4,
      doc: 'Position (from 1) of the second text in the first, 0 if it does not occur.',
      example:
        name === 'position' ? "position('dd' in 'heddle') -- 3" : "strpos('heddle', 'dd') -- 3",
      evaluate: ([source, part]) => position(source, part),
      inline: kernelForm('textPosition'),
    }),
  ),
  scalar({
    name: 'split_part',
    args: ['text', 'text', 'int4'],
    returns: text,
    raises: true,
    doc: 'One of the fields between separators, counted from 1, from the end when negative.',
    example: "split_part('a,b,c', ',', 2) -- b",
    evaluate: splitPart,
    inline: viewForm('textField'),
  }),
  ...['starts_with', '^@'].map((name) =>
    scalar({
      name,
      selectivity: prefixSelectivity,
      args: ['text', 'text'],
      returns: bool,
      doc: 'Whether the first text starts with the second.',
      example: name === '^@' ? "'heddle' ^@ 'hed' -- t" : "starts_with('heddle', 'hed') -- t",
      evaluate: ([source, prefix]) => String(source).startsWith(String(prefix)),
      inline: kernelForm('textStartsWith'),
    }),
  ),
  scalar({
    name: 'translate',
    args: ['text', 'text', 'text'],
    returns: text,
    doc: 'Each character of the second text replaced by the one at its place in the third, or removed.',
    example: "translate('12345', '143', 'ax') -- a2x5",
    evaluate: translate,
    inline: translateForm,
  }),
  ...([3, 4] as const).map((count) =>
    scalar({
      name: 'overlay',
      args: count === 3 ? ['text', 'text', 'int4'] : ['text', 'text', 'int4', 'int4'],
      returns: text,
      raises: true,
      doc: 'The text with a part, from a position on, replaced by another text.',
      example:
        count === 3
          ? "overlay('Txxxxas', 'hom', 2) -- Thomxas"
          : "overlay('Txxxxas', 'hom', 2, 4) -- Thomas",
      evaluate: overlay,
      inline: overlayForm,
    }),
  ),
  scalar({
    name: 'octet_length',
    args: ['text'],
    returns: int4,
    doc: 'Length in bytes.',
    example: "octet_length('é') -- 2",
    evaluate: ([source]) => byteLength(String(source)),
    inline: byteLengthForm,
  }),
]

/** Functions that cut, pad, search and replace text. */
export const pieceFunctions: readonly ScalarFunction[] = [
  ...substrings,
  ...aliases(substrings, 'substr'),
  ...limitFunctions,
  ...ends,
  ...trims,
  ...paddings,
  ...others,
]
