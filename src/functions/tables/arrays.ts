import { spend } from '../../base/budget.ts'
import { readArrayText } from '../../data/types/array-text.ts'
import { int4, type DataType } from '../../data/types/data-type.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { elementPlace, readArray } from '../array-elements.ts'
import { tableFunction } from '../define.ts'
import type { ArgumentKind, TableFunction } from '../function.ts'
import { resolutionError } from '../resolve.ts'

/** Elements of an array that nothing is known of. */
const ELEMENTS_UNKNOWN = 10

function countElements([array]: readonly (Scalar | undefined)[]): number {
  return typeof array === 'string' ? readArrayText(array).elements.length : ELEMENTS_UNKNOWN
}

/** To PostgreSQL a string may be a tsvector or a multirange as well. Throws AMBIGUOUS_FUNCTION. */
function anyArray(types: readonly DataType[]): readonly DataType[] | undefined {
  const [type] = types
  if (type?.kind !== 'unknown') return type?.kind === 'array' ? types : undefined
  throw resolutionError('unnest', types, { reason: 'ambiguous', candidates: [] })
}

function* subscripts([array, at, reverse]: readonly Scalar[]): Generator<Scalar> {
  const dimension = readArrayText(String(array)).dimensions[Number(at) - 1]
  if (dimension === undefined) return
  const { lower, length } = dimension
  for (let index = 0; index < length; index++) {
    spend(1)
    yield reverse === true ? lower + length - 1 - index : lower + index
  }
}

/** Functions that take arrays apart. */
export const arrayRows: readonly TableFunction[] = [
  tableFunction({
    name: 'unnest',
    args: ['array'],
    settle: anyArray,
    returns: elementPlace,
    doc: 'The elements of an array, whatever its dimensions; in FROM of several arrays side by side.',
    example: "unnest('{1,NULL,2}'::int[]) -- 1, NULL, 2",
    rows: ([array = null], [type]) => readArray(array, type).elements,
    kernel: 'arrayRows',
    rowsOf: countElements,
  }),
  ...([2, 3] as const).map((count) =>
    tableFunction({
      name: 'generate_subscripts',
      args: (['array', 'int4', 'bool'] as const satisfies readonly ArgumentKind[]).slice(0, count),
      returns: int4,
      doc:
        count === 2
          ? 'The subscripts of a dimension of an array; none where it has no such dimension.'
          : 'The same, with true from the last to the first.',
      example:
        count === 2
          ? "generate_subscripts('{7,8}'::int[], 1) -- 1, 2"
          : "generate_subscripts('{7,8}'::int[], 1, true) -- 2, 1",
      rows: subscripts,
      rowsOf: countElements,
    }),
  ),
]
