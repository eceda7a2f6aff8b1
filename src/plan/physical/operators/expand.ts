import { explainExpression } from '../../logical/explain.ts'
import { mapInput, type PhysicalOperator } from './operator.ts'
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
  guarantees: (plan, of) => ({ rowsMax: undefined, bounds: of(plan.input).bounds }),
  place: (plan, placing) => {
    const input = placing.place(plan.input)
    return { ...input, plan: { ...plan, input: input.plan } }
  },
}
