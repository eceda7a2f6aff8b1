import { QueryError } from '../../base/errors.ts'
import { bool, bytea, int4, text } from '../../data/types/data-type.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { aliases, scalar } from '../define.ts'
import type { ScalarFunction } from '../function.ts'
import { byteLengthForm, kernelForm, substringForm, trimForm } from './inline.ts'

const encoder = new TextEncoder()

/** Lengths in characters that a result may have; PostgreSQL stops at a gigabyte. */
const RESULT_CHARACTERS_MAX = 100_000_000

export function characters(value: Scalar | undefined): readonly string[] {
  return [...String(value)]
}

function tooLong(): QueryError {
  return new QueryError('PROGRAM_LIMIT_EXCEEDED', 'requested length too large')
}

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

function substring(args: readonly Scalar[]): string {
  const all = characters(args[0])
  const length = args.length < 3 ? undefined : Number(args[2])
  return slice(Number(args[1]), length, (a, b) => all.slice(a, b)).join('')
}

function substringBytes(args: readonly Scalar[]): Uint8Array {
  const all = args[0] as Uint8Array
  const length = args.length < 3 ? undefined : Number(args[2])
  return slice(Number(args[1]), length, (a, b) => all.slice(a, b))
}

const substrings = [
  scalar({
    name: 'substring',
    args: ['text', 'int4'],
    returns: text,
    doc: 'The text from a position (from 1) on.',
    example: "substring('heddle', 3) -- ddle",
    evaluate: substring,
    inline: substringForm,
  }),
  scalar({
    name: 'substring',
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
    args: ['bytea', 'int4'],
    returns: bytea,
    doc: 'The bytes from a position (from 1) on.',
    example: "substring(bytea '\\x010203', 2) -- \\x0203",
    evaluate: substringBytes,
  }),
  scalar({
    name: 'substring',
    args: ['bytea', 'int4', 'int4'],
    returns: bytea,
    raises: true,
    doc: 'So many bytes from a position (from 1) on.',
    example: "substring(bytea '\\x010203', 2, 1) -- \\x02",
    evaluate: substringBytes,
  }),
]

/** What storing in varchar(n) or char(n) does: only spaces may be cut off. */
const limits = (
  [
    ['store_varchar', 'character varying'],
    ['store_bpchar', 'character'],
  ] as const
).map(([name, shown]) =>
  scalar({
    name,
    args: ['text', 'int4'],
    returns: text,
    raises: true,
    doc: `The text for a column of ${shown}(n): longer than that by more than spaces is an error.`,
    example: `${name}('ab  ', 2) -- ab`,
    evaluate: ([source, count]) => {
      const all = characters(source)
      const most = Number(count)
      if (all.slice(most).every((character) => character === ' '))
        return all.slice(0, most).join('')
      throw new QueryError('STRING_TOO_LONG', `value too long for type ${shown}(${most})`)
    },
  }),
)

/** First or last characters; a negative count leaves out so many at the other end. */
const ends = [
  scalar({
    name: 'left',
    args: ['text', 'int4'],
    returns: text,
    doc: 'The first characters; a negative count leaves out that many at the end.',
    example: "left('heddle', 2) -- he",
    evaluate: ([source, count]) => characters(source).slice(0, Number(count)).join(''),
    inline: kernelForm('text_left', 'i64'),
  }),
  scalar({
    name: 'right',
    args: ['text', 'int4'],
    returns: text,
    doc: 'The last characters; a negative count leaves out that many at the start.',
    example: "right('heddle', 2) -- le",
    evaluate: ([source, count]) => {
      const all = characters(source)
      const wanted = Number(count)
      const from = wanted >= 0 ? Math.max(0, all.length - wanted) : -wanted
      return all.slice(from).join('')
    },
    inline: kernelForm('text_right', 'i64'),
  }),
]

function trim(
  source: Scalar | undefined,
  set: Scalar | undefined,
  start: boolean,
  end: boolean,
): string {
  const all = characters(source)
  const trimmed = new Set(set === undefined ? [' '] : characters(set))
  let from = 0
  let to = all.length
  if (start) {
    while (from < to && trimmed.has(all[from] ?? '')) from++
  }
  if (end) {
    while (to > from && trimmed.has(all[to - 1] ?? '')) to--
  }
  return all.slice(from, to).join('')
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
  const all = characters(args[0])
  const length = Number(args[1])
  if (length > RESULT_CHARACTERS_MAX) throw tooLong()
  if (length <= all.length) return all.slice(0, Math.max(0, length)).join('')
  const fill = args.length < 3 ? [' '] : characters(args[2])
  if (fill.length === 0) return all.join('')
  const padding = Array.from({ length: length - all.length }, (_, i) => fill[i % fill.length])
  return atStart ? padding.join('') + all.join('') : all.join('') + padding.join('')
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
  }),
  scalar({
    name,
    args: ['text', 'int4', 'text'],
    returns: text,
    raises: true,
    doc: `The text filled up at the ${where}, or cut at the end, to a length.`,
    example: `${name}('hi', 4, 'xyz') -- ${filled}`,
    evaluate: (args) => pad(args, atStart),
  }),
])

function splitPart([source, separator, index]: readonly Scalar[]): string {
  const number = Number(index)
  if (number === 0) {
    throw new QueryError('INVALID_PARAMETER_VALUE', 'field position must not be zero')
  }
  const whole = String(source)
  const parts = separator === '' || whole === '' ? [whole] : whole.split(String(separator))
  return (number > 0 ? parts[number - 1] : parts.at(number)) ?? ''
}

function overlay(args: readonly Scalar[]): string {
  const all = characters(args[0])
  const insert = characters(args[1])
  const start = Number(args[2])
  const count = args.length < 4 ? insert.length : Number(args[3])
  if (start <= 0) throw negativeLength()
  const rest = Math.max(0, start - 1 + count)
  return all.slice(0, start - 1).join('') + insert.join('') + all.slice(rest).join('')
}

function position(source: Scalar | undefined, part: Scalar | undefined): number {
  const at = String(source).indexOf(String(part))
  return at < 0 ? 0 : characters(String(source).slice(0, at)).length + 1
}

const others: readonly ScalarFunction[] = [
  scalar({
    name: 'replace',
    args: ['text', 'text', 'text'],
    returns: text,
    doc: 'The text with every occurrence of one text replaced by another.',
    example: "replace('banana', 'an', 'AN') -- bANANa",
    evaluate: ([source, from, to]) =>
      from === '' ? String(source) : String(source).replaceAll(String(from), () => String(to)),
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
      if (String(source).length * times > RESULT_CHARACTERS_MAX) throw tooLong()
      return String(source).repeat(times)
    },
  }),
  scalar({
    name: 'reverse',
    args: ['text'],
    returns: text,
    doc: 'The characters in reverse order.',
    example: "reverse('abc') -- cba",
    evaluate: ([source]) => characters(source).toReversed().join(''),
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
      inline: kernelForm('text_position', 'i32'),
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
  }),
  ...['starts_with', '^@'].map((name) =>
    scalar({
      name,
      args: ['text', 'text'],
      returns: bool,
      doc: 'Whether the first text starts with the second.',
      example: name === '^@' ? "'heddle' ^@ 'hed' -- t" : "starts_with('heddle', 'hed') -- t",
      evaluate: ([source, prefix]) => String(source).startsWith(String(prefix)),
      inline: kernelForm('text_starts_with', 'i32'),
    }),
  ),
  scalar({
    name: 'translate',
    args: ['text', 'text', 'text'],
    returns: text,
    doc: 'Each character of the second text replaced by the one at its place in the third, or removed.',
    example: "translate('12345', '143', 'ax') -- a2x5",
    evaluate: ([source, from, to]) => {
      const [wanted, given] = [characters(from), characters(to)]
      return characters(source)
        .map((letter) => {
          const at = wanted.indexOf(letter)
          return at < 0 ? letter : (given[at] ?? '')
        })
        .join('')
    },
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
    }),
  ),
  scalar({
    name: 'octet_length',
    args: ['text'],
    returns: int4,
    doc: 'Length in bytes.',
    example: "octet_length('é') -- 2",
    evaluate: ([source]) => encoder.encode(String(source)).length,
    inline: byteLengthForm,
  }),
]

/** Functions that cut, pad, search and replace text. */
export const pieceFunctions: readonly ScalarFunction[] = [
  ...substrings,
  ...aliases(substrings, 'substr'),
  ...limits,
  ...ends,
  ...trims,
  ...paddings,
  ...others,
]
