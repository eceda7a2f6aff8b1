import { present } from '../../../base/assert.ts'
import { layoutBytes } from '../../../data/vectors/vector.ts'
import type { Local } from '../../../wasm/assembler/function-builder.ts'
import type { Expression } from '../../../plan/logical/expression.ts'
import { compilePredicate } from '../../expressions/expression.ts'
import { BATCH_ROWS } from '../../model/context.ts'
import { decisionOf } from '../scope/dictionary-decision.ts'
import { partWord } from '../scope/load-column.ts'
import { emitAppend, emitFlush, FIRST, ROWS, type LegContext } from '../scope/leg-loop.ts'
import type { ColumnPlace, LaneColumn, LaneLayout, LaneTest } from '../../model/lane-test.ts'

/** Rows that are tested at once: as many as bytes of a vector, so that no buffer is read past its padding. */
const BLOCK_ROWS = 16
const BLOCK_MASK = 0xffff

const laneNames = { i8: 'i8x16', i16: 'i16x8', i32: 'i32x4' } as const

/**
 * The first filter of a pipeline, 16 rows at a time: each condition gives a mask of 16 bytes; the row
 * numbers of the bits that all have in common are packed by table, four at a time, without branches.
 * Conjuncts in `rest` then look at the rows that are left, one by one.
 */
export function emitVectorFilter(
  leg: LegContext,
  tests: readonly LaneTest[],
  rest: readonly Expression[],
): void {
  const { f, module } = leg
  const buffer = rest.length > 0 ? module.context.scratch(BATCH_ROWS * 4) : leg.wanted.get(0)
  const end = emitBlocks(leg, tests, buffer)
  if (rest.length === 0) {
    f.get(end).i32(2).op('i32.shr_u').set(end)
    return emitFlush(leg, end)
  }
  emitRest(leg, rest, buffer ?? 0, end)
}

/** Leaves the ids of the rows that pass in a buffer of the context; returns the bytes filled. */
function emitBlocks(
  leg: LegContext,
  tests: readonly LaneTest[],
  buffer: number | undefined,
): Local {
  const { f } = leg
  const packing = buffer === undefined ? undefined : preparePacking(leg, buffer)
  const [row, at, end, mask] = [f.local('i32'), f.local('i32'), f.local('i32'), f.local('i32')]
  f.i32(0).set(row).i32(0).set(end)
  const done = f.block()
  f.get(f.param(ROWS)).op('i32.eqz').branchIf(done)
  const again = f.loop()
  f.get(f.param(FIRST)).get(row).op('i32.add').set(at)
  emitMask(leg, tests, at)
  f.set(mask)
  f.get(f.param(ROWS)).get(row).op('i32.sub').i32(BLOCK_ROWS).op('i32.lt_s').if()
  f.get(mask).i32(1).get(f.param(ROWS)).get(row).op('i32.sub').op('i32.shl').i32(1).op('i32.sub')
  f.op('i32.and').set(mask)
  f.end()
  if (packing === undefined) {
    f.get(end).get(mask).op('i32.popcnt').i32(2).op('i32.shl').op('i32.add').set(end)
  } else {
    f.get(mask).if()
    packing(at, mask, end)
    f.end()
  }
  f.get(row).i32(BLOCK_ROWS).op('i32.add').tee(row)
  f.get(f.param(ROWS)).op('i32.lt_s').branchIf(again)
  f.end()
  f.end()
  for (const local of [row, at, mask]) f.release(local)
  return end
}

/** Appends the numbers of a block's rows whose bit in the mask is set. */
function preparePacking(
  leg: LegContext,
  buffer: number,
): (at: Local, mask: Local, end: Local) => void {
  const { f, scope, module } = leg
  const table = scope.word(module.context.text(packingTable))
  const four = f.hoisted('v128', () => f.get(table).memory('v128.load', packingTable.length - 16))
  return (at, mask, end) => {
    const bits = f.local('i32')
    for (let group = 0; group < BLOCK_ROWS; group += 4) {
      f.get(mask).i32(group).op('i32.shr_u').i32(15).op('i32.and').set(bits)
      f.get(scope.ctx).get(end).op('i32.add')
      f.get(at).simd('i32x4.splat').get(four).simd('i32x4.add')
      if (group > 0) f.i32(group).simd('i32x4.splat').simd('i32x4.add')
      f.get(table).get(bits).i32(4).op('i32.shl').op('i32.add').memory('v128.load')
      f.simd('i8x16.swizzle').memory('v128.store', buffer)
      f.get(end).get(bits).op('i32.popcnt').i32(2).op('i32.shl').op('i32.add').set(end)
    }
    f.release(bits)
  }
}

/** For each set of four bits, which bytes of four u32 to bring to the front; last, the u32 0 to 3. */
const packingTable = makePackingTable()

function makePackingTable(): Uint8Array {
  const table = new Uint8Array(17 * 16)
  for (let bits = 0; bits < 16; bits++) {
    const chosen = [0, 1, 2, 3].filter((lane) => (bits >> lane) & 1)
    chosen.forEach((lane, at) => {
      for (let byte = 0; byte < 4; byte++) table[bits * 16 + at * 4 + byte] = lane * 4 + byte
    })
  }
  for (let lane = 0; lane < 4; lane++) table[16 * 16 + lane * 4] = lane
  return table
}

/** Pushes a bit for each of 16 rows from row `at` on: 1 where all tests are TRUE. */
function emitMask(leg: LegContext, tests: readonly LaneTest[], at: Local): void {
  const { f } = leg
  const columns = new Map<string, readonly Local[]>()
  let masks = 0
  for (const layout of ['i32', 'i16', 'i8'] as const) {
    const fitting = tests.filter((test) => layoutOf(test) === layout)
    if (fitting.length === 0) continue
    const parts = Array.from({ length: layoutBytes[layout] }, (_, part) => {
      fitting.forEach((test, index) => {
        emitTest(leg, test, part, (column) => blockOf(leg, columns, column, at))
        if (index > 0) f.simd('v128.and')
      })
      const local = f.local('v128')
      f.set(local)
      return local
    })
    emitNarrowed(leg, layout, parts)
    for (const local of parts) f.release(local)
    if (masks++ > 0) f.simd('v128.and')
  }
  for (const test of tests) {
    if (test.kind !== 'decision') continue
    emitDecided(leg, test, at)
    if (masks++ > 0) f.simd('v128.and')
  }
  f.simd('i8x16.bitmask')
  const nullable = tests.flatMap(columnsOf).filter((column) => column.nullable)
  for (const index of new Set(nullable.map(({ place }) => place.index))) {
    emitValidity(leg, { source: 0, index }, at)
    f.op('i32.and')
  }
  for (const local of [...columns.values()].flat()) f.release(local)
}

function columnsOf(test: LaneTest): readonly LaneColumn[] {
  if (test.kind === 'decision') return []
  return test.kind === 'columns' ? [test.left, test.right] : [test.column]
}

function layoutOf(test: LaneTest): LaneLayout | undefined {
  return columnsOf(test)[0]?.layout
}

/** The block's values of a column, loaded once: 1, 2 or 4 vectors. */
function blockOf(
  leg: LegContext,
  known: Map<string, readonly Local[]>,
  { place, layout }: LaneColumn,
  at: Local,
): readonly Local[] {
  const { f } = leg
  const key = String(place.index)
  const before = known.get(key)
  if (before !== undefined) return before
  const bytes = layoutBytes[layout]
  const address = emitBlockAddress(leg, place, at, bytes)
  const locals = Array.from({ length: bytes }, (_, part) => {
    const local = f.local('v128')
    f.get(address)
      .memory('v128.load', part * 16)
      .set(local)
    return local
  })
  f.release(address)
  known.set(key, locals)
  return locals
}

function emitBlockAddress(leg: LegContext, place: ColumnPlace, at: Local, bytes: number): Local {
  const { f, scope } = leg
  const address = f.local('i32')
  f.get(partWord(scope, place, 'values')).get(at)
  if (bytes > 1) f.i32(Math.log2(bytes)).op('i32.shl')
  f.op('i32.add').set(address)
  return address
}

/** Pushes the lanes (all ones or zeros) of one test over a part of the block. */
function emitTest(
  leg: LegContext,
  test: LaneTest,
  part: number,
  block: (column: LaneColumn) => readonly Local[],
): void {
  const { f } = leg
  if (test.kind === 'decision') return
  if (test.kind === 'columns') {
    f.get(block(test.left)[part]!).get(block(test.right)[part]!)
    f.simd(`${laneNames[test.left.layout]}.${test.operator}`)
    return
  }
  const { layout } = test.column
  const name = laneNames[layout]
  const values = block(test.column)[part]!
  const constant = (index: number): Local => splat(leg, layout, index)
  f.get(values)
  switch (test.kind) {
    case 'never':
      f.get(values).simd(`${name}.ne`)
      return
    case 'always':
      f.get(values).simd(`${name}.eq`)
      return
    case 'between':
      f.get(constant(test.constant)).simd(`${name}.sub`)
      f.get(constant(test.span)).simd(`${name}.le_u`)
      return
    case 'equals':
    case 'differs':
    case 'above':
    case 'below':
      f.get(constant(test.constant)).simd(`${name}.${comparisons[test.kind]}`)
  }
}

const comparisons = { equals: 'eq', differs: 'ne', above: 'gt_s', below: 'lt_s' } as const

/** A constant of the context in every lane, made once before the loop. */
function splat({ f, scope, module }: LegContext, layout: LaneLayout, index: number): Local {
  const offset = module.context.word({ kind: 'lane-constant', index })
  return f.hoisted('v128', () =>
    f.get(scope.ctx).memory('i32.load', offset).simd(`${laneNames[layout]}.splat`),
  )
}

/** Pushes a mask of 16 bytes for the lanes of a layout. */
function emitNarrowed({ f }: LegContext, layout: LaneLayout, parts: readonly Local[]): void {
  const [first, second, third, fourth] = parts
  f.get(first!)
  if (layout === 'i8') return
  f.get(second!)
  if (layout === 'i32') {
    f.simd('i16x8.narrow_i32x4_s').get(third!).get(fourth!).simd('i16x8.narrow_i32x4_s')
  }
  f.simd('i8x16.narrow_i16x8_s')
}

/** Pushes bytes whose top bit is 1 where the entry of the row's code was decided as TRUE. */
function emitDecided(leg: LegContext, { expr }: LaneTest & { kind: 'decision' }, at: Local): void {
  const { f, scope, module } = leg
  const decision = present(decisionOf(module, expr), 'condition that cannot be decided ahead')
  const table = scope.word(decision.word)
  const decided = f.hoisted('v128', () =>
    f.get(table).memory('v128.load', 1).i32(7).simd('i8x16.shl'),
  )
  const address = emitBlockAddress(leg, decision.place, at, 1)
  f.get(decided).get(address).memory('v128.load').simd('i8x16.swizzle')
  f.release(address)
}

/** Pushes the validity bits of 16 rows from row `at` on. */
function emitValidity(leg: LegContext, place: ColumnPlace, at: Local): void {
  const { f, scope } = leg
  f.get(partWord(scope, place, 'validity'))
    .get(at)
    .i32(3)
    .op('i32.shr_u')
    .op('i32.add')
  f.memory('i32.load').get(at).i32(7).op('i32.and').op('i32.shr_u')
  f.i32(BLOCK_MASK).op('i32.and')
}

/** Looks at the listed rows one by one. */
function emitRest(leg: LegContext, rest: readonly Expression[], buffer: number, end: Local): void {
  const { f, scope } = leg
  const [at, id, kept] = [f.local('i32'), f.local('i32'), f.local('i32')]
  const [first] = rest
  const predicate: Expression =
    rest.length === 1 && first !== undefined
      ? first
      : { kind: 'and', type: { kind: 'bool' }, args: rest }
  f.i32(0).set(at).i32(0).set(kept)
  const done = f.block()
  f.get(end).op('i32.eqz').branchIf(done)
  const again = f.loop()
  f.get(scope.ctx).get(at).op('i32.add').memory('i32.load', buffer).set(id)
  scope.row(() => void f.get(id))
  const keep = compilePredicate(scope, predicate)
  emitAppend(leg, kept)
  f.get(kept).get(keep).op('i32.add').set(kept)
  f.get(at).i32(4).op('i32.add').tee(at).get(end).op('i32.lt_u').branchIf(again)
  f.end()
  f.end()
  emitFlush(leg, kept)
}
