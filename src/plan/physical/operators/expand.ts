import { explainExpression } from '../../logical/explain.ts'
import type { PhysicalExpand, PhysicalPlan } from '../plan.ts'
import { spread } from '../distribution.ts'
import { isDivisible, seriesBounds, seriesOf } from '../series.ts'
import { mapInput, setBounds, type Guarantees, type PhysicalOperator } from './operator.ts'
import { columnText } from './texts.ts'

/** The rows stay where they are: each is repeated there. */
export const expand: PhysicalOperator<'expand'> = {
  inputs: mapInput,
  expressions: (plan, to) => ({
    ...plan,
    calls: plan.calls.map((call) => ({ ...call, args: call.args.map(to) })),
  }),
  explain: ({ calls, ordinality }) => {
    const texts = calls.map((call) => {
      const args = call.args.map(explainExpression).join(', ')
      const made = call.outputs.map(columnText).join(', ')
      return `${made} = ${call.fn.name}(${args})`
    })
    const position = ordinality === undefined ? [] : [`${columnText(ordinality)} = ordinality`]
    return { node: 'Expand', detail: [...texts, ...position].join(', ') }
  },
  guarantees: expandGuarantees,
  place: (plan, placing) => {
    if (placing.isInParts && isDivisible(plan)) return { plan, distribution: spread }
    const input = placing.place(plan.input)
    return { ...input, plan: { ...plan, input: input.plan } }
  },
}

function expandGuarantees(
  plan: PhysicalExpand,
  of: (input: PhysicalPlan) => Guarantees,
): Guarantees {
  const { bounds } = of(plan.input)
  const found = seriesOf(plan)
  if (found === undefined) return { rowsMax: undefined, bounds }
  const known = new Map(bounds)
  for (const { id, holds } of found.columns) {
    if (holds === 'values') setBounds(known, id, seriesBounds(found.series))
  }
  return {
    rowsMax: found.series.kind === 'integers' ? BigInt(found.rows) : undefined,
    bounds: known,
  }
}
