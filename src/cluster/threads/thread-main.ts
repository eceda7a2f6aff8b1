import * as errors from '../../base/errors.ts'
import { keptProgram } from '../host/kept-program.ts'
import type * as Program from './thread-program.ts'

// A pool's thread. Its code is compiled already where an earlier process has kept it. It meets no
// dataframes.
const shared = {
  'heddle:errors': errors,
  'heddle:expression': {},
  'heddle:aggregate': {},
  'heddle:window': {},
}
const kept = keptProgram(import.meta.url, { shared, onlyKept: true })
if (kept !== undefined) void (kept as typeof Program).runThread()
else void import('./thread-program.ts').then(({ runThread }) => runThread())
