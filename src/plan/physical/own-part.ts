import { assert, present } from '../../base/assert.ts'
import { float8, int4, int8, type DataType } from '../../data/types/data-type.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import type { Accumulator } from '../../functions/aggregate-form.ts'
import { and, caseOf, castTo, columnReference, literal } from '../logical/build.ts'
import { defaultFrame, type ColumnId, type Expression } from '../logical/expression.ts'
import { compared, tested } from '../logical/predicates.ts'
import { evaluate } from '../logical/evaluate.ts'
import { accumulatorParts } from './accumulator-parts.ts'
import { callId, needOf, rowNumberOf } from './across-tasks.ts'
import { mapPlanInputs, planInputs } from './plan-inputs.ts'
import type {
  PhysicalLimit,
  PhysicalPlan,
  PhysicalProject,
  PhysicalWindow,
  PhysicalWindowCall,
  Reach,
} from './plan.ts'
import { bucketOf, cardinal, plus, quotient } from './row-arithmetic.ts'
import { withRowsBeside, type RowsBeside } from './rows-beside.ts'
import { countOfRows, rankingCall } from './window-calls.ts'

/** A task's rows among those of all tasks, which follow one another in the order of the tasks. */
export interface OwnRows {
  /** Of the tasks before. */
  readonly before: number
  readonly own: number
  readonly all: number
  /** The last row of the tasks before, once these are done; undefined: there is none. */
  readonly last: ((column: ColumnId) => Scalar) | undefined
  /** Of the tasks before and after, those next to the own ones: the values of their columns, by position. */
  beside(reach: Reach): RowsBeside
}

/** What a task is to do of a plan that is of all tasks together. */
export interface OwnPart {
  readonly root: PhysicalPlan
  /** Stages of which it needs no rows. */
  readonly unread: ReadonlySet<number>
}

/**
 * A stage's plan as one of its tasks runs it, where LIMIT, OFFSET and windows count the rows of all tasks: each is
 * brought down to the task's own rows, as it is known how many come before them. `rowsOf`: of an input stage.
 */
export function ownPart(root: PhysicalPlan, rowsOf: (stage: number) => OwnRows): OwnPart {
  const unread = new Set<number>()
  const own = (plan: PhysicalPlan): PhysicalPlan => {
    const mapped = mapPlanInputs(plan, own)
    if (mapped.kind === 'limit' && mapped.isAcross === true) {
      const stage = stageBelow(plan)
      const limit = ownLimit(mapped, rowsOf(stage))
      if (limit.kind === 'limit' && limit.limitRows === 0) unread.add(stage)
      return limit
    }
    if (mapped.kind !== 'window' || mapped.isAcross !== true) return mapped
    const rows = rowsOf(stageBelow(plan))
    const { reach } = mapped
    return reach === undefined
      ? ownWindow(mapped, rows)
      : withRowsBeside(mapped, rows.beside(reach))
  }
  return { root: own(root), unread }
}

/** Whether a plan has something that {@link ownPart} brings down. */
export function isOfAllTasks(plan: PhysicalPlan): boolean {
  if ((plan.kind === 'limit' || plan.kind === 'window') && plan.isAcross === true) return true
  return planInputs(plan).some(isOfAllTasks)
}

function stageBelow(plan: PhysicalPlan): number {
  if (plan.kind === 'stage-input') return plan.stage
  const isOneForOne = ['project', 'sort', 'window', 'limit'].includes(plan.kind) && 'input' in plan
  assert(isOneForOne && !Array.isArray(plan.input), `rows of ${plan.kind} are not counted`)
  return stageBelow(plan.input)
}

/** OFFSET and LIMIT of the task's own rows; all of them need neither. */
function ownLimit(plan: PhysicalLimit, { before, own }: OwnRows): PhysicalPlan {
  const { limitRows = Number.POSITIVE_INFINITY, offsetRows, columns } = plan
  const begin = Math.min(Math.max(0, offsetRows - before), own)
  const end = Math.min(Math.max(begin, offsetRows + limitRows - before), own)
  const input = sortedUpTo(plan.input, end < own ? end : undefined)
  if (begin === 0 && end === own) return input
  const rows = end - begin
  return { kind: 'limit', input, limitRows: rows, offsetRows: begin, columns, rows }
}

/** Below a limit a sort gives so many rows at most. */
function sortedUpTo(plan: PhysicalPlan, limitRows: number | undefined): PhysicalPlan {
  if (plan.kind === 'project') return { ...plan, input: sortedUpTo(plan.input, limitRows) }
  return plan.kind === 'sort' ? { ...plan, limitRows } : plan
}

/** Columns of the task's own rows, of which those of all rows are made: as many as there are columns of the query, below these. */
const OWN_IDS_BEGIN = -2_000_000_000

/** The window over the task's own rows, and what the rows before add to it. */
function ownWindow(plan: PhysicalWindow, rows: OwnRows): PhysicalPlan {
  const exprs = new Map<ColumnId, Expression>()
  const goesOn = partitionGoesOn(plan, rows)
  const calls = plan.calls.map((given): PhysicalWindowCall => {
    const id = callId(given)
    const own = (OWN_IDS_BEGIN - id) as ColumnId
    const made =
      plan.partitionBy.length === 0
        ? ownCall(given, own, rows)
        : ownCallOfPartition(given, own, rows, { goesOn, number: rowNumberOf(plan.calls) })
    exprs.set(id, made.expr)
    return made.call
  })
  const columns = plan.columns.map((column) => {
    const at = plan.calls.findIndex((given) => callId(given) === column.id)
    const own = calls[at]
    return own === undefined ? column : { ...column, id: callId(own), type: typeOf(own) }
  })
  const { isAcross: _, ...common } = plan
  const window: PhysicalWindow = { ...common, calls, columns }
  const project: PhysicalProject = {
    kind: 'project',
    input: window,
    exprs: plan.columns.map((column) => {
      const { id, name } = column
      return { id, name, expr: exprs.get(id) ?? columnReference(column) }
    }),
    columns: plan.columns,
    rows: plan.rows,
  }
  return project
}

/** Whether a row is of the partition that the last row before is of; undefined: there is none. */
function partitionGoesOn(
  { partitionBy }: PhysicalWindow,
  { last }: OwnRows,
): Expression | undefined {
  if (last === undefined || partitionBy.length === 0) return undefined
  return and(
    partitionBy.map((expr) => {
      return compared('not-distinct', expr, literal(evaluate(expr, last), expr.type))
    }),
  )
}

interface PartitionBefore {
  readonly goesOn: Expression | undefined
  /** The column that numbers the rows of each partition. */
  readonly number: ColumnId | undefined
}

/** A call over the task's own rows of each partition: only the first one may have rows before. */
function ownCallOfPartition(
  given: PhysicalWindowCall,
  id: ColumnId,
  { last }: OwnRows,
  { goesOn, number }: PartitionBefore,
): OwnCall {
  const renamed = renamedTo(given, id)
  const value = columnReference({ id, name: 'own', type: typeOf(given) })
  if (goesOn === undefined || last === undefined || needOf(given) === 'nothing') {
    return { call: renamed, expr: value }
  }
  const expr = caseOf([{ when: goesOn, then: afterLast(given, value, last, number) }], value)
  return { call: renamed, expr }
}

/** What a call gives a row of the partition that the last row before is of. */
function afterLast(
  given: PhysicalWindowCall,
  value: Expression,
  last: (column: ColumnId) => Scalar,
  number: ColumnId | undefined,
): Expression {
  const own = last(callId(given))
  if (given.kind === 'aggregate') return added(given.aggregate.accumulator, value, own)
  switch (given.fn.name) {
    case 'row_number':
    case 'dense_rank':
      return plus(value, Number(own))
    case 'rank':
      return plus(value, Number(last(present(number, 'numbers of rows beside ranks'))))
    case 'first_value':
      return literal(own, given.type)
    default:
      assert(false, `${given.fn.name} is not made of parts of partitions`)
  }
}

function renamedTo(given: PhysicalWindowCall, id: ColumnId): PhysicalWindowCall {
  if (given.kind === 'window') return { ...given, id }
  return { ...given, aggregate: { ...given.aggregate, id } }
}

function typeOf(given: PhysicalWindowCall): DataType {
  return given.kind === 'aggregate' ? given.aggregate.type : given.type
}

/** A call over the task's own rows, and what it is over all rows. */
interface OwnCall {
  readonly call: PhysicalWindowCall
  readonly expr: Expression
}

function ownCall(given: PhysicalWindowCall, id: ColumnId, rows: OwnRows): OwnCall {
  const renamed = renamedTo(given, id)
  const value = columnReference({ id, name: 'own', type: typeOf(given) })
  if (needOf(given) === 'nothing') return { call: renamed, expr: value }
  if (given.kind === 'aggregate') {
    if (needOf(given) === 'counts') return { call: renamed, expr: plus(value, rows.before) }
    const last = rows.last?.(given.aggregate.id) ?? null
    return { call: renamed, expr: added(given.aggregate.accumulator, value, last) }
  }
  return ownFunction(given, renamed, rows)
}

function ownFunction(
  given: PhysicalWindowCall & { readonly kind: 'window' },
  renamed: PhysicalWindowCall,
  { before, all, last }: OwnRows,
): OwnCall {
  const id = callId(renamed)
  const number = columnReference({ id, name: 'own', type: int8 })
  switch (given.fn.name) {
    case 'row_number':
    case 'rank':
      return { call: renamed, expr: plus(number, before) }
    case 'dense_rank':
      return { call: renamed, expr: plus(number, Number(last?.(given.id) ?? 0)) }
    case 'first_value': {
      const value = columnReference({ id, name: 'own', type: given.type })
      return {
        call: renamed,
        expr: last === undefined ? value : literal(last(given.id), given.type),
      }
    }
    case 'percent_rank': {
      const expr =
        all === 1 ? literal(0, float8) : quotient(plus(number, before - 1), cardinal(all - 1))
      return { call: rankingCall('rank', id), expr }
    }
    case 'cume_dist':
      return {
        call: countOfRows(id, defaultFrame),
        expr: quotient(plus(number, before), cardinal(all)),
      }
    case 'ntile': {
      const [buckets] = given.args
      assert(buckets?.kind === 'literal', 'a constant number of buckets')
      const expr = bucketOf(plus(number, before - 1), cardinal(all), Number(buckets.value))
      return { call: rankingCall('row_number', id), expr: castTo(expr, int4) }
    }
    default:
      assert(false, `${given.fn.name} is not made of parts`)
  }
}

/** A running aggregate of the task's rows, and what it was before them: NULL where nothing was aggregated. */
function added(accumulator: Accumulator, value: Expression, last: Scalar): Expression {
  if (last === null) return value
  const before = literal(last, value.type)
  const sum = present(accumulatorParts[accumulator].added, `parts of ${accumulator}`)
  return caseOf([{ when: tested(value, 'null'), then: before }], sum(value, before))
}
