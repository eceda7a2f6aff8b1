import { QueryError } from '../../../base/errors.ts'

const reasons = {
  pattern: 'invalid regexp (reg version 0.8)',
  collating: 'invalid collating element',
  class: 'invalid character class',
  escape: 'invalid escape \\ sequence',
  backReference: 'invalid backreference number',
  bracket: 'brackets [] not balanced',
  parenthesis: 'parentheses () not balanced',
  brace: 'braces {} not balanced',
  bound: 'invalid repetition count(s)',
  range: 'invalid character range',
  quantifier: 'quantifier operand invalid',
  argument: 'invalid argument to regex function',
  option: 'invalid embedded option',
  complex: 'regular expression is too complex',
} as const

/** What is wrong with a pattern, in PostgreSQL's words (2201B). */
export function patternError(reason: keyof typeof reasons): QueryError {
  return new QueryError(
    'INVALID_REGULAR_EXPRESSION',
    `invalid regular expression: ${reasons[reason]}`,
  )
}
