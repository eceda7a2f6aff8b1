import type { Steps } from '../../base/steps.ts'
import type { ValueBounds } from '../../data/types/value-bounds.ts'
import { hasInlineForm, traitsOf } from '../../compile/expressions/expression-traits.ts'
import { isIntegerLike } from '../../data/types/catalogue.ts'
import { laneTypes } from '../../functions/emit.ts'
import {
  bytesOfFields,
  joinHeader,
  layOutRow,
  type FieldRequest,
  type RowLayout,
} from '../../compile/model/row-layout.ts'
import type { CarriedBytes, JoinTable, PairCallOut } from '../../compile/model/pipeline.ts'
import type { ColumnId, Expression } from '../../plan/logical/expression.ts'
import {
  columnIdSet,
  expressionChildrenOf,
  mapExpressionChildren,
} from '../../plan/logical/walk.ts'
import {
  choosesBuild,
  keepsBuild,
  notesMatches,
  type HashJoin,
  type NestedLoopJoin,
  type PhysicalPlan,
} from '../../plan/physical/plan.ts'
import { narrowedScans } from '../../plan/physical/narrowed-scans.ts'
import { rangeConditionOf, type RangeBound } from '../../plan/physical/range-condition.ts'
import { closePipeline, nullableIn, union, type Cutter } from './cutting.ts'
import { addFilters, calledOut, hoist, hoistAll, keepVolatile } from './hoist.ts'
import { addStep, columnIds, openPipeline, referenceTo, type Open } from './open-pipeline.ts'

/** A rank index costs a quarter of a byte a key of the range; beyond this it is not worth it. */
const RANK_RANGE_PER_ROW_MAX = 64
const RANK_RANGE_ALWAYS = 1_048_576n
const RANK_RANGE_MAX = 268_435_456n
/** Of rows that are longer only the addresses are put in order: writing them twice costs more than it saves. */
const CARRIED_BYTES_MAX = 64

/** What a build side keeps: fields and the expressions that fill them. */
interface BuildSide {
  readonly requests: FieldRequest[]
  readonly values: Expression[]
}

export function* cutHashJoin(
  cutter: Cutter,
  plan: HashJoin,
  required: ReadonlySet<ColumnId>,
): Steps<Open[]> {
  const { joinKind, probe, build, probeKeys, buildKeys, nullSafe, mark } = withMark(plan)
  const residualIds = plan.residual === undefined ? new Set<ColumnId>() : columnIds([plan.residual])
  const wanted = union(required, residualIds)
  const side = buildSide(build, wanted)
  const read = side.requests.length
  const keyFields = buildKeys.map((key) => fieldOf(cutter, build, side, key))
  // What nobody reads but the building of the table.
  const unread = new Set(keyFields.filter((field) => field >= read))
  const builds = yield* cutter.open(build, union(wanted, columnIds(buildKeys)))
  const probes = yield* cutter.open(probe, union(wanted, columnIds(probeKeys)))
  for (const open of probes) keepVolatile(cutter, open)
  // A condition with call-outs is checked behind an inner join, else its parts are computed before.
  const late =
    joinKind === 'inner' && plan.residual !== undefined && !traitsOf(plan.residual).isAllInline
  const splitter = late || plan.residual === undefined ? undefined : plan.residual
  const conditions = probes.map((open) => splitCondition(cutter, plan, open, side, splitter))
  const rank = rankOf(cutter, plan)
  const leading = rank === undefined ? new Set<number>() : unread
  const layout = layOutRow(joinHeader.bytes, withBounds(cutter, side.requests), leading)
  const keepNullKeys = keepsBuild(joinKind)
  const carried =
    rank === undefined || notesMatches(joinKind) ? undefined : carriedBytes(layout, leading)
  const table: JoinTable = { layout, keyFields, nullSafe, rank, carried }
  const breaker = cutter.breakers++
  for (const open of builds) {
    const values = yield* hoistAll(cutter, open, side.values)
    closePipeline(cutter, open, { kind: 'join-build', breaker, table, values, keepNullKeys })
  }
  const narrows = narrowedScans(plan).map(({ key, column }) => ({ key, column }))
  for (const [index, open] of probes.entries()) {
    addStep(open, {
      kind: 'probe',
      breaker,
      joinKind,
      keys: yield* hoistAll(cutter, open, probeKeys),
      table,
      placing: 'linked',
      residual: conditions[index]!.condition,
      pairs: conditions[index]!.pairs,
      nullAware: plan.nullAware,
      mark,
      narrows,
    })
    if (late) yield* addFilters(cutter, open, [plan.residual])
  }
  return givenBy(cutter, plan, probes, { breaker, layout })
}

export function* cutNestedLoop(
  cutter: Cutter,
  plan: NestedLoopJoin,
  required: ReadonlySet<ColumnId>,
): Steps<Open[]> {
  const { joinKind, probe, build, condition, nullAware } = plan
  const { mark } = withMark(plan)
  const wanted = union(required, condition === undefined ? new Set() : columnIds([condition]))
  const side = buildSide(build, wanted)
  const builds = yield* cutter.open(build, wanted)
  const probes = yield* cutter.open(probe, wanted)
  for (const open of probes) keepVolatile(cutter, open)
  const late = joinKind === 'inner' && condition !== undefined && !traitsOf(condition).isAllInline
  const splitter = late ? undefined : condition
  const conditions = probes.map((open) => splitCondition(cutter, plan, open, side, splitter))
  const range = rangeConditionOf(plan)
  const keyField = (bound: RangeBound | undefined): number | undefined =>
    bound && fieldOf(cutter, build, side, bound.build)
  const fields = range && { low: keyField(range.low), high: keyField(range.high) }
  const layout = layOutRow(joinHeader.bytes, withBounds(cutter, side.requests))
  const breaker = cutter.breakers++
  for (const open of builds) {
    const values = yield* hoistAll(cutter, open, side.values)
    closePipeline(cutter, open, { kind: 'rows', breaker, layout, values, range: fields })
  }
  for (const [index, open] of probes.entries()) {
    addStep(open, {
      kind: 'nested-loop',
      breaker,
      joinKind,
      layout,
      outer: 'probe',
      range: range && {
        low: range.low && (yield* hoistAll(cutter, open, [range.low.probe]))[0],
        high: range.high && (yield* hoistAll(cutter, open, [range.high.probe]))[0],
      },
      ...conditions[index]!,
      nullAware,
      mark,
    })
    if (late) yield* addFilters(cutter, open, [plan.condition!])
  }
  return givenBy(cutter, plan, probes, { breaker, layout })
}

function withMark<P extends HashJoin | NestedLoopJoin>(
  plan: P,
): P & { readonly mark: { readonly id: ColumnId; readonly type: Expression['type'] } | undefined } {
  const { markColumn } = plan
  const mark = markColumn === undefined ? undefined : { id: markColumn.id, type: markColumn.type }
  return { ...plan, mark }
}

/** What a join gives: what comes of the probe's rows, or build rows, as these have left notes on them. */
function givenBy(
  cutter: Cutter,
  { joinKind, probe }: HashJoin | NestedLoopJoin,
  probes: Open[],
  build: { readonly breaker: number; readonly layout: RowLayout },
): Open[] {
  if (choosesBuild(joinKind)) {
    for (const open of probes) closePipeline(cutter, open, { kind: 'nothing' })
    const are = joinKind === 'right-semi' ? 'matched' : 'unmatched'
    return [openPipeline({ kind: 'noted', are, ...build, nulls: [] })]
  }
  if (!keepsBuild(joinKind)) return probes
  const nulls = probe.columns.map(({ id, type }) => ({ id, type }))
  return [...probes, openPipeline({ kind: 'noted', are: 'unmatched', ...build, nulls })]
}

function buildSide(build: PhysicalPlan, wanted: ReadonlySet<ColumnId>): BuildSide {
  const kept = build.columns.filter(({ id }) => wanted.has(id))
  return {
    requests: kept.map(({ id, type, nullable }) => ({ id, type, nullable })),
    values: kept.map(referenceTo),
  }
}

/** The field that holds an expression over the build's columns; added when there is none. */
function fieldOf(cutter: Cutter, build: PhysicalPlan, side: BuildSide, expr: Expression): number {
  const known = expr.kind === 'column' ? side.requests.findIndex(({ id }) => id === expr.id) : -1
  if (known >= 0) return known
  side.requests.push({
    id: expr.kind === 'column' ? expr.id : cutter.freshId(),
    type: expr.type,
    nullable: nullableIn(build)(expr),
  })
  return side.values.push(expr) - 1
}

function withBounds(cutter: Cutter, requests: readonly FieldRequest[]): readonly FieldRequest[] {
  return requests.map((request) => ({ ...request, bounds: cutter.stage.bounds.get(request.id) }))
}

/** What is read of rows by others than those who build the table. */
function carriedBytes(
  { fields }: RowLayout,
  unread: ReadonlySet<number>,
): CarriedBytes | undefined {
  const read = fields.filter((_, field) => !unread.has(field))
  if (read.length === 0) return { offset: 0, bytes: 0 }
  const { from, to } = bytesOfFields(read)
  const bytes = Math.ceil((to - from) / 4) * 4
  return bytes > CARRIED_BYTES_MAX ? undefined : { offset: from, bytes }
}

/** Bounds of a single integer build key whose range suits a rank index. */
function rankOf(cutter: Cutter, plan: HashJoin): ValueBounds | undefined {
  const [key] = plan.buildKeys
  if (plan.buildKeys.length !== 1 || key?.kind !== 'column' || plan.nullSafe[0] === true) {
    return undefined
  }
  const [lane, second] = laneTypes(key.type)
  const bounds = cutter.stage.bounds.get(key.id)
  if (!isIntegerLike(key.type) || second !== undefined || bounds === undefined) return undefined
  if (lane !== 'i32' && lane !== 'i64') return undefined
  const range = bounds.max - bounds.min + 1n
  const worthwhile = BigInt(Math.ceil(plan.build.rows)) * BigInt(RANK_RANGE_PER_ROW_MAX)
  if (range < 1n || range > RANK_RANGE_MAX) return undefined
  return range <= worthwhile || range <= RANK_RANGE_ALWAYS ? bounds : undefined
}

/** A join's condition as the pipeline evaluates it. */
interface SplitCondition {
  readonly condition: Expression | undefined
  readonly pairs: readonly PairCallOut[]
}

/**
 * A join condition with its call-outs computed beforehand: those over probe columns in the probe's
 * pipeline, those over build columns as further fields of the build rows. What reads both sides is
 * left to be decided for each pair of rows.
 */
function splitCondition(
  cutter: Cutter,
  plan: HashJoin | NestedLoopJoin,
  open: Open,
  side: BuildSide,
  expr: Expression | undefined,
): SplitCondition {
  if (expr === undefined) return { condition: undefined, pairs: [] }
  const probeIds = columnIdSet(plan.probe.columns)
  const buildIds = columnIdSet(plan.build.columns)
  const pairs: PairCallOut[] = []
  const readsOf = readsWithin(probeIds, buildIds)
  const split = (part: Expression): Expression => {
    const { probe, build, needsPair } = readsOf(part)
    if (!build) return hoist(cutter, open, part)
    if (!probe) {
      if (traitsOf(part).isAllInline) return part
      const field = fieldOf(cutter, plan.build, side, part)
      return referenceTo({ id: side.requests[field]!.id, type: part.type, name: 'build' })
    }
    const isLogical = part.kind === 'and' || part.kind === 'or'
    if (part.type.kind === 'bool' && needsPair && (!isLogical || !hasInlineForm(part))) {
      const pair = { ...calledOut(open, part), output: { id: cutter.freshId(), type: part.type } }
      pairs.push(pair)
      return referenceTo({ ...pair.output, name: 'pair' })
    }
    return mapExpressionChildren(part, split)
  }
  return { condition: split(expr), pairs }
}

/** Which sides of a join a part of its condition reads. */
interface Reads {
  readonly probe: boolean
  readonly build: boolean
  /** Something in it has no WebAssembly form and reads both sides. */
  readonly needsPair: boolean
}

/** Tells what parts of a condition read, each worked out once. */
function readsWithin(
  probeIds: ReadonlySet<ColumnId>,
  buildIds: ReadonlySet<ColumnId>,
): (part: Expression) => Reads {
  const known = new Map<Expression, Reads>()
  const readsOf = (part: Expression): Reads => {
    const done = known.get(part)
    if (done !== undefined) return done
    const children = expressionChildrenOf(part).map(readsOf)
    const isColumn = part.kind === 'column'
    const probe = (isColumn && probeIds.has(part.id)) || children.some((child) => child.probe)
    const build = (isColumn && buildIds.has(part.id)) || children.some((child) => child.build)
    // What is bound in a part is not known to a piece of it.
    const isWhole = !hasInlineForm(part) || part.kind === 'let'
    const calls = isWhole || children.some((child) => child.needsPair)
    const reads = { probe, build, needsPair: probe && build && calls }
    known.set(part, reads)
    return reads
  }
  return readsOf
}
