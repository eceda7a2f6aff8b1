import { present } from '../../base/assert.ts'
import type { DataType } from '../../data/types/data-type.ts'
import type { Local } from '../../wasm/assembler/function-builder.ts'
import { keep, lane } from '../emit.ts'
import type { InlineContext, InlineForm, Value } from '../inline.ts'
import { ELSEWHERE, PAST_BYTES } from '../kernel-forms.ts'
import { textOf, writesText } from '../text-of.ts'
import { concatenateForm } from './inline.ts'

const BYTES_MAX = 0x7fff_ffffn

/** Whether code can join the texts of values of these types. */
export function joinsInline(types: readonly DataType[]): boolean {
  return types.every(writesText)
}

/** Emits what a row is given where no argument is left to TypeScript; the other rows are. */
function unlessElsewhere(
  ctx: InlineContext,
  args: readonly Value[],
  views: readonly Local[],
  emit: () => Local,
): Local {
  const { f } = ctx
  const result = f.local('i64')
  f.i64(0n).set(result)
  f.i32(0)
  args.forEach(({ valid }, index) => {
    f.get(present(views[index], 'text of an argument')).i64(ELSEWHERE).op('i64.eq')
    if (valid !== undefined) f.get(valid).op('i32.and')
    f.op('i32.or')
  })
  f.if()
  ctx.elsewhere([result])
  f.else()
  f.get(emit()).set(result)
  f.end()
  return result
}

/** The text form of a value and a text, or the other way round. */
export const concatenateAnyForm: InlineForm = (ctx, args, result) => {
  const texts = args.map((arg): Value => {
    const view = textOf(ctx, arg, 'spelled')
    return { ...arg, type: { kind: 'text' }, lanes: [view] }
  })
  const joined = unlessElsewhere(
    ctx,
    args,
    texts.map((value) => lane(value)),
    () => present(concatenateForm(ctx, texts, result).lanes[0], 'joined text'),
  )
  return { lanes: [joined] }
}

/** The texts of those values that are not NULL, with the separator between them where there is one. */
function joined(
  ctx: InlineContext,
  values: readonly Value[],
  views: readonly Local[],
  separator: Local | undefined,
): Local {
  const { f } = ctx
  const [at, target, isBehind] = [f.local('i32'), f.local('i32'), f.local('i32')]
  const pushBytes = (view: Local): void => void f.get(view).i64(32n).op('i64.shr_u')
  f.i64(BigInt(PAST_BYTES))
  for (const [index, { valid }] of values.entries()) {
    pushBytes(present(views[index], 'view'))
    if (separator !== undefined) {
      pushBytes(separator)
      f.op('i64.add')
    }
    if (valid !== undefined) f.i64(0n).get(valid).op('select')
    f.op('i64.add')
  }
  // Many long texts are more than an address says: whoever gives the room refuses much less.
  const bytes = keep(f, 'i64')
  f.get(bytes).i64(BYTES_MAX).get(bytes).i64(BYTES_MAX).op('i64.lt_u').op('select')
  f.op('i32.wrap_i64')
  ctx.allocateText()
  f.tee(target).set(at)
  f.i32(0).set(isBehind)
  const put = ctx.kernel('textPut')
  for (const [index, { valid }] of values.entries()) {
    if (valid !== undefined) f.get(valid).if()
    if (separator !== undefined) {
      f.get(isBehind).if()
      f.get(at).get(separator).call(put).set(at)
      f.end()
      f.i32(1).set(isBehind)
    }
    f.get(at).get(present(views[index], 'view')).call(put).set(at)
    if (valid !== undefined) f.end()
  }
  f.get(at).get(target).op('i32.sub').op('i64.extend_i32_u').i64(32n).op('i64.shl')
  f.get(target).op('i64.extend_i32_u').op('i64.or')
  return keep(f, 'i64')
}

export const concatForm: InlineForm = (ctx, args) => {
  const views = args.map((arg) => textOf(ctx, arg, 'letter'))
  const result = unlessElsewhere(ctx, args, views, () => joined(ctx, args, views, undefined))
  return { lanes: [result] }
}

export const concatWithSeparatorForm: InlineForm = (ctx, args) => {
  const [separator, ...values] = args
  const between = lane(present(separator, 'missing separator'))
  const views = values.map((arg) => textOf(ctx, arg, 'letter'))
  const valid = separator?.valid
  const { f } = ctx
  const result = f.local('i64')
  f.i64(0n).set(result)
  if (valid !== undefined) f.get(valid).if()
  const all = [between, ...views]
  f.get(unlessElsewhere(ctx, args, all, () => joined(ctx, values, views, between))).set(result)
  if (valid !== undefined) f.end()
  return { lanes: [result], valid }
}
