import { present } from '../../base/assert.ts'
import { readArrayText } from '../../data/types/array-text.ts'
import { compareScalars } from '../../data/types/compare-scalar.ts'
import { bool, sameType } from '../../data/types/data-type.ts'
import { parseScalar } from '../../data/types/parse-scalar.ts'
import { quantifiedName, quantifiedPatterns } from '../../functions/array/quantified.ts'
import { and, call, inList, literal, or } from './build.ts'
import { negationFunction } from '../../functions/operators/comparison.ts'
import { compared } from './predicates.ts'
import type { Call, Expression } from './expression.ts'
import { isRepeatable } from './expression-size.ts'

const isAny = quantifiedName('=', 'any')
const isNone = quantifiedName('<>', 'all')

/** Less and more than any or all of some values: that is so of the largest or the smallest of them. */
const bounds = new Map(
  (['<', '<=', '>', '>='] as const).flatMap((operator) =>
    (['any', 'all'] as const).map((quantifier) => {
      const isAll = quantifier === 'all'
      return [
        quantifiedName(operator, quantifier),
        { operator, isAll, isLargest: operator.startsWith('<') !== isAll },
      ] as const
    }),
  ),
)

/** Elements that are asked about one by one: each takes code of its own. */
const EACH_MAX = 16

/** What is asked about each element, for what is not so of the smallest, the largest or a list of them. */
const each = new Map<string, { readonly ask: Asked; readonly isAll: boolean }>([
  [quantifiedName('=', 'all'), { ask: (...args) => compared('=', ...args), isAll: true }],
  [quantifiedName('<>', 'any'), { ask: (...args) => compared('<>', ...args), isAll: false }],
  ...[...quantifiedPatterns].map(
    ([name, { fn, quantifier }]) =>
      [
        name,
        {
          ask: (arg, member, span) => call(fn, [arg, member], bool, span),
          isAll: quantifier === 'all',
        },
      ] satisfies [string, { ask: Asked; isAll: boolean }],
  ),
])

type Asked = (arg: Expression, member: Expression, span: Call['span']) => Expression

/**
 * `x = ANY (constant array)` is IN over its elements, `x <> ALL` NOT IN, `x < ANY` less than the largest, `x LIKE ANY`
 * a LIKE or another; undefined for other calls.
 */
export function listOfElements({ fn, args, span }: Call): Expression | undefined {
  const { name } = fn
  const bound = bounds.get(name)
  const one = each.get(name)
  if (name !== isAny && name !== isNone && bound === undefined && one === undefined)
    return undefined
  const [arg, array] = args
  if (arg === undefined || array?.kind !== 'literal' || array.type.kind !== 'array') {
    return undefined
  }
  const { element } = array.type
  // What is known is evaluated in one piece: an element that is no pattern counts unless one before it decides.
  if (arg.kind === 'literal') return undefined
  if (array.value === null) return literal(null, bool, span)
  if (!sameType(arg.type, element)) return undefined
  const { elements } = readArrayText(String(array.value))
  // Of no elements none is equal, not even to NULL.
  if (elements.length === 0) {
    return literal(name === isNone || (bound ?? one)?.isAll === true, bool, span)
  }
  const members = elements.map((item) =>
    literal(item === null ? null : parseScalar(item, element), element),
  )
  if (one !== undefined) {
    if (members.length > EACH_MAX || !isRepeatable(arg)) return undefined
    const asked = members.map((member) => one.ask(arg, member, span))
    return one.isAll ? and(asked) : or(asked)
  }
  if (bound !== undefined) {
    const values = members.flatMap(({ value }) => value ?? [])
    if (values.length < members.length) return undefined
    const sign = bound.isLargest ? 1 : -1
    const [first, ...rest] = values
    const decisive = rest.reduce(
      (best, value) => (sign * compareScalars(value, best, element) > 0 ? value : best),
      present(first, 'elements'),
    )
    return compared(bound.operator, arg, literal(decisive, element, span), span)
  }
  const list = inList(arg, members, span)
  return name === isAny ? list : call(negationFunction, [list], bool, span)
}
