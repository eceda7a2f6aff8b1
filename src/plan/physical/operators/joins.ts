import { explainExpression } from '../../logical/explain.ts'
import { narrowedScans } from '../narrowed-scans.ts'
import { rangeConditionOf } from '../range-condition.ts'
import { distributeJoin } from '../distribute-join.ts'
import type { Distributed } from '../distribution.ts'
import { choosesBuild, type HashJoin, type NestedLoopJoin, type PhysicalPlan } from '../plan.ts'
import { told, type Guarantees, type PhysicalOperator, type Placing, rowsKept } from './operator.ts'
import { columnText } from './texts.ts'

export const hashJoin: PhysicalOperator<'hash-join'> = {
  inputs: mapSides,
  expressions: (plan, to) => {
    const probeKeys = plan.probeKeys.map(to)
    const buildKeys = plan.buildKeys.map(to)
    return { ...plan, probeKeys, buildKeys, residual: plan.residual && to(plan.residual) }
  },
  explain: (plan) => ({ node: 'HashJoin', detail: `${hashJoinText(plan)}${narrowsText(plan)}` }),
  keeps: ({ build }) => rowsKept(build),
  guarantees: joinGuarantees,
  place: placeJoin,
}

export const nestedLoopJoin: PhysicalOperator<'nested-loop-join'> = {
  inputs: mapSides,
  expressions: (plan, to) => ({ ...plan, condition: plan.condition && to(plan.condition) }),
  explain: (plan) => {
    const on = plan.condition === undefined ? '' : ` on ${explainExpression(plan.condition)}`
    return { node: 'NestedLoopJoin', detail: `${joinKindText(plan)}${on}${rangeText(plan)}` }
  },
  keeps: ({ build }) => rowsKept(build),
  guarantees: joinGuarantees,
  place: placeJoin,
}

function mapSides<T extends HashJoin | NestedLoopJoin>(
  plan: T,
  to: (input: PhysicalPlan) => PhysicalPlan,
): T {
  const probe = to(plan.probe)
  const build = to(plan.build)
  return probe === plan.probe && build === plan.build ? plan : { ...plan, probe, build }
}

function placeJoin(plan: HashJoin | NestedLoopJoin, placing: Placing): Distributed {
  return distributeJoin(plan, placing.place(plan.probe), placing.place(plan.build), placing)
}

function joinGuarantees(
  plan: HashJoin | NestedLoopJoin,
  of: (input: PhysicalPlan) => Guarantees,
): Guarantees {
  const [probe, build] = [of(plan.probe), of(plan.build)]
  const bounds = new Map([...probe.bounds, ...build.bounds])
  return { rowsMax: joinRowsMax(probe.rowsMax, build.rowsMax, plan.joinKind), bounds }
}

function joinRowsMax(
  probe: bigint | undefined,
  build: bigint | undefined,
  kind: HashJoin['joinKind'],
): bigint | undefined {
  if (kind === 'semi' || kind === 'anti' || kind === 'mark' || kind === 'single') return probe
  if (choosesBuild(kind)) return build
  if (probe === undefined || build === undefined) return undefined
  const pairs = probe * build
  if (kind === 'inner') return told(pairs)
  return told(kind === 'left' ? pairs + probe : pairs + probe + build)
}

function hashJoinText(plan: HashJoin): string {
  const keys = plan.probeKeys.map((key, i) => {
    const other = plan.buildKeys[i]
    const operator = plan.nullSafe[i] === true ? 'is not distinct from' : '='
    return `${explainExpression(key)} ${operator} ${other === undefined ? '' : explainExpression(other)}`
  })
  const also = plan.residual === undefined ? '' : ` and ${explainExpression(plan.residual)}`
  return `${joinKindText(plan)} ${plan.distribution} on ${keys.join(' and ')}${also}`
}

/** The tables of which only those pieces are read that may hold a key. */
function narrowsText(plan: HashJoin): string {
  const scans = narrowedScans(plan)
  if (scans.length === 0) return ''
  const texts = scans.map(({ key, scan: { table } }) => {
    const expr = plan.buildKeys[key]
    return `${table.name} by ${expr === undefined ? '' : explainExpression(expr)}`
  })
  return `, narrows ${texts.join(' and ')}`
}

/** By what build rows are looked for, where not all of them are met. */
function rangeText(plan: NestedLoopJoin): string {
  const { low, high } = rangeConditionOf(plan) ?? {}
  const bounds = [low, high].flatMap((bound) => (bound === undefined ? [] : [bound.build]))
  if (bounds.length === 0) return ''
  return ` by range of ${bounds.map(explainExpression).join(' and ')}`
}

function joinKindText(plan: HashJoin | NestedLoopJoin): string {
  const mark = plan.markColumn === undefined ? '' : ` ${columnText(plan.markColumn)}`
  return `${plan.nullAware ? 'null-aware ' : ''}${plan.joinKind}${mark}`
}
