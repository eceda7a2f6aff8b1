import { bool, int8, sameType } from '../../../data/types/data-type.ts'
import { isResolved } from '../../../functions/resolve.ts'
import { aggregate, and, call, caseOf, columnReference, literal, or } from '../../logical/build.ts'
import type { Expression, ExpressionOf } from '../../logical/expression.ts'
import { compared } from '../../logical/predicates.ts'
import type { Relation } from '../../logical/relation.ts'
import { plainAggregate } from '../../logical/typing.ts'
import { freeColumns } from '../../logical/walk.ts'
import { typingOf, type RuleContext } from '../rule.ts'

type Subquery = ExpressionOf<'subquery'>

/** A comparison with all rows of a subquery, of which one row is made. */
export interface ByExtremes {
  readonly row: Relation
  readonly value: Expression
}

/** The row that decides for ANY; for ALL it is the other one. */
const extremes: Readonly<Record<string, 'min' | 'max'>> = {
  '>': 'min',
  '>=': 'min',
  '<': 'max',
  '<=': 'max',
}
const opposite = { min: 'max', max: 'min' } as const

/** Whether {@link byExtremes} may be asked: an order decides, and the subquery's rows are the same for all rows outside. */
export function isByExtremes({ form, fn, input }: Subquery): boolean {
  if (form !== 'any' && form !== 'all') return false
  return extremes[fn?.comparison ?? ''] !== undefined && freeColumns(input).size === 0
}

/**
 * `x > ALL (S)` is `x > max(S)`, and `x > ANY (S)` is `x > min(S)`, but for S that is empty or has NULLs: with
 * n rows, of which u are NULL,
 *     x > ALL (S) = n = 0 OR (x > max(S) AND (NULL where u > 0, else TRUE))
 *     x > ANY (S) = n > 0 AND (x > min(S) OR (NULL where u > 0, else FALSE)).
 * The comparison with the extreme is NULL where x is, or all of S are. Undefined where values of the type have no extremes.
 */
export function byExtremes(
  { form, fn, arg, span }: Subquery,
  right: Relation,
  ctx: RuleContext,
): ByExtremes | undefined {
  const [column] = right.columns
  const least = extremes[fn?.comparison ?? '']
  if (fn === undefined || arg === undefined || column === undefined || least === undefined) {
    return undefined
  }
  const name = form === 'any' ? least : opposite[least]
  const typing = typingOf(ctx)
  const outcome = ctx.functions.aggregate.resolve(name, [column.type], ctx.digits)
  if (!isResolved(outcome) || !sameType(outcome.resultType, column.type)) return undefined
  const reference = columnReference(column)
  const extreme = plainAggregate(typing, ctx.ids, name, [reference])
  const rows = plainAggregate(typing, ctx.ids, 'count', [])
  const known = plainAggregate(typing, ctx.ids, 'count', [reference])
  const [all, present] = [columnReference(rows), columnReference(known)]
  const test = call(fn, [arg, columnReference(extreme)], bool, span)
  const decided = (otherwise: boolean): Expression => {
    const hasNull = { when: compared('<', present, all), then: literal(null, bool) }
    return caseOf([hasNull], literal(otherwise, bool))
  }
  const none = literal(0n, int8)
  return {
    row: aggregate(right, [], [extreme, rows, known]),
    value:
      form === 'all'
        ? or([compared('=', all, none), and([test, decided(true)])])
        : and([compared('>', all, none), or([test, decided(false)])]),
  }
}
