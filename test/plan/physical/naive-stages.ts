import { windowRows } from '../../../src/exec/reference/reference-window.ts'
import { compareRows } from '../../../src/exec/reference/run-reference.ts'
import { rowsSideBySide } from '../../../src/functions/tables/side-by-side.ts'
import { QueryError } from '../../../src/base/errors.ts'
import { compareScalars } from '../../../src/data/types/compare-scalar.ts'
import type { Scalar } from '../../../src/data/types/scalar.ts'
import type { OutputColumn } from '../../../src/plan/logical/relation.ts'
import type { TableEntry } from '../../../src/plan/catalog/catalog.ts'
import { evaluate } from '../../../src/plan/logical/evaluate.ts'
import type { ColumnId, Expression } from '../../../src/plan/logical/expression.ts'
import { keepsBuild } from '../../../src/plan/physical/plan.ts'
import type {
  HashAggregate,
  HashJoin,
  NestedLoopJoin,
  PhysicalAggregateCall,
  PhysicalPlan,
  Stage,
  StagedPlan,
} from '../../../src/plan/physical/plan.ts'
import { text, type Row } from '../optimizer/naive.ts'

type Cells = readonly (readonly Scalar[])[]

interface Task {
  readonly tables: ReadonlyMap<TableEntry, Cells>
  readonly stage: Stage
  readonly partition: number
  /** Pieces that each stage has written, by stage id. */
  readonly written: ReadonlyMap<number, readonly Cells[]>
  /** Every value a column ever had, to be held against what the plan says of it. */
  readonly observe: (column: OutputColumn, value: Scalar) => void
}

/**
 * Runs a staged plan the way a cluster would, task by task over scalars: what the rows of the result
 * are is not to depend on how many workers there are.
 */
export function runStages(
  plan: StagedPlan,
  tables: ReadonlyMap<TableEntry, Cells>,
  observe: (stage: Stage, column: OutputColumn, value: Scalar) => void,
): Cells {
  const written = new Map<number, readonly Cells[]>()
  for (const stage of plan.stages) {
    const pieces: (readonly Scalar[])[][] = Array.from({ length: stage.outputPartitions }, () => [])
    for (let partition = 0; partition < stage.partitions; partition++) {
      const task: Task = {
        tables,
        stage,
        partition,
        written,
        observe: (column, value) => observe(stage, column, value),
      }
      for (const [index, row] of rowsOf(task, stage.root).entries()) {
        const cells = stage.root.columns.map(({ id }) => row.get(id)!)
        pieces[pieceOf(stage, row, index)]!.push(cells)
      }
    }
    written.set(stage.id, pieces)
  }
  return written.get(plan.stages.length - 1)![0]!
}

function pieceOf(stage: Stage, row: Row, index: number): number {
  const { output, outputPartitions } = stage
  if (output.kind === 'gather' || output.kind === 'broadcast') return 0
  if (output.kind === 'round-robin') return index % outputPartitions
  if (output.kind === 'numbered') return Number(valueOf(output.number, row))
  if (output.kind === 'range' || output.kind === 'stay') throw new Error('workers count no rows')
  const key = output.keys.map((expr) => text(valueOf(expr, row))).join('|')
  let hash = 7
  for (const letter of key) hash = (hash * 31 + letter.codePointAt(0)!) % 1_000_003
  return hash % outputPartitions
}

function valueOf(expr: Expression, row: Row): Scalar {
  return evaluate(expr, (id) => {
    const value = row.get(id)
    if (value === undefined) throw new Error(`column #${id} is not there`)
    return value
  })
}

function rowsOf(task: Task, plan: PhysicalPlan): readonly Row[] {
  const rows = made(task, plan)
  for (const row of rows) {
    for (const column of plan.columns) {
      const value = row.get(column.id)
      if (value !== undefined) task.observe(column, value)
    }
  }
  return rows
}

function made(task: Task, plan: PhysicalPlan): readonly Row[] {
  switch (plan.kind) {
    case 'scan': {
      const all = task.tables.get(plan.table) ?? []
      return all
        .filter((_, i) => i % task.stage.partitions === task.partition)
        .map((row) => new Map(plan.columns.map(({ id }, i) => [id, row[plan.sourceColumns[i]!]!])))
        .filter((row) => plan.filters.every((filter) => valueOf(filter, row) === true))
    }
    case 'values':
      return plan.rowExprs.map(
        (row) => new Map(row.map((expr, i) => [plan.columns[i]!.id, valueOf(expr, new Map())])),
      )
    case 'filter':
      return rowsOf(task, plan.input).filter((row) => valueOf(plan.predicate, row) === true)
    case 'project':
      return rowsOf(task, plan.input).map(
        (row) => new Map(plan.exprs.map(({ id, expr }) => [id, valueOf(expr, row)])),
      )
    case 'expand':
      return rowsOf(task, plan.input).flatMap((row) => {
        const calls = plan.calls.map(({ fn, args }) => {
          const types = args.map(({ type }) => type)
          return { fn, args: args.map((arg) => valueOf(arg, row)), types }
        })
        const outputs = plan.calls.flatMap((call) => call.outputs)
        return [...rowsSideBySide(calls)].map((values, position) => {
          const made = outputs.map(({ id }, i) => [id, values[i] ?? null] as const)
          const { ordinality } = plan
          const counted =
            ordinality === undefined ? [] : [[ordinality.id, BigInt(position + 1)] as const]
          return new Map<ColumnId, Scalar>([...row, ...made, ...counted])
        })
      })
    case 'hash-join':
    case 'nested-loop-join':
      return joined(plan, rowsOf(task, plan.probe), rowsOf(task, plan.build))
    case 'hash-aggregate':
      return aggregated(plan, rowsOf(task, plan.input))
    case 'window':
      return windowRows(plan, rowsOf(task, plan.input), compareRows)
    case 'sort':
      return [...rowsOf(task, plan.input)]
        .sort((a, b) => {
          for (const { expr, descending, nullsFirst } of plan.keys) {
            const [x, y] = [valueOf(expr, a), valueOf(expr, b)]
            if (x === null && y === null) continue
            if (x === null || y === null) return (x === null) === nullsFirst ? -1 : 1
            const order = compareScalars(x, y, expr.type)
            if (order !== 0) return descending ? -order : order
          }
          return 0
        })
        .slice(0, plan.limitRows)
    case 'limit': {
      const end = plan.limitRows === undefined ? undefined : plan.offsetRows + plan.limitRows
      return rowsOf(task, plan.input).slice(plan.offsetRows, end)
    }
    case 'union-all':
      return plan.inputs.flatMap((input, i) =>
        rowsOf(task, input).map(
          (row) =>
            new Map(plan.columns.map(({ id }, p) => [id, row.get(plan.inputColumns[i]![p]!)!])),
        ),
      )
    case 'stage-input': {
      const pieces = task.written.get(plan.stage)!
      const piece = pieces.length === 1 ? pieces[0]! : pieces[task.partition]!
      return piece.map((row) => new Map(plan.columns.map(({ id }, i) => [id, row[i]!])))
    }
    case 'recursion':
    case 'working-table':
      throw new Error('recursions are run by the reference of exec')
    case 'exchange':
      throw new Error('an exchange is left in a stage')
  }
}

function matchOf(plan: HashJoin | NestedLoopJoin, probe: Row, build: Row): boolean | null {
  const both = new Map([...probe, ...build])
  if (plan.kind === 'nested-loop-join') {
    return plan.condition === undefined ? true : (valueOf(plan.condition, both) as boolean | null)
  }
  let unknown = false
  for (const [i, key] of plan.probeKeys.entries()) {
    const [a, b] = [valueOf(key, probe), valueOf(plan.buildKeys[i]!, build)]
    if (plan.nullSafe[i] === true && (a === null || b === null)) {
      if (a !== b) return false
    } else if (a === null || b === null) unknown = true
    else if (compareScalars(a, b, key.type) !== 0) return false
  }
  if (unknown) return null
  return plan.residual === undefined ? true : valueOf(plan.residual, both) === true
}

function joined(
  plan: HashJoin | NestedLoopJoin,
  probes: readonly Row[],
  builds: readonly Row[],
): readonly Row[] {
  if (plan.kind === 'hash-join' && plan.nullAware) {
    if (plan.probeKeys.length !== 1 || plan.residual !== undefined)
      throw new Error('null-aware keys')
  }
  const nulls = plan.build.columns.map(({ id }) => [id, null] as const)
  const seen = new Set<Row>()
  const out: Row[] = []
  for (const probe of probes) {
    const outcomes = builds.map((build) => [build, matchOf(plan, probe, build)] as const)
    const matches = outcomes.filter(([, outcome]) => outcome === true).map(([build]) => build)
    const unknown = plan.nullAware && outcomes.some(([, outcome]) => outcome === null)
    for (const build of matches) seen.add(build)
    const pairs = matches.map((build): Row => new Map([...probe, ...build]))
    const alone: Row = new Map([...probe, ...nulls])
    switch (plan.joinKind) {
      case 'inner':
      case 'right':
        out.push(...pairs)
        break
      case 'right-semi':
      case 'right-anti':
        break
      case 'left':
      case 'full':
        out.push(...(pairs.length > 0 ? pairs : [alone]))
        break
      case 'single':
        if (pairs.length > 1) throw new QueryError('CARDINALITY_VIOLATION', 'more than one row')
        out.push(pairs[0] ?? alone)
        break
      case 'semi':
        if (pairs.length > 0) out.push(probe)
        break
      case 'anti':
        if (pairs.length === 0 && !unknown) out.push(probe)
        break
      case 'mark': {
        const mark = pairs.length > 0 ? true : unknown ? null : false
        out.push(new Map([...probe, [plan.markColumn!.id, mark]]))
      }
    }
  }
  if (plan.joinKind === 'right-semi') out.push(...builds.filter((build) => seen.has(build)))
  if (keepsBuild(plan.joinKind)) {
    const probeNulls = plan.probe.columns.map(({ id }) => [id, null] as const)
    for (const build of builds) if (!seen.has(build)) out.push(new Map([...probeNulls, ...build]))
  }
  return out
}

function aggregated(plan: HashAggregate, input: readonly Row[]): readonly Row[] {
  const groups = new Map<string, { keys: readonly Scalar[]; rows: Row[] }>()
  if (plan.keys.length === 0) groups.set('', { keys: [], rows: [] })
  for (const row of input) {
    const keys = plan.keys.map(({ expr }) => valueOf(expr, row))
    const name = keys.map(text).join('|')
    const group = groups.get(name) ?? { keys, rows: [] }
    group.rows.push(row)
    groups.set(name, group)
  }
  return [...groups.values()].map(
    ({ keys, rows }) =>
      new Map([
        ...plan.keys.map(({ id }, i) => [id, keys[i]!] as const),
        ...plan.aggregates.map((call) => [call.id, accumulated(call, rows)] as const),
      ]),
  )
}

function accumulated(call: PhysicalAggregateCall, rows: readonly Row[]): Scalar {
  const kept = rows.filter((row) => call.filter === undefined || valueOf(call.filter, row) === true)
  if (call.accumulator === 'count-star') return BigInt(kept.length)
  const arg = call.arg!
  let values = kept.map((row) => valueOf(arg, row)).filter((value) => value !== null)
  if (call.distinct) values = [...new Map(values.map((value) => [text(value), value])).values()]
  if (call.accumulator === 'count') return BigInt(values.length)
  if (values.length === 0) return call.accumulator === 'sum-zero' ? 0n : null
  switch (call.accumulator) {
    case 'sum':
    case 'sum-zero': {
      const sum = values
        .map(Number)
        .map(BigInt)
        .reduce((a, b) => a + b)
      return sum
    }
    case 'min':
      return values.reduce((a, b) => (compareScalars(a, b, arg.type) <= 0 ? a : b))
    case 'max':
      return values.reduce((a, b) => (compareScalars(a, b, arg.type) >= 0 ? a : b))
    case 'bool-or':
      return values.includes(true)
    case 'bool-and':
      return !values.includes(false)
    case 'sum-squares':
    case 'deviation':
    case 'deviation-merge':
    case 'bit-and':
    case 'bit-or':
    case 'bit-xor':
    case 'fold':
    case 'collect':
      throw new Error('such aggregates are tested with the reference executor')
    case 'any-value':
      return values[0]!
  }
}
