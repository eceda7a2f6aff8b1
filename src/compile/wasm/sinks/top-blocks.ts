import { assert, present } from '../../../base/assert.ts'
import { valueForm } from '../../../data/types/catalogue.ts'
import { layoutBytes } from '../../../data/vectors/vector.ts'
import type { Value } from '../../../functions/inline.ts'
import type { Local } from '../../../wasm/assembler/function-builder.ts'
import type { SimdOpcode } from '../../../wasm/assembler/opcodes.ts'
import { resolveColumn } from '../../shape/dense-keys.ts'
import type { SortShape } from '../../model/pipeline.ts'
import type { ColumnPlace } from '../../model/lane-test.ts'
import { partWord } from '../scope/load-column.ts'
import type { TextKey } from './top-texts.ts'
import { enterRow, FIRST, ROWS, type LegContext } from '../scope/leg-loop.ts'

const lanes = { i8: 'i8x16', i16: 'i16x8', i32: 'i32x4', i64: 'i64x2', f64: 'f64x2' } as const
type BlockLayout = keyof typeof lanes

/** Rows that are looked at together: no more of them than that a buffer's padding has room for all but one. */
const blockRows: Readonly<Record<BlockLayout, number>> = {
  i8: 16,
  i16: 16,
  i32: 16,
  i64: 8,
  f64: 8,
}

/** The first key of a top-k, where it is a column of the driving chunk whose values are compared several at once. */
interface BlockKey {
  readonly place: ColumnPlace
  readonly layout: BlockLayout
  readonly descending: boolean
  /** No other key decides: rows with the value of the last that is kept are not wanted. */
  readonly isOnly: boolean
}

/** How wanted rows are looked for: by several values at once, or by the first bytes of texts. */
export type TopKey = ({ readonly by: 'block' } & BlockKey) | ({ readonly by: 'text' } & TextKey)

/** Undefined where nothing is quicker than looking at all of each row. */
export function topKey(leg: LegContext, sort: SortShape): TopKey | undefined {
  const { module, drives } = leg
  const [key] = sort.keys
  if (key === undefined || !drives || module.pipeline.source.kind !== 'chunks') return undefined
  // Of values of two lanes the first alone does not tell the order.
  if (sort.layout.fields[key.field]?.lanes.length !== 1) return undefined
  const value = present(sort.values[key.field], 'sort key')
  const column = resolveColumn(module.pipeline, value)
  const place = column.kind === 'column' ? module.places.get(column.id) : undefined
  const [source] = module.sources
  if (place?.source !== 0 || source?.kind !== 'chunk') return undefined
  const { layout, nullable } = present(source.columns[place.index], 'column of a place')
  // What stands where a NULL is may be anything: it is no harm where NULLs are not wanted either.
  if (nullable && key.nullsFirst) return undefined
  const { descending } = key
  if (layout === 'utf8' && valueForm(value.type) !== 'keyed')
    return { by: 'text', place, descending }
  if (!hasLanes(layout)) return undefined
  return { by: 'block', place, layout, descending, isOnly: sort.keys.length === 1 }
}

function hasLanes(layout: string): layout is BlockLayout {
  return Object.hasOwn(lanes, layout)
}

/**
 * Emits a loop over the leg's rows that passes blocks of which none has a wanted value of the first key. `worst` is that of
 * the last row that is kept, where the local `isKnown` is not 0.
 */
export function emitBlockLoop(
  leg: LegContext,
  key: BlockKey,
  isKnown: Local,
  worst: Value,
  body: (row: Local) => void,
): void {
  const { f, scope } = leg
  const [row, end, isArmed, bound] = [
    f.local('i32'),
    f.local('i32'),
    f.local('i32'),
    f.local('v128'),
  ]
  emitArming(leg, key, isKnown, worst, isArmed, bound)
  f.i32(0).set(row)
  const done = f.block()
  f.get(f.param(ROWS)).op('i32.eqz').branchIf(done)
  const again = f.loop()
  const rows = blockRows[key.layout]
  f.get(row).i32(rows).op('i32.add').tee(end).get(f.param(ROWS))
  f.get(end).get(f.param(ROWS)).op('i32.lt_s').op('select').set(end)
  const passed = f.block()
  f.get(isArmed).if()
  pushIsWanted(leg, key, row, bound)
  f.op('i32.eqz').branchIf(passed)
  f.end()
  const next = f.loop()
  enterRow(leg, row)
  body(row)
  f.get(row).i32(1).op('i32.add').tee(row).get(end).op('i32.lt_s').branchIf(next)
  f.end()
  f.end()
  f.get(end).tee(row).get(f.param(ROWS)).op('i32.lt_s').branchIf(again)
  f.end()
  f.end()
  for (const local of [row, end, isArmed, bound]) f.release(local)
  scope.row(() => assert(false, 'row id outside the loop'))
}

/** Sets the bound that wanted values keep to, in every lane, and whether there is one. */
function emitArming(
  { f }: LegContext,
  { layout, descending, isOnly }: BlockKey,
  isKnown: Local,
  worst: Value,
  isArmed: Local,
  bound: Local,
): void {
  const value = present(worst.lanes[0], 'lane of a sort key')
  f.i32(0).set(isArmed)
  f.get(isKnown).if()
  if (worst.valid === undefined) f.i32(1)
  else f.get(worst.valid)
  if (layout === 'f64') {
    // Nothing is known by comparing with NaN, the largest.
    f.get(value).get(value).op('f64.eq').op('i32.and').set(isArmed)
    f.get(value).simd('f64x2.splat').set(bound)
    f.end()
    return
  }
  f.set(isArmed)
  const wide = f.local('i64')
  f.get(value)
  if (f.typeOf(value) === 'i32') f.op('i64.extend_i32_s')
  f.set(wide)
  const { min, max } = boundsOf(layout)
  if (isOnly) {
    // Past the ends nothing is wanted, and everything is looked at: that is no harm.
    const [last, step] = descending ? [max, 1n] : [min, -1n]
    f.get(wide).get(wide).i64(step).op('i64.add').get(wide).i64(last).op('i64.eq').op('select')
    f.set(wide)
  }
  // Another chunk's values may be out of the range of this one's.
  f.get(wide).i64(min).get(wide).i64(min).op('i64.gt_s').op('select').set(wide)
  f.get(wide).i64(max).get(wide).i64(max).op('i64.lt_s').op('select').set(wide)
  f.get(wide)
  if (layout !== 'i64') f.op('i32.wrap_i64')
  f.simd(`${lanes[layout]}.splat`).set(bound)
  f.end()
  f.release(wide)
}

function boundsOf(layout: Exclude<BlockLayout, 'f64'>): { min: bigint; max: bigint } {
  const max = (1n << BigInt(layoutBytes[layout] * 8 - 1)) - 1n
  return { min: -max - 1n, max }
}

/** Pushes whether any of a block's rows has a wanted value; those behind the last row of the chunk may make it so. */
function pushIsWanted(
  { f, scope }: LegContext,
  { place, layout, descending, isOnly }: BlockKey,
  row: Local,
  bound: Local,
): void {
  const bytes = layoutBytes[layout]
  const at = f.local('i32')
  f.get(partWord(scope, place, 'values'))
    .get(f.param(FIRST))
    .get(row)
    .op('i32.add')
  f.i32(bytes).op('i32.mul').op('i32.add').set(at)
  const vectors = (blockRows[layout] * bytes) / 16
  for (let part = 0; part < vectors; part++) {
    f.get(at)
      .memory('v128.load', part * 16)
      .get(bound)
    emitWanted(f.simd.bind(f), layout, descending, isOnly)
    if (part > 0) f.simd('v128.or')
  }
  f.simd('v128.any_true')
  f.release(at)
}

function emitWanted(
  simd: (name: SimdOpcode) => unknown,
  layout: BlockLayout,
  descending: boolean,
  isOnly: boolean,
): void {
  if (layout !== 'f64') {
    simd(`${lanes[layout]}.${descending ? 'ge_s' : 'le_s'}`)
    return
  }
  if (!descending) {
    simd(isOnly ? 'f64x2.lt' : 'f64x2.le')
    return
  }
  // NaN, which is the largest, is not below anything.
  simd(isOnly ? 'f64x2.le' : 'f64x2.lt')
  simd('v128.not')
}
