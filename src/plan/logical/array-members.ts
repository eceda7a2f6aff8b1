import { readArrayText } from '../../data/types/array-text.ts'
import { bool, sameType } from '../../data/types/data-type.ts'
import { parseScalar } from '../../data/types/parse-scalar.ts'
import { quantifiedName } from '../../functions/array/quantified.ts'
import { call, inList, literal } from './build.ts'
import { negationFunction } from '../../functions/operators/comparison.ts'
import type { Call, Expression } from './expression.ts'

const isAny = quantifiedName('=', 'any')
const isNone = quantifiedName('<>', 'all')

/** `x = ANY (constant array)` is IN over its elements, `x <> ALL` NOT IN; undefined for other calls. */
export function listOfElements({ fn, args, span }: Call): Expression | undefined {
  const { name } = fn
  if (name !== isAny && name !== isNone) return undefined
  const [arg, array] = args
  if (arg === undefined || array?.kind !== 'literal' || array.type.kind !== 'array') {
    return undefined
  }
  const { element } = array.type
  if (array.value === null) return literal(null, bool, span)
  if (!sameType(arg.type, element)) return undefined
  const { elements } = readArrayText(String(array.value))
  // Of no elements none is equal, not even to NULL.
  if (elements.length === 0) return literal(name === isNone, bool, span)
  const members = elements.map((item) =>
    literal(item === null ? null : parseScalar(item, element), element),
  )
  const list = inList(arg, members, span)
  return name === isAny ? list : call(negationFunction, [list], bool, span)
}
