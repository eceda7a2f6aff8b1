import { present } from '../../base/assert.ts'
import type { DataType } from '../../data/types/data-type.ts'
import type { Local } from '../../wasm/assembler/function-builder.ts'
import { valueKindOf, valueKinds } from '../../wasm/kernels/value-kinds.ts'
import { lane, laneTypes } from '../emit.ts'
import { widen } from '../emit-wide.ts'
import type { InlineContext, Value } from '../inline.ts'
import { pushSize } from '../kernel-forms.ts'

/*
 * How kernels are given values of any type: by their kind, the digits behind their point, and a cell in memory with
 * their lanes. See wasm/kernels/value-kinds.ts.
 */

/** Bytes of a cell. */
export const CELL_BYTES = 16

/** Kinds that have no fixed form to read back, or of which nothing says whether two are equal. */
const notElements: ReadonlySet<string> = new Set(['keyed', 'jsonb'])

/** Whether kernels read and write arrays of these elements. */
export function isKernelElement(type: DataType): boolean {
  const kind = valueKindOf(type)
  return kind !== undefined && !notElements.has(kind)
}

/** Pushes the kind of a type's values. */
export function pushKind({ f }: InlineContext, type: DataType): void {
  f.i32(valueKinds[present(valueKindOf(type), `kind of ${type.kind}`)])
}

/** Pushes the kind and the digits behind the point. */
export function pushKindAndPlaces(ctx: InlineContext, type: DataType): void {
  pushKind(ctx, type)
  ctx.f.i32(type.kind === 'decimal' ? type.scale : 0)
}

/** Emits: puts the lanes of a value, as one of `type` has them, to an address. */
export function storeCell(
  ctx: InlineContext,
  at: Local,
  offset: number,
  value: Value,
  type = value.type,
): void {
  const { f } = ctx
  const wide = laneTypes(type).length > value.lanes.length ? widen(ctx, value) : undefined
  const lanes = wide === undefined ? value.lanes : [wide.low, wide.high]
  lanes.forEach((local, index) => {
    f.get(at).get(local)
    f.memory(`${f.typeOf(local)}.store`, offset + 8 * index)
  })
}

/** Emits: the lanes of a type from an address. */
export function loadCell({ f }: InlineContext, at: Local, type: DataType): readonly Local[] {
  return laneTypes(type).map((laneType, index) => {
    const local = f.local(laneType)
    f.get(at)
      .memory(`${laneType}.load`, 8 * index)
      .set(local)
    return local
  })
}

/** Pushes 1 where a value is NULL. */
export function pushIsNull({ f }: InlineContext, { valid }: Value): void {
  if (valid === undefined) f.i32(0)
  else f.get(valid).op('i32.eqz')
}

/** Bytes that an element takes at most, in its key and its text: what is fixed, and how often those of a text. */
export function pushElementBytes(ctx: InlineContext, value: Value, type = value.type): void {
  const { f } = ctx
  const kind = present(valueKindOf(type), `kind of ${type.kind}`)
  if (kind === 'text' || kind === 'json') {
    f.get(lane(value)).i64(32n).op('i64.shr_u').i64(3n).op('i64.mul').i64(TEXT_BYTES).op('i64.add')
  } else if (kind === 'integer32') f.i64(INTEGER_BYTES)
  else f.i64(exactKinds.has(kind) ? EXACT_BYTES : FIXED_BYTES)
}

/** Pushes how many elements an array may have at most, by its size: none takes less than four bytes. */
export function pushElementsMax(ctx: InlineContext, array: Value): void {
  pushSize(ctx, array)
  ctx.f.i64(2n).op('i64.shr_u')
}

/** A key's end, quotes, a comma, and what may be spoilt. */
const TEXT_BYTES = 64n
const exactKinds: ReadonlySet<string> = new Set(['decimal64', 'decimal128', 'numeric'])
/** A numeric of 254 digits behind its point, in its key and its text. */
const EXACT_BYTES = 768n
/** A comma, eleven characters and five bytes of a key. */
const INTEGER_BYTES = 17n
/** An interval of all its parts, in its key and its text. */
const FIXED_BYTES = 96n

/** Pushes the bytes that kernels take for an array whose elements become others: see array-casts.ts. */
export function pushRecastBytes(ctx: InlineContext, array: Value): void {
  const { f } = ctx
  pushSize(ctx, array)
  f.i64(RECAST_FACTOR).op('i64.mul').i64(RECAST_BYTES).op('i64.add')
  f.get(lane(array)).call(ctx.kernel('arrayCount')).op('i64.extend_i32_u')
  f.i64(RECAST_ELEMENT_BYTES).op('i64.mul').op('i64.add')
}

const RECAST_FACTOR = 3n
const RECAST_ELEMENT_BYTES = 96n
const RECAST_BYTES = 128n
