import { present } from '../../base/assert.ts'
import { bool } from '../../data/types/data-type.ts'
import { columnReference } from '../logical/build.ts'
import type { ColumnId } from '../logical/expression.ts'
import type { OutputColumn } from '../logical/relation.ts'
import { exchange } from './distribution.ts'
import { mapPlanInputs, planInputs } from './plan-inputs.ts'
import type {
  Exchange,
  PhysicalPlan,
  PhysicalProject,
  PhysicalRecursion,
  PhysicalWorkingTable,
  Stage,
} from './plan.ts'

/** What the task of a recursion runs. */
export interface RecursionStages {
  readonly base: Stage
  /** One after another, once a round; the last gives the rows of the round. */
  readonly step: readonly Stage[]
  /** Of rows that are marked, those that no round had before; undefined: all of them are given. */
  readonly unseen: Stage | undefined
}

const free = new WeakMap<PhysicalPlan, ReadonlySet<number>>()
const none: ReadonlySet<number> = new Set()

/** The recursions around a plan whose working tables it reads. */
export function workingTablesOf(plan: PhysicalPlan): ReadonlySet<number> {
  const known = free.get(plan)
  if (known !== undefined) return known
  const found = new Set<number>()
  if (plan.kind === 'working-table') found.add(plan.recursionId)
  for (const input of planInputs(plan)) for (const id of workingTablesOf(input)) found.add(id)
  if (plan.kind === 'recursion') found.delete(plan.recursionId)
  const own = found.size === 0 ? none : found
  free.set(plan, own)
  return own
}

/**
 * The step with what is the same in each round, and more than reading a table again, behind exchanges: a stage of its own
 * works it out once.
 */
export function withConstantParts(step: PhysicalPlan): PhysicalPlan {
  if (workingTablesOf(step).size > 0) return mapPlanInputs(step, withConstantParts)
  return isSoonRead(step) ? step : exchange(step, { kind: 'gather' })
}

/** Rows that lie as they are read, in memory. */
function isSoonRead(plan: PhysicalPlan): boolean {
  if (plan.kind === 'scan') {
    return plan.table.source.kind === 'memory' && plan.filters.length === 0
  }
  if (plan.kind === 'project') {
    return plan.exprs.every(({ expr }) => expr.kind === 'column') && isSoonRead(plan.input)
  }
  return plan.kind === 'values' || plan.kind === 'exchange'
}

/** Inner stages of a recursion have numbers below 0, which no others have. */
const STAGES_MAX = 4_096

/** The stages that the task of a recursion runs, in the stage that it is a part of. */
export function recursionStages(outer: Stage, recursion: PhysicalRecursion): RecursionStages {
  const { base, step, columns, inputColumns, isDistinct } = recursion
  const stages: Stage[] = []
  const idOf = (): number => -(recursion.recursionId * STAGES_MAX + stages.length + 1)
  const stage = (id: number, root: PhysicalPlan): Stage => ({
    id,
    root,
    partitions: 1,
    output: { kind: 'gather' },
    outputPartitions: 1,
    inputs: [],
    bounds: outer.bounds,
  })
  const ofCte = new Map<number, number>()
  const cut = (plan: PhysicalPlan, entered: ReadonlySet<number>): PhysicalPlan => {
    if (plan.kind === 'recursion') {
      const inside = new Set([...entered, plan.recursionId])
      return mapPlanInputs(plan, (input) => cut(input, inside))
    }
    const isOurs =
      plan.kind === 'exchange' && ![...workingTablesOf(plan)].some((id) => entered.has(id))
    if (!isOurs) return mapPlanInputs(plan, (input) => cut(input, entered))
    return { kind: 'stage-input', stage: stageOf(plan), columns: plan.columns, rows: plan.rows }
  }
  const stageOf = (plan: Exchange): number => {
    const known = plan.cteId === undefined ? undefined : ofCte.get(plan.cteId)
    if (known !== undefined) return known
    const root = cut(plan.input, none)
    const id = idOf()
    stages.push(stage(id, root))
    if (plan.cteId !== undefined) ofCte.set(plan.cteId, id)
    return id
  }
  const root = cut(inOrderOf(step, columns, inputColumns[1]), none)
  stages.push(stage(idOf(), root))
  return {
    base: stage(idOf(), inOrderOf(base, columns, inputColumns[0])),
    step: stages,
    unseen: isDistinct ? stage(idOf() - 1, unseenRows(recursion)) : undefined,
  }
}

/** The columns of the recursion, made of an input's. */
function inOrderOf(
  input: PhysicalPlan,
  columns: readonly OutputColumn[],
  sources: readonly ColumnId[],
): PhysicalProject {
  const made = new Map(input.columns.map((column) => [column.id, column]))
  const exprs = columns.map(({ id, name }, at) => {
    const column = present(made.get(present(sources[at], 'column')), 'column of a recursion')
    return { id, name, expr: columnReference(column) }
  })
  return { kind: 'project', input, exprs, columns, rows: input.rows }
}

/** Reads the working table with one column more, which tells whether the row is new. */
function unseenRows({ recursionId, name, columns, rows }: PhysicalRecursion): PhysicalPlan {
  const mark: OutputColumn = {
    id: -1 as ColumnId,
    name: 'unseen',
    type: bool,
    nullable: false,
  }
  const table: PhysicalWorkingTable = {
    kind: 'working-table',
    recursionId,
    name,
    columns: [...columns, mark],
    rows,
  }
  const input: PhysicalPlan = {
    kind: 'filter',
    input: table,
    predicate: columnReference(mark),
    columns: table.columns,
    rows,
  }
  const exprs = columns.map((column) => ({
    id: column.id,
    name: column.name,
    expr: columnReference(column),
  }))
  return { kind: 'project', input, exprs, columns, rows }
}
