import { layoutBytes, type Layout } from '../../../data/vectors/vector.ts'
import { present } from '../../../base/assert.ts'
import { compileExpression } from '../../expressions/expression.ts'
import { laneTypes, multiplyRanges, rangeOf, typeRange, within } from '../../../functions/emit.ts'
import type { Value } from '../../../functions/inline.ts'
import type { Expression } from '../../../plan/logical/expression.ts'
import type { PhysicalAggregateCall } from '../../../plan/physical/plan.ts'
import { emitUpdate } from './aggregate-states.ts'
import { resolveColumn } from '../../shape/dense-keys.ts'
import { partWord } from '../scope/load-column.ts'
import type { StateShape } from '../../model/row-layout.ts'
import type { ColumnShape } from '../../model/shapes.ts'
import type { ColumnPlace } from '../../model/lane-test.ts'
import { FIRST, ROWS, type LegContext } from '../scope/leg-loop.ts'
import type { StateCells } from '../scope/state-cells.ts'

/** A column of the driving chunks without NULLs. */
interface BulkColumn {
  readonly place: ColumnPlace
  readonly layout: Layout
}

/** What the kernel that finds bounds writes. */
const BOUNDS_BYTES = 64
const MAX_AT = 8

/**
 * Updates a state with all rows of a batch at once, where a kernel can do that many times faster than
 * a loop over the rows: aggregates without a filter over whole columns of chunks. Returns whether it
 * did.
 */
export function emitBulkUpdate(
  leg: LegContext,
  call: PhysicalAggregateCall,
  state: StateShape,
  cells: StateCells,
): boolean {
  if (call.filter !== undefined) return false
  if (state.accumulator === 'count-star') {
    emitCount(leg, cells)
    return true
  }
  if (call.arg !== undefined && isCommon(leg, call.arg)) {
    return emitCommon(leg, call.arg, state, cells)
  }
  if (!leg.drives || leg.module.pipeline.source.kind !== 'chunks') return false
  if (call.arg === undefined) return false
  const multiple = multipleOf(leg, call.arg)
  if (multiple !== undefined && isExactSum(state)) {
    emitMultiple(leg, call.arg, multiple, state, cells)
    return true
  }
  const column = bulkColumn(leg, call.arg)
  if (column === undefined) return false
  if (state.accumulator === 'count') {
    emitCount(leg, cells)
    return true
  }
  const isExtreme = state.accumulator === 'min' || state.accumulator === 'max'
  const fits = isExtreme ? isInteger(column.layout) : isExactSum(state) && isNarrow(column.layout)
  if (!fits) return false
  const { f, scope } = leg
  f.get(f.param(ROWS)).if()
  const folded = isExtreme
    ? emitBound(leg, column, call.arg, state)
    : emitTotal(leg, column, call.arg)
  emitUpdate(scope, state, cells, folded, undefined, true)
  f.end()
  return true
}

/** Whether an argument is the same for all rows of a batch. */
function isCommon({ module }: LegContext, arg: Expression): boolean {
  const column = resolveColumn(module.pipeline, arg)
  const place = column.kind === 'column' ? module.places.get(column.id) : undefined
  return place !== undefined && module.common.has(place.source)
}

/** Adds an integer as often as there are rows; its product with these fits 64 bits. */
function emitCommon(
  leg: LegContext,
  arg: Expression,
  state: StateShape,
  cells: StateCells,
): boolean {
  const { f, scope } = leg
  if (!isExactSum(state) || laneTypes(arg.type)[0] !== 'i32') return false
  f.get(f.param(ROWS)).if()
  scope.branch(() => {
    const { lanes, valid } = compileExpression(scope, arg)
    const total = f.local('i64')
    f.get(present(lanes[0], 'lane of an integer')).op('i64.extend_i32_s')
    f.get(f.param(ROWS)).op('i64.extend_i32_u').op('i64.mul').set(total)
    const value = { type: arg.type, lanes: [total], valid: undefined, range: undefined }
    emitUpdate(scope, state, cells, value, valid, true)
  })
  f.end()
  return true
}

/** Values of a column, each times one that is the same for all rows of a batch. */
interface Multiple {
  readonly factor: Expression
  readonly column: BulkColumn
  readonly of: Expression
}

/** What an integer is a multiple of, if its products are known to fit its type. */
function multipleOf(leg: LegContext, arg: Expression): Multiple | undefined {
  const { pipeline } = leg.module
  const product = resolveColumn(pipeline, arg)
  if (product.kind !== 'call' || product.fn.multiplies !== true) return undefined
  const bounds = typeRange(product.type)
  const { args } = product
  if (bounds === undefined || laneTypes(product.type)[0] !== 'i32') return undefined
  const [left, right] = args.map((of) => {
    const { bounds: known } = pipeline
    const range = of.kind === 'column' ? known.get(of.id) : undefined
    return rangeOf({ type: of.type, lanes: [], valid: undefined, range })
  })
  if (left === undefined || right === undefined) return undefined
  if (!within(multiplyRanges(left, right), bounds)) return undefined
  const factor = args.find((of) => isCommon(leg, of))
  const of = args.find((other) => other !== factor)
  const column = factor === undefined || of === undefined ? undefined : bulkColumn(leg, of)
  if (column === undefined || !isNarrow(column.layout)) return undefined
  return { factor: present(factor, 'factor'), column, of: present(of, 'column') }
}

/** Adds the multiples of a batch: products that fit 32 bits, of so many rows, fit 64 together. */
function emitMultiple(
  leg: LegContext,
  arg: Expression,
  { factor, column, of }: Multiple,
  state: StateShape,
  cells: StateCells,
): void {
  const { f, scope } = leg
  f.get(f.param(ROWS)).if()
  scope.branch(() => {
    const { lanes, valid } = compileExpression(scope, factor)
    const total = present(emitTotal(leg, column, of).lanes[0], 'sum of a column')
    f.get(total).get(present(lanes[0], 'lane of a factor'))
    f.op('i64.extend_i32_s').op('i64.mul').set(total)
    const value = { type: arg.type, lanes: [total], valid: undefined, range: undefined }
    emitUpdate(scope, state, cells, value, valid, true)
  })
  f.end()
}

function emitCount({ f }: LegContext, cells: StateCells): void {
  cells.set(0, () => {
    cells.get(0)
    f.get(f.param(ROWS)).op('i64.extend_i32_u').op('i64.add')
  })
}

function bulkColumn({ module }: LegContext, arg: Expression): BulkColumn | undefined {
  const column = resolveColumn(module.pipeline, arg)
  const place = column.kind === 'column' ? module.places.get(column.id) : undefined
  const [source] = module.sources
  if (place?.source !== 0 || source?.kind !== 'chunk') return undefined
  const shape: ColumnShape | undefined = source.columns[place.index]
  if (shape === undefined || shape.nullable) return undefined
  return { place, layout: shape.layout }
}

function isExactSum({ sum }: StateShape): boolean {
  return sum === 'int64' || sum === 'int128'
}

function isInteger(layout: Layout): boolean {
  return isNarrow(layout) || layout === 'i64'
}

/** The sum of a batch of such values fits 64 bits. */
function isNarrow(layout: Layout): boolean {
  return layout === 'i8' || layout === 'i16' || layout === 'i32'
}

/** Pushes where the batch's values begin, how wide they are, and how many. */
function pushValues({ f, scope }: LegContext, { place, layout }: BulkColumn): void {
  const bytes = layoutBytes[layout]
  f.get(partWord(scope, place, 'values'))
    .get(f.param(FIRST))
    .i32(bytes)
    .op('i32.mul')
  f.op('i32.add').i32(bytes).get(f.param(ROWS))
}

/** The least or greatest value of the batch. */
function emitBound(leg: LegContext, column: BulkColumn, arg: Expression, state: StateShape): Value {
  const { f, scope, module } = leg
  const out = module.context.scratch(BOUNDS_BYTES)
  pushValues(leg, column)
  f.i32(0).get(scope.ctx).i32(out).op('i32.add')
  f.call(scope.kernel('integerBounds'))
  const lane = f.local(laneTypes(arg.type)[0] === 'i32' ? 'i32' : 'i64')
  f.get(scope.ctx).memory('i64.load', out + (state.accumulator === 'max' ? MAX_AT : 0))
  if (f.typeOf(lane) === 'i32') f.op('i32.wrap_i64')
  f.set(lane)
  return { type: arg.type, lanes: [lane], valid: undefined, range: undefined }
}

/** The sum of the batch. */
function emitTotal(leg: LegContext, column: BulkColumn, arg: Expression): Value {
  const { f, scope } = leg
  pushValues(leg, column)
  const total = f.local('i64')
  f.call(scope.kernel('integerSum')).set(total)
  return { type: arg.type, lanes: [total], valid: undefined, range: undefined }
}
