import { castTo, columnReference, expand, project } from '../../logical/build.ts'
import type { NamedExpression, RowsCall, RowsOutput } from '../../logical/expression.ts'
import type { Relation } from '../../logical/relation.ts'
import { typedCall, typedTableCall } from '../../logical/typing.ts'
import { isVolatile } from '../../logical/expression-size.ts'
import { passedOn } from '../output-columns.ts'
import { typingOf, type Rule, type RuleContext } from '../rule.ts'

/**
 * `f(x) = unnest(f1(x), f2(x))` where the catalogue says which functions give the columns of `f` as arrays: these are made
 * and taken apart by code, `f` row by row. Columns of another type than the elements are cast to it above.
 */
export const listRows: Rule = {
  name: 'list-rows',
  order: 'bottom-up',
  about: ['expand'],
  rewrite(relation, ctx) {
    if (relation.kind !== 'expand' || !relation.calls.some(isListed)) return undefined
    const cast: NamedExpression[] = []
    const calls = relation.calls.flatMap((call) =>
      isListed(call) ? unnested(call, cast, ctx) : [call],
    )
    const { input, ordinality } = relation
    const listed = expand(input, calls, ordinality)
    return cast.length === 0 ? listed : withCasts(relation, listed, cast)
  },
}

function isListed({ fn, args }: RowsCall): boolean {
  return fn.lists !== undefined && !args.some(isVolatile)
}

function unnested(
  { fn, args, outputs, span }: RowsCall,
  cast: NamedExpression[],
  ctx: RuleContext,
): readonly RowsCall[] {
  const typing = typingOf(ctx)
  return (fn.lists ?? []).flatMap((name, at): readonly RowsCall[] => {
    const output = outputs[at]
    if (output === undefined) return []
    const call = typedCall(typing, name, [...args])
    const { fn, columns } = typedTableCall(typing, 'unnest', [call])
    const type = columns[0]?.type ?? output.type
    if (type.kind === output.type.kind)
      return [{ outputs: [output], fn, args: [call], ...(span && { span }) }]
    const own: RowsOutput = { ...output, id: ctx.ids.next(), type }
    const element = columnReference(own)
    cast.push({ id: output.id, name: output.name, expr: castTo(element, output.type) })
    return [{ outputs: [own], fn, args: [call], ...(span && { span }) }]
  })
}

/** The columns of a relation, of which some are made of the listed ones. */
function withCasts(
  relation: Relation,
  listed: Relation,
  cast: readonly NamedExpression[],
): Relation {
  const made = new Map(cast.map((one) => [one.id, one]))
  const kept = passedOn(relation.columns)
  return project(
    listed,
    kept.map((column) => made.get(column.id) ?? column),
  )
}
