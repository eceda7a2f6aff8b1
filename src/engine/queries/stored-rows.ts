import { present } from '../../base/assert.ts'
import { isKept, type TableChunk } from '../../data/chunks/table-chunk.ts'
import type { DataType, TypeKind } from '../../data/types/data-type.ts'
import { ChunkLease } from '../../data/vectors/chunk-lease.ts'
import type { Chunk } from '../../data/vectors/vector.ts'
import type { MemorySource } from '../../plan/catalog/catalog.ts'
import type { SpillMemory } from '../../storage/extents.ts'
import { chunksInTurn } from '../../storage/kept-reader.ts'
import type { PhysicalPlan, PhysicalScan, StagedPlan } from '../../plan/physical/plan.ts'

/** Rows of a table in memory, or kept by it, and whose they are. */
export interface StoredRows {
  readonly source: MemorySource
  readonly chunks: readonly TableChunk[]
}

/** What has names in it that ALTER TYPE changes. */
const mayBeRenamed: ReadonlySet<TypeKind> = new Set(['enum', 'record', 'array'])

/** Fewer values are soon copied, and copies need no chunks. */
const STORED_VALUES_MIN = 16_384

/**
 * The rows of a plan that asks for columns of a table in memory and for nothing else: they can be read where
 * they are stored. Undefined for other plans and for few rows.
 */
export function storedRows({ stages, columns }: StagedPlan): StoredRows | undefined {
  const [stage] = stages
  if (stage === undefined || stages.length > 1 || stage.partitions > 1) return undefined
  const scan = bareScan(stage.root)
  if (scan === undefined) return undefined
  const { source } = scan.table
  if (source.kind !== 'memory' || source.firstRows !== undefined) return undefined
  const rows = source.chunks.reduce((all, chunk) => all + chunk.rows, 0)
  if (rows * columns.length < STORED_VALUES_MIN) return undefined
  const pick = <T>(from: readonly T[]): readonly T[] =>
    scan.sourceColumns.map((at) => present(from[at], 'column of a chunk'))
  // Labels and attributes of types may have other names than when the rows were stored.
  const types = pick(scan.table.columns).map(({ type }) => type)
  const typeAt = (at: number): DataType => present(types[at], 'type of a column')
  const chunks = source.chunks.map((chunk): TableChunk => {
    const parts = { rows: chunk.rows, statistics: undefined }
    if (!isKept(chunk)) {
      const columns = pick(chunk.columns).map((vector, at) =>
        mayBeRenamed.has(vector.type.kind) ? { ...vector, type: typeAt(at) } : vector,
      )
      return { ...parts, columns }
    }
    const columns = pick(chunk.kept.columns).map((column, at) => {
      const { header } = column
      return mayBeRenamed.has(header.type.kind)
        ? { ...column, header: { ...header, type: typeAt(at) } }
        : column
    })
    return { ...parts, kept: { ...chunk.kept, columns } }
  })
  return { source, chunks }
}

/** The rows for a client, who holds the table until `giveBack`; those that are kept are read by and by. */
export function leaseOfStored(
  memory: SpillMemory,
  { chunks }: StoredRows,
  giveBack: () => void,
): ChunkLease {
  const here = chunks.filter((chunk): chunk is Chunk => !isKept(chunk))
  if (here.length === chunks.length) return new ChunkLease(here, giveBack)
  return ChunkLease.kept(chunksInTurn(memory, chunks), giveBack)
}

/** A scan without filters, under nothing but projections that choose and order columns. */
function bareScan(plan: PhysicalPlan): Pick<PhysicalScan, 'table' | 'sourceColumns'> | undefined {
  if (plan.kind === 'scan') return plan.filters.length === 0 ? plan : undefined
  if (plan.kind !== 'project') return undefined
  const input = bareScan(plan.input)
  if (input === undefined) return undefined
  const sourceColumns: number[] = []
  for (const { expr } of plan.exprs) {
    if (expr.kind !== 'column') return undefined
    const at = plan.input.columns.findIndex(({ id }) => id === expr.id)
    const from = input.sourceColumns[at]
    if (from === undefined) return undefined
    sourceColumns.push(from)
  }
  return { table: input.table, sourceColumns }
}
