import { assert, present } from '../../base/assert.ts'
import { stepBudget, STEPS_A_CHECK, underBudget, type Budget } from '../../base/budget.ts'
import { QueryError, stackOverflow } from '../../base/errors.ts'
import { Arena } from '../../data/arenas/arena.ts'
import type { Heap } from '../../data/arenas/heap.ts'
import { isKept, keptBytes, type TableChunk } from '../../data/chunks/table-chunk.ts'
import { chunksBytes } from '../../data/vectors/chunk-bytes.ts'
import { OnFirstRead } from '../../data/arenas/lease.ts'
import { PartitionsLease, type PlainRows } from '../../data/vectors/chunk-lease.ts'
import { vectorFromScalars } from '../../data/vectors/from-scalars.ts'
import { isSparse } from '../../data/vectors/add-column.ts'
import { bytesAt, codeAt } from '../../data/vectors/to-scalars.ts'
import type { Chunk, Vector } from '../../data/vectors/vector.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import type { Accumulator } from '../../functions/aggregate-form.ts'
import { sizeOf } from '../../plan/logical/expression-size.ts'
import { expressionsOf } from '../../plan/physical/plan-expressions.ts'
import { planInputs } from '../../plan/physical/plan-inputs.ts'
import type {
  HashAggregate,
  HashJoin,
  NestedLoopJoin,
  PhysicalAggregateCall,
  PhysicalKind,
  PhysicalOf,
  PhysicalPlan,
  PhysicalScan,
  Stage,
} from '../../plan/physical/plan.ts'
import { KeptReader } from '../../storage/kept-reader.ts'
import type { Kernels } from '../../wasm/kernels/loader.ts'
import { jobBudget } from '../jobs/job-budget.ts'
import { OutgrownError } from '../jobs/jobs.ts'
import type { ThreadEnvironment } from '../jobs/thread.ts'
import { runReference, type ReferenceInput } from '../reference/run-reference.ts'
import type { FragmentTask } from './fragment-task.ts'
import { scannedChunks } from './scanned-chunks.ts'

/** A run with more evaluations takes longer than code that is there already. */
const CHEAP_EVALUATIONS_MAX = 1_024
/**
 * What making code takes, in evaluations: a plan that comes again is answered row by row until that has cost as
 * much (renting or buying: Karlin, Manasse, Rudolph, Sleator 1988).
 */
const MAKING_EVALUATIONS = 8_192
/** More rows, of those that may meet a scan's conditions, are not looked at any closer. */
const READ_ROWS_MAX = 1_024
/** Of tables of more chunks nobody looks at which may have the rows that are asked for. */
const READ_CHUNKS_MAX = 256
/** What is read may have so many bytes: a row may hold megabytes of text. */
const READ_BYTES_MAX = 65_536
/** What is given may have so many letters in all. */
const GIVEN_LETTERS_MAX = 65_536
/** Steps of a budget, some hundred microseconds: functions that look at long texts spend more. */
const BUDGET_STEPS_MAX = 4 * STEPS_A_CHECK

/**
 * The output of a task that has hardly anything to do, worked out row by row as the reference does, which
 * takes less than making code and finding it again. Undefined where the task is larger than `evaluationsMax`
 * says, or is left to pipelines for another reason: it has volatile functions, or fails, as they know where an
 * error is from. Nothing is left of what was begun then.
 */
export function outputOfFewRows(
  { stage, inputs, working, cancel }: FragmentTask,
  env: ThreadEnvironment,
  evaluationsMax: number,
): PartitionsLease | undefined {
  if (stage.partitions !== 1 || stage.outputPartitions !== 1) return undefined
  const { heap } = env
  const scratch = new Arena(heap)
  const scanned = scannedOnce(scratch, env.kernels)
  const chunksOf = (scan: PhysicalScan): readonly Chunk[] => present(scanned(scan), 'few rows')
  const reads = { heap, stageInputs: inputs, ...(working && { working }), chunksOf, scanned }
  try {
    const { evaluations } = workOf(stage.root, reads)
    if (evaluations > evaluationsMax || isWorthCode(stage, evaluations)) return undefined
    return outputOf(stage, reads, jobBudget(env, cancel, undefined))
  } finally {
    scratch.release()
  }
}

function outputOf({ root }: Stage, reads: Reads, job: Budget): PartitionsLease | undefined {
  const budget = stepBudget(BUDGET_STEPS_MAX, () => new OutgrownError(), job)
  try {
    const rows = underBudget(budget, () => runReference(root, reads))
    const columns = root.columns.map(({ id }) => rows.map((row) => row.get(id) ?? null))
    if (lettersOf(columns) > GIVEN_LETTERS_MAX) return undefined
    return leaseOfPlain(reads.heap, root.columns, { rows: rows.length, columns })
  } catch (error) {
    const isLeft = error instanceof OutgrownError || error instanceof QueryError
    // Code needs no stack for what is nested deeply.
    if (isLeft || stackOverflow(error) !== undefined) return undefined
    throw error
  }
}

/** The rows, which go into memory when they are read there. */
export function leaseOfPlain(
  heap: Heap,
  columns: PhysicalPlan['columns'],
  plain: PlainRows,
): PartitionsLease {
  const arena = new Arena(heap, 'result')
  const partitions = new OnFirstRead((): readonly (readonly Chunk[])[] => {
    if (plain.rows === 0) return [[]]
    const vectors = columns.map(({ type }, at) =>
      vectorFromScalars(arena, type, plain.columns[at]!),
    )
    return [[{ rows: plain.rows, columns: vectors, statistics: undefined }]]
  })
  return new PartitionsLease(partitions, () => arena.release(), plain)
}

/**
 * Evaluations of earlier runs of stages, of those that have many: by what is known of their columns, which is
 * one object whatever values a plan's parameters have.
 */
const spent = new WeakMap<Stage['bounds'], number>()

function isWorthCode(stage: Stage, evaluations: number): boolean {
  if (evaluations <= CHEAP_EVALUATIONS_MAX) return false
  const { bounds } = stage
  const before = spent.get(bounds) ?? 0
  spent.set(bounds, before + evaluations)
  return before > 0 && before + evaluations > MAKING_EVALUATIONS
}

function lettersOf(columns: readonly (readonly Scalar[])[]): number {
  let letters = 0
  for (const values of columns) {
    for (const value of values) {
      if (typeof value === 'string' || value instanceof Uint8Array) letters += value.length
    }
  }
  return letters
}

interface Reads extends ReferenceInput {
  /** What a scan of a table in memory reads; undefined where that is too much to be few rows. */
  readonly scanned: (scan: PhysicalScan) => readonly Chunk[] | undefined
}

/** What scans of tables in memory read, narrowed once each. */
function scannedOnce(arena: Arena, kernels: Kernels): Reads['scanned'] {
  const known = new Map<PhysicalScan, readonly Chunk[] | undefined>()
  return (scan) => {
    const { source } = scan.table
    assert(source.kind === 'memory', 'a scan of a file has too many rows')
    if (!known.has(scan)) {
      known.set(scan, fewChunks(arena, kernels, scannedChunks(arena, kernels, scan, source.chunks)))
    }
    return known.get(scan)
  }
}

/** The chunks in memory, undefined where they have many rows or those that are kept elsewhere many bytes. */
function fewChunks(
  arena: Arena,
  kernels: Kernels,
  chunks: readonly TableChunk[],
): readonly Chunk[] | undefined {
  if (rowsOf(chunks) > READ_ROWS_MAX) return undefined
  const bytes = chunks.reduce((all, chunk) => all + (isKept(chunk) ? keptBytes(chunk) : 0), 0)
  if (bytes > READ_BYTES_MAX) return undefined
  const reader = new KeptReader({ heap: arena.heap, kernels })
  try {
    return chunks.map((chunk) => (isKept(chunk) ? reader.pinIn(arena, chunk) : chunk))
  } finally {
    reader.close()
  }
}

/** What a plan has to do at most. */
interface Work {
  /** Rows that it gives. */
  readonly rows: number
  /** Nodes of expressions that are evaluated, and rows that are compared. */
  readonly evaluations: number
}

const tooMuch: Work = { rows: Number.POSITIVE_INFINITY, evaluations: Number.POSITIVE_INFINITY }

function workOf(plan: PhysicalPlan, reads: Reads): Work {
  const met = meetings[plan.kind] as Meeting<PhysicalKind> | undefined
  if (met === undefined) return tooMuch
  const inputs: Work[] = []
  let evaluations = 0
  for (const input of planInputs(plan)) {
    const work = workOf(input, reads)
    evaluations += work.evaluations
    inputs.push(work)
  }
  if (evaluations === Number.POSITIVE_INFINITY) return tooMuch
  let nodes = 1
  for (const expr of expressionsOf(plan)) {
    const size = sizeOf(expr)
    if (size.isVolatile) return tooMuch
    nodes += size.nodes
  }
  const {
    seen,
    given,
    compared = 0,
  } = met(
    plan,
    inputs.map(({ rows }) => rows),
    reads,
  )
  return { rows: given, evaluations: evaluations + seen * nodes + compared }
}

/** How often an operator evaluates its expressions, how many rows it gives, and pairs it compares, at most. */
type Meeting<K extends PhysicalKind> = (
  plan: PhysicalOf<K>,
  rows: readonly number[],
  reads: Reads,
) => { readonly seen: number; readonly given: number; readonly compared?: number }

/** By operator; plans with another one are left to pipelines. */
const meetings: { readonly [K in PhysicalKind]?: Meeting<K> } = {
  scan: (scan, _rows, { heap, scanned }) => {
    const { source } = scan.table
    if (source.kind !== 'memory' || source.chunks.length > READ_CHUNKS_MAX) return many
    if (scan.filters.length === 0 && rowsOf(source.chunks) > READ_ROWS_MAX) return many
    const chunks = scanned(scan)
    return chunks === undefined ? many : chunksMet(heap, chunks)
  },
  'stage-input': ({ stage }, _rows, { heap, stageInputs }) => {
    const chunks = stageInputs.get(stage) ?? []
    return rowsOf(chunks) > READ_ROWS_MAX ? many : chunksMet(heap, chunks)
  },
  'working-table': ({ recursionId }, _rows, { heap, working }) => {
    const round = present(working?.get(recursionId), 'rows of a round')
    const { plain } = round
    if (plain !== undefined) return { seen: plain.rows, given: plain.rows }
    const { chunks } = round
    return rowsOf(chunks) > READ_ROWS_MAX ? many : chunksMet(heap, chunks)
  },
  values: ({ rowExprs }) =>
    rowExprs.length > READ_ROWS_MAX ? many : { seen: 1, given: rowExprs.length },
  filter: eachRow,
  project: eachRow,
  'hash-join': joined,
  'nested-loop-join': joined,
  'hash-aggregate': grouped,
  // Each frame is gone through row by row.
  window: ({ calls }, [rows = 0]) => {
    const aggregates = calls.flatMap((call) => (call.kind === 'aggregate' ? [call.aggregate] : []))
    return aggregates.some(addsFloats) ? many : { seen: rows * rows, given: rows }
  },
  sort: (_plan, [rows = 0]) => ({ seen: rows * Math.ceil(Math.log2(rows + 1)), given: rows }),
  limit: ({ limitRows = Number.POSITIVE_INFINITY }, [rows = 0]) => ({
    seen: 0,
    given: Math.min(rows, limitRows),
  }),
  'union-all': (_plan, rows) => {
    const given = rows.reduce((all, some) => all + some, 0)
    return { seen: given, given }
  },
}

const many = { seen: Number.POSITIVE_INFINITY, given: Number.POSITIVE_INFINITY }

function chunksMet(heap: Heap, chunks: readonly Chunk[]): ReturnType<Meeting<'scan'>> {
  const rows = rowsOf(chunks)
  const bytes = chunks.reduce((all, { columns }) => {
    return all + columns.reduce((some, vector) => some + sparseBytes(heap, vector), 0)
  }, 0)
  const others = chunks.map((chunk) => ({
    ...chunk,
    columns: chunk.columns.filter((vector) => !isSparse(vector)),
  }))
  const isLong = bytes + chunksBytes(heap, others) > READ_BYTES_MAX
  return isLong ? many : { seen: rows, given: rows }
}

/** Bytes of the entries that a sparse vector's rows stand for. */
function sparseBytes(heap: Heap, vector: Vector): number {
  const { dictionary, length } = vector
  if (dictionary === undefined || !isSparse(vector)) return 0
  let bytes = 0
  for (let row = 0; row < length; row++) {
    bytes += bytesAt(heap, dictionary, codeAt(heap, vector, row)).length
  }
  return bytes
}

function rowsOf(chunks: readonly TableChunk[]): number {
  return chunks.reduce((all, chunk) => all + chunk.rows, 0)
}

function eachRow(
  _plan: PhysicalPlan,
  [rows = 0]: readonly number[],
): ReturnType<Meeting<'filter'>> {
  return { seen: rows, given: rows }
}

/** Every pair of rows is put together to look at it. */
function joined(
  plan: HashJoin | NestedLoopJoin,
  [probe = 0, build = 0]: readonly number[],
): ReturnType<Meeting<'hash-join'>> {
  const seen = probe * build
  const columns = plan.probe.columns.length + plan.build.columns.length
  return { seen, given: rowsJoined(plan, probe, build), compared: 2 * seen * columns }
}

function rowsJoined({ joinKind }: HashJoin | NestedLoopJoin, probe: number, build: number): number {
  const pairs = probe * build
  switch (joinKind) {
    case 'inner':
      return pairs
    case 'left':
      return Math.max(probe, pairs)
    case 'right':
      return pairs + build
    case 'full':
      return Math.max(probe, pairs) + build
    case 'right-semi':
    case 'right-anti':
      return build
    case 'semi':
    case 'anti':
    case 'mark':
    case 'single':
      return probe
  }
}

/** Groups are looked for one after another. */
function grouped(
  { keys, aggregates, phase }: HashAggregate,
  [rows = 0]: readonly number[],
): ReturnType<Meeting<'hash-aggregate'>> {
  if (aggregates.some(addsFloats) || phase !== 'single') return many
  const isSearched = keys.length > 0 || aggregates.some(({ distinct }) => distinct)
  return { seen: rows, given: Math.max(1, rows), compared: isSearched ? (rows * rows) / 2 : 0 }
}

/** Whether what floats lose in an aggregate depends on how it is computed: code compensates some of it. */
function addsFloats({ accumulator, arg, kept }: PhysicalAggregateCall): boolean {
  if (exactOfFloats.has(accumulator)) return false
  const exprs = kept?.exprs ?? (arg === undefined ? [] : [arg])
  return exprs.some(({ type: { kind } }) => kind === 'float4' || kind === 'float8')
}

/** What gives one of the values, or counts them. */
const exactOfFloats: ReadonlySet<Accumulator> = new Set([
  'count-star',
  'count',
  'min',
  'max',
  'any-value',
])
