import { caseOf, columnReference, literal } from '../../logical/build.ts'
import type { AggregateCall, ColumnId, Expression } from '../../logical/expression.ts'
import { tested } from '../../logical/predicates.ts'
import type { RuleContext } from '../rule.ts'

/** Aggregates under other ids where they are not NULL over no rows, and the columns that mend them. */
export function emptyValues(
  ctx: RuleContext,
  aggregates: readonly AggregateCall[],
): {
  readonly calls: readonly AggregateCall[]
  readonly exprs: readonly { id: ColumnId; name: string; expr: Expression }[]
} {
  const calls: AggregateCall[] = []
  const exprs = aggregates.map((item) => {
    const { id, name, type } = item
    const { emptyValue } = item.fn
    if (emptyValue === null) {
      calls.push(item)
      return { id, name, expr: columnReference(item) }
    }
    const counted = { ...item, id: ctx.ids.next() }
    calls.push(counted)
    const isNull = tested(columnReference(counted), 'null')
    const none = literal(emptyValue, type)
    return { id, name, expr: caseOf([{ when: isNull, then: none }], columnReference(counted)) }
  })
  return { calls, exprs }
}
