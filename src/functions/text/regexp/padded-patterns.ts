import { present } from '../../../base/assert.ts'
import { bool, text } from '../../../data/types/data-type.ts'
import type { Scalar } from '../../../data/types/scalar.ts'
import { scalar } from '../../define.ts'
import { keyedTextLane } from '../../emit.ts'
import type { ScalarFunction } from '../../function.ts'
import type { InlineForm } from '../../inline.ts'
import { likeFunctions } from '../like.ts'
import { regexpFunctions } from './functions.ts'

/** The form of a function of a text for char(n), whose text stands between its key and the key's length. */
function paddedForm(form: InlineForm): InlineForm {
  return (ctx, args, result) => {
    const [source, ...others] = args
    const padded = present(source, 'missing text')
    const whole = { ...padded, type: text, lanes: [keyedTextLane(ctx.f, padded)] }
    return form(ctx, [whole, ...others], result)
  }
}

/** What a pattern finds in char(n): the blanks are there. */
export const paddedPatterns: readonly ScalarFunction[] = [...likeFunctions, ...regexpFunctions]
  .filter(({ name }) => /~|^similar_to$/.test(name))
  .map(({ name, args: [, ...others], doc, example, evaluate, inline, literalForm }) =>
    scalar({
      name,
      args: ['bpchar', ...others],
      returns: bool,
      raises: true,
      doc,
      example: example.replace(/^('[^']*')/, '$1::bpchar'),
      evaluate: (args: readonly Scalar[], types, result) => evaluate(args, types, result),
      ...(inline && { inline: paddedForm(inline) }),
      ...(literalForm && {
        literalForm: (constants, types) => {
          const form = literalForm(constants, types)
          return form && paddedForm(form)
        },
      }),
    }),
  )
