import { present } from '../../base/assert.ts'
import { columnReference } from '../logical/build.ts'
import { expressionKey } from '../logical/expression-key.ts'
import type { ColumnId, Expression } from '../logical/expression.ts'
import {
  bytesOf,
  exchange,
  gathered,
  hashedPositions,
  single,
  spread,
  type Distributed,
  type Distribution,
} from './distribution.ts'
import { withFrequentKeys, withNullsScattered } from './frequent-keys.ts'
import type { Placing } from './operators/operator.ts'
import {
  choosesBuild,
  notesMatches,
  type HashJoin,
  type NestedLoopJoin,
  type PhysicalPlan,
} from './plan.ts'

type JoinContext = Pick<
  Placing,
  'workers' | 'broadcastBytesMax' | 'isInParts' | 'attempt' | 'fresh'
>

/**
 * Brings the rows of a join together, the cheapest way in estimated bytes moved: not at all where both
 * sides are hashed alike (`partitioned`), the build side to everyone (`broadcast`), or both by their keys
 * (`hash`). A null-aware join must see all build rows; one that notes matches, without keys, or whose build side
 * would be seen by several tasks, is one task's.
 */
export function distributeJoin(
  plan: HashJoin | NestedLoopJoin,
  probe: Distributed,
  build: Distributed,
  ctx: JoinContext,
): Distributed {
  const local = probe.distribution.kind === 'single' && build.distribution.kind === 'single'
  const isSpread = ctx.isInParts && plan.kind === 'hash-join' && !plan.nullAware
  if (local && !isSpread)
    return { plan: { ...plan, probe: probe.plan, build: build.plan }, distribution: single }
  if (plan.kind === 'nested-loop-join') {
    const oneTask = probe.distribution.kind === 'single' || notesMatches(plan.joinKind)
    return oneTask ? inOneTask(plan, probe, build) : broadcast(plan, probe, build)
  }
  const together = alreadyTogether(plan, probe, build)
  if (together !== undefined) {
    const { distribution } = together
    const joined = { ...plan, probe: probe.plan, build: build.plan }
    return { plan: { ...joined, distribution: 'partitioned' }, distribution }
  }
  if (plan.nullAware) {
    const oneTask = probe.distribution.kind === 'single'
    return oneTask ? inOneTask(plan, probe, build) : broadcast(plan, probe, build)
  }
  const mayBroadcast = !notesMatches(plan.joinKind) && probe.distribution.kind !== 'single'
  const isTriedAgain = ctx.isInParts && ctx.broadcastBytesMax === 0
  const asked = isTriedAgain ? withoutDuplicates(plan, build) : { plan, build }
  if (isTriedAgain && ctx.attempt >= FREQUENT_KEYS_ATTEMPT) {
    const divided = withFrequentKeys(asked.plan, probe, asked.build, ctx)
    if (divided !== undefined) return divided
  }
  const choice = hashChoice(asked.plan, probe, asked.build, isTriedAgain ? ctx : undefined)
  const copies = bytesOf(build.plan) * (ctx.workers - 1)
  const small = bytesOf(build.plan) <= ctx.broadcastBytesMax
  if (mayBroadcast && small && copies <= choice.movedBytes) return broadcast(plan, probe, build)
  return choice.placed()
}

/** Hashing by the keys into more parts was not enough: rows of one key are too many. */
const FREQUENT_KEYS_ATTEMPT = 3

function inOneTask(
  plan: HashJoin | NestedLoopJoin,
  probe: Distributed,
  build: Distributed,
): Distributed {
  return { plan: { ...plan, probe: gathered(probe), build: gathered(build) }, distribution: single }
}

function broadcast(
  plan: HashJoin | NestedLoopJoin,
  probe: Distributed,
  build: Distributed,
): Distributed {
  const all = exchange(build.plan, { kind: 'broadcast' })
  const joined = { ...plan, probe: probe.plan, build: all }
  const { distribution } = probe
  return joined.kind === 'hash-join'
    ? { plan: { ...joined, distribution: 'broadcast' }, distribution }
    : { plan: joined, distribution }
}

/** Where both sides are hashed by the same of the join's keys, in the same order. */
function alreadyTogether(
  plan: HashJoin,
  probe: Distributed,
  build: Distributed,
): { readonly distribution: Distribution } | undefined {
  if (plan.nullAware) return undefined
  const left = hashedPositions(probe.distribution, plan.probeKeys)
  const right = hashedPositions(build.distribution, plan.buildKeys)
  if (left === undefined || right === undefined || left.join() !== right.join()) return undefined
  return { distribution: outputDistribution(plan, left) }
}

/** Ids of the keys of a build side without duplicates: those of the query are positive. */
const KEY_IDS_BEGIN = -100_000_000_000
const KEYS_A_JOIN = 1_024

/**
 * Of a build side that is only asked whether it has a key, each key once from each task: one that very many rows have fits
 * then wherever it comes together.
 */
function withoutDuplicates(
  plan: HashJoin,
  build: Distributed,
): { readonly plan: HashJoin; readonly build: Distributed } {
  const { joinKind, residual, buildKeys } = plan
  const isAsked = joinKind === 'semi' || joinKind === 'anti' || joinKind === 'mark'
  if (!isAsked || residual !== undefined || build.distribution.kind === 'hash') {
    return { plan, build }
  }
  const [firstColumn] = plan.columns
  const keys = buildKeys.map((expr, at) => {
    const id = (KEY_IDS_BEGIN - (firstColumn?.id ?? 0) * KEYS_A_JOIN - at) as ColumnId
    return { id, name: 'key', expr }
  })
  const columns = keys.map(({ id, name, expr: { type } }) => ({ id, name, type, nullable: true }))
  const groups: PhysicalPlan = {
    kind: 'hash-aggregate',
    input: build.plan,
    keys,
    aggregates: [],
    phase: 'partial',
    columns,
    rows: build.plan.rows,
  }
  return {
    plan: { ...plan, buildKeys: columns.map((column) => columnReference(column)) },
    build: { ...build, plan: groups },
  }
}

/** Unmatched build rows have no probe keys, NULL-extended ones no build keys. */
function outputDistribution(plan: HashJoin, positions: readonly number[]): Distribution {
  const texts = (keys: readonly Expression[]): readonly string[] =>
    positions.map((position) => expressionKey(present(keys[position], 'a key is missing')))
  const keys = [
    ...(notesMatches(plan.joinKind) ? [] : [texts(plan.probeKeys)]),
    ...(hasEveryBuildKey(plan.joinKind) ? [texts(plan.buildKeys)] : []),
  ]
  return keys.length === 0 ? spread : { kind: 'hash', keys }
}

/** Whether each row that is given has a build row. */
function hasEveryBuildKey(kind: HashJoin['joinKind']): boolean {
  return kind === 'inner' || kind === 'right' || choosesBuild(kind)
}

interface HashChoice {
  readonly movedBytes: number
  placed(): Distributed
}

/** Both sides by their keys, where that failed before without rows that have no match together; a side that is hashed by some of them stays and the other follows it. */
function hashChoice(
  plan: HashJoin,
  probe: Distributed,
  build: Distributed,
  again: Pick<Placing, 'fresh'> | undefined,
): HashChoice {
  const left = hashedPositions(probe.distribution, plan.probeKeys)
  const right = hashedPositions(build.distribution, plan.buildKeys)
  const [probeBytes, buildBytes] = [bytesOf(probe.plan), bytesOf(build.plan)]
  const stays =
    left === undefined && right === undefined
      ? 'none'
      : right === undefined || (left !== undefined && probeBytes >= buildBytes)
        ? 'probe'
        : 'build'
  const every = plan.probeKeys.map((_, position) => position)
  const positions = (stays === 'probe' ? left : stays === 'build' ? right : every) ?? every
  const movedBytes = (stays === 'probe' ? 0 : probeBytes) + (stays === 'build' ? 0 : buildBytes)
  const isScattered = again !== undefined && stays === 'none' && plan.nullSafe.includes(false)
  const moved = (input: Distributed, keys: readonly Expression[]): PhysicalPlan => {
    if (isScattered) return withNullsScattered(input.plan, keys, plan.nullSafe, again.fresh())
    return exchange(input.plan, {
      kind: 'hash',
      keys: positions.map((position) => present(keys[position], 'a key is missing')),
    })
  }
  return {
    movedBytes,
    placed: () => ({
      plan: {
        ...plan,
        probe: stays === 'probe' ? probe.plan : moved(probe, plan.probeKeys),
        build: stays === 'build' ? build.plan : moved(build, plan.buildKeys),
        distribution: 'hash',
      },
      distribution: isScattered ? spread : outputDistribution(plan, positions),
    }),
  }
}
