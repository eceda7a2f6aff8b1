import { QueryError } from '../../../base/errors.ts'
import { listOf, writeArrayText } from '../../../data/types/array-text.ts'
import { arrayOf, bool, int4, text } from '../../../data/types/data-type.ts'
import type { Scalar } from '../../../data/types/scalar.ts'
import { scalar } from '../../define.ts'
import type { ArgumentKind, ScalarFunction } from '../../function.ts'
import { type Expression, expressionOf, type Search } from './expression.ts'
import { advanced, type Flags, readFlags } from './options.ts'
import {
  countingForm,
  findingForm,
  firstPartForm,
  groupsForm,
  partForm,
  placingForm,
  replacingForm,
  splittingForm,
} from './forms.ts'
import { eachMatch, expressionFor, matchesOf, splitPieces } from './matches.ts'
import { replaceMatches } from './replace.ts'
import { similarPattern } from './similar.ts'

const caseless = { ...advanced, ignoreCase: true }

const operators = (
  [
    ['~', advanced, false, 'Whether the text matches the regular expression.', "'heddle' ~ 'd+'"],
    ['~*', caseless, false, 'The same without regard to case.', "'heddle' ~* 'D+'"],
    ['!~', advanced, true, 'Whether the text does not match.', "'heddle' !~ 'q+'"],
    ['!~*', caseless, true, 'Whether the text does not match, case aside.', "'heddle' !~* 'Q+'"],
  ] as const
).map(([name, options, negated, doc, example]) =>
  scalar({
    name,
    args: ['text', 'text'],
    returns: bool,
    raises: true,
    doc,
    example: `${example} -- t`,
    evaluate: ([source, pattern]) =>
      expressionOf(String(pattern), options).test(String(source)) !== negated,
    literalForm: findingForm(([, pattern]) => expressionOf(String(pattern), options), [1], negated),
  }),
)

/** A number argument that must lie in bounds. Throws INVALID_PARAMETER_VALUE. */
function parameter(name: string, value: Scalar | undefined, min: number, max = Infinity): number {
  const number = Number(value)
  if (number >= min && number <= max) return number
  const message = `invalid value for parameter "${name}": ${number}`
  throw new QueryError('INVALID_PARAMETER_VALUE', message)
}

/** Goes to the nth match from a place on; false if there are fewer. */
function findNumber(search: Search, from: number, number: number): boolean {
  let count = 0
  for (const _ of eachMatch(search, from)) if (++count === number) return true
  return false
}

/** Overloads with more and more arguments. */
function overloads(
  kinds: readonly ArgumentKind[],
  least: number,
  make: (args: readonly ArgumentKind[]) => ScalarFunction,
): readonly ScalarFunction[] {
  return kinds.flatMap((_, index) => (index + 1 < least ? [] : [make(kinds.slice(0, index + 1))]))
}

/** The flags of a replacement; option g is for all matches. */
function replacementFlags(flags: Scalar = ''): Flags {
  const letters = String(flags)
  if (/^[0-9]/.test(letters)) {
    const message = `invalid regular expression option: "${letters[0] ?? ''}"`
    const hint =
      'If you meant to use regexp_replace() with a start parameter, cast the fourth argument to integer explicitly.'
    throw new QueryError('INVALID_PARAMETER_VALUE', message, { hint })
  }
  return readFlags(letters)
}

function replaceByFlags([source, pattern, replacement, flags]: readonly Scalar[]): string {
  const { options, everywhere } = replacementFlags(flags)
  return replaceMatches(expressionOf(String(pattern), options), {
    source: String(source),
    replacement: String(replacement),
    from: 0,
    number: everywhere ? 0 : 1,
  })
}

function replaceFrom([
  source,
  pattern,
  replacement,
  start,
  number,
  flags,
]: readonly Scalar[]): string {
  const from = parameter('start', start, 1) - 1
  const count = number === undefined ? 1 : parameter('n', number, 0)
  const { options } = readFlags(String(flags ?? ''))
  return replaceMatches(expressionOf(String(pattern), options), {
    source: String(source),
    replacement: String(replacement),
    from,
    number: count,
  })
}

const replacements: readonly ScalarFunction[] = [
  ...overloads(['text', 'text', 'text', 'text'], 3, (args) =>
    scalar({
      name: 'regexp_replace',
      args,
      returns: text,
      raises: true,
      doc: 'The text with the first match replaced, or every match with option g; \\1 is a group, \\& the match.',
      example:
        args.length === 3
          ? "regexp_replace('Thomas', '.[mN]a.', 'M') -- ThM"
          : "regexp_replace('banana', 'a', 'o', 'g') -- bonono",
      evaluate: replaceByFlags,
      literalForm: replacingForm(
        ([, pattern, , flags]) => expressionOf(String(pattern), replacementFlags(flags).options),
        [1, 3],
        ([, , , flags]) => (replacementFlags(flags).everywhere ? 0 : 1),
      ),
    }),
  ),
  ...overloads(['text', 'text', 'text', 'int4', 'int4', 'text'], 4, (args) =>
    scalar({
      name: 'regexp_replace',
      args,
      returns: text,
      raises: true,
      doc: 'The text with a match behind a character replaced: the first, the nth, or (0) all.',
      example: `${`regexp_replace('banana', 'a', 'o', 3`}${[', 2', ", 'i'"].slice(0, args.length - 4).join('')}) -- ${args.length === 4 ? 'banona' : 'banano'}`,
      evaluate: replaceFrom,
      literalForm: replacingForm(
        ([, pattern, , , , flags]) =>
          expressionOf(String(pattern), readFlags(String(flags ?? '')).options),
        [1, 5],
        () => 'argument',
      ),
    }),
  ),
]

function countMatches([source, pattern, start = 1, flags]: readonly Scalar[]): number {
  const from = parameter('start', start, 1) - 1
  const search = expressionFor('regexp_count', pattern, flags).search(String(source), 0)
  let count = 0
  for (const _ of eachMatch(search, from)) count++
  return count
}

/** The group that is asked for; of an expression without one the first is the whole match, as in PostgreSQL. */
function wantedGroup(part: Scalar, { groups }: Expression): number {
  const group = parameter('subexpr', part, 0)
  return groups === 0 && group === 1 ? 0 : group
}

function positionOf(args: readonly Scalar[]): number {
  const [source, pattern, start = 1, number = 1, ending = 0, flags, part = 0] = args
  const from = parameter('start', start, 1) - 1
  const wanted = parameter('n', number, 1)
  const atEnd = parameter('endoption', ending, 0, 1) === 1
  const expression = expressionFor('regexp_instr', pattern, flags)
  const group = wantedGroup(part, expression)
  const search = expression.search(String(source), group)
  if (group > expression.groups || !findNumber(search, from, wanted)) return 0
  return (atEnd ? search.end(group) : search.start(group)) + 1
}

function partOf(args: readonly Scalar[]): string | null {
  const [source, pattern, start = 1, number = 1, flags, part = 0] = args
  const from = parameter('start', start, 1) - 1
  const wanted = parameter('n', number, 1)
  const expression = expressionFor('regexp_substr', pattern, flags)
  const group = wantedGroup(part, expression)
  const search = expression.search(String(source), group)
  if (group > expression.groups || !findNumber(search, from, wanted)) return null
  return search.text(group) ?? null
}

/** `substring(text from pattern)`: the first match, or its first group if there is one. */
function firstMatch(source: Scalar | undefined, expression: Expression): string | null {
  const group = Math.min(1, expression.groups)
  const search = expression.search(String(source), group)
  return search.find(0) ? (search.text(group) ?? null) : null
}

/** The expression of an SQL pattern and, where one is said, its escape character. */
function sqlExpression([, pattern, escape = '\\']: readonly Scalar[]): Expression {
  return expressionOf(similarPattern(String(pattern), String(escape)), advanced)
}

const searches: readonly ScalarFunction[] = [
  ...overloads(['text', 'text', 'text'], 2, (args) =>
    scalar({
      name: 'regexp_like',
      args,
      returns: bool,
      raises: true,
      doc: 'Whether the text matches the regular expression.',
      example: `regexp_like('heddle', 'D+'${args.length > 2 ? ", 'i') -- t" : ') -- f'}`,
      evaluate: ([source, pattern, flags]) =>
        expressionFor('regexp_like', pattern, flags).test(String(source)),
      literalForm: findingForm(
        ([, pattern, flags]) => expressionFor('regexp_like', pattern, flags),
        [1, 2],
      ),
    }),
  ),
  ...overloads(['text', 'text', 'int4', 'text'], 2, (args) =>
    scalar({
      name: 'regexp_count',
      args,
      returns: int4,
      raises: true,
      doc: 'Number of matches of the regular expression, from a character on.',
      example: `regexp_count('banana', 'an'${[', 3', ", 'i'"].slice(0, args.length - 2).join('')}) -- ${args.length === 2 ? 2 : 1}`,
      evaluate: countMatches,
      literalForm: countingForm(
        ([, pattern, , flags]) => expressionFor('regexp_count', pattern, flags),
        [1, 3],
      ),
    }),
  ),
  ...overloads(['text', 'text', 'int4', 'int4', 'int4', 'text', 'int4'], 2, (args) =>
    scalar({
      name: 'regexp_instr',
      args,
      returns: int4,
      raises: true,
      doc: 'Where the nth match (or a group of it) begins or, with 1, ends; 0 without one.',
      example: `regexp_instr('banana', '(a)n'${[', 1', ', 2', ', 1', ", 'i'", ', 1'].slice(0, args.length - 2).join('')}) -- ${[2, 2, 4, 6, 6, 5][args.length - 2]}`,
      evaluate: positionOf,
      literalForm: placingForm(
        ([, pattern, , , , flags]) => expressionFor('regexp_instr', pattern, flags),
        [1, 5],
        6,
      ),
    }),
  ),
  ...overloads(['text', 'text', 'int4', 'int4', 'text', 'int4'], 2, (args) =>
    scalar({
      name: 'regexp_substr',
      args,
      returns: text,
      raises: true,
      doc: 'The nth match of the regular expression, or a group of it; NULL without one.',
      example: `regexp_substr('banana', '(a)n'${[', 1', ', 2', ", 'i'", ', 1'].slice(0, args.length - 2).join('')}) -- ${args.length === 6 ? 'a' : 'an'}`,
      evaluate: partOf,
      literalForm: partForm(
        ([, pattern, , , flags]) => expressionFor('regexp_substr', pattern, flags),
        [1, 4],
        5,
      ),
    }),
  ),
  scalar({
    name: 'substring',
    args: ['text', 'text'],
    returns: text,
    raises: true,
    doc: 'The first match of the regular expression, or of its first group; NULL without one.',
    example: "substring('heddle', 'd+') -- dd",
    evaluate: ([source, pattern]) => firstMatch(source, expressionOf(String(pattern), advanced)),
    literalForm: firstPartForm(([, pattern]) => expressionOf(String(pattern), advanced), [1]),
  }),
  scalar({
    name: 'substring',
    args: ['text', 'text', 'text'],
    returns: text,
    raises: true,
    doc: 'What matches the part of an SQL pattern between two escaped double quotes; NULL without a match.',
    example: `substring('heddle', '%#"d_#"e', '#') -- dl`,
    evaluate: (args) => firstMatch(args[0], sqlExpression(args)),
    literalForm: firstPartForm(sqlExpression, [1, 2]),
  }),
  scalar({
    name: 'similar_to',
    args: ['text', 'text'],
    returns: bool,
    raises: true,
    doc: 'SIMILAR TO: % and _ as in LIKE, with alternation and repetition.',
    example: "similar_to('abc', '(a|b)%') -- t",
    evaluate: (args) => sqlExpression(args).test(String(args[0])),
    literalForm: findingForm(sqlExpression, [1]),
  }),
  scalar({
    name: 'similar_to',
    args: ['text', 'text', 'text'],
    returns: bool,
    raises: true,
    doc: 'SIMILAR TO with an escape character; none if it is empty.',
    example: "similar_to('a%c', 'a#%_', '#') -- t",
    evaluate: (args) => sqlExpression(args).test(String(args[0])),
    literalForm: findingForm(sqlExpression, [1, 2]),
  }),
]

const textArray = arrayOf({ kind: 'text' })

const taken: readonly ScalarFunction[] = overloads(['text', 'text', 'text'], 2, (args) =>
  scalar({
    name: 'regexp_match',
    args,
    returns: textArray,
    raises: true,
    doc: 'The groups of the first match, or the match itself where there are none; NULL without one.',
    example: `regexp_match('heddle', '(d)(.)'${args.length > 2 ? ", 'i'" : ''}) -- {d,d}`,
    evaluate([source, pattern, flags = '']) {
      if (readFlags(String(flags)).everywhere) {
        throw new QueryError(
          'INVALID_PARAMETER_VALUE',
          'regexp_match() does not support the "global" option',
          { hint: 'Use the regexp_matches function instead.' },
        )
      }
      const [groups] = matchesOf(source, pattern, flags)
      return groups === undefined ? null : writeArrayText(listOf(groups))
    },
    literalForm: groupsForm(
      ([, pattern, flags = '']) => expressionFor('regexp_match', pattern, flags),
      [1, 2],
    ),
  }),
)

const divided: readonly ScalarFunction[] = overloads(['text', 'text', 'text'], 2, (args) =>
  scalar({
    name: 'regexp_split_to_array',
    args,
    returns: textArray,
    raises: true,
    doc: 'The pieces of a text between the matches.',
    example: `regexp_split_to_array('a1b2c', '[0-9]'${args.length > 2 ? ", 'i'" : ''}) -- {a,b,c}`,
    evaluate: ([source, pattern, flags]) =>
      writeArrayText(listOf(splitPieces('regexp_split_to_array', source, pattern, flags))),
    literalForm: splittingForm(
      ([, pattern, flags = '']) => expressionFor('regexp_split_to_array', pattern, flags),
      [1, 2],
    ),
  }),
)

/** Regular expressions, by PostgreSQL's rules. */
export const regexpFunctions: readonly ScalarFunction[] = [
  ...operators,
  ...replacements,
  ...searches,
  ...taken,
  ...divided,
]
