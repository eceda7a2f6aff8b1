import { BATCH_ROWS } from '../../compile/model/context.ts'
import type { Tuning } from './fragment-task.ts'

/** How work is cut and done, but for tests. */
export const usual: Tuning = {
  batchRows: BATCH_ROWS,
  morselRows: 32_768,
  poolRowsMin: 20_000,
  inlineRowsMax: 1_000_000,
  uniformRowsMax: 4_096,
  evaluationsMax: 4_096,
  interpretation: 'few',
  firstSliceRows: 524_288,
}
