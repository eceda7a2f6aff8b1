import { assert, present } from '../../../base/assert.ts'
import type {
  FunctionBuilder,
  FunctionIndex,
  Local,
} from '../../../wasm/assembler/function-builder.ts'
import { contextWords } from '../../model/context.ts'
import type { EmitScope } from './emit-scope.ts'
import type { PipelineModule } from './pipeline-module.ts'
import type { RowBuffers } from '../../shape/row-buffers.ts'
import type { PipelineLeg } from '../../shape/legs.ts'

/**
 * A leg of a module under construction. Its function is `(ctx, first, rows)`: one that drives takes `rows`
 * rows of the driver from `first` on, the others as many row ids from their buffers.
 */
export interface LegContext {
  readonly module: PipelineModule
  readonly position: number
  readonly leg: PipelineLeg
  /** Whether its rows are those of the driver: it is the first, or only loops over few build rows are before it. */
  readonly drives: boolean
  readonly f: FunctionBuilder
  readonly scope: EmitScope
  /** Sources whose ids the leg is given, with the offset of each one's buffer in the context. */
  readonly given: RowBuffers
  /** The same for the next leg, which this one fills. Empty for the sink. */
  readonly wanted: RowBuffers
  readonly next: FunctionIndex | undefined
}

/** Parameters of a leg's function. */
export const FIRST = 1
export const ROWS = 2

/**
 * Takes `rows` off the rows that may flow before the host is asked whether the query goes on, so that
 * a join with very many matches can be stopped between the batches that it makes.
 */
export function emitCheckpoint(leg: LegContext, rows: Local): void {
  const { f, scope } = leg
  const left = f.local('i32')
  f.get(scope.ctx).get(scope.ctx).memory('i32.load', contextWords.checkpointRows)
  f.get(rows).op('i32.sub').tee(left).memory('i32.store', contextWords.checkpointRows)
  f.get(left).i32(0).op('i32.lt_s').if()
  f.get(scope.ctx)
  leg.module.callHost(f, 'checkpoint')
  f.end()
  f.release(left)
}

/** Emits a loop over the leg's rows; `body` gets the row's number in the batch. */
export function emitLoop(leg: LegContext, body: (row: Local) => void): void {
  const { f, scope } = leg
  const row = f.local('i32')
  f.i32(0).set(row)
  const done = f.block()
  f.get(f.param(ROWS)).op('i32.eqz').branchIf(done)
  const again = f.loop()
  enterRow(leg, row)
  body(row)
  f.get(row).i32(1).op('i32.add').tee(row).get(f.param(ROWS)).op('i32.lt_s').branchIf(again)
  f.end()
  f.end()
  f.release(row)
  scope.row(() => assert(false, 'row id outside the loop'))
}

/** Makes the scope read the given row. */
export function enterRow(leg: LegContext, row: Local): void {
  const { f, scope, given } = leg
  scope.row((source) => {
    if (leg.drives) return emitDriverRow(leg, source, row)
    const offset = present(given.get(source), `source ${source} does not reach the leg`)
    f.get(scope.ctx).get(row).i32(2).op('i32.shl').op('i32.add').memory('i32.load', offset)
  })
}

function emitDriverRow(leg: LegContext, source: number, row: Local): void {
  const { f, scope, module } = leg
  const driver = module.pipeline.source
  assert(source === 0, 'a leg that drives sees source 0 only')
  f.get(f.param(FIRST)).get(row).op('i32.add')
  if (driver.kind === 'chunks') return
  if (driver.kind === 'sorted') {
    f.i32(2).op('i32.shl').get(scope.word(contextWords.driver)).op('i32.add').memory('i32.load')
    return
  }
  f.i32(driver.layout.rowBytes).op('i32.mul').get(scope.word(contextWords.driver)).op('i32.add')
}

/** Stores the ids of the current row at position `at` of the next leg's buffers. */
export function emitAppend(
  leg: LegContext,
  at: Local,
  added: ReadonlyMap<number, Local> = new Map(),
): void {
  const { f, scope, wanted } = leg
  if (wanted.size === 0) return
  const written = new Set<number>()
  const slot = f.local('i32')
  f.get(scope.ctx).get(at).i32(2).op('i32.shl').op('i32.add').set(slot)
  for (const [source, offset] of wanted) {
    if (written.has(offset)) continue
    written.add(offset)
    const id = added.get(source) ?? scope.rowId(source)
    f.get(slot).get(id).memory('i32.store', offset)
  }
  f.release(slot)
}

/** Calls the next leg with `rows` rows, if there are any. */
export function emitFlush(leg: LegContext, rows: Local): void {
  const { f, scope } = leg
  const next = present(leg.next, 'flush of the last leg')
  f.get(rows).if()
  f.get(scope.ctx).i32(0).get(rows).call(next)
  f.end()
}

/** Flushes a full batch and starts a new one. */
export function emitFlushIfFull(leg: LegContext, rows: Local): void {
  const { f, scope } = leg
  const next = present(leg.next, 'flush of the last leg')
  f.get(rows).i32(leg.module.pipeline.batchRows).op('i32.ge_s').if()
  f.get(scope.ctx).i32(0).get(rows).call(next)
  f.i32(0).set(rows)
  f.end()
}
