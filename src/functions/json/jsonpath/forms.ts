import { present } from '../../../base/assert.ts'
import { readJsonPath } from '../../../data/types/jsonpath/reader.ts'
import type { JsonPath } from '../../../data/types/jsonpath/tree.ts'
import type { Scalar } from '../../../data/types/scalar.ts'
import type { KernelName } from '../../../wasm/kernels/signatures.ts'
import { keep, lane } from '../../emit.ts'
import type { InlineContext, InlineForm, Value } from '../../inline.ts'
import { ELSEWHERE, orElsewhere, pushSize, written } from '../../kernel-forms.ts'
import type { FunctionTraits } from '../../traits.ts'
import { imageOfCondition, imageOfPath } from './image.ts'

type LiteralForm = NonNullable<FunctionTraits['literalForm']>

/** What a kernel gives where a path leads nowhere. */
const NOTHING = -2n
/** What a kernel gives for a condition that is unknown. */
const UNKNOWN = 2
/** Bytes of a result beside those of the document. */
const MORE_BYTES = 64n

/** The form for a path that is constant, with variables that it does not use. */
function formOf(
  imageOf: (path: JsonPath) => Uint8Array | undefined,
  form: (image: Uint8Array) => InlineForm,
): LiteralForm {
  return ([, path, variables = '{}', silent = false]) => {
    if (typeof path !== 'string' || !isObject(variables) || typeof silent !== 'boolean') {
      return undefined
    }
    const image = imageOf(readJsonPath(path))
    return image && form(image)
  }
}

/** Whether a constant is a jsonb's text that is an object. */
function isObject(variables: Scalar): boolean {
  return typeof variables === 'string' && variables.startsWith('{')
}

function pushPath(ctx: InlineContext, [document]: readonly Value[], image: Uint8Array): void {
  const view = ctx.bytes(image)
  ctx.f.get(lane(present(document, 'missing JSON')))
  ctx.f.get(view).op('i32.wrap_i64')
}

/** Whether a path leads to something. */
export const existsForm = formOf(imageOfPath, (image) => (ctx, args) => {
  pushPath(ctx, args, image)
  ctx.f.call(ctx.kernel('jsonbPathExists'))
  return { lanes: [keep(ctx.f, 'i32')] }
})

/** What a condition says. */
export const matchForm = formOf(imageOfCondition, (image) => (ctx, args) => {
  const { f } = ctx
  pushPath(ctx, args, image)
  f.call(ctx.kernel('jsonbPathMatch'))
  const truth = keep(f, 'i32')
  const valid = f.local('i32')
  f.get(truth).i32(UNKNOWN).op('i32.ne').set(valid)
  f.get(truth).i32(1).op('i32.eq')
  return { lanes: [keep(f, 'i32')], valid }
})

function writing(name: KernelName): LiteralForm {
  return formOf(imageOfPath, (image) => (ctx, args) => {
    const { f } = ctx
    const pushBytes = (): void => {
      pushSize(ctx, args[0])
      f.i64(MORE_BYTES).op('i64.add')
    }
    const found = written(ctx, name, args, pushBytes, () => pushPath(ctx, args, image))
    const [result, valid] = [f.local('i64'), f.local('i32')]
    f.get(found).i64(NOTHING).op('i64.ne').set(valid)
    f.get(found).i64(0n).get(valid).op('select').set(result)
    orElsewhere(ctx, result, ELSEWHERE, found, valid)
    return { lanes: [result], valid }
  })
}

/** The first that a path leads to, and all of it. */
export const firstForm = writing('jsonbPathFirst')
export const arrayForm = writing('jsonbPathArray')
