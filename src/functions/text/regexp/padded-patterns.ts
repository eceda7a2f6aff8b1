import { bool } from '../../../data/types/data-type.ts'
import type { Scalar } from '../../../data/types/scalar.ts'
import { scalar } from '../../define.ts'
import type { ScalarFunction } from '../../function.ts'
import { likeFunctions } from '../like.ts'
import { regexpFunctions } from './functions.ts'

/** What a pattern finds in char(n): the blanks are there. */
export const paddedPatterns: readonly ScalarFunction[] = [...likeFunctions, ...regexpFunctions]
  .filter(({ name }) => /~|^similar_to$/.test(name))
  .map(({ name, args: [, ...others], doc, example, evaluate }) =>
    scalar({
      name,
      args: ['bpchar', ...others],
      returns: bool,
      raises: true,
      doc,
      example: example.replace(/^('[^']*')/, '$1::bpchar'),
      evaluate: (args: readonly Scalar[], types, result) => evaluate(args, types, result),
    }),
  )
