import type { ValueBounds } from '../../../data/types/value-bounds.ts'
import { present, unreachable } from '../../../base/assert.ts'
import type { DataType } from '../../../data/types/data-type.ts'
import { layoutBytes, type Layout } from '../../../data/vectors/vector.ts'
import type { Value } from '../../../functions/inline.ts'
import type { Local } from '../../../wasm/assembler/function-builder.ts'
import type { MemoryOpcode } from '../../../wasm/assembler/opcodes.ts'
import type { ColumnPart } from '../../model/context.ts'
import type { EmitScope } from './emit-scope.ts'
import type { RowSource } from '../../model/shapes.ts'
import type { ColumnPlace } from '../../model/lane-test.ts'
import { laneTypes } from '../../../functions/emit.ts'

/** Loads a column of a chunk in the scope's current row. */
export function loadChunkColumn(
  scope: EmitScope,
  source: RowSource & { kind: 'chunk' },
  place: ColumnPlace,
): Value {
  const { f } = scope
  const column = present(source.columns[place.index], 'column of a place')
  const row = scope.rowId(place.source)
  const word = (part: ColumnPart): Local => partWord(scope, place, part)
  const valid = column.nullable ? loadBit(scope, word('validity'), row) : undefined
  const { type } = column
  const loaded = (lanes: readonly Local[], range?: ValueBounds): Value => ({
    type,
    lanes,
    valid,
    range,
  })
  switch (column.layout) {
    case 'bit':
      return loaded([loadBit(scope, word('values'), row)])
    case 'i8':
    case 'i16':
    case 'i32':
    case 'i64': {
      const lane = laneTypes(column.type)[0] === 'i32' ? 'i32' : 'i64'
      const local = f.local(lane)
      emitRowAddress(scope, word('values'), row, layoutBytes[column.layout])
      f.memory(integerLoad(column.layout, lane)).set(local)
      return loaded([local], rangeOf(type, column.layout))
    }
    case 'i128':
    case 'numeric':
    case 'interval': {
      const address = f.local('i32')
      emitRowAddress(scope, word('values'), row, 16)
      f.set(address)
      const lanes = [f.local('i64'), f.local('i64')]
      lanes.forEach((lane, index) =>
        f
          .get(address)
          .memory('i64.load', index * 8)
          .set(lane),
      )
      return loaded(lanes)
    }
    case 'f32':
    case 'f64': {
      const local = f.local(column.layout)
      emitRowAddress(scope, word('values'), row, layoutBytes[column.layout])
      f.memory(column.layout === 'f32' ? 'f32.load' : 'f64.load').set(local)
      return loaded([local])
    }
    case 'utf8':
      return loaded([loadText(scope, word('offsets'), word('values'), row)])
    case 'dict8':
    case 'dict16':
    case 'dict32': {
      const code = loadCode(scope, place, column.layout)
      const view = loadText(scope, word('dictionary-offsets'), word('dictionary-values'), code)
      return loaded([view])
    }
    default:
      return unreachable(column.layout)
  }
}

/** The dictionary code of the current row. */
export function loadCode(
  scope: EmitScope,
  place: ColumnPlace,
  layout: 'dict8' | 'dict16' | 'dict32',
): Local {
  const { f } = scope
  const code = f.local('i32')
  emitRowAddress(
    scope,
    partWord(scope, place, 'values'),
    scope.rowId(place.source),
    layoutBytes[layout],
  )
  f.memory(codeLoads[layout]).set(code)
  return code
}

const codeLoads = {
  dict8: 'i32.load8_u',
  dict16: 'i32.load16_u',
  dict32: 'i32.load',
} as const satisfies Record<string, MemoryOpcode>

/** Whether a nullable column is not NULL in the current row, 0 or 1. */
export function loadValidity(scope: EmitScope, place: ColumnPlace): Local {
  return loadBit(scope, partWord(scope, place, 'validity'), scope.rowId(place.source))
}

export function partWord(scope: EmitScope, place: ColumnPlace, part: ColumnPart): Local {
  const { source, index: column } = place
  return scope.word(scope.module.context.word({ kind: 'column', source, column, part }))
}

function emitRowAddress(scope: EmitScope, base: Local, row: Local, bytes: number): void {
  const { f } = scope
  f.get(base).get(row)
  if (bytes > 1) f.i32(Math.log2(bytes)).op('i32.shl')
  f.op('i32.add')
}

/** The bit of a row in a bitmap, as an i32 of 0 or 1. */
function loadBit(scope: EmitScope, base: Local, row: Local): Local {
  const { f } = scope
  const bit = f.local('i32')
  f.get(base).get(row).i32(3).op('i32.shr_u').op('i32.add').memory('i32.load8_u')
  f.get(row).i32(7).op('i32.and').op('i32.shr_u').i32(1).op('i32.and').set(bit)
  return bit
}

function loadText(scope: EmitScope, offsets: Local, values: Local, row: Local): Local {
  const { f } = scope
  const [slot, start, view] = [f.local('i32'), f.local('i32'), f.local('i64')]
  f.get(offsets).get(row).i32(2).op('i32.shl').op('i32.add').set(slot)
  f.get(slot).memory('i32.load').set(start)
  f.get(slot).memory('i32.load', 4).get(start).op('i32.sub').op('i64.extend_i32_u')
  f.i64(32n).op('i64.shl')
  f.get(values).get(start).op('i32.add').op('i64.extend_i32_u').op('i64.or').set(view)
  f.release(slot)
  f.release(start)
  return view
}

function integerLoad(layout: 'i8' | 'i16' | 'i32' | 'i64', lane: 'i32' | 'i64'): MemoryOpcode {
  if (layout === 'i64') return 'i64.load'
  if (layout === 'i32') return lane === 'i32' ? 'i32.load' : 'i64.load32_s'
  if (layout === 'i16') return lane === 'i32' ? 'i32.load16_s' : 'i64.load16_s'
  return lane === 'i32' ? 'i32.load8_s' : 'i64.load8_s'
}

/** What type and layout allow: both bound the value. */
function rangeOf(type: DataType, layout: Layout): ValueBounds {
  const bits = BigInt(layoutBytes[layout] * 8)
  const max = (1n << (bits - 1n)) - 1n
  if (type.kind !== 'decimal') return { min: -max - 1n, max }
  const digits = 10n ** BigInt(type.precision) - 1n
  return digits < max ? { min: -digits, max: digits } : { min: -max - 1n, max }
}
