import { present } from '../../base/assert.ts'
import { spend } from '../../base/budget.ts'
import type { Arena } from '../../data/arenas/arena.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { vectorSteps } from '../../data/vectors/from-scalars.ts'
import type { Chunk } from '../../data/vectors/vector.ts'
import { evaluate } from '../../plan/logical/evaluate.ts'
import type { PhysicalValues } from '../../plan/physical/plan.ts'
import type { Steps } from '../jobs/steps.ts'

/** What evaluating an expression of VALUES costs at least, in steps of a budget. */
const VALUE_STEPS = 32
const ROWS_A_STEP = 256

/** The rows of VALUES as a chunk in `arena`. */
export function* valuesChunk(values: PhysicalValues, arena: Arena): Steps<Chunk> {
  const noColumn = (): never => present<never>(undefined, 'column in VALUES')
  const rows: Scalar[][] = []
  for (const row of values.rowExprs) {
    spend(row.length * VALUE_STEPS)
    rows.push(row.map((expr) => evaluate(expr, noColumn)))
    if (rows.length % ROWS_A_STEP === 0) yield
  }
  const columns = []
  for (const [index, { type }] of values.columns.entries()) {
    const scalars = rows.map((row) => row[index] ?? null)
    columns.push(yield* vectorSteps(arena, type, scalars))
    yield
  }
  return { rows: rows.length, columns, statistics: undefined }
}
