import { int4 } from '../../data/types/data-type.ts'
import { keep } from '../emit.ts'
import { scalar } from '../define.ts'
import type { ScalarFunction } from '../function.ts'
import type { InlineForm } from '../inline.ts'

function countForm(ofNulls: boolean): InlineForm {
  return ({ f }, args) => {
    const known = args.filter(({ valid }) => valid === undefined).length
    f.i32(ofNulls ? args.length - known : known)
    for (const { valid } of args) {
      if (valid !== undefined) f.get(valid).op(ofNulls ? 'i32.sub' : 'i32.add')
    }
    return { lanes: [keep(f, 'i32')], range: { min: 0n, max: BigInt(args.length) } }
  }
}

/** How many arguments are NULL, or are not. */
export const nullCountFunctions: readonly ScalarFunction[] = (
  [
    ['num_nulls', true, 'How many arguments are NULL.', '1'],
    ['num_nonnulls', false, 'How many arguments are not NULL.', '2'],
  ] as const
).map(([name, ofNulls, doc, result]) =>
  scalar({
    name,
    args: ['any'],
    variadic: true,
    returns: int4,
    nulls: 'called',
    nullResult: 'never',
    doc,
    example: `${name}(1, NULL, 'a') -- ${result}`,
    evaluate: (args) => args.filter((arg) => (arg === null) === ofNulls).length,
    inline: countForm(ofNulls),
  }),
)
