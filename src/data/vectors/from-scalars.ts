import { assert } from '../../base/assert.ts'
import { finishSteps, type Steps } from '../../base/steps.ts'
import type { Arena } from '../arenas/arena.ts'
import type { Heap } from '../arenas/heap.ts'
import type { DataType } from '../types/data-type.ts'
import { isInterval, isNumeric, type Scalar } from '../types/scalar.ts'
import { bytesOfScalar } from './text-values.ts'
import { WideNumerics, writeNumericSlot } from './numeric-slots.ts'
import { layoutBytes, NO_ADDRESS, widestLayout, type Address, type Vector } from './vector.ts'

/** A vector in the type's widest layout that holds the given values; null entries become NULLs. */
export function vectorFromScalars(
  arena: Arena,
  type: DataType,
  scalars: readonly Scalar[],
): Vector {
  return finishSteps(vectorSteps(arena, type, scalars))
}

/** So many values are written in a step. */
const VALUES_A_STEP = 4_096

/** As {@link vectorFromScalars}, in steps. */
export function* vectorSteps(
  arena: Arena,
  type: DataType,
  scalars: readonly Scalar[],
): Steps<Vector> {
  const layout = widestLayout(type)
  const validity = writeValidity(arena, scalars)
  const base = { type, layout, length: scalars.length, validity, dictionary: undefined }
  if (layout === 'utf8') return { ...base, ...(yield* writeText(arena, scalars, type)) }
  const { heap } = arena
  const bytes =
    layout === 'bit' ? Math.ceil(scalars.length / 8) : layoutBytes[layout] * scalars.length
  const values = arena.allocateZeroed(bytes)
  const wide = new WideNumerics(arena)
  for (let row = 0; row < scalars.length; row++) {
    const scalar = scalars[row] ?? null
    if (scalar !== null) writeScalar(heap, values, layout, row, scalar, wide)
    if (row % VALUES_A_STEP === VALUES_A_STEP - 1) yield
  }
  return { ...base, values, offsets: NO_ADDRESS }
}

/**
 * Stores one non-NULL value of a fixed-width layout at a row of a values buffer; `wide` keeps the bytes
 * of numerics that do not fit.
 */
export function writeScalar(
  heap: Heap,
  values: Address,
  layout: Vector['layout'],
  row: number,
  scalar: NonNullable<Scalar>,
  wide: WideNumerics,
): void {
  const { view } = heap
  const at = values + layoutBytes[layout] * row
  switch (layout) {
    case 'bit':
      if (scalar === true) heap.u8[values + (row >> 3)]! |= 1 << (row & 7)
      return
    case 'i8':
      return view.setInt8(at, Number(scalar))
    case 'i16':
      return view.setInt16(at, Number(scalar), true)
    case 'i32':
      return view.setInt32(at, Number(scalar), true)
    case 'i64':
      return view.setBigInt64(at, integerOf(scalar), true)
    case 'i128':
      return writeInt128(view, at, integerOf(scalar))
    case 'f32':
      return view.setFloat32(at, Number(scalar), true)
    case 'f64':
      return view.setFloat64(at, Number(scalar), true)
    case 'numeric':
      assert(isNumeric(scalar), 'numeric vector of another value')
      return writeNumericSlot(heap, at, scalar, wide)
    case 'interval':
      assert(isInterval(scalar), 'interval vector of another value')
      view.setInt32(at, scalar.months, true)
      view.setInt32(at + 4, scalar.days, true)
      return view.setBigInt64(at + 8, scalar.micros, true)
    case 'utf8':
    case 'dict8':
    case 'dict16':
    case 'dict32':
      return assert(false, `writeScalar of layout ${layout}`)
  }
}

function integerOf(scalar: NonNullable<Scalar>): bigint {
  if (typeof scalar === 'bigint') return scalar
  assert(typeof scalar === 'number', 'integer vector of another value')
  return BigInt(scalar)
}

function writeInt128(view: DataView, at: number, value: bigint): void {
  view.setBigInt64(at, BigInt.asIntN(64, value), true)
  view.setBigInt64(at + 8, BigInt.asIntN(64, value >> 64n), true)
}

function writeValidity(arena: Arena, scalars: readonly Scalar[]): Address {
  if (!scalars.includes(null)) return NO_ADDRESS
  const validity = arena.allocateZeroed(Math.ceil(scalars.length / 8))
  const { u8 } = arena.heap
  scalars.forEach((scalar, row) => {
    if (scalar !== null) u8[validity + (row >> 3)]! |= 1 << (row & 7)
  })
  return validity
}

function* writeText(
  arena: Arena,
  scalars: readonly Scalar[],
  type: DataType,
): Steps<{ readonly values: Address; readonly offsets: Address }> {
  const pieces: Uint8Array[] = []
  for (const scalar of scalars) {
    pieces.push(scalar === null ? new Uint8Array(0) : bytesOfScalar(scalar, type))
    if (pieces.length % VALUES_A_STEP === 0) yield
  }
  const bytes = pieces.reduce((total, piece) => total + piece.length, 0)
  const values = arena.allocate(bytes)
  const offsets = arena.allocate(4 * (pieces.length + 1))
  const { u8, u32 } = arena.heap
  let offset = 0
  pieces.forEach((piece, row) => {
    u32[(offsets >>> 2) + row] = offset
    u8.set(piece, values + offset)
    offset += piece.length
  })
  u32[(offsets >>> 2) + pieces.length] = offset
  return { values, offsets }
}
