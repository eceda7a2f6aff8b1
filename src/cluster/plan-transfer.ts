import { notSupported, QueryError } from '../base/errors.ts'
import type { TableChunk } from '../data/chunks/table-chunk.ts'
import type { Chunk } from '../data/vectors/vector.ts'
import { entryOf, type FunctionCatalogue } from '../functions/catalogue.ts'
import { ReferenceCopier, resolveReferences } from '../functions/references.ts'
import { mapPlanInputs, planInputs } from '../plan/physical/plan-inputs.ts'
import type { PhysicalPlan, PhysicalScan, Stage, StagedPlan } from '../plan/physical/plan.ts'
import type { MemorySource } from '../plan/catalog/catalog.ts'
import { receivedArray, receivedObject } from './comm/checks.ts'
import { decodeMessage, encodeMessage, keepNegativeZeros, MESSAGE_BYTES_MAX } from './comm/codec.ts'

const encoded = new WeakMap<StagedPlan, Uint8Array>()

/** With room left in a message for what goes with it. */
const PLAN_BYTES_MAX = MESSAGE_BYTES_MAX - 65_536
const STAGES_MAX = 65_536

/**
 * A plan for another process: rows of tables in memory stay behind, each chunk is replaced by one
 * that only says how many rows it has. Throws PROGRAM_LIMIT_EXCEEDED, and FEATURE_NOT_SUPPORTED for functions
 * that other processes do not have.
 */
export function encodePlan(plan: StagedPlan): Uint8Array {
  const known = encoded.get(plan)
  if (known !== undefined) return known
  const stages = plan.stages.map((stage) =>
    withScans(stage, (source) => source.chunks.map(emptied)),
  )
  const copier = new ReferenceCopier()
  const copy = copier.copy({ stages, columns: plan.columns })
  if (copier.onlyHere !== undefined) {
    throw notSupported(`${copier.onlyHere.id}, a function of this process, in others`)
  }
  const bytes = encodeMessage(keepNegativeZeros(copy))
  if (bytes.byteLength > PLAN_BYTES_MAX) {
    const text = `a plan of ${bytes.byteLength} bytes for other processes, more than ${PLAN_BYTES_MAX}`
    throw new QueryError('PROGRAM_LIMIT_EXCEEDED', text)
  }
  encoded.set(plan, bytes)
  return bytes
}

/** The plan of {@link encodePlan}, over the functions of this process. Its sender is trusted to have planned it. */
export function decodePlan(bytes: Uint8Array, functions: FunctionCatalogue): StagedPlan {
  const plan = receivedObject(decodeMessage(bytes), 'a plan')
  receivedArray(plan['stages'], STAGES_MAX, 'stages')
  resolveReferences(plan, (reference) => entryOf(functions, reference))
  return plan as unknown as StagedPlan
}

/**
 * Whether a plan computes something of each row that stands in it and reads nothing else: sending the rows
 * to another process and back is more work than the plan is.
 */
export function isOfValues({ stages }: StagedPlan): boolean {
  const isLine = ({ kind }: PhysicalPlan): boolean =>
    kind === 'values' || kind === 'project' || kind === 'filter'
  const isOfRows = (plan: PhysicalPlan): boolean => isLine(plan) && planInputs(plan).every(isOfRows)
  return (
    stages.length === 1 && stages.every(({ inputs, root }) => inputs.length === 0 && isOfRows(root))
  )
}

/** The tables in memory that a stage scans. */
export function memorySources(stage: Stage): readonly MemorySource[] {
  const found: MemorySource[] = []
  const visit = (plan: PhysicalPlan): void => {
    if (plan.kind === 'scan' && plan.table.source.kind === 'memory') found.push(plan.table.source)
    planInputs(plan).forEach(visit)
  }
  visit(stage.root)
  return found
}

/** The stage with other chunks in its scans of tables in memory. */
export function withScans(
  stage: Stage,
  chunksOf: (source: MemorySource) => readonly TableChunk[],
): Stage {
  const replace = (plan: PhysicalPlan): PhysicalPlan =>
    plan.kind === 'scan' ? replaceScan(plan, chunksOf) : mapPlanInputs(plan, replace)
  const root = replace(stage.root)
  return root === stage.root ? stage : { ...stage, root }
}

function replaceScan(
  scan: PhysicalScan,
  chunksOf: (source: MemorySource) => readonly TableChunk[],
): PhysicalScan {
  const { table } = scan
  const { source } = table
  if (source.kind !== 'memory') return scan
  return { ...scan, table: { ...table, source: { ...source, chunks: chunksOf(source) } } }
}

function emptied({ rows }: TableChunk): Chunk {
  return { rows, columns: [], statistics: undefined }
}
