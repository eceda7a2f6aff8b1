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
import type { PipelineStage } from '../../shape/stages.ts'

/**
 * A stage of a module under construction. Its function is `(ctx, first, rows)`: stage 0 takes `rows`
 * rows of the driver from `first` on, the others as many row ids from their buffers.
 */
export interface StageContext {
  readonly module: PipelineModule
  readonly position: number
  readonly stage: PipelineStage
  readonly f: FunctionBuilder
  readonly scope: EmitScope
  /** Sources whose ids the stage is given, with the offset of each one's buffer in the context. */
  readonly given: RowBuffers
  /** The same for the next stage, which this one fills. Empty for the sink. */
  readonly wanted: RowBuffers
  readonly next: FunctionIndex | undefined
}

/** Parameters of a stage's function. */
export const FIRST = 1
export const ROWS = 2

/**
 * Takes `rows` off the rows that may flow before the host is asked whether the query goes on, so that
 * a join with very many matches can be stopped between the batches that it makes.
 */
export function emitCheckpoint(stage: StageContext, rows: Local): void {
  const { f, scope } = stage
  const left = f.local('i32')
  f.get(scope.ctx).get(scope.ctx).memory('i32.load', contextWords.checkpointRows)
  f.get(rows).op('i32.sub').tee(left).memory('i32.store', contextWords.checkpointRows)
  f.get(left).i32(0).op('i32.lt_s').if()
  f.get(scope.ctx)
  stage.module.callHost(f, 'checkpoint')
  f.end()
  f.release(left)
}

/** Emits a loop over the stage's rows; `body` gets the row's number in the batch. */
export function emitLoop(stage: StageContext, body: (row: Local) => void): void {
  const { f, scope } = stage
  const row = f.local('i32')
  f.i32(0).set(row)
  const done = f.block()
  f.get(f.param(ROWS)).op('i32.eqz').branchIf(done)
  const again = f.loop()
  enterRow(stage, row)
  body(row)
  f.get(row).i32(1).op('i32.add').tee(row).get(f.param(ROWS)).op('i32.lt_s').branchIf(again)
  f.end()
  f.end()
  f.release(row)
  scope.row(() => assert(false, 'row id outside the loop'))
}

/** Makes the scope read the given row. */
export function enterRow(stage: StageContext, row: Local): void {
  const { f, scope, given } = stage
  scope.row((source) => {
    if (stage.position === 0) return emitDriverRow(stage, source, row)
    const offset = present(given.get(source), `source ${source} does not reach the stage`)
    f.get(scope.ctx).get(row).i32(2).op('i32.shl').op('i32.add').memory('i32.load', offset)
  })
}

function emitDriverRow(stage: StageContext, source: number, row: Local): void {
  const { f, scope, module } = stage
  const driver = module.pipeline.source
  assert(source === 0, 'the first stage sees source 0 only')
  f.get(f.param(FIRST)).get(row).op('i32.add')
  if (driver.kind === 'chunks') return
  if (driver.kind === 'sorted') {
    f.i32(2).op('i32.shl').get(scope.word(contextWords.driver)).op('i32.add').memory('i32.load')
    return
  }
  f.i32(driver.layout.rowBytes).op('i32.mul').get(scope.word(contextWords.driver)).op('i32.add')
}

/** Stores the ids of the current row at position `at` of the next stage's buffers. */
export function emitAppend(
  stage: StageContext,
  at: Local,
  added: ReadonlyMap<number, Local> = new Map(),
): void {
  const { f, scope, wanted } = stage
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

/** Calls the next stage with `rows` rows, if there are any. */
export function emitFlush(stage: StageContext, rows: Local): void {
  const { f, scope } = stage
  const next = present(stage.next, 'flush of the last stage')
  f.get(rows).if()
  f.get(scope.ctx).i32(0).get(rows).call(next)
  f.end()
}

/** Flushes a full batch and starts a new one. */
export function emitFlushIfFull(stage: StageContext, rows: Local): void {
  const { f, scope } = stage
  const next = present(stage.next, 'flush of the last stage')
  f.get(rows).i32(stage.module.pipeline.batchRows).op('i32.ge_s').if()
  f.get(scope.ctx).i32(0).get(rows).call(next)
  f.i32(0).set(rows)
  f.end()
}
