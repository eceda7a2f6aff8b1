import type { KernelName } from '../../../wasm/kernels/signatures.ts'
import type { DataType } from '../../../data/types/data-type.ts'
import type { Value } from '../../../functions/inline.ts'
import type {
  FunctionBuilder,
  FunctionIndex,
  Local,
} from '../../../wasm/assembler/function-builder.ts'
import type { ValueType } from '../../../wasm/assembler/opcodes.ts'
import { laneTypes } from '../../../functions/emit.ts'
import { type LaneSlot, type RowField } from '../../model/row-layout.ts'

/** A static kernel, imported. */
export type ImportKernel = (name: KernelName) => FunctionIndex

/** A value with exactly the lanes of its type: 128-bit decimals in one lane get their second. */
export function withAllLanes(f: FunctionBuilder, value: Value): Value {
  const wanted = laneTypes(value.type)
  if (value.lanes.length === wanted.length) return value
  const low = value.lanes[0]!
  const high = f.local('i64')
  f.get(low).i64(63n).op('i64.shr_s').set(high)
  return { ...value, lanes: [low, high] }
}

/** A NULL of a type: zero lanes. */
export function hoistedNull(f: FunctionBuilder, type: DataType): Value {
  const valid = f.hoisted('i32', () => f.i32(0))
  const lanes = laneTypes(type).map((lane) => f.hoisted(lane, () => emitZero(f, lane)))
  return { type, lanes, valid, range: undefined }
}

export function emitZero(f: FunctionBuilder, type: ValueType): void {
  if (type === 'i32') f.i32(0)
  else if (type === 'i64') f.i64(0n)
  else if (type === 'f32') f.f32(0)
  else f.f64(0)
}

export function emitLoad(f: FunctionBuilder, type: ValueType, offset: number): void {
  f.memory(
    type === 'i32'
      ? 'i32.load'
      : type === 'i64'
        ? 'i64.load'
        : type === 'f32'
          ? 'f32.load'
          : 'f64.load',
    offset,
  )
}

export function emitStore(f: FunctionBuilder, type: ValueType, offset: number): void {
  f.memory(
    type === 'i32'
      ? 'i32.store'
      : type === 'i64'
        ? 'i64.store'
        : type === 'f32'
          ? 'f32.store'
          : 'f64.store',
    offset,
  )
}

/** Reads a plain field (not a state) of the row at an address. */
export function loadField(f: FunctionBuilder, row: Local, field: RowField): Value {
  const lanes = field.lanes.map((lane) => loadLane(f, row, lane))
  const valid = field.validOffset === undefined ? undefined : loadByte(f, row, field.validOffset)
  return { type: field.type, lanes, valid, range: rangeOf(field) }
}

/** The same of a row that is the same for all rows of the function's loops: read before these. */
export function hoistedField(f: FunctionBuilder, row: Local, field: RowField): Value {
  const { type, validOffset } = field
  const lanes = field.lanes.map((lane) =>
    f.hoisted(lane.type, () => {
      f.get(row)
      emitLoad(f, lane.type, lane.offset)
    }),
  )
  const valid =
    validOffset === undefined
      ? undefined
      : f.hoisted('i32', () => f.get(row).memory('i32.load8_u', validOffset))
  return { type, lanes, valid, range: rangeOf(field) }
}

export function loadLane(f: FunctionBuilder, row: Local, lane: LaneSlot): Local {
  const local = f.local(lane.type)
  f.get(row)
  emitLoad(f, lane.type, lane.offset)
  f.set(local)
  return local
}

export function loadByte(f: FunctionBuilder, row: Local, offset: number): Local {
  const local = f.local('i32')
  f.get(row).memory('i32.load8_u', offset).set(local)
  return local
}

/** Writes a value into a plain field. A value that may be NULL needs a field that may. */
export function storeField(f: FunctionBuilder, row: Local, field: RowField, value: Value): void {
  const wide = withAllLanes(f, value)
  field.lanes.forEach((lane, index) => {
    f.get(row).get(wide.lanes[index]!)
    emitStore(f, lane.type, lane.offset)
  })
  if (field.validOffset === undefined) return
  f.get(row)
  emitValid(f, value)
  f.memory('i32.store8', field.validOffset)
}

/** Pushes 1 when the value is not NULL, else 0. */
export function emitValid(f: FunctionBuilder, value: Value): void {
  if (value.valid === undefined) f.i32(1)
  else f.get(value.valid)
}

function rangeOf(field: RowField): Value['range'] {
  return field.bounds === undefined ? undefined : { min: field.bounds.min, max: field.bounds.max }
}
