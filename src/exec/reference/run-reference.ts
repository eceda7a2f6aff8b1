import { assert, present, unreachable } from '../../base/assert.ts'
import { spend } from '../../base/budget.ts'
import { QueryError } from '../../base/errors.ts'
import type { Heap } from '../../data/arenas/heap.ts'
import { isKept } from '../../data/chunks/table-chunk.ts'
import { compareScalars } from '../../data/types/compare-scalar.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { scalarsOf } from '../../data/vectors/column-scalars.ts'
import type { PlainRows } from '../../data/vectors/chunk-lease.ts'
import type { Chunk } from '../../data/vectors/vector.ts'
import { evaluate } from '../../plan/logical/evaluate.ts'
import type { ColumnId, Expression, SortKey } from '../../plan/logical/expression.ts'
import { keepsBuild } from '../../plan/physical/plan.ts'
import type {
  HashAggregate,
  HashJoin,
  NestedLoopJoin,
  PhysicalKind,
  PhysicalOf,
  PhysicalPlan,
  PhysicalRecursion,
  PhysicalScan,
} from '../../plan/physical/plan.ts'
import { same, valueOf, type ReferenceRow } from './reference-row.ts'
import { referenceAggregate } from './reference-aggregate.ts'
import { windowRows } from './reference-window.ts'
import { rowsSideBySide } from '../../functions/tables/side-by-side.ts'

/** The rows of one round of a recursion. */
export interface WorkingRows {
  /** The same rows, where they were worked out as plain values. */
  readonly plain?: PlainRows | undefined
  readonly chunks: readonly Chunk[]
}

export interface ReferenceInput {
  readonly heap: Heap
  readonly stageInputs: ReadonlyMap<number, readonly Chunk[]>
  /** The rows of the round before, of the recursions around. */
  readonly working?: ReadonlyMap<number, WorkingRows>
  /** The rows of a table that may meet a scan's conditions, its columns in the scan's order; undefined: all are read. */
  readonly chunksOf?: (scan: PhysicalScan) => readonly Chunk[]
}

/**
 * Runs a plan row by row over plain values, as simply as can be: what generated pipelines are compared
 * with. Tables in memory only. Spends a step of the budget in force for each pair of rows of a join, and
 * some for each value of the pairs that it keeps: a row is a map here, hundreds of bytes.
 */
export function runReference<K extends PhysicalKind>(
  plan: PhysicalOf<K>,
  input: ReferenceInput,
): ReferenceRow[] {
  const reference = references[plan.kind] as Reference<K>
  return reference(plan, input)
}

type Reference<K extends PhysicalKind> = (
  plan: PhysicalOf<K>,
  input: ReferenceInput,
) => ReferenceRow[]

const STEPS_A_KEPT_VALUE = 10

/** What each operator gives: a kind without an entry does not compile. */
const references: { readonly [K in PhysicalKind]: Reference<K> } = {
  scan: (plan, input) =>
    scanRows(plan, input).filter((row) => plan.filters.every((f) => isTrue(f, row))),
  values: (plan) =>
    plan.rowExprs.map(
      (exprs) =>
        new Map(plan.columns.map(({ id }, index) => [id, evaluate(exprs[index]!, () => null)])),
    ),
  'stage-input': (plan, input) =>
    chunkRows(input.heap, input.stageInputs.get(plan.stage) ?? [], numbered(plan)),
  recursion: recursionRows,
  'working-table': (plan, { heap, working }) => {
    const round = present(working?.get(plan.recursionId), 'rows of a round')
    return round.plain === undefined
      ? chunkRows(heap, round.chunks, numbered(plan))
      : plainRows(round.plain, numbered(plan))
  },
  filter: (plan, input) =>
    runReference(plan.input, input).filter((row) => isTrue(plan.predicate, row)),
  project: (plan, input) =>
    runReference(plan.input, input).map((row) => {
      const values = new Map<ColumnId, Scalar>()
      for (const { id, expr } of plan.exprs) values.set(id, valueOf(expr, row))
      return values
    }),
  expand: (plan, input) =>
    runReference(plan.input, input).flatMap((row) => {
      const calls = plan.calls.map(({ fn, args }) => {
        return {
          fn,
          args: args.map((arg) => valueOf(arg, row)),
          types: args.map(({ type }) => type),
        }
      })
      const outputs = plan.calls.flatMap((call) => call.outputs)
      return [...rowsSideBySide(calls)].map((values, position) => {
        const made = outputs.map(({ id }, at): [ColumnId, Scalar] => [id, values[at] ?? null])
        const { ordinality } = plan
        const counted =
          ordinality === undefined ? [] : [[ordinality.id, BigInt(position + 1)] as const]
        return new Map<ColumnId, Scalar>([...row, ...made, ...counted])
      })
    }),
  'hash-join': joinRows,
  'nested-loop-join': joinRows,
  'hash-aggregate': aggregateRows,
  window: (plan, input) => windowRows(plan, runReference(plan.input, input), compareRows),
  sort: (plan, input) =>
    runReference(plan.input, input)
      .toSorted((a, b) => compareRows(plan.keys, a, b))
      .slice(0, plan.limitRows),
  limit: (plan, input) => {
    const end = plan.limitRows === undefined ? undefined : plan.offsetRows + plan.limitRows
    return runReference(plan.input, input).slice(plan.offsetRows, end)
  },
  'union-all': (plan, input) =>
    plan.inputs.flatMap((part, index) =>
      runReference(part, input).map(
        (row) =>
          new Map(
            plan.columns.map(({ id }, at) => [id, row.get(plan.inputColumns[index]![at]!) ?? null]),
          ),
      ),
    ),
  // Of what the step of a recursion has several times; others are cut into stages.
  exchange: (plan, input) => {
    const rows = runReference(plan.input, input)
    const sources = plan.input.columns
    return rows.map(
      (row) => new Map(plan.columns.map(({ id }, at) => [id, row.get(sources[at]!.id) ?? null])),
    )
  },
}

function isTrue(expr: Expression, row: ReferenceRow): boolean {
  return valueOf(expr, row) === true
}

/** Order of ORDER BY. */
export function compareRows(
  keys: readonly SortKey[],
  left: ReferenceRow,
  right: ReferenceRow,
): number {
  for (const { expr, descending, nullsFirst } of keys) {
    const [a, b] = [valueOf(expr, left), valueOf(expr, right)]
    if (a === null || b === null) {
      if (a === b) continue
      return (a === null) === nullsFirst ? -1 : 1
    }
    const order = compareScalars(a, b, expr.type)
    if (order !== 0) return descending ? -order : order
  }
  return 0
}

function scanRows(plan: PhysicalScan, input: ReferenceInput): ReferenceRow[] {
  const narrowed = input.chunksOf?.(plan)
  if (narrowed !== undefined) return chunkRows(input.heap, narrowed, numbered(plan))
  const { source } = plan.table
  assert(source.kind === 'memory', 'reference scan of a file')
  const columns = plan.columns.map(({ id }, index): [ColumnId, number] => [
    id,
    present(plan.sourceColumns[index], 'source column'),
  ])
  const { chunks, firstRows } = source
  const here = chunks.filter((chunk): chunk is Chunk => !isKept(chunk))
  assert(here.length === chunks.length, 'reference scan of kept chunks')
  if (firstRows === undefined) return chunkRows(input.heap, here, columns)
  const numbers = plan.table.columns.length - 1
  const number = columns.find(([, at]) => at === numbers)?.[0]
  const others = columns.filter(([, at]) => at !== numbers)
  return here.flatMap((chunk, at) => {
    const first = present(firstRows[at], 'the first row of a chunk')
    const rows = chunkRows(input.heap, [chunk], others)
    return rows.map((row, index) => {
      return number === undefined ? row : new Map([...row, [number, BigInt(first + index)]])
    })
  })
}

function numbered({ columns }: PhysicalPlan): readonly (readonly [ColumnId, number])[] {
  return columns.map(({ id }, index) => [id, index])
}

function chunkRows(
  heap: Heap,
  chunks: readonly Chunk[],
  columns: readonly (readonly [ColumnId, number])[],
): ReferenceRow[] {
  return chunks.flatMap((chunk) => {
    const wanted = columns.map(([, at]) => scalarsOf(heap, chunk.columns[at]!))
    const inOrder = columns.map(([id], index) => [id, index] as const)
    return plainRows({ rows: chunk.rows, columns: wanted }, inOrder)
  })
}

function plainRows(
  { rows, columns: values }: PlainRows,
  columns: readonly (readonly [ColumnId, number])[],
): ReferenceRow[] {
  const made: ReferenceRow[] = []
  for (let row = 0; row < rows; row++) {
    made.push(new Map(columns.map(([id, at]) => [id, values[at]![row] ?? null])))
  }
  return made
}

/** TRUE, FALSE or NULL: whether a pair of rows matches. */
function matches(
  plan: HashJoin | NestedLoopJoin,
  probe: ReferenceRow,
  build: ReferenceRow,
): boolean | null {
  spend(1)
  const both = new Map([...probe, ...build])
  if (plan.kind === 'nested-loop-join') {
    return plan.condition === undefined ? true : (valueOf(plan.condition, both) as boolean | null)
  }
  let unknown = false
  for (const [index, key] of plan.probeKeys.entries()) {
    const [a, b] = [valueOf(key, probe), valueOf(plan.buildKeys[index]!, build)]
    const nullSafe = plan.nullSafe[index] === true
    if (!nullSafe && (a === null || b === null)) unknown = true
    else if (!same(a, b, key.type)) return false
  }
  if (unknown) return null
  return plan.residual === undefined ? true : (valueOf(plan.residual, both) as boolean | null)
}

function joinRows(plan: HashJoin | NestedLoopJoin, input: ReferenceInput): ReferenceRow[] {
  const probes = runReference(plan.probe, input)
  const builds = runReference(plan.build, input)
  const missing: ReferenceRow = new Map(plan.build.columns.map(({ id }) => [id, null]))
  const matched = new Set<ReferenceRow>()
  const rows = probes.flatMap((probe): ReferenceRow[] => {
    const outcomes = builds.map((build) => matches(plan, probe, build))
    const partners = builds.filter((_, index) => outcomes[index] === true)
    partners.forEach((build) => matched.add(build))
    const unknown = plan.nullAware && outcomes.includes(null)
    spend(partners.length * plan.columns.length * STEPS_A_KEPT_VALUE)
    const pairs = partners.map((build) => new Map([...probe, ...build]))
    switch (plan.joinKind) {
      case 'inner':
      case 'right':
        return pairs
      case 'right-semi':
      case 'right-anti':
        return []
      case 'left':
      case 'full':
        return pairs.length > 0 ? pairs : [new Map([...probe, ...missing])]
      case 'single':
        if (pairs.length > 1) {
          const message = 'more than one row returned by a subquery used as an expression'
          throw new QueryError('CARDINALITY_VIOLATION', message)
        }
        return pairs.length > 0 ? pairs : [new Map([...probe, ...missing])]
      case 'semi':
        return pairs.length > 0 ? [probe] : []
      case 'anti':
        return pairs.length > 0 || unknown ? [] : [probe]
      case 'mark': {
        const mark = pairs.length > 0 ? true : unknown ? null : false
        const { id } = present(plan.markColumn, 'mark join without mark')
        return [new Map<ColumnId, Scalar>([...probe, [id, mark]])]
      }
      default:
        return unreachable(plan.joinKind)
    }
  })
  if (plan.joinKind === 'right-semi') return builds.filter((build) => matched.has(build))
  if (!keepsBuild(plan.joinKind)) return rows
  const nulls: ReferenceRow = new Map(plan.probe.columns.map(({ id }) => [id, null]))
  const rest = builds.filter((build) => !matched.has(build))
  return [...rows, ...rest.map((build) => new Map([...nulls, ...build]))]
}

function aggregateRows(plan: HashAggregate, input: ReferenceInput): ReferenceRow[] {
  const groups: { readonly keys: readonly Scalar[]; readonly rows: ReferenceRow[] }[] = []
  const types = plan.keys.map(({ expr }) => expr.type)
  for (const row of runReference(plan.input, input)) {
    const keys = plan.keys.map(({ expr }) => valueOf(expr, row))
    spend(groups.length)
    const group = groups.find((g) => g.keys.every((key, at) => same(key, keys[at]!, types[at]!)))
    if (group === undefined) groups.push({ keys, rows: [row] })
    else group.rows.push(row)
  }
  if (groups.length === 0 && plan.keys.length === 0) groups.push({ keys: [], rows: [] })
  return groups.map(
    ({ keys, rows }) =>
      new Map<ColumnId, Scalar>([
        ...plan.keys.map(({ id }, index): [ColumnId, Scalar] => [id, keys[index]!]),
        ...plan.aggregates.map((call): [ColumnId, Scalar] => [
          call.id,
          referenceAggregate(call, rows),
        ]),
      ]),
  )
}

/** Each round over the rows of the one before; rows of all rounds are looked through for one that is the same. */
function recursionRows(plan: PhysicalRecursion, input: ReferenceInput): ReferenceRow[] {
  const { recursionId, base, step, columns, inputColumns, isDistinct } = plan
  const all: (readonly Scalar[])[] = []
  const isNew = (row: readonly Scalar[]): boolean => {
    spend(all.length)
    return !all.some((seen) => columns.every(({ type }, at) => same(seen[at]!, row[at]!, type)))
  }
  const added = (rows: readonly ReferenceRow[], ids: readonly ColumnId[]): typeof all => {
    const round: (readonly Scalar[])[] = []
    for (const row of rows) {
      const values = ids.map((id) => row.get(id) ?? null)
      spend(columns.length * STEPS_A_KEPT_VALUE)
      if (isDistinct && !isNew(values)) continue
      all.push(values)
      round.push(values)
    }
    return round
  }
  let round = added(runReference(base, input), inputColumns[0])
  while (round.length > 0) {
    const values = columns.map((_, at) => round.map((row) => row[at] ?? null))
    const plain = { rows: round.length, columns: values }
    const working = new Map([...(input.working ?? []), [recursionId, { plain, chunks: [] }]])
    round = added(runReference(step, { ...input, working }), inputColumns[1])
  }
  return all.map((row) => new Map(columns.map(({ id }, at) => [id, row[at] ?? null])))
}
