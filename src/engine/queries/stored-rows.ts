import { present } from '../../base/assert.ts'
import type { Chunk } from '../../data/vectors/vector.ts'
import type { MemorySource } from '../../plan/catalog/catalog.ts'
import type { PhysicalPlan, PhysicalScan, StagedPlan } from '../../plan/physical/plan.ts'

/** Rows of a table in memory, and whose memory they lie in. */
export interface StoredRows {
  readonly source: MemorySource
  readonly chunks: readonly Chunk[]
}

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
  if (source.kind !== 'memory') return undefined
  const rows = source.chunks.reduce((all, chunk) => all + chunk.rows, 0)
  if (rows * columns.length < STORED_VALUES_MIN) return undefined
  const chunks = source.chunks.map((chunk) => ({
    rows: chunk.rows,
    columns: scan.sourceColumns.map((at) => present(chunk.columns[at], 'column of a chunk')),
    statistics: undefined,
  }))
  return { source, chunks }
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
