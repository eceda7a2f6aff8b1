import { present } from '../../base/assert.ts'
import type { ArrayType, DataType } from '../../data/types/data-type.ts'
import type { Local } from '../../wasm/assembler/function-builder.ts'
import { valueKindOf } from '../../wasm/kernels/value-kinds.ts'
import { isKernelElement, pushKind, storeCell } from '../array/cells.ts'
import { keep, lane } from '../emit.ts'
import type { InlineContext, InlineForm, Value } from '../inline.ts'
import {
  ELSEWHERE,
  kernelForm,
  orElsewhere,
  pushLanes,
  pushSize,
  writerForm,
  written,
  type Push,
} from '../kernel-forms.ts'
import type { ScalarFunction } from '../function.ts'

type Kind = 'json' | 'jsonb'

/** What a kernel gives where a look-up leads nowhere. */
const NOTHING = -2n
/** A key's length, and what may be spoilt. */
const VALUE_BYTES = 64n
/** Steps of a path that find room in the workspace. */
const STEPS_MAX = 40

/** Whether what was looked up comes as JSON or as text. */
export type Shown = 'json' | 'text'

/** What a look-up is by. */
type Way = 'member' | 'item' | 'path' | 'steps'

const kernels = {
  json: { member: 'jsonMember', item: 'jsonItem', path: 'jsonPath', steps: 'jsonSteps' },
  jsonb: { member: 'jsonbMember', item: 'jsonbItem', path: 'jsonbPath', steps: 'jsonbSteps' },
} as const

/** A look-up in JSON: parts of json and texts are views of what is there, jsonb is written. */
export function lookUpForm(kind: Kind, way: Way, shown: Shown): InlineForm {
  return (ctx, args) => {
    const { f } = ctx
    const [document, ...by] = args
    const name = kernels[kind][way]
    const push = (): void => {
      f.get(lane(present(document, 'missing JSON')))
      if (way === 'steps') pushSteps(ctx, by)
      else pushLanes(ctx, by)
      f.i32(shown === 'text' ? 1 : 0)
    }
    if (kind === 'jsonb' && shown === 'json') {
      const pushBytes = (): void => {
        pushSize(ctx, document)
        f.i64(VALUE_BYTES).op('i64.add')
      }
      return foundOrNull(ctx, written(ctx, name, args, pushBytes, push))
    }
    push()
    // A text is no copy.
    if (kind === 'jsonb') f.i32(0)
    f.call(ctx.kernel(name))
    return foundOrNull(ctx, keep(f, 'i64'))
  }
}

/** Pushes the address of a list of texts, and how many they are. */
function pushSteps(ctx: InlineContext, steps: readonly Value[]): void {
  const { f } = ctx
  const work = ctx.workspace()
  steps.forEach((step, index) =>
    f
      .get(work)
      .get(lane(step))
      .memory('i64.store', 8 * index),
  )
  f.get(work).i32(steps.length)
}

export const takesSteps = (types: readonly DataType[]): boolean => types.length <= STEPS_MAX

function foundOrNull(ctx: InlineContext, found: Local): ReturnType<InlineForm> {
  const { f } = ctx
  const [result, valid] = [f.local('i64'), f.local('i32')]
  f.get(found).i64(NOTHING).op('i64.ne').set(valid)
  f.get(found).i64(0n).get(valid).op('select').set(result)
  orElsewhere(ctx, result, ELSEWHERE, found, valid)
  return { lanes: [result], valid }
}

export const typeForms = {
  json: kernelForm('jsonType'),
  jsonb: kernelForm('jsonbType'),
} as const satisfies Record<Kind, InlineForm>

/** A number that is -1 for what is left to TypeScript. */
function orLeftOut(name: Parameters<InlineContext['kernel']>[0], more?: number): InlineForm {
  return (ctx, args) => {
    const { f } = ctx
    pushLanes(ctx, args)
    if (more !== undefined) f.i32(more)
    f.call(ctx.kernel(name))
    const result = keep(f, 'i32')
    orElsewhere(ctx, result, ELSEWHERE)
    return { lanes: [result] }
  }
}

export const lengthForms = {
  json: orLeftOut('jsonLength'),
  jsonb: orLeftOut('jsonbLength'),
} as const satisfies Record<Kind, InlineForm>

export const containsForm = orLeftOut('jsonbContains')
export const containedForm: InlineForm = (ctx, args) => {
  const { f } = ctx
  pushLanes(ctx, args.toReversed())
  f.call(ctx.kernel('jsonbContains'))
  const result = keep(f, 'i32')
  orElsewhere(ctx, result, ELSEWHERE)
  return { lanes: [result] }
}

export const hasForm = kernelForm('jsonbHas')

/** Whether one of the texts of an array is there, or all of them. */
export function hasTextsForm(all: boolean): InlineForm {
  return kernelForm('jsonbHasTexts', (ctx, args) => {
    pushLanes(ctx, args)
    ctx.f.i32(all ? 1 : 0)
  })
}

// ------------------------------------------------------------------ JSON made of values
const made = { value: 0, list: 1, object: 2 } as const

/** Bytes of a value's cell, as json-build.ts has it, and how many find room in the workspace. */
const CELL_BYTES = 32
/** The kind of a cell that has an array. */
const ARRAY_CELL = 19
const CELLS_MAX = 12

/** JSON of values: of one, a list of them, or an object of names and values in turn. */
export function builtForm(kind: Kind, what: keyof typeof made): InlineForm {
  return (ctx, args, result) => {
    const { f } = ctx
    const [only] = args
    if (what === 'value' && only?.type.kind === 'json' && kind === 'jsonb') return ofJson(ctx, args)
    if (what === 'value' && only?.type.kind === 'array' && isDirect(kind, what, [only.type])) {
      return arrayForm(only.type, kind)(ctx, args, result)
    }
    const cells = ctx.workspace()
    args.forEach((value, index) => storeValue(ctx, cells, index * CELL_BYTES, value))
    const types = args.map(({ type }) => type)
    if (kind === 'json') {
      const built = writtenJson(ctx, kind, what, args)
      orElsewhere(ctx, built, ELSEWHERE)
      return { lanes: [built] }
    }
    const built = f.local('i64')
    if (isDirect(kind, what, types)) f.get(writtenJson(ctx, kind, what, args))
    else f.i64(ELSEWHERE)
    f.set(built)
    if (mayNeedReading(what, types)) {
      // What is not written as a jsonb at once is read as one.
      f.get(built).i64(ELSEWHERE).op('i64.eq').if()
      const plain = writtenJson(ctx, 'json', what, args)
      const text = f.local('i64')
      f.i64(0n).get(plain).get(plain).i64(ELSEWHERE).op('i64.eq').op('select').set(text)
      f.get(writtenJsonb(ctx, text)).set(built)
      f.end()
    }
    orElsewhere(ctx, built, ELSEWHERE)
    return { lanes: [built] }
  }
}

/** JSON of the cells in the workspace, or {@link ELSEWHERE}. */
function writtenJson(
  ctx: InlineContext,
  kind: Kind,
  what: keyof typeof made,
  args: readonly Value[],
): Local {
  const { f } = ctx
  const cells = ctx.workspace()
  const pushBytes = (): void => {
    if (args.every(({ type }) => isShort(type))) pushShortBytes(ctx, args)
    else f.get(cells).i32(args.length).call(ctx.kernel('jsonBytes'))
  }
  const push = (): void => {
    f.i32(made[what]).i32(kind === 'jsonb' ? 1 : 0)
    f.get(cells).i32(args.length)
  }
  return written(ctx, 'jsonBuild', args, pushBytes, push)
}

/** A json as a jsonb. */
const ofJson = (ctx: InlineContext, [value]: readonly Value[]): ReturnType<InlineForm> => {
  const result = writtenJsonb(ctx, lane(present(value, 'missing JSON')))
  orElsewhere(ctx, result, ELSEWHERE)
  return { lanes: [result] }
}

/** Room for a jsonb while it is read, some ten times its text: what takes more is read in TypeScript, which can be cancelled. */
const READ_ROOM_MAX = 67_108_864n

/** The jsonb that a view of a text says, or {@link ELSEWHERE}, as for no bytes. */
export function writtenJsonb(ctx: InlineContext, text: Local): Local {
  const { f } = ctx
  const sizes = ctx.workspace()
  const pushBytes = (): void => void f.get(text).get(sizes).call(ctx.kernel('jsonbTextBytes'))
  const push = (): void => void f.get(text).get(sizes)
  return written(ctx, 'jsonbOfText', [], pushBytes, push, READ_ROOM_MAX)
}

/** One array. */
function arrayForm({ element }: ArrayType, kind: Kind): InlineForm {
  const pushBytes: Push = (ctx, [array]) => {
    pushSize(ctx, array)
    ctx.f.i64(ARRAY_FACTOR).op('i64.mul').i64(ARRAY_BYTES).op('i64.add')
  }
  return writerForm('arrayJson', pushBytes, (ctx, args) => {
    pushLanes(ctx, args)
    pushKind(ctx, element)
    ctx.f.i32(kind === 'jsonb' ? 1 : 0)
  })
}

/** An element may take six times its bytes as JSON, and as a key as well; and what an array has beside them. */
const ARRAY_FACTOR = 12n
const ARRAY_BYTES = 256n

/** Values of which code knows how many bytes they take at most, as JSON and as a key. */
function isShort(type: DataType): boolean {
  return shortKinds.has(valueKindOf(type) ?? type.kind)
}

const shortKinds: ReadonlySet<string> = new Set([
  'integer32',
  'integer64',
  'bool',
  'date',
  'timestamp',
  'text',
])

function pushShortBytes(ctx: InlineContext, values: readonly Value[]): void {
  const { f } = ctx
  f.i64(SHORT_VALUE_BYTES * BigInt(1 + values.length))
  for (const value of values) {
    if (value.type.kind !== 'text') continue
    // A character may become six, and stands in the key as well.
    pushSize(ctx, value)
    f.i64(TEXT_FACTOR).op('i64.mul').op('i64.add')
  }
}

const SHORT_VALUE_BYTES = 128n
const TEXT_FACTOR = 7n

function storeValue(ctx: InlineContext, cells: Local, offset: number, value: Value): void {
  const { f } = ctx
  const { type } = value
  f.get(cells)
  if (type.kind === 'array') f.i32(ARRAY_CELL)
  else pushKind(ctx, type)
  f.memory('i32.store', offset)
  f.get(cells)
  if (type.kind === 'array') pushKind(ctx, type.element)
  else f.i32(type.kind === 'decimal' ? type.scale : 0)
  f.memory('i32.store', offset + 4)
  f.get(cells)
  if (value.valid === undefined) f.i32(1)
  else f.get(value.valid)
  f.memory('i32.store', offset + 8)
  storeCell(ctx, cells, offset + 16, value)
}

/** Whether kernels write JSON of values of these types. */
export function writesJson(types: readonly DataType[]): boolean {
  return (
    types.length <= CELLS_MAX &&
    types.every((type) => {
      const isArray = type.kind === 'array'
      return isArray ? isKernelElement(type.element) : valueKindOf(type) !== undefined
    })
  )
}

/** Whether a kernel writes a jsonb at once: json would have to be read, names are texts. */
function isDirect(kind: Kind, what: keyof typeof made, types: readonly DataType[]): boolean {
  if (kind === 'json') return true
  const hasJson = types.some((type) => innermost(type).kind === 'json')
  return !hasJson && (what !== 'object' || namesOf(types).every((type) => type.kind === 'text'))
}

/** Whether a jsonb may have to be read from a text: beside the above for names that come again, and floats with exponents. */
function mayNeedReading(what: keyof typeof made, types: readonly DataType[]): boolean {
  return (
    !isDirect('jsonb', what, types) ||
    (what === 'object' && types.length > 2) ||
    types.some((type) => innermost(type).kind.startsWith('float'))
  )
}

function innermost(type: DataType): DataType {
  return type.kind === 'array' ? type.element : type
}

function namesOf(types: readonly DataType[]): readonly DataType[] {
  return types.filter((_, index) => index % 2 === 0)
}

type Inlined = Pick<ScalarFunction, 'inline' | 'inlineFor' | 'isDear' | 'writesArguments'>

/** The form of a function that makes JSON of its arguments. */
export function building(kind: Kind, what: keyof typeof made): Inlined {
  return {
    inline: builtForm(kind, what),
    isDear: true,
    writesArguments: 'json',
    inlineFor: (types) => writesJson(types) && isMade(what, types),
  }
}

const notNames: ReadonlySet<string> = new Set(['json', 'jsonb', 'array'])

/** A jsonb as one is the same; names are scalars, as many as there are values. */
function isMade(what: keyof typeof made, types: readonly DataType[]): boolean {
  if (what === 'value') return types[0]?.kind !== 'jsonb'
  if (what === 'list') return true
  return types.length % 2 === 0 && namesOf(types).every(({ kind }) => !notNames.has(kind))
}
