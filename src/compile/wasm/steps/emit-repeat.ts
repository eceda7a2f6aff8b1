import { present } from '../../../base/assert.ts'
import type { Local } from '../../../wasm/assembler/function-builder.ts'
import type { RepeatStep } from '../../model/pipeline.ts'
import { emitDropText, emitRememberText } from '../scope/batch-text.ts'
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
    text: { cursor: i32(), end: i32() },
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
    emitRememberText(leg, making.text)
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

/** Hands a full batch on. */
function emitHandOn(leg: LegContext, { out, text }: Making): void {
  const { f, scope } = leg
  const next = present(leg.next, 'rows made behind the last leg')
  f.get(out).i32(leg.module.pipeline.batchRows).op('i32.ge_s').if()
  f.get(scope.ctx).i32(0).get(out).call(next)
  f.i32(0).set(out)
  emitDropText(leg, text)
  f.end()
}
