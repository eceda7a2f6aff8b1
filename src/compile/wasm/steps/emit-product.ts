import type { Local } from '../../../wasm/assembler/function-builder.ts'
import type { NestedLoopStep } from '../../model/pipeline.ts'
import { emitFlush, emitFlushIfFull, emitLoop, type LegContext } from '../scope/leg-loop.ts'
import { emitPages, pagesOf } from './emit-pages.ts'

/**
 * Every pair of rows: the ids of as many pairs as the next leg's buffers have room for are written four at a
 * time, the row's own again and again, those of the page one row apart. Up to three are written beyond the
 * last, for which the buffers have room.
 */
export function emitProduct(
  leg: LegContext,
  step: NestedLoopStep,
  added: number | undefined,
): void {
  const { f, scope, module, wanted } = leg
  const { layout } = step
  const pages = pagesOf(leg, step)
  const { row, rows } = pages
  const [out, count] = [f.local('i32'), f.local('i32')]
  const paces = scope.word(module.context.text(fourPaces(layout.rowBytes)))
  f.i32(0).set(out)
  emitLoop(leg, () => {
    const ids = new Map<number, Local>()
    for (const [source, offset] of wanted) {
      if (source !== added && !ids.has(offset)) ids.set(offset, splat(leg, scope.rowId(source)))
    }
    emitPages(leg, pages, undefined, () => {
      const again = f.loop()
      // The lesser of what the page and the buffers have.
      f.i32(module.pipeline.batchRows).get(out).op('i32.sub').tee(count).get(rows)
      f.get(count).get(rows).op('i32.lt_s').op('select').set(count)
      emitIds(
        leg,
        { out, count, row, paces, rowBytes: layout.rowBytes },
        ids,
        wanted.get(added ?? -1),
      )
      f.get(out).get(count).op('i32.add').set(out)
      f.get(row).get(count).i32(layout.rowBytes).op('i32.mul').op('i32.add').set(row)
      emitFlushIfFull(leg, out)
      f.get(rows).get(count).op('i32.sub').tee(rows).branchIf(again)
      f.end()
    })
    for (const id of ids.values()) f.release(id)
  })
  emitFlush(leg, out)
}

/** Rows that are repeated beside others that lie one after another, as many in all. */
export interface Pairs {
  /** Where they go in the buffers, and how many there are. */
  readonly out: Local
  readonly count: Local
  readonly row: Local
  readonly paces: Local
  readonly rowBytes: number
}

/** Writes the ids of pairs: the same `ids` by their buffers' offsets, and those of the rows beside at `own`. */
export function emitIds(
  leg: LegContext,
  { out, count, row, paces, rowBytes }: Pairs,
  ids: ReadonlyMap<number, Local>,
  own: number | undefined,
): void {
  const { f, scope } = leg
  if (ids.size === 0 && own === undefined) return
  const [slot, end] = [f.local('i32'), f.local('i32')]
  f.get(scope.ctx).get(out).i32(2).op('i32.shl').op('i32.add').tee(slot)
  f.get(count).i32(2).op('i32.shl').op('i32.add').set(end)
  const next = own === undefined ? undefined : splat(leg, row)
  if (next !== undefined) f.get(next).get(paces).memory('v128.load').simd('i32x4.add').set(next)
  const again = f.loop()
  for (const [offset, id] of ids) f.get(slot).get(id).memory('v128.store', offset)
  if (next !== undefined) {
    f.get(slot).get(next).memory('v128.store', own)
    f.get(next)
      .i32(4 * rowBytes)
      .simd('i32x4.splat')
      .simd('i32x4.add')
      .set(next)
  }
  f.get(slot).i32(16).op('i32.add').tee(slot).get(end).op('i32.lt_u').branchIf(again)
  f.end()
  for (const local of next === undefined ? [slot, end] : [slot, end, next]) f.release(local)
}

export function splat({ f }: LegContext, id: Local): Local {
  const four = f.local('v128')
  f.get(id).simd('i32x4.splat').set(four)
  return four
}

/** How far four rows are from the first of them. */
export function fourPaces(rowBytes: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(0, rowBytes, 2 * rowBytes, 3 * rowBytes).buffer)
}
