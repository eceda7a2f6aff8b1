import { and, conjuncts } from '../logical/build.ts'
import type { Expression } from '../logical/expression.ts'
import type { Join, JoinKind, OutputColumn } from '../logical/relation.ts'
import { columnIdSet } from '../logical/walk.ts'
import { equalityOf, type Equality } from '../optimizer/conditions.ts'
import { planInputs } from './plan-inputs.ts'
import type { HashJoin, NestedLoopJoin, PhysicalJoinKind, PhysicalPlan } from './plan.ts'

/** A join's inputs as they are to run: `swapped` when the logical left side is built. */
interface Sides {
  readonly probe: PhysicalPlan
  readonly build: PhysicalPlan
  readonly joinKind: PhysicalJoinKind
  readonly swapped: boolean
}

/** What a join is planned of. */
export interface JoinInputs {
  readonly left: PhysicalPlan
  readonly right: PhysicalPlan
  /** How many rows the join is believed to give. */
  readonly rows: number
  /** How many different values keys of the left side are believed to have. */
  readonly leftValues: (keys: readonly Expression[]) => number
}

/**
 * Chooses technique and sides of a join: hash join as soon as one conjunct is an equality between the
 * sides, nested loop otherwise. The smaller side is built where the kind leaves the choice (inner,
 * full). An outer join builds its optional side, whose rows then need no notes, and a semi or anti join its right side,
 * unless the other is much smaller (and has few rows of a key where they are compared by more); mark and single build their right. The columns come probe side first, which
 * consumers do not mind, as they find them by id.
 */
export function planJoin(join: Join, { left, right, rows, leftValues }: JoinInputs): PhysicalPlan {
  const { joinKind } = join
  const isHalf = joinKind === 'semi' || joinKind === 'anti'
  if (isHalf && isMuchLarger(right, left) && !hasGroups(right)) {
    const kind = joinKind === 'semi' ? 'right-semi' : 'right-anti'
    const sides = { probe: right, build: left, joinKind: kind, swapped: true } as const
    const plan = join.nullAware === true ? undefined : joinOf(join, sides, rows)
    if (plan?.kind === 'hash-join' && !comparesMany(plan, leftValues)) return plan
  }
  if (joinKind !== 'left' && joinKind !== 'right') {
    return joinOf(join, sidesOf(joinKind, left, right), rows)
  }
  const swapped = joinKind === 'right'
  const [preserved, optional] = swapped ? [right, left] : [left, right]
  if (isMuchLarger(optional, preserved)) {
    const sides = {
      probe: optional,
      build: preserved,
      joinKind: 'right',
      swapped: !swapped,
    } as const
    const plan = joinOf(join, sides, rows)
    if (plan.kind === 'hash-join') return plan
  }
  return joinOf(join, { probe: preserved, build: optional, joinKind: 'left', swapped }, rows)
}

/** A side of fewer rows is built whatever the other has. */
const LARGE_ROWS_MIN = 10_000
/** The side that a join gives rows of is built when the other has so many times its rows. */
const LARGER_TIMES_MIN = 3

/** How many groups there are, and how many of them HAVING leaves, is too much of a guess to build the other side for. */
function hasGroups(plan: PhysicalPlan): boolean {
  return plan.kind === 'hash-aggregate' || planInputs(plan).some(hasGroups)
}

function isMuchLarger(side: PhysicalPlan, given: PhysicalPlan): boolean {
  return side.rows > Math.max(LARGE_ROWS_MIN, given.rows * LARGER_TIMES_MIN)
}

/** Rows of a key on the built side of a semi or anti join: with so many, a probe that may end at its first match is better. */
const COMPARED_ROWS_MAX = 16

/** Whether each row that looks for its key goes through many others, as what it compares beside the key says nothing of the next. */
function comparesMany(
  { build, buildKeys, residual }: HashJoin,
  values: JoinInputs['leftValues'],
): boolean {
  return residual !== undefined && build.rows > values(buildKeys) * COMPARED_ROWS_MAX
}

function sidesOf(
  kind: Exclude<JoinKind, 'left' | 'right'>,
  left: PhysicalPlan,
  right: PhysicalPlan,
): Sides {
  const free = kind === 'inner' || kind === 'full'
  return free && left.rows < right.rows
    ? { probe: right, build: left, joinKind: kind, swapped: true }
    : { probe: left, build: right, joinKind: kind, swapped: false }
}

function joinOf(join: Join, sides: Sides, rows: number): HashJoin | NestedLoopJoin {
  const { probe, build, joinKind } = sides
  const columns = sides.swapped
    ? [...columnsOf(join.columns, probe), ...columnsOf(join.columns, build)]
    : join.columns
  const nullAware = join.nullAware === true && (joinKind === 'anti' || joinKind === 'mark')
  const base = { columns, rows, joinKind, probe, build, nullAware, markColumn: join.markColumn }
  const { equalities, rest } = splitCondition(conjuncts(join.condition), probe, build)
  const plain = equalities.length === 1 && rest.length === 0 && equalities[0]?.nullSafe === false
  if (equalities.length === 0 || (nullAware && !plain)) {
    const condition = and(conjuncts(join.condition))
    const always = condition.kind === 'literal' && condition.value === true
    return { kind: 'nested-loop-join', ...base, condition: always ? undefined : condition }
  }
  return {
    kind: 'hash-join',
    ...base,
    probeKeys: equalities.map((equality) => equality.left),
    buildKeys: equalities.map((equality) => equality.right),
    nullSafe: equalities.map((equality) => equality.nullSafe),
    residual: rest.length === 0 ? undefined : and(rest),
    distribution: 'local',
  }
}

function splitCondition(
  all: readonly Expression[],
  probe: PhysicalPlan,
  build: PhysicalPlan,
): { readonly equalities: readonly Equality[]; readonly rest: readonly Expression[] } {
  const probeIds = columnIdSet(probe.columns)
  const buildIds = columnIdSet(build.columns)
  const equalities: Equality[] = []
  const rest: Expression[] = []
  for (const conjunct of all) {
    const equality = equalityOf(conjunct, probeIds, buildIds)
    if (equality === undefined) rest.push(conjunct)
    else equalities.push(equality)
  }
  return { equalities, rest }
}

/** A side's columns as the join gives them (nullable where the other side is preserved). */
function columnsOf(joined: readonly OutputColumn[], side: PhysicalPlan): readonly OutputColumn[] {
  const ids = columnIdSet(side.columns)
  return joined.filter(({ id }) => ids.has(id))
}
