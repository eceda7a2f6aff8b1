import type { ValueBounds } from '../../data/types/value-bounds.ts'
import { present } from '../../base/assert.ts'
import type { Pipeline } from '../../compile/model/pipeline.ts'
import type { Arena } from '../../data/arenas/arena.ts'
import type { TableChunk } from '../../data/chunks/table-chunk.ts'
import type { Chunk, ColumnStatistics } from '../../data/vectors/vector.ts'
import { planUnits } from '../../io/open.ts'
import { unitsToRead } from '../../io/scan/reader-request.ts'
import type { ScanRequest } from '../../io/scan/source.ts'
import { partOfSeries } from '../../plan/physical/series.ts'
import type { PhysicalScan } from '../../plan/physical/plan.ts'
import type { Kernels } from '../../wasm/kernels/loader.ts'
import type { CutFragment } from '../cut/cutting.ts'
import type { FragmentTask } from './fragment-task.ts'
import type { Narrowing } from './narrowed-input.ts'
import { uniformChunks } from '../rows/uniform-chunks.ts'
import type { JobInput } from '../jobs/jobs.ts'
import type { Steps } from '../jobs/steps.ts'
import { mostPromisingFirst, topColumn } from '../sort/top-values.ts'
import { scannedChunks } from './scanned-chunks.ts'

interface InputOptions {
  readonly arena: Arena
  readonly kernels: Kernels
  readonly uniformRowsMax: number
  readonly narrowing?: Narrowing | undefined
  /** The rows of a recursion that came last. */
  readonly rounds?: readonly Chunk[] | undefined
}

/**
 * The rows of a pipeline's source for this task's partition. What chunks of at most `uniformRowsMax`
 * rows lack to be alike is made in `arena`; rows of VALUES are left to be evaluated. Of a table only
 * pieces are read that, by `narrowing`, may hold rows which all joins keep.
 */
export function* jobInput(
  task: FragmentTask,
  cut: CutFragment,
  pipeline: Pipeline,
  { arena, kernels, uniformRowsMax, narrowing, rounds }: InputOptions,
): Steps<JobInput> {
  const { source } = pipeline
  if (source.kind !== 'chunks') return { kind: 'breaker' }
  const input = present(cut.inputs[source.input], 'input of a pipeline')
  const found = ((): JobInput => {
    switch (input.kind) {
      case 'scan':
        return scanInput(task, input.scan, pipeline, { arena, kernels }, narrowing)
      case 'stage':
        return { kind: 'chunks', chunks: task.inputs.get(input.stage) ?? [] }
      case 'working-table':
        return {
          kind: 'chunks',
          chunks: present(task.working?.get(input.recursionId), 'rows of a round').chunks,
        }
      case 'recursion':
        return { kind: 'chunks', chunks: present(rounds, 'rounds of a recursion') }
      case 'values':
        return { kind: 'values', values: input.values }
      case 'series':
        return {
          kind: 'series',
          series: partOfSeries(input.series, task.partition, task.stage.partitions),
        }
    }
  })()
  if (found.kind !== 'chunks') return found
  return { ...found, chunks: yield* uniformChunks(found.chunks, uniformRowsMax, arena, kernels) }
}

function scanInput(
  task: FragmentTask,
  scan: PhysicalScan,
  pipeline: Pipeline,
  { arena, kernels }: { readonly arena: Arena; readonly kernels: Kernels },
  narrowing: Narrowing | undefined,
): JobInput {
  const { source, columns, statistics } = scan.table
  const top = topColumn(pipeline)
  const columnsOf =
    <T>(piece: T, statisticsOf: (piece: T, column: number) => ColumnStatistics | undefined) =>
    (index: number): ColumnStatistics | undefined =>
      statisticsOf(piece, present(scan.sourceColumns[index], 'column of a scan'))
  const mine = <T>(
    all: readonly T[],
    statisticsOf: (piece: T, column: number) => ColumnStatistics | undefined,
  ): readonly T[] => {
    const share = piecesOf(task, all)
    const own = narrowing
      ? share.filter((piece) => narrowing.mayHold(columnsOf(piece, statisticsOf)))
      : share
    if (top === undefined || pipeline.ordered) return own
    const column = present(scan.sourceColumns[top.column], 'column of a scan')
    return mostPromisingFirst(own, top, (piece) => statisticsOf(piece, column))
  }
  if (source.kind === 'memory') {
    const chunks = mine(source.chunks, (chunk, column) => chunk.statistics?.[column])
    const scanned = scannedChunks(arena, kernels, scan, chunks)
    return { kind: 'chunks', chunks: top === undefined ? scanned.map(withoutStatistics) : scanned }
  }
  const request: ScanRequest = {
    ...(narrowing && { keys: narrowing.keys }),
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

/** The pieces of a table that are the task's. */
function piecesOf<T>({ stage, partition }: FragmentTask, all: readonly T[]): readonly T[] {
  const { partitions, readsRuns = false } = stage
  if (!readsRuns) return all.filter((_, index) => index % partitions === partition)
  const [from, to] = [partition, partition + 1].map((at) => (all.length * at) / partitions)
  return all.slice(Math.floor(from ?? 0), Math.floor(to ?? 0))
}

function boundsOf(statistics: ColumnStatistics | undefined): ValueBounds | undefined {
  if (statistics?.min === undefined || statistics.max === undefined) return undefined
  return { min: statistics.min, max: statistics.max }
}

/** Where no chunk is left out by its statistics, they need not travel. */
function withoutStatistics(chunk: TableChunk): TableChunk {
  return chunk.statistics === undefined ? chunk : { ...chunk, statistics: undefined }
}
