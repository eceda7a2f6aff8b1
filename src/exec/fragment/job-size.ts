import { present } from '../../base/assert.ts'
import { BATCH_ROWS } from '../../compile/model/context.ts'
import type { BreakerId, Pipeline } from '../../compile/model/pipeline.ts'
import { legExpressions } from '../../compile/shape/legs.ts'
import type { Expression } from '../../plan/logical/expression.ts'
import { expressionChildrenOf } from '../../plan/logical/walk.ts'
import { breakerSize } from '../breakers/table.ts'
import { seriesPieces } from '../rows/series-chunks.ts'
import type { BreakerState, JobInput } from '../jobs/jobs.ts'

/** How much a pipeline has to do. */
export interface JobSize {
  /** Rows of its source, and rows that it looks at: a nested loop meets all others for each of them. */
  readonly driverRows: number
  readonly rows: number
  /** No more rows than these are met, whatever joins find, but for rows repeated for what functions give. */
  readonly rowsMax: number
  /** Pieces that threads can take of what is no chunk: pages, groups of sorted rows, files' units. */
  readonly pieces: number | undefined
  /** What a row costs is not bounded: functions are called out, or every row meets many others. */
  readonly costly: boolean
}

/** Rows that one is thought to be repeated for: what it is, only running tells. */
const REPEATED_ROWS = 16

export function jobSize(
  input: JobInput,
  pipeline: Pipeline,
  breakers: ReadonlyMap<BreakerId, BreakerState>,
): JobSize {
  const { driverRows, pieces } = sourceSize(input, pipeline, breakers)
  let rows = driverRows
  let rowsMax = driverRows
  let costly = false
  for (const step of pipeline.steps) {
    if (step.kind === 'call-out' || step.kind === 'nested-loop') costly = true
    if (step.kind === 'repeat') rowsMax *= REPEATED_ROWS
    if (step.kind !== 'probe' && step.kind !== 'nested-loop') continue
    const others = Math.max(1, breakers.get(step.breaker)?.rows ?? 1)
    rowsMax *= others
    if (step.kind === 'nested-loop') rows *= others
  }
  return { driverRows, rows, rowsMax, pieces, costly }
}

/**
 * Whether a job is over as soon as its code is there: one batch of rows of which each has little to do and
 * meets no others. Where the clock goes on meanwhile, others had the processor.
 */
export function isBrief({ rows, costly }: JobSize, { steps }: Pipeline): boolean {
  const isMultiplied = steps.some(({ kind }) => kind === 'probe' || kind === 'repeat')
  return rows <= BATCH_ROWS && !costly && !isMultiplied
}

function sourceSize(
  input: JobInput,
  pipeline: Pipeline,
  breakers: ReadonlyMap<BreakerId, BreakerState>,
): Pick<JobSize, 'driverRows' | 'pieces'> {
  switch (input.kind) {
    case 'chunks':
      return {
        driverRows: input.chunks.reduce((total, chunk) => total + chunk.rows, 0),
        pieces: undefined,
      }
    case 'values':
      return { driverRows: input.values.rowExprs.length, pieces: 1 }
    case 'series':
      return { driverRows: input.series.rows, pieces: seriesPieces(input.series) }
    case 'units':
      // A file costs more than its rows: reading is worth a thread from the first unit on.
      return { driverRows: Number.POSITIVE_INFINITY, pieces: input.units.length }
    case 'breaker': {
      if (pipeline.source.kind === 'chunks') return { driverRows: 0, pieces: 0 }
      const state = present(breakers.get(pipeline.source.breaker), 'breaker of a source')
      if (input.pieces !== undefined) {
        const { from, to, rows } = input.pieces
        return { driverRows: rows, pieces: to - from }
      }
      const { rows, pieces } = breakerSize(state)
      return { driverRows: rows, pieces }
    }
  }
}

/** Compiling more nodes than these takes milliseconds, which the calling thread has not. */
const NODES_INLINE_MAX = 1_500

/** Whether compiling the pipeline is too long for the calling thread. */
export function isLongToCompile(pipeline: Pipeline): boolean {
  let nodes = 0
  const visit = (expr: Expression): void => {
    nodes++
    for (const child of expressionChildrenOf(expr)) {
      if (nodes > NODES_INLINE_MAX) return
      visit(child)
    }
  }
  for (const expr of pipeline.definitions.values()) visit(expr)
  // What is called out is not compiled.
  const compiled = pipeline.steps.filter(({ kind }) => kind !== 'call-out')
  for (const leg of [...compiled, pipeline.sink]) legExpressions(leg).forEach(visit)
  return nodes > NODES_INLINE_MAX
}
