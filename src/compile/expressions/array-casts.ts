import { integerBounds } from '../../data/types/parse-number.ts'
import type { ArrayType, DataType, TypeKind } from '../../data/types/data-type.ts'
import {
  isKernelElement,
  pushKind,
  pushKindAndPlaces,
  pushRecastBytes,
} from '../../functions/array/cells.ts'
import { lane } from '../../functions/emit.ts'
import type { InlineContext, InlineForm, Value } from '../../functions/inline.ts'
import { pushSize, writerForm } from '../../functions/kernel-forms.ts'
import { isNarrow } from '../../functions/math/inline.ts'

/* Casts between arrays, and of texts to arrays: wasm/kernels/assembly/functions/array-casts.ts. */

/** Digits behind the point of decimals that the kernels write. */
const PLACES_MAX = 18
const INT64_MAX = 2n ** 63n - 1n

const integers = ['int2', 'int4', 'int8'] as const
const numbers: readonly TypeKind[] = [...integers, 'decimal', 'numeric', 'float4', 'float8']

/** What elements are cast from, by what they are cast to; `text`: those that a kernel reads. */
const sources: Readonly<Partial<Record<TypeKind, readonly TypeKind[]>>> = {
  bool: ['int4'],
  int2: [...numbers, 'text'],
  int4: [...numbers, 'bool', 'text'],
  int8: [...numbers, 'text'],
  float4: numbers,
  float8: [...numbers, 'text'],
  decimal: numbers,
  numeric: [...numbers, 'text'],
  date: ['timestamp', 'timestamptz', 'text'],
  time: ['text'],
  timestamp: ['date', 'timestamptz', 'text'],
  timestamptz: ['date', 'timestamp'],
}

function castsElement(from: DataType, to: DataType): boolean {
  if (to.kind === 'text') return isKernelElement(from)
  if (to.kind === 'decimal' && from.kind === 'text') return isNarrow(to)
  if (to.kind === 'decimal' && to.scale > PLACES_MAX) return false
  return sources[to.kind]?.includes(from.kind) ?? false
}

/** Whether a kernel casts to an array, from another one or from a text. */
export function castsArray(from: DataType, to: DataType): boolean {
  if (to.kind !== 'array') return false
  const { element } = to
  if (from.kind === 'array') return castsElement(from.element, element)
  return from.kind === 'text' && (element.kind === 'text' || castsElement(from, element))
}

/** Pushes the kind of elements, their digits behind the point, and the bounds of their values. */
function pushElement(ctx: InlineContext, type: DataType): void {
  pushKindAndPlaces(ctx, type)
  const { min, max } = boundsOf(type)
  ctx.f.i64(min).i64(max)
}

function boundsOf(type: DataType): { readonly min: bigint; readonly max: bigint } {
  if (type.kind === 'int2' || type.kind === 'int4' || type.kind === 'int8') {
    return integerBounds[type.kind]
  }
  if (type.kind !== 'decimal') return { min: 0n, max: 0n }
  return { min: 0n, max: isNarrow(type) ? 10n ** BigInt(type.precision) : INT64_MAX }
}

/** Bytes that a kernel takes for each byte of a text, and at all. */
const TEXT_FACTOR = 60n
const TEXT_BYTES = 128n

/** Emits a cast that {@link castsArray} tells. */
export function compileArrayCast(
  ctx: InlineContext,
  value: Value,
  to: DataType,
): ReturnType<InlineForm> {
  const { f } = ctx
  const isArray = value.type.kind === 'array'
  if (isArray && to.kind === 'array' && isWidened(value.type, to)) return widened(ctx, value, to)
  const work = ctx.workspace()
  const pushBytes = (): void => {
    if (isArray) return pushRecastBytes(ctx, value)
    pushSize(ctx, value)
    f.i64(TEXT_FACTOR).op('i64.mul').i64(TEXT_BYTES).op('i64.add')
  }
  const push = (): void => {
    f.get(lane(value))
    if (value.type.kind === 'array') pushKindAndPlaces(ctx, value.type.element)
    if (to.kind === 'array') pushElement(ctx, to.element)
    f.get(work)
  }
  return writerForm(isArray ? 'arrayCast' : 'arrayOfText', pushBytes, push)(ctx, [value], to)
}

/** Whether integers of up to four bytes become larger ones or floats, as which they have the same text. */
function isWidened(from: DataType, to: DataType): boolean {
  if (from.kind !== 'array' || to.kind !== 'array') return false
  const { kind } = from.element
  const wider = to.element.kind
  if (kind === 'int2' && wider === 'int4') return true
  return (kind === 'int2' || kind === 'int4') && (wider === 'int8' || wider === 'float8')
}

/** Keys and texts of int2 and int4 are alike. */
function widened(ctx: InlineContext, value: Value, to: ArrayType): ReturnType<InlineForm> {
  if (to.element.kind === 'int4') return { lanes: value.lanes }
  const { f } = ctx
  const pushBytes = (): void => {
    pushSize(ctx, value)
    f.i64(1n).op('i64.shl').i64(WIDENED_BYTES).op('i64.add')
  }
  const push = (): void => {
    f.get(lane(value))
    pushKind(ctx, to.element)
  }
  return writerForm('arrayWiden', pushBytes, push)(ctx, [value], to)
}

const WIDENED_BYTES = 32n
