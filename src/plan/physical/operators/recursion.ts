import { gathered, single } from '../distribution.ts'
import type { PhysicalOperator } from './operator.ts'
import { columnText } from './texts.ts'

export const recursion: PhysicalOperator<'recursion'> = {
  inputs: (plan, to) => {
    const base = to(plan.base)
    const step = to(plan.step)
    return base === plan.base && step === plan.step ? plan : { ...plan, base, step }
  },
  expressions: (plan) => plan,
  explain: (plan) => {
    const columns = plan.columns.map(columnText).join(', ')
    const distinct = plan.isDistinct ? ' distinct' : ''
    return { node: 'Recursion', detail: `${plan.name} [${columns}]${distinct}` }
  },
  guarantees: (plan, of) => {
    const bounds = new Map([...of(plan.base).bounds, ...of(plan.step).bounds])
    return { rowsMax: undefined, bounds }
  },
  place: (plan, placing) => {
    const base = gathered(placing.place(plan.base))
    return { plan: { ...plan, base, step: placing.placeStep(plan.step) }, distribution: single }
  },
}

export const workingTable: PhysicalOperator<'working-table'> = {
  inputs: (plan) => plan,
  expressions: (plan) => plan,
  explain: (plan) => ({ node: 'WorkingTable', detail: plan.name }),
  guarantees: () => ({ rowsMax: undefined, bounds: new Map() }),
  place: (plan) => ({ plan, distribution: single }),
}
