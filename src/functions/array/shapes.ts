import { readArrayText } from '../../data/types/array-text.ts'
import { int4, text } from '../../data/types/data-type.ts'
import { scalar } from '../define.ts'
import type { ScalarFunction } from '../function.ts'
import { boundForm, countForm, dimensionsForm } from './inline.ts'
import { boundsForm } from './shape-forms.ts'

/** What an array is like. */
export const shapes: readonly ScalarFunction[] = [
  scalar({
    name: 'cardinality',
    args: ['array'],
    returns: int4,
    doc: 'The number of elements in all dimensions.',
    example: "cardinality('{{1,2},{3,4}}'::int[]) -- 4",
    evaluate: ([value = null]) => readArrayText(String(value)).elements.length,
    inline: countForm,
  }),
  scalar({
    name: 'array_ndims',
    args: ['array'],
    returns: int4,
    doc: 'The number of dimensions, NULL of an empty array.',
    example: "array_ndims('{{1,2},{3,4}}'::int[]) -- 2",
    evaluate([value = null]) {
      const { length } = readArrayText(String(value)).dimensions
      return length === 0 ? null : length
    },
    inline: dimensionsForm,
  }),
  scalar({
    name: 'array_dims',
    args: ['array'],
    returns: text,
    doc: 'The bounds of the dimensions, NULL of an empty array.',
    example: "array_dims('{{1,2},{3,4}}'::int[]) -- [1:2][1:2]",
    evaluate([value = null]) {
      const { dimensions } = readArrayText(String(value))
      const bounds = dimensions.map(({ lower, length }) => `[${lower}:${lower + length - 1}]`)
      return bounds.length === 0 ? null : bounds.join('')
    },
    inline: boundsForm,
  }),
  ...(
    [
      ['array_length', 'The number of elements in a dimension.', '2', ({ length }) => length, 0],
      ['array_lower', 'The first subscript of a dimension.', '1', ({ lower }) => lower, 1],
      [
        'array_upper',
        'The last subscript of a dimension.',
        '2',
        ({ lower, length }) => lower + length - 1,
        2,
      ],
    ] as const satisfies readonly (readonly [
      string,
      string,
      string,
      (dimension: { readonly lower: number; readonly length: number }) => number,
      what: number,
    ])[]
  ).map(([name, doc, result, of, what]) =>
    scalar({
      name,
      args: ['array', 'int4'],
      returns: int4,
      doc,
      example: `${name}('{5,6}'::int[], 1) -- ${result}`,
      evaluate([value = null, at = null]) {
        const dimension = readArrayText(String(value)).dimensions[Number(at) - 1]
        return dimension === undefined ? null : of(dimension)
      },
      inline: boundForm(what),
    }),
  ),
]
