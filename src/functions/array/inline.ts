import { present } from '../../base/assert.ts'
import type { DataType, ElementType } from '../../data/types/data-type.ts'
import type { Local } from '../../wasm/assembler/function-builder.ts'
import { valueKindOf } from '../../wasm/kernels/value-kinds.ts'
import { elementType } from '../array-elements.ts'
import { keep, lane } from '../emit.ts'
import type { InlineContext, InlineForm, Value } from '../inline.ts'
import {
  ELSEWHERE,
  orElsewhere,
  pushLanes,
  LIST_TEXT_FACTOR,
  pushSize,
  writerForm,
  written,
  type Push,
} from '../kernel-forms.ts'
import { listWidth, writeList } from './list-values.ts'
import type { ComparisonOperator } from '../traits.ts'
import {
  CELL_BYTES,
  isKernelElement,
  loadCell,
  pushElementBytes,
  pushElementsMax,
  pushIsNull,
  pushKind,
  pushKindAndPlaces,
  storeCell,
} from './cells.ts'

/** What a kernel gives for no subscript or bound at all, and for what it leaves to TypeScript. */
const NO_SUBSCRIPT = -(2n ** 63n)
const SUBSCRIPT_ELSEWHERE = NO_SUBSCRIPT + 1n
/** What a kernel answers for what it leaves to TypeScript, and for NULL. */
const LEFT_OUT = -1n
const UNKNOWN = 2
/** Stands for a text that is NULL. */
const NO_TEXT = -1n
/** Braces, the end of a key, the length of it. */
const ARRAY_BYTES = 64n
/** Values of ARRAY[...] that find room in the workspace. */
const VALUES_MAX = 12

const first = (args: readonly Value[]): Value => present(args[0], 'missing array')
const second = (args: readonly Value[]): Value => present(args[1], 'missing argument')

/** Whether kernels read the elements of the array that is the first argument. */
export const readsElements = ([array]: readonly DataType[]): boolean =>
  isKernelElement(elementType(array))

/** Whether these are of the kind of the array's elements as well. */
function areElements(array: DataType | undefined, others: readonly DataType[]): boolean {
  const element = elementType(array)
  const kind = valueKindOf(element)
  return isKernelElement(element) && others.every((type) => valueKindOf(type) === kind)
}

/** The same where equal values have equal keys. */
function areCompared(array: DataType | undefined, others: readonly DataType[]): boolean {
  return areElements(array, others) && elementType(array).kind !== 'json'
}

export const insertsInto = ([array, element]: readonly DataType[]): boolean =>
  element !== undefined && areElements(array, [element])
export const insertsBefore = ([element, array]: readonly DataType[]): boolean =>
  element !== undefined && areElements(array, [element])
export const searchesIn = ([array, ...others]: readonly DataType[]): boolean =>
  areCompared(array, others)
/** A value that is looked for in an array from a subscript on. */
export const searchesFrom = (types: readonly DataType[]): boolean => searchesIn(types.slice(0, 2))
export const comparesWith = ([value, array]: readonly DataType[]): boolean =>
  value !== undefined && areCompared(array, [value])
/** Two arrays of one type. */
export const comparesElements = ([array]: readonly DataType[]): boolean => areCompared(array, [])

/** Pushes the view of an array or text, or what stands for NULL. */
function pushOrNone({ f }: InlineContext, value: Value, none = 0n): void {
  f.get(lane(value))
  if (value.valid !== undefined) f.i64(none).get(value.valid).op('select')
}

/** 1 where none of the values is NULL. */
function allValid({ f }: InlineContext, values: readonly Value[]): Local | undefined {
  const known = values.flatMap(({ valid }) => valid ?? [])
  const [only, ...rest] = known
  if (only === undefined || rest.length === 0) return only
  f.get(only)
  for (const valid of rest) f.get(valid).op('i32.and')
  return keep(f, 'i32')
}

// ------------------------------------------------------------------ what an array is like
/** Of an array without text, which is a list, code reads it at the key's end. */
export const countForm: InlineForm = (ctx, args) => {
  const { f } = ctx
  const view = lane(first(args))
  const [count, from] = [f.local('i32'), f.local('i32')]
  f.get(view).i64(32n).op('i64.shr_u').op('i32.wrap_i64').tee(count)
  f.if()
  // Without text the key's length, which is the last word, is that of all before it.
  f.get(view).op('i32.wrap_i64').get(count).op('i32.add').i32(LENGTH_AT).op('i32.sub').tee(from)
  f.memory('i32.load', LENGTH_AT - 4)
    .get(count)
    .i32(4)
    .op('i32.sub')
    .op('i32.eq')
  f.if()
  f.get(from).memory('i32.load', 0).set(from)
  f.get(from).i32(0xff00ff).op('i32.and').i32(24).op('i32.rotl')
  f.get(from).i32(8).op('i32.rotl').i32(0xff00ff).op('i32.and').op('i32.or').set(count)
  f.else()
  f.get(view).call(ctx.kernel('arrayCount')).set(count)
  f.end()
  f.end()
  return { lanes: [count] }
}

/** Bytes behind the length of a list: that, its lower bound, the key's length. */
const LENGTH_AT = 12

/** How many dimensions, NULL for none. */
export const dimensionsForm: InlineForm = (ctx, args) => {
  const { f } = ctx
  f.get(lane(first(args))).call(ctx.kernel('arrayDimensions'))
  const count = keep(f, 'i32')
  f.get(count).i32(0).op('i32.ne')
  return { lanes: [count], valid: keep(f, 'i32') }
}

/** The length (0), the lower (1) or the upper bound (2) of a dimension. */
export function boundForm(what: number): InlineForm {
  return (ctx, args) => {
    const { f } = ctx
    pushLanes(ctx, args)
    f.i32(what).call(ctx.kernel('arrayBound'))
    return subscriptOrNull(ctx, keep(f, 'i64'))
  }
}

function subscriptOrNull(
  { f }: InlineContext,
  found: Local,
): { lanes: readonly Local[]; valid: Local } {
  f.get(found).op('i32.wrap_i64')
  const subscript = keep(f, 'i32')
  f.get(found).i64(NO_SUBSCRIPT).op('i64.ne')
  return { lanes: [subscript], valid: keep(f, 'i32') }
}

/** An element by its one subscript. */
export const itemForm: InlineForm = (ctx, args, result) => {
  const { f } = ctx
  const work = ctx.workspace()
  f.get(lane(first(args)))
  pushKindAndPlaces(ctx, result)
  f.get(lane(second(args)))
    .get(work)
    .call(ctx.kernel('arrayItem'))
  const answer = keep(f, 'i32')
  const lanes = loadCell(ctx, work, result)
  const valid = f.local('i32')
  f.get(answer).i32(1).op('i32.eq').set(valid)
  f.get(answer).i32(Number(LEFT_OUT)).op('i32.eq').if()
  ctx.elsewhere(lanes, valid)
  f.end()
  // What the workspace has where there is none is no text.
  if (result.kind === 'text' || result.kind === 'json' || result.kind === 'numeric') {
    for (const local of lanes) f.get(local).i64(0n).get(valid).op('select').set(local)
  }
  return { lanes, valid }
}

export const takesItem = (types: readonly DataType[]): boolean =>
  types.length === 2 && readsElements(types) && elementType(types[0]).kind !== 'interval'

// ------------------------------------------------------------------ parts
const pushWhole: Push = (ctx, args) => {
  pushSize(ctx, args[0])
  ctx.f.i64(ARRAY_BYTES).op('i64.add')
}

/** A part of an array: its kind stands behind it. */
function partForm(name: 'arraySlice' | 'arrayTrim'): InlineForm {
  return writerForm(name, pushWhole, (ctx, args) => {
    const [array, ...others] = args
    ctx.f.get(lane(present(array, 'missing array')))
    pushKind(ctx, elementType(array?.type))
    pushLanes(ctx, others)
  })
}

export const sliceForm = partForm('arraySlice')
export const trimForm = partForm('arrayTrim')

/** One pair of bounds. */
export const takesSlice = (types: readonly DataType[]): boolean =>
  types.length === 3 && readsElements(types)

// ------------------------------------------------------------------ arrays made of others
/** What a kernel wrote, or TypeScript where it left it, the arguments being what they are. */
function writtenWithNulls(
  ctx: InlineContext,
  name: Parameters<typeof written>[1],
  args: readonly Value[],
  pushBytesMax: Push,
  push: Push,
): Local {
  const result = written(ctx, name, args, pushBytesMax, push)
  orElsewhere(ctx, result, ELSEWHERE)
  return result
}

export const joinForm: InlineForm = (ctx, args) => {
  const { f } = ctx
  const pushBytes: Push = (_, values) => {
    pushSize(ctx, values[0])
    pushSize(ctx, values[1])
    f.op('i64.add').i64(ARRAY_BYTES).op('i64.add')
  }
  const result = writtenWithNulls(ctx, 'arrayJoin', args, pushBytes, () => {
    for (const array of args) pushOrNone(ctx, array)
  })
  const [left, right] = [first(args).valid, second(args).valid]
  if (left === undefined || right === undefined) return { lanes: [result] }
  f.get(left).get(right).op('i32.or')
  return { lanes: [result], valid: keep(f, 'i32') }
}

/** An element behind the others, or before them. */
export function insertForm(atFront: boolean): InlineForm {
  return (ctx, args) => {
    const { f } = ctx
    const array = atFront ? second(args) : first(args)
    const element = atFront ? first(args) : second(args)
    const cell = ctx.workspace()
    storeCell(ctx, cell, 0, element)
    const pushBytes: Push = () => {
      pushSize(ctx, array)
      f.i64(ARRAY_BYTES).op('i64.add')
      pushElementBytes(ctx, element)
      f.op('i64.add')
    }
    const result = writtenWithNulls(ctx, 'arrayInsert', args, pushBytes, () => {
      pushOrNone(ctx, array)
      pushKindAndPlaces(ctx, element.type)
      f.get(cell)
      pushIsNull(ctx, element)
      f.i32(atFront ? 1 : 0)
    })
    return { lanes: [result] }
  }
}

/** Emits: the element that is looked for goes to the workspace; pushes what kernels take of an array and of it. */
function pushSearch(ctx: InlineContext, array: Value, wanted: Value, cell: Local): void {
  pushOrNone(ctx, array)
  pushKindAndPlaces(ctx, wanted.type)
  ctx.f.get(cell)
  pushIsNull(ctx, wanted)
}

export const removeForm: InlineForm = (ctx, args) => {
  const cell = ctx.workspace()
  storeCell(ctx, cell, 0, second(args))
  const result = writtenWithNulls(ctx, 'arrayRemove', args, pushWhole, () =>
    pushSearch(ctx, first(args), second(args), cell),
  )
  return { lanes: [result], valid: first(args).valid }
}

/** The other value stands where kernels put neither the key nor the text of what is looked for. */
const OTHER_AT = 384 - CELL_BYTES

export const replaceForm: InlineForm = (ctx, args) => {
  const { f } = ctx
  const [array, wanted, other] = [first(args), second(args), present(args[2], 'missing value')]
  const cell = ctx.workspace()
  storeCell(ctx, cell, 0, wanted)
  storeCell(ctx, cell, OTHER_AT, other)
  const pushBytes: Push = () => {
    pushSize(ctx, array)
    f.i64(ARRAY_BYTES).op('i64.add')
    pushElementsMax(ctx, array)
    pushElementBytes(ctx, other)
    f.op('i64.mul').op('i64.add')
  }
  const result = writtenWithNulls(ctx, 'arrayReplace', args, pushBytes, () => {
    pushSearch(ctx, array, wanted, cell)
    f.get(cell).i32(OTHER_AT).op('i32.add')
    pushIsNull(ctx, other)
  })
  return { lanes: [result], valid: array.valid }
}

/** ARRAY[...], written by code where that knows all of it, else by a kernel. */
export const valuesForm: InlineForm = (ctx, args, result) => {
  const { f } = ctx
  const element = elementType(result)
  const width = listWidth(element)
  if (width === undefined) return { lanes: [cellsListed(ctx, args, element)] }
  const known = allValid(ctx, args)
  if (known === undefined) return { lanes: [writeList(ctx, args, width)] }
  const list = f.local('i64')
  f.get(known).if()
  f.get(writeList(ctx, args, width)).set(list)
  f.else()
  f.get(cellsListed(ctx, args, element)).set(list)
  f.end()
  return { lanes: [list] }
}

/** The values stand in cells side by side for a kernel. */
function cellsListed(ctx: InlineContext, args: readonly Value[], element: ElementType): Local {
  const { f } = ctx
  const work = ctx.workspace()
  args.forEach((value, index) => {
    const at = index * VALUE_CELL_BYTES
    storeCell(ctx, work, at, value, element)
    f.get(work)
    if (value.valid === undefined) f.i32(1)
    else f.get(value.valid)
    f.memory('i32.store', at + CELL_BYTES)
  })
  const pushBytes: Push = () => {
    f.i64(ARRAY_BYTES)
    for (const value of args) {
      pushElementBytes(ctx, value, element)
      f.op('i64.add')
    }
  }
  const pushValues: Push = () => {
    pushKindAndPlaces(ctx, element)
    f.get(work).i32(args.length)
  }
  return writtenWithNulls(ctx, 'arrayOf', args, pushBytes, pushValues)
}

/** A cell, and whether there is a value. */
const VALUE_CELL_BYTES = CELL_BYTES + 8

export const makesArray = (types: readonly DataType[], result: DataType): boolean =>
  types.length <= VALUES_MAX &&
  types.every(({ kind }) => kind !== 'array') &&
  areElements(result, types)

// ------------------------------------------------------------------ searches
const SUBSCRIPT_MIN = -2_147_483_648

/** From a subscript on where there is a third argument; none that is NULL is left to TypeScript. */
export const positionForm: InlineForm = (ctx, args) => {
  const { f } = ctx
  const cell = ctx.workspace()
  storeCell(ctx, cell, 0, second(args))
  const from = args[2]
  pushSearch(ctx, first(args), second(args), cell)
  if (from === undefined) f.i32(SUBSCRIPT_MIN)
  else f.get(lane(from))
  f.call(ctx.kernel('arrayPosition'))
  const found = keep(f, 'i64')
  if (from?.valid !== undefined) {
    f.get(found).i64(SUBSCRIPT_ELSEWHERE).get(from.valid).op('select').set(found)
  }
  const { lanes, valid } = subscriptOrNull(ctx, found)
  const subscript = present(lanes[0], 'subscript')
  orElsewhere(ctx, subscript, SUBSCRIPT_ELSEWHERE, found, valid)
  return { lanes, valid }
}

export const positionsForm: InlineForm = (ctx, args) => {
  const { f } = ctx
  const cell = ctx.workspace()
  storeCell(ctx, cell, 0, second(args))
  const pushBytes: Push = () => {
    pushOrNone(ctx, first(args))
    f.call(ctx.kernel('arrayCount')).op('i64.extend_i32_u')
    f.i64(17n).op('i64.mul').i64(ARRAY_BYTES).op('i64.add')
  }
  const result = writtenWithNulls(ctx, 'arrayPositions', args, pushBytes, () =>
    pushSearch(ctx, first(args), second(args), cell),
  )
  return { lanes: [result], valid: first(args).valid }
}

/** Whether an array has all elements of another (0), or any (1); `isLeft`: the one that has them is the left one. */
export function holdsForm(mode: number, isLeft: boolean): InlineForm {
  return (ctx, args) => {
    const { f } = ctx
    pushLanes(ctx, isLeft ? args : args.toReversed())
    pushKind(ctx, elementType(first(args).type))
    f.i32(mode).call(ctx.kernel('arrayHolds'))
    const answer = keep(f, 'i32')
    f.get(answer).i32(1).op('i32.eq')
    const result = keep(f, 'i32')
    orElsewhere(ctx, result, LEFT_OUT, answer)
    return { lanes: [result] }
  }
}

/** Less (1), equal (2) and greater (4), as array-searches.ts has them. */
const sides: Readonly<Record<ComparisonOperator, number>> = {
  '<': 1,
  '=': 2,
  '<=': 3,
  '>': 4,
  '<>': 5,
  '>=': 6,
}

/** A comparison with any or all of the elements. */
export function comparedForm(operator: ComparisonOperator, quantifier: 'any' | 'all'): InlineForm {
  return (ctx, args) => {
    const { f } = ctx
    const [value, array] = [first(args), second(args)]
    const cell = ctx.workspace()
    storeCell(ctx, cell, 0, value)
    pushSearch(ctx, array, value, cell)
    f.i32(sides[operator]).i32(quantifier === 'any' ? 1 : 0)
    f.call(ctx.kernel('arrayCompares'))
    const answer = keep(f, 'i32')
    const [result, valid] = [f.local('i32'), f.local('i32')]
    f.get(answer).i32(1).op('i32.eq').set(result)
    f.get(answer).i32(UNKNOWN).op('i32.ne').set(valid)
    orElsewhere(ctx, result, LEFT_OUT, answer, valid)
    const known = allValid(ctx, [array])
    if (known !== undefined) f.get(valid).get(known).op('i32.and').set(valid)
    return { lanes: [result], valid }
  }
}

// ------------------------------------------------------------------ texts
/** The elements as one text; the third argument stands for NULLs. */
export const joinedTextForm: InlineForm = (ctx, args) => {
  const { f } = ctx
  const [array, between, ofNull] = [first(args), second(args), args[2]]
  const pushBytes: Push = () => {
    pushSize(ctx, array)
    f.i64(LIST_TEXT_FACTOR).op('i64.mul')
    pushOrNone(ctx, array)
    f.call(ctx.kernel('arrayCount')).op('i64.extend_i32_u')
    pushSize(ctx, between)
    if (ofNull !== undefined) {
      pushSize(ctx, ofNull)
      f.op('i64.add')
    }
    f.op('i64.mul').op('i64.add')
  }
  const result = writtenWithNulls(ctx, 'arrayText', args, pushBytes, () => {
    pushOrNone(ctx, array)
    pushKind(ctx, elementType(array.type))
    f.get(lane(between))
    if (ofNull === undefined) f.i64(NO_TEXT)
    else pushOrNone(ctx, ofNull, NO_TEXT)
  })
  return { lanes: [result], valid: allValid(ctx, [array, between]) }
}

/** The pieces of a text between separators as an array; NULL separates every character. */
export const piecesForm: InlineForm = (ctx, args) => {
  const { f } = ctx
  const [whole, between, ofNull] = [first(args), second(args), args[2]]
  const pushBytes: Push = () => {
    pushSize(ctx, whole)
    f.i64(12n).op('i64.mul').i64(ARRAY_BYTES).op('i64.add')
  }
  const result = writtenWithNulls(ctx, 'textPieces', args, pushBytes, () => {
    pushOrNone(ctx, whole)
    pushOrNone(ctx, between, NO_TEXT)
    if (ofNull === undefined) f.i64(NO_TEXT)
    else pushOrNone(ctx, ofNull, NO_TEXT)
  })
  return { lanes: [result], valid: whole.valid }
}
