import { present } from '../../../base/assert.ts'
import type { Local } from '../../../wasm/assembler/function-builder.ts'
import { contextWords } from '../../model/context.ts'
import type { RepeatStep } from '../../model/pipeline.ts'
import { emitFlush, emitLoop, type LegContext } from '../scope/leg-loop.ts'
import { emitIds, fourPaces, splat } from './emit-product.ts'
import { makerOfElements } from './repeat-elements.ts'
import { makerOfIntegers } from './repeat-integers.ts'
import type { Making } from './repeat-making.ts'

/**
 * Repeats each row for what functions give: kernels write rows of that into the context, as many as the next legs take
 * at once, whose addresses are handed on beside the row's own id.
 */
export function emitRepeat(leg: LegContext, step: RepeatStep, added: number): void {
  const { f, scope, module } = leg
  const { rowBytes } = step.layout
  const i32 = (): Local => f.local('i32')
  const [model, base] = [i32(), i32()]
  const making: Making = {
    step,
    model,
    base,
    target: i32(),
    out: i32(),
    count: i32(),
    textCursor: i32(),
    textEnd: i32(),
  }
  const place = (offset: number, local: Local): void => {
    f.get(scope.ctx).i32(offset).op('i32.add').set(local)
  }
  place(module.context.scratch(rowBytes), model)
  place(module.context.scratch(rowBytes * module.pipeline.batchRows), base)
  const paces = scope.word(module.context.text(fourPaces(rowBytes)))
  f.i32(0).set(making.out)
  const { expansion } = step
  const make =
    expansion.kind === 'arrays'
      ? makerOfElements(leg, making, expansion)
      : makerOfIntegers(leg, making, expansion)
  emitLoop(leg, () => {
    const ids = new Map<number, Local>()
    const begun = make.begin()
    for (const [source, offset] of leg.wanted) {
      if (source !== added && !ids.has(offset)) ids.set(offset, splat(leg, scope.rowId(source)))
    }
    const done = f.block()
    begun.pushIsEmpty()
    f.branchIf(done)
    emitRememberText(leg, making)
    const again = f.loop()
    f.get(base).get(making.out).i32(rowBytes).op('i32.mul').op('i32.add').set(making.target)
    begun.write()
    const { out, count, target } = making
    emitIds(leg, { out, count, row: target, paces, rowBytes }, ids, leg.wanted.get(added))
    f.get(out).get(count).op('i32.add').set(out)
    emitHandOn(leg, making)
    begun.pushIsMore()
    f.branchIf(again)
    f.end()
    f.end()
    for (const id of ids.values()) f.release(id)
  })
  emitFlush(leg, making.out)
}

function emitRememberText({ f, scope }: LegContext, { textCursor, textEnd }: Making): void {
  f.get(scope.ctx).memory('i32.load', contextWords.textCursor).set(textCursor)
  f.get(scope.ctx).memory('i32.load', contextWords.textEnd).set(textEnd)
}

/**
 * Hands a full batch on. The text that the next legs made for it is dropped, however many batches one row fills: it ends
 * where this row's own does, or goes on at the beginning of the block that they began.
 */
function emitHandOn(leg: LegContext, { out, textCursor, textEnd }: Making): void {
  const { f, scope } = leg
  const next = present(leg.next, 'rows made behind the last leg')
  f.get(out).i32(leg.module.pipeline.batchRows).op('i32.ge_s').if()
  f.get(scope.ctx).i32(0).get(out).call(next)
  f.i32(0).set(out)
  f.get(scope.ctx).get(textCursor).get(scope.ctx).memory('i32.load', contextWords.textBase)
  f.get(scope.ctx).memory('i32.load', contextWords.textEnd).get(textEnd).op('i32.eq')
  f.op('select').memory('i32.store', contextWords.textCursor)
  f.end()
}
