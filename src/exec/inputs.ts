import { present } from '../base/assert.ts'
import type { BreakerId, Pipeline } from '../compile/pipeline/pipeline.ts'
import type { Arena } from '../data/arenas/arena.ts'
import { vectorFromScalars } from '../data/vectors/from-scalars.ts'
import type { Chunk, ColumnStatistics } from '../data/vectors/vector.ts'
import { planUnits } from '../io/open.ts'
import { unitsToRead } from '../io/reader-request.ts'
import type { ScanRequest } from '../io/source.ts'
import { evaluate } from '../plan/logical/evaluate.ts'
import type { PhysicalScan, PhysicalValues, ValueBounds } from '../plan/physical/plan.ts'
import type { Kernels } from '../wasm/kernels/loader.ts'
import type { CutFragment } from './cutting.ts'
import type { FragmentTask } from './fragment.ts'
import { uniformChunks } from './uniform-chunks.ts'
import type { BreakerState, JobInput } from './jobs.ts'
import { mostPromisingFirst, topColumn, type TopColumn } from './top-values.ts'

/** How much a pipeline has to do: rows, and pieces that threads can take. */
export interface InputRows {
  readonly rows: number
  readonly pieces: number
}

/**
 * The rows of a pipeline's source for this task's partition. Values are made in `arena`, as is what
 * chunks of at most `uniformRowsMax` rows lack to be alike.
 */
export function jobInput(
  task: FragmentTask,
  cut: CutFragment,
  pipeline: Pipeline,
  arena: Arena,
  kernels: Kernels,
  uniformRowsMax: number,
): JobInput {
  const { source } = pipeline
  if (source.kind !== 'chunks') return { kind: 'breaker' }
  const input = present(cut.inputs[source.input], 'input of a pipeline')
  const uniform = (chunks: readonly Chunk[]): readonly Chunk[] =>
    uniformChunks(chunks, uniformRowsMax, arena, kernels)
  switch (input.kind) {
    case 'scan':
      return scanInput(task, input.scan, pipeline, uniform)
    case 'stage':
      return { kind: 'chunks', chunks: uniform(task.inputs.get(input.stage) ?? []) }
    case 'values':
      return { kind: 'chunks', chunks: [valuesChunk(input.values, arena)] }
  }
}

function scanInput(
  task: FragmentTask,
  scan: PhysicalScan,
  pipeline: Pipeline,
  uniform: (chunks: readonly Chunk[]) => readonly Chunk[],
): JobInput {
  const { source, columns, statistics } = scan.table
  const top = topColumn(pipeline)
  const mine = <T>(
    all: readonly T[],
    statisticsOf: (piece: T, column: number) => ColumnStatistics | undefined,
  ): readonly T[] => {
    const own = all.filter((_, index) => index % task.stage.partitions === task.partition)
    if (top === undefined || pipeline.ordered) return own
    const column = present(scan.sourceColumns[top.column], 'column of a scan')
    return mostPromisingFirst(own, top, (piece) => statisticsOf(piece, column))
  }
  if (source.kind === 'memory') {
    const chunks = mine(source.chunks, (chunk, column) => chunk.statistics?.[column])
    return {
      kind: 'chunks',
      chunks: uniform(chunks.map((chunk) => scannedChunk(scan, chunk, top))),
    }
  }
  const request: ScanRequest = {
    source,
    tableColumns: columns,
    columns: scan.sourceColumns,
    columnBounds: scan.sourceColumns.map((at) => boundsOf(statistics.columns[at])),
    predicates: scan.filters,
    predicateColumns: new Map(
      scan.columns.map(({ id }, index) => [id, present(scan.sourceColumns[index], 'column')]),
    ),
  }
  const units = mine(
    planUnits(request),
    ({ file, part }, column) => source.files[file]?.parts[part]?.statistics[column],
  )
  return { kind: 'units', ...unitsToRead(request, units) }
}

function boundsOf(statistics: ColumnStatistics | undefined): ValueBounds | undefined {
  if (statistics?.min === undefined || statistics.max === undefined) return undefined
  return { min: statistics.min, max: statistics.max }
}

/** The scan's columns of a chunk. Statistics go along where chunks may be left out by them. */
function scannedChunk(scan: PhysicalScan, chunk: Chunk, top: TopColumn | undefined): Chunk {
  const { rows, columns, statistics } = chunk
  const pick = <T>(from: readonly T[]): readonly T[] =>
    scan.sourceColumns.map((at) => present(from[at], 'column of a chunk'))
  const known = top === undefined ? undefined : statistics && pick(statistics)
  return { rows, columns: pick(columns), statistics: known }
}

function valuesChunk(values: PhysicalValues, arena: Arena): Chunk {
  const noColumn = (): never => present<never>(undefined, 'column in VALUES')
  const rows = values.rowExprs.map((row) => row.map((expr) => evaluate(expr, noColumn)))
  const columns = values.columns.map(({ type }, index) =>
    vectorFromScalars(
      arena,
      type,
      rows.map((row) => row[index] ?? null),
    ),
  )
  return { rows: rows.length, columns, statistics: undefined }
}

/** Rows that a pipeline looks at: a nested loop takes the other side's once for each of its own. */
export function rowsOfInput(
  input: JobInput,
  pipeline: Pipeline,
  breakers: ReadonlyMap<BreakerId, BreakerState>,
  morselRows: number,
): InputRows {
  const source = rowsOfSource(input, pipeline, breakers, morselRows)
  let { rows } = source
  for (const step of pipeline.steps) {
    if (step.kind === 'nested-loop') rows *= Math.max(1, breakers.get(step.breaker)?.rows ?? 1)
  }
  return { rows, pieces: source.pieces }
}

function rowsOfSource(
  input: JobInput,
  pipeline: Pipeline,
  breakers: ReadonlyMap<BreakerId, BreakerState>,
  morselRows: number,
): InputRows {
  if (input.kind === 'chunks') {
    const rows = input.chunks.reduce((total, chunk) => total + chunk.rows, 0)
    return { rows, pieces: Math.ceil(rows / morselRows) }
  }
  if (input.kind === 'units') {
    // A file costs more than its rows: reading is worth a thread from the first unit on.
    return { rows: Number.POSITIVE_INFINITY, pieces: input.units.length }
  }
  if (pipeline.source.kind === 'chunks') return { rows: 0, pieces: 0 }
  const state = present(breakers.get(pipeline.source.breaker), 'breaker of a source')
  const { sorted } = state
  if (sorted !== undefined) return { rows: sorted.rows, pieces: sorted.groups.length }
  return { rows: state.rows, pieces: state.pages.length }
}
