import { caseOf, literal } from '../logical/build.ts'
import type { Expression } from '../logical/expression.ts'
import { accumulatorParts } from './accumulator-parts.ts'
import type { HashAggregate, PhysicalAggregateCall, PhysicalProject, PhysicalPlan } from './plan.ts'

/** More of its rows than this part of what it reads is not worth grouping before rows move. */
const REDUCTION_MAX = 0.5

/** The partial step that a stage's rows end with, where it has keys. */
export function partialStep(root: PhysicalPlan): HashAggregate | undefined {
  const isPartial = root.kind === 'hash-aggregate' && root.phase === 'partial'
  return isPartial && root.keys.length > 0 ? root : undefined
}

/** Whether a partial step was in vain that one of so many tasks did: it gave nearly as many groups as there are rows. */
export function isInVain({ input }: HashAggregate, tasks: number, groups: number): boolean {
  return groups > (input.rows / tasks) * REDUCTION_MAX
}

/**
 * What a partial step gives where each row is a group of its own, which takes no table; whoever merges groups does not notice.
 * Undefined where an aggregate of one value is not told by an expression.
 */
export function rowsAsGroups(plan: HashAggregate): PhysicalProject | undefined {
  const { keys, aggregates, input, columns } = plan
  const exprs = new Map(keys.map(({ id, expr }) => [id, expr]))
  for (const call of aggregates) {
    const expr = ofOneRow(call)
    if (expr === undefined) return undefined
    exprs.set(call.id, expr)
  }
  const outputs = columns.flatMap(({ id, name }) => {
    const expr = exprs.get(id)
    return expr === undefined ? [] : [{ id, name, expr }]
  })
  return { kind: 'project', input, exprs: outputs, columns, rows: input.rows }
}

function ofOneRow(call: PhysicalAggregateCall): Expression | undefined {
  const { accumulator, arg, filter, kept, distinct, type } = call
  if (kept !== undefined || distinct) return undefined
  const { ofOneRow: told, ofNoRows } = accumulatorParts[accumulator]
  const value = told?.(arg, type)
  return value && filtered(value, filter, ofNoRows ?? literal(null, type))
}

function filtered(value: Expression, filter: Expression | undefined, none: Expression): Expression {
  return filter === undefined ? value : caseOf([{ when: filter, then: value }], none)
}
