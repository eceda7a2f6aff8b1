import { spend } from '../../base/budget.ts'
import { QueryError } from '../../base/errors.ts'
import { bool } from '../../data/types/data-type.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { scalar } from '../define.ts'
import type { ScalarFunction } from '../function.ts'
import { characterCount, isPairAt } from './characters.ts'
import { lowerText } from './letters.ts'
import { patternSelectivity } from '../selectivity.ts'
import { BACKSLASH, likeForm } from './like-inline.ts'
import { foldedPattern, literalLikeForm } from './like-literals.ts'

/**
 * Whether a text matches a LIKE pattern: `%` is any run of characters, `_` one character, the escape
 * character (none if undefined) takes the next one literally. Throws INVALID_ESCAPE.
 */
export function matchesLike(source: string, pattern: string, escape: string | undefined): boolean {
  let t = 0
  let m = 0
  let retryText = 0
  let retryPattern = -1
  for (;;) {
    if (m < pattern.length) {
      const escaped = escape !== undefined && pattern.startsWith(escape, m)
      const wanted = escaped ? m + escape.length : m
      if (pattern[m] === '%' && !escaped) {
        retryPattern = ++m
        retryText = t
        continue
      }
      if (t === source.length) return false
      if (wanted >= pattern.length) {
        throw new QueryError('INVALID_ESCAPE', 'LIKE pattern must not end with escape character')
      }
      const isAny = pattern[wanted] === '_' && !escaped
      if (isAny || pattern.codePointAt(wanted) === source.codePointAt(t)) {
        m = wanted + (isPairAt(pattern, wanted) ? 2 : 1)
        t += isPairAt(source, t) ? 2 : 1
        continue
      }
    } else if (t === source.length) return true
    if (retryPattern < 0 || retryText >= source.length) return false
    spend(1 + t - retryText)
    retryText += isPairAt(source, retryText) ? 2 : 1
    t = retryText
    m = retryPattern
  }
}

/** The escape character that a third argument says. Throws INVALID_ESCAPE. */
export function escapeOf(args: readonly Scalar[]): string | undefined {
  if (args.length < 3) return BACKSLASH
  const escape = String(args[2])
  if (characterCount(escape) > 1) {
    throw new QueryError('INVALID_ESCAPE', 'invalid escape string', {
      hint: 'Escape string must be empty or one character.',
    })
  }
  return escape === '' ? undefined : escape
}

interface Variant {
  readonly name: string
  readonly operator: string
  readonly negated: boolean
  readonly caseless: boolean
  readonly doc: string
  readonly example: string
}

const variants: readonly Variant[] = [
  {
    name: 'like',
    operator: '~~',
    negated: false,
    caseless: false,
    doc: 'Whether the text matches the pattern, where % is any run of characters and _ is one.',
    example: "like('heddle', 'h%e') -- t",
  },
  {
    name: 'not_like',
    operator: '!~~',
    negated: true,
    caseless: false,
    doc: 'Whether the text does not match the LIKE pattern.',
    example: "not_like('heddle', 'h%e') -- f",
  },
  {
    name: 'ilike',
    operator: '~~*',
    negated: false,
    caseless: true,
    doc: 'LIKE without regard to case.',
    example: "ilike('Heddle', 'h%E') -- t",
  },
  {
    name: 'not_ilike',
    operator: '!~~*',
    negated: true,
    caseless: true,
    doc: 'Whether the text does not match the pattern, case aside.',
    example: "not_ilike('Heddle', 'h%E') -- f",
  },
]

/** LIKE and ILIKE, with and without ESCAPE (the third argument), also by their operators. */
export const likeFunctions: readonly ScalarFunction[] = variants.flatMap((variant) => {
  const { name, operator, negated, caseless, doc, example } = variant
  const shared = {
    inline: likeForm({ negated, caseless }),
    literalForm: literalLikeForm({ negated, caseless }),
    returns: bool,
    raises: true,
    nullResult: 'of-null' as const,
    selectivity: patternSelectivity(negated),
    doc,
    evaluate: (args: readonly Scalar[]) => {
      const [text, pattern, escape] = [String(args[0]), String(args[1]), escapeOf(args)]
      const isMatched = caseless
        ? matchesLike(lowerText(text), foldedPattern(pattern, escape), BACKSLASH)
        : matchesLike(text, pattern, escape)
      return isMatched !== negated
    },
  }
  const call = /\('(.*)', '(.*)'\)(.*)/.exec(example)
  const infix = `'${call?.[1] ?? ''}' ${operator} '${call?.[2] ?? ''}'${call?.[3] ?? ''}`
  return [
    scalar({ ...shared, name, args: ['text', 'text'], example }),
    scalar({
      ...shared,
      name,
      args: ['text', 'text', 'text'],
      example: example.replace("')", "', '#')"),
    }),
    scalar({ ...shared, name: operator, args: ['text', 'text'], example: infix }),
    scalar({
      ...shared,
      name: operator,
      args: ['text', 'text', 'text'],
      example: infix.replace(operator, name.replace('_', ' ')).replace(' --', " escape '#' --"),
    }),
  ]
})
