import { castTo } from '../../logical/build.ts'
import type { AggregateCall, Expression } from '../../logical/expression.ts'
import type { Rule } from '../rule.ts'

/**
 * `f(e) = f(cast(e as t))` where the aggregate says that it gives the same of values of `t`, which are quicker to collect.
 * Not with DISTINCT: values that are equal may have several spellings.
 */
export const castCollected: Rule = {
  name: 'cast-collected',
  order: 'bottom-up',
  about: ['aggregate'],
  rewrite(relation) {
    if (relation.kind !== 'aggregate' || !relation.aggregates.some(isCast)) return undefined
    const calls = relation.aggregates.map((call): AggregateCall => {
      return isCast(call)
        ? { ...call, args: call.args.map((arg, at) => castArgument(call, arg, at)) }
        : call
    })
    return { ...relation, aggregates: calls }
  },
}

function isCast(call: AggregateCall): boolean {
  return !call.distinct && call.args.some((arg, at) => castArgument(call, arg, at) !== arg)
}

function castArgument({ fn }: AggregateCall, arg: Expression, at: number): Expression {
  const type = fn.collectedAs?.(arg.type, at)
  return type === undefined ? arg : castTo(arg, type)
}
