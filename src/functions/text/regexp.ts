import { notSupported, QueryError } from '../../base/errors.ts'
import { bool, int4, text } from '../../data/types/data-type.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { scalar } from '../define.ts'
import type { ScalarFunction } from '../function.ts'

const classes: Readonly<Record<string, string>> = {
  alpha: '\\p{L}',
  digit: '\\p{Nd}',
  alnum: '\\p{L}\\p{N}',
  upper: '\\p{Lu}',
  lower: '\\p{Ll}',
  space: '\\s',
  blank: ' \\t',
  punct: '!-\\/:-@\\[-`\\{-~',
  xdigit: '0-9A-Fa-f',
  word: '\\p{L}\\p{N}_',
}

/** Bound on the cache of translated expressions. */
const CACHE_ENTRIES_MAX = 256
const cache = new Map<string, RegExp>()

/**
 * PostgreSQL's advanced regular expression as one of JavaScript: classes, word boundaries and options
 * are translated. Alternation prefers the first branch rather than the longest match. Throws
 * INVALID_REGULAR_EXPRESSION.
 */
export function compilePattern(pattern: string, options: string): RegExp {
  const key = `${options}/${pattern}`
  const known = cache.get(key)
  if (known !== undefined) {
    known.lastIndex = 0
    return known
  }
  const expression = translate(pattern, options)
  if (cache.size >= CACHE_ENTRIES_MAX) cache.clear()
  cache.set(key, expression)
  return expression
}

function translate(pattern: string, options: string): RegExp {
  let flags = 'gu'
  let lines = false
  for (const option of options) {
    if (option === 'i') flags = flags.includes('i') ? flags : `${flags}i`
    else if (option === 'n' || option === 'm') lines = true
    else if (option === 'c') flags = flags.replace('i', '')
    else if (option !== 'g' && option !== 's') {
      const message = `invalid regular expression option: "${option}"`
      throw new QueryError('INVALID_PARAMETER_VALUE', message)
    }
  }
  flags += lines ? 'm' : 's'
  const source = pattern
    .replaceAll(/\[\[:<:\]\]|\\m/g, '\\b(?=\\w)')
    .replaceAll(/\[\[:>:\]\]|\\M/g, '\\b(?<=\\w)')
    .replaceAll('\\y', '\\b')
    .replaceAll('\\Y', '\\B')
    .replaceAll('\\A', '(?<![\\s\\S])')
    .replaceAll('\\Z', '(?![\\s\\S])')
    .replaceAll(/\[:(\w+):\]/g, (whole, name: string) => classes[name] ?? whole)
    .replaceAll(/\\([-_#~&@!%,:;"'`<>= ])/g, (_, symbol: string) =>
      symbol === '-' ? '\\-' : symbol,
    )
  try {
    return new RegExp(source, flags)
  } catch {
    try {
      // Without the flag JavaScript forgives more, such as a lone brace.
      return new RegExp(source, flags.replace('u', ''))
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      throw new QueryError('INVALID_REGULAR_EXPRESSION', `invalid regular expression: ${reason}`)
    }
  }
}

function matches(
  source: Scalar | undefined,
  pattern: Scalar | undefined,
  options: string,
): boolean {
  return compilePattern(String(pattern), options).test(String(source))
}

const operators = (
  [
    ['~', '', false, 'Whether the text matches the regular expression.', "'heddle' ~ 'd+' -- t"],
    ['~*', 'i', false, 'The same without regard to case.', "'heddle' ~* 'D+' -- t"],
    ['!~', '', true, 'Whether the text does not match.', "'heddle' !~ 'd+' -- f"],
    ['!~*', 'i', true, 'Whether the text does not match, case aside.', "'heddle' !~* 'D+' -- f"],
  ] as const
).map(([name, options, negated, doc, example]) =>
  scalar({
    name,
    args: ['text', 'text'],
    returns: bool,
    raises: true,
    doc,
    example,
    evaluate: ([source, pattern]) => matches(source, pattern, options) !== negated,
  }),
)

/** `\1` to `\9`, `\&` for the whole match, `\\` for a backslash. */
function expand(replacement: string, groups: readonly (string | undefined)[]): string {
  return replacement.replaceAll(/\\(\d|&|\\|)/g, (whole, mark: string) => {
    if (mark === '\\') return '\\'
    if (mark === '&' || mark === '0') return groups[0] ?? ''
    return mark === '' ? whole : (groups[Number(mark)] ?? '')
  })
}

function replace(args: readonly Scalar[]): string {
  const [source, pattern, replacement, options = ''] = args.map(String)
  const expression = compilePattern(pattern ?? '', options.replace('g', ''))
  const everywhere = options.includes('g')
  let done = false
  return (source ?? '').replace(expression, (whole: string, ...rest: readonly unknown[]) => {
    if (done && !everywhere) return whole
    done = true
    const groups = rest.filter((item) => typeof item === 'string' || item === undefined)
    // The last string is the whole source.
    return expand(replacement ?? '', [whole, ...(groups.slice(0, -1) as string[])])
  })
}

const replacements = ([3, 4] as const).map((count) =>
  scalar({
    name: 'regexp_replace',
    args: Array.from({ length: count }, () => 'text' as const),
    returns: text,
    raises: true,
    doc: 'The text with the first match replaced, or every match with option g; \\1 is a group.',
    example:
      count === 3
        ? "regexp_replace('Thomas', '.[mN]a.', 'M') -- ThM"
        : "regexp_replace('banana', 'a', 'o', 'g') -- bonono",
    evaluate: replace,
  }),
)

/** The SQL pattern of SIMILAR TO as a regular expression over the whole text. */
function similarPattern(pattern: string): string {
  let result = ''
  for (let index = 0; index < pattern.length; index++) {
    const letter = pattern[index] ?? ''
    if (letter === '\\') result += `\\${pattern[++index] ?? ''}`
    else if (letter === '%') result += '.*'
    else if (letter === '_') result += '.'
    else if ('.^$'.includes(letter)) result += `\\${letter}`
    else result += letter
  }
  return `^(?:${result})$`
}

function matchCount(args: readonly Scalar[]): number {
  const [source = '', pattern = ''] = args.map(String)
  return [...source.matchAll(compilePattern(pattern, ''))].length
}

function substringMatch(source: string, pattern: string): Scalar {
  const match = compilePattern(pattern, '').exec(source)
  if (match === null) return null
  return match.length > 1 ? (match[1] ?? null) : match[0]
}

const others: readonly ScalarFunction[] = [
  scalar({
    name: 'similar_to',
    args: ['text', 'text'],
    returns: bool,
    raises: true,
    doc: 'SIMILAR TO: % and _ as in LIKE, with alternation and repetition.',
    example: "similar_to('abc', '(a|b)%') -- t",
    evaluate: ([source, pattern]) => matches(source, similarPattern(String(pattern)), ''),
  }),
  scalar({
    name: 'similar_to',
    args: ['text', 'text', 'text'],
    returns: bool,
    raises: true,
    doc: 'SIMILAR TO with an escape character; only the backslash.',
    example: "similar_to('abc', 'a__', '\\') -- t",
    evaluate: ([source, pattern, escape]) => {
      if (escape !== '\\') throw notSupported('SIMILAR TO with another escape than \\')
      return matches(source, similarPattern(String(pattern)), '')
    },
  }),
  scalar({
    name: 'regexp_like',
    args: ['text', 'text'],
    returns: bool,
    raises: true,
    doc: 'Whether the text matches the regular expression.',
    example: "regexp_like('heddle', 'd+') -- t",
    evaluate: ([source, pattern]) => matches(source, pattern, ''),
  }),
  scalar({
    name: 'regexp_count',
    args: ['text', 'text'],
    returns: int4,
    raises: true,
    doc: 'Number of matches of the regular expression.',
    example: "regexp_count('banana', 'an') -- 2",
    evaluate: matchCount,
  }),
  ...['substring', 'regexp_substr'].map((name) =>
    scalar({
      name,
      args: ['text', 'text'],
      returns: text,
      raises: true,
      doc: 'The first match of the regular expression, or of its first group; NULL without one.',
      example: `${name}('heddle', 'd+') -- dd`,
      evaluate: ([source, pattern]) => substringMatch(String(source), String(pattern)),
    }),
  ),
]

/** Regular expressions. */
export const regexpFunctions: readonly ScalarFunction[] = [...operators, ...replacements, ...others]
