import { aliases } from '../define.ts'
import type { ScalarFunction } from '../function.ts'
import { comparisonFunctions } from '../operators/comparison.ts'
import { searches } from './searches.ts'

/** Names that PostgreSQL has for operators of arrays, and what each gives for two arrays. */
const names = {
  array_eq: ['=', 'f'],
  array_ne: ['<>', 't'],
  array_lt: ['<', 't'],
  array_le: ['<=', 't'],
  array_gt: ['>', 'f'],
  array_ge: ['>=', 'f'],
  arraycontains: ['@>', 'f'],
  arraycontained: ['<@', 'f'],
  arrayoverlap: ['&&', 't'],
} as const

/** Operators of arrays as functions. */
export const arrayOtherNames: readonly ScalarFunction[] = Object.entries(names).flatMap(
  ([name, [operator, result]]) =>
    aliases(
      [...comparisonFunctions, ...searches].filter(
        (entry) => entry.name === operator && entry.args.every((kind) => kind === 'array'),
      ),
      name,
    ).map((entry) => ({
      ...entry,
      example: `${name}('{1,2}'::int[], '{1,3}'::int[]) -- ${result}`,
    })),
)
