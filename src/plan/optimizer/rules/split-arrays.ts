import { int4 } from '../../../data/types/data-type.ts'
import {
  caseOf,
  castTo,
  columnReference,
  expand,
  literal,
  named,
  project,
} from '../../logical/build.ts'
import type { Call, Expression, NamedExpression, RowsCall } from '../../logical/expression.ts'
import type { Expand, Relation } from '../../logical/relation.ts'
import { typedCall, typedTableCall } from '../../logical/typing.ts'
import { passedOn } from '../output-columns.ts'
import { typingOf, type Rule, type RuleContext } from '../rule.ts'

/** Of longer arrays finding an element by its number takes longer than reading the array. */
const ELEMENTS_MAX = 32

/**
 * `unnest(ARRAY[a, b, c])` is a row each of a, b and c: the rows are numbered and the numbers choose, so that
 * no array is made. Several side by side share the numbers; shorter ones end in NULLs. Elements are computed
 * once, below. Not of arrays in arrays, whose elements are those of the inner ones.
 */
export const splitArrays: Rule = {
  name: 'split-arrays',
  order: 'bottom-up',
  about: ['expand'],
  rewrite(relation, ctx) {
    if (relation.kind !== 'expand' || relation.calls.length === 0) return undefined
    const lists = relation.calls.flatMap((rows) => elementsOf(rows) ?? [])
    return lists.length < relation.calls.length ? undefined : split(relation, lists, ctx)
  },
}

/** The elements of an array that is made to be taken apart. */
function elementsOf({ fn, args: [array] }: RowsCall): Call | undefined {
  if (fn.name !== 'unnest' || array?.kind !== 'call' || array.fn.name !== 'array_of')
    return undefined
  const { args } = array
  const isNested = args.some(({ type }) => type.kind === 'array')
  return isNested || args.length > ELEMENTS_MAX ? undefined : array
}

function split(relation: Expand, arrays: readonly Call[], ctx: RuleContext): Relation {
  const typing = typingOf(ctx)
  const made: NamedExpression[] = []
  const lists = arrays.map(({ args }) =>
    args.map((expr): Expression => {
      if (expr.kind === 'literal' || expr.kind === 'column') return expr
      const own = named(ctx.ids, 'element', expr)
      made.push(own)
      return columnReference({ ...own, type: expr.type })
    }),
  )
  const { input, ordinality } = relation
  const below = made.length === 0 ? input : project(input, [...passedOn(input.columns), ...made])
  const rows = Math.max(...lists.map(({ length }) => length))
  const bounds = [literal(1, int4), literal(rows, int4)]
  const { fn, args, columns } = typedTableCall(typing, 'generate_series', bounds)
  const [number] = columns.map((column) => ({ id: ctx.ids.next(), ...column }))
  const numbered = expand(below, [{ outputs: [number!], fn, args }], ordinality)
  const choose = (list: readonly Expression[], { outputs }: RowsCall): NamedExpression => {
    const [output] = outputs
    const branches = list.map((expr, at) => ({
      when: typedCall(typing, '=', [columnReference(number!), literal(at + 1, int4)]),
      then: castTo(expr, output!.type),
    }))
    return {
      id: output!.id,
      name: output!.name,
      expr: caseOf(branches, literal(null, output!.type)),
    }
  }
  const chosen = lists.map((list, at) => choose(list, relation.calls[at]!))
  const counted = ordinality === undefined ? [] : [{ ...ordinality, nullable: true }]
  return project(numbered, [...passedOn(input.columns), ...chosen, ...passedOn(counted)])
}
