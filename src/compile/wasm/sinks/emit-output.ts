import { assert, present } from '../../../base/assert.ts'
import { widestLayout, type Layout } from '../../../data/vectors/vector.ts'
import type { Value } from '../../../functions/inline.ts'
import type { Expression } from '../../../plan/logical/expression.ts'
import type { Local } from '../../../wasm/assembler/function-builder.ts'
import { compileExpression } from '../../expressions/expression.ts'
import { emitHash } from '../scope/compare-values.ts'
import { BATCH_ROWS } from '../../model/context.ts'
import { FunctionScope } from '../scope/function-scope.ts'
import { pushIsWide } from '../scope/keep-text.ts'
import type { OutputSink } from '../../model/pipeline.ts'
import { emitAppend, emitLoop, enterRow, FIRST, ROWS, type LegContext } from '../scope/leg-loop.ts'
import { emitValid, withAllLanes } from '../scope/values.ts'

/**
 * Columns that one function writes. The engine's first compiler keeps the place of each local at each
 * branch: 1,600 texts in one function take half a gigabyte while it compiles.
 */
const FUNCTION_COLUMNS_MAX = 64

/** The words of an output writer in memory: rows written, then one block a column. */
export const outputWords = {
  rows: 0,
  columns: 8,
  /** Within a column's block: buffers, and for text the next free byte and the end. */
  values: 0,
  validity: 4,
  textCursor: 8,
  textEnd: 12,
  offsets: 16,
  columnBytes: 24,
} as const

/**
 * Appends the batch to the chunk that the host keeps open for a partition (`first` says which, but
 * for the driver's own rows, which are not split). Values lie in their type's widest layout, booleans
 * and validity as bytes until the chunk is closed.
 */
export function emitOutput(leg: LegContext, sink: OutputSink): void {
  const { f, scope, module } = leg
  const [writer, start] = [f.local('i32'), f.local('i32')]
  if (leg.drives) f.i32(0)
  else f.get(f.param(FIRST))
  f.get(f.param(ROWS))
  module.callHost(f, 'reserveOutput')
  f.set(writer)
  f.get(writer).memory('i32.load', outputWords.rows).set(start)
  if (sink.columns.length <= FUNCTION_COLUMNS_MAX) {
    emitColumns(leg, sink.columns, 0, writer, start)
  } else {
    for (let from = 0; from < sink.columns.length; from += FUNCTION_COLUMNS_MAX) {
      const part = module.builder.defineFunction(['i32', 'i32', 'i32', 'i32', 'i32'], [])
      const own = { ...leg, f: part.builder, scope: new FunctionScope(module, part.builder) }
      const columns = sink.columns.slice(from, from + FUNCTION_COLUMNS_MAX)
      emitColumns(own, columns, from, part.builder.param(3), part.builder.param(4))
      for (const local of [scope.ctx, f.param(FIRST), f.param(ROWS), writer, start]) f.get(local)
      f.call(part.index)
    }
  }
  f.get(writer).get(start).get(f.param(ROWS)).op('i32.add').memory('i32.store', outputWords.rows)
}

/** Appends columns of the batch, of which the first has number `from`, behind the rows from `start` on. */
function emitColumns(
  leg: LegContext,
  columns: OutputSink['columns'],
  from: number,
  writer: Local,
  start: Local,
): void {
  const { f, scope } = leg
  const at = f.local('i32')
  const buffers = columns.map((column, index) => {
    const block = outputWords.columns + (from + index) * outputWords.columnBytes
    const [values, validity] = [f.local('i32'), f.local('i32')]
    f.get(writer)
      .memory('i32.load', block + outputWords.values)
      .set(values)
    if (column.nullable)
      f.get(writer)
        .memory('i32.load', block + outputWords.validity)
        .set(validity)
    return { block, values, validity }
  })
  emitLoop(leg, (row) => {
    f.get(start).get(row).op('i32.add').set(at)
    columns.forEach((column, index) => {
      const { block, values, validity } = buffers[index]!
      const value = compileExpression(scope, column.expr)
      const layout = widestLayout(column.type)
      if (layout === 'utf8') emitText(leg, writer, block, at, value)
      else if (layout === 'numeric') emitNumeric(leg, values, at, value)
      else emitFixed(leg, layout, values, at, value)
      if (!column.nullable) return
      f.get(validity).get(at).op('i32.add')
      emitValid(f, value)
      f.memory('i32.store8')
    })
  })
}

function emitFixed(
  leg: LegContext,
  layout: Exclude<Layout, 'utf8'>,
  values: Local,
  at: Local,
  value: Value,
): void {
  const { f } = leg
  const { lanes } = withAllLanes(f, value)
  const shift = shifts[layout] ?? 0
  const slot = f.local('i32')
  f.get(values).get(at)
  if (shift > 0) f.i32(shift).op('i32.shl')
  f.op('i32.add').set(slot)
  f.get(slot).get(lanes[0]!)
  switch (layout) {
    case 'bit':
      f.memory('i32.store8')
      break
    case 'i16':
      f.memory('i32.store16')
      break
    case 'i32':
      f.memory('i32.store')
      break
    case 'f32':
      f.memory('f32.store')
      break
    case 'f64':
      f.memory('f64.store')
      break
    case 'i64':
    case 'i128':
    case 'numeric':
    case 'interval':
      f.memory('i64.store')
      if (lanes[1] !== undefined) f.get(slot).get(lanes[1]).memory('i64.store', 8)
      break
    case 'i8':
    case 'dict8':
    case 'dict16':
    case 'dict32':
      assert(false, `output as ${layout}`)
  }
  f.release(slot)
}

/** Bytes of a wide numeric are copied to where the output lives; a NULL is 0 and refers to none. */
function emitNumeric(leg: LegContext, values: Local, at: Local, value: Value): void {
  const { f, module } = leg
  emitFixed(leg, 'numeric', values, at, value)
  pushIsWide(f, value.lanes[1]!)
  f.if()
  const slot = f.local('i32')
  f.get(values).get(at).i32(4).op('i32.shl').op('i32.add').set(slot)
  if (value.valid !== undefined) f.get(value.valid).if()
  f.get(slot)
  module.callHost(f, 'keepOutputNumeric')
  if (value.valid !== undefined) {
    f.else()
    f.get(slot).i64(0n).memory('i64.store')
    f.get(slot).i64(0n).memory('i64.store', 8)
    f.end()
  }
  f.release(slot)
  f.end()
}

const shifts: Readonly<Partial<Record<Layout, number>>> = {
  i16: 1,
  i32: 2,
  i64: 3,
  f32: 2,
  f64: 3,
  i128: 4,
  numeric: 4,
  interval: 4,
}

function emitText(leg: LegContext, writer: Local, block: number, at: Local, value: Value): void {
  const { f, module } = leg
  const view = value.lanes[0]!
  const column = f.local('i32')
  const append = module.kernel('textAppend')
  f.get(writer).i32(block).op('i32.add').set(column)
  const appended = f.local('i64')
  // NULL is an empty string.
  f.get(view)
  if (value.valid !== undefined) f.i64(0n).get(value.valid).op('select')
  f.set(appended)
  f.get(column).get(at).get(appended).call(append).op('i32.eqz').if()
  f.get(column).get(appended).i64(32n).op('i64.shr_u').op('i32.wrap_i64')
  module.callHost(f, 'growOutputText')
  f.get(column).get(at).get(appended).call(append).op('drop')
  f.end()
  f.release(column)
  f.release(appended)
}

/** Sends each row to the output partition that its keys' hash names. */
export function emitPartition(
  leg: LegContext,
  keys: readonly Expression[],
  partitions: number,
): void {
  const { f, scope } = leg
  emitSplit(leg, partitions, () => {
    const values = keys.map((key) => withAllLanes(f, compileExpression(scope, key)))
    const hash = emitHash(f, scope.kernel.bind(scope), values)
    // The upper bits by multiplication, as lower ones choose places inside tables.
    f.get(hash).op('i64.extend_i32_u').i64(BigInt(partitions)).op('i64.mul')
    f.i64(32n).op('i64.shr_u').op('i32.wrap_i64')
    f.release(hash)
  })
}

/** Sends each row to the output partition whose number an expression gives. */
export function emitNumbered(leg: LegContext, number: Expression, partitions: number): void {
  const { f, scope } = leg
  emitSplit(leg, partitions, () => {
    const { lanes } = withAllLanes(f, compileExpression(scope, number))
    f.get(present(lanes[0], 'lane of a number'))
  })
}

/** Deals rows to the output partitions in turn. */
export function emitRoundRobin(leg: LegContext, partitions: number): void {
  const { f, scope } = leg
  const counter = leg.module.context.scratch(4)
  emitSplit(leg, partitions, () => {
    const turn = f.local('i32')
    f.get(scope.ctx).memory('i32.load', counter).set(turn)
    f.get(scope.ctx)
    f.get(turn).i32(1).op('i32.add').i32(partitions).op('i32.rem_u')
    f.memory('i32.store', counter)
    f.get(turn)
    f.release(turn)
  })
}

function emitSplit(leg: LegContext, partitions: number, pushPartition: () => void): void {
  const { f, scope, next, module } = leg
  const numbers = module.context.scratch(BATCH_ROWS * 4)
  const slotOf = (row: Local): void => {
    f.get(scope.ctx).get(row).i32(2).op('i32.shl').op('i32.add')
  }
  emitLoop(leg, (row) => {
    slotOf(row)
    pushPartition()
    f.memory('i32.store', numbers)
  })
  const [partition, kept] = [f.local('i32'), f.local('i32')]
  f.i32(0).set(partition)
  const again = f.loop()
  f.i32(0).set(kept)
  emitLoop(leg, (row) => {
    enterRow(leg, row)
    emitAppend(leg, kept)
    f.get(kept)
    slotOf(row)
    f.memory('i32.load', numbers).get(partition).op('i32.eq').op('i32.add').set(kept)
  })
  f.get(kept).if()
  f.get(scope.ctx).get(partition).get(kept).call(next!)
  f.end()
  f.get(partition)
    .i32(1)
    .op('i32.add')
    .tee(partition)
    .i32(partitions)
    .op('i32.lt_s')
    .branchIf(again)
  f.end()
}
