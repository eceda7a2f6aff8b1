import type { Random } from '../../../src/base/world.ts'
import type { Arena } from '../../../src/data/arenas/arena.ts'
import { listOf, writeArrayText } from '../../../src/data/types/array-text.ts'
import { writeRecordText } from '../../../src/data/types/record-text.ts'
import { formatScalar } from '../../../src/data/types/format-scalar.ts'
import {
  arrayOf,
  bool,
  json,
  bytea,
  uuid,
  date,
  decimal,
  float4,
  float8,
  int2,
  int4,
  int8,
  interval,
  numeric,
  text,
  time,
  timestamp,
  timestamptz,
  type DataType,
} from '../../../src/data/types/data-type.ts'
import type { Scalar } from '../../../src/data/types/scalar.ts'
import { vectorFromScalars, writeScalar } from '../../../src/data/vectors/from-scalars.ts'
import { WideNumerics } from '../../../src/data/vectors/numeric-slots.ts'
import {
  layoutBytes,
  NO_ADDRESS,
  type Chunk,
  type Layout,
  type Vector,
} from '../../../src/data/vectors/vector.ts'

export const everyType: readonly DataType[] = [
  bool,
  int2,
  int4,
  int8,
  float4,
  float8,
  decimal(5, 2),
  decimal(18, 0),
  decimal(38, 10),
  numeric,
  date,
  time,
  timestamp,
  timestamptz,
  interval,
  text,
  bytea,
  uuid,
  arrayOf({ kind: 'int4' }),
  json,
  arrayOf({ kind: 'text' }),
]

function bits(random: Random, width: number): bigint {
  let value = 0n
  for (let at = 0; at < width; at += 16) {
    value = (value << 16n) | BigInt(Math.floor(random.next() * 65_536))
  }
  const used = random.next() < 0.5 ? Math.floor(random.next() * width) + 1 : width
  return BigInt.asIntN(used, value)
}

function below(random: Random, bound: bigint): bigint {
  return BigInt.asUintN(128, bits(random, 128)) % bound
}

const words = ['', 'a', 'ä', 'heddle', '🙂', 'warp', 'x'.repeat(40), 'weft and weave']

/** A value of a type, extremes among them. */
export function randomScalar(random: Random, type: DataType): Scalar {
  switch (type.kind) {
    case 'bool':
      return random.next() < 0.5
    case 'int2':
    case 'int4':
      return Number(bits(random, type.kind === 'int2' ? 16 : 32))
    case 'date':
      return Number(bits(random, 21))
    case 'int8':
    case 'timestamp':
    case 'timestamptz':
      return bits(random, 64)
    case 'time':
      return below(random, 86_400_000_000n)
    case 'float4':
      return Math.fround(randomDouble(random))
    case 'float8':
      return randomDouble(random)
    case 'decimal': {
      const unscaled = below(random, 10n ** BigInt(type.precision))
      return random.next() < 0.5 ? -unscaled : unscaled
    }
    case 'numeric':
      return {
        unscaled: bits(random, random.next() < 0.2 ? 500 : 112),
        scale: Math.floor(random.next() * 30),
      }
    case 'interval':
      return {
        months: Number(bits(random, 32)),
        days: Number(bits(random, 32)),
        micros: bits(random, 53),
      }
    case 'enum':
      return type.labels[Math.floor(random.next() * type.labels.length)]!.code
    case 'timetz':
      return ['10:00:00+02', '08:00:00+00'][Math.floor(random.next() * 2)]!
    case 'oid':
    case 'reg':
      return BigInt.asUintN(32, bits(random, 32))
    case 'text':
    case 'bpchar':
    case 'unknown':
      return words[Math.floor(random.next() * words.length)]!
    case 'uuid':
      return bits(random, 128)
    case 'bit':
    case 'varbit':
      return ['', '1', '0101', '1'.repeat(40)][Math.floor(random.next() * 4)]!
    case 'json':
      return ['1', '{"a":  1}', '["x",null]'][Math.floor(random.next() * 3)]!
    case 'jsonpath':
      return ['$', '$."a"[*]'][Math.floor(random.next() * 2)]!
    case 'jsonb':
      return ['1.0', '{"a": 1}', '[]'][Math.floor(random.next() * 3)]!
    case 'array': {
      const { element } = type
      const items = Array.from({ length: Math.floor(random.next() * 4) }, () => {
        const value = random.next() < 0.2 ? null : randomScalar(random, element)
        return value === null ? null : formatScalar(value, element)
      })
      return writeArrayText(listOf(items))
    }
    case 'record':
      return writeRecordText(
        type.fields.map((field) => {
          const value = random.next() < 0.2 ? null : randomScalar(random, field.type)
          return value === null ? null : formatScalar(value, field.type)
        }),
      )
    case 'range':
      return ['empty', '[1,5)', '(,3)'][Math.floor(random.next() * 3)]!
    case 'multirange':
      return ['{}', '{[1,5)}', '{(,3),[7,)}'][Math.floor(random.next() * 3)]!
    case 'bytea':
      return Uint8Array.from({ length: Math.floor(random.next() * 9) }, () => random.next() * 256)
  }
}

function randomDouble(random: Random): number {
  const special = [0, -0, NaN, Infinity, -Infinity, Number.MAX_VALUE, 5e-324]
  if (random.next() < 0.2) return special[Math.floor(random.next() * special.length)]!
  return (random.next() - 0.5) * 10 ** Math.floor(random.next() * 40 - 20)
}

export function randomScalars(random: Random, type: DataType, length: number): Scalar[] {
  const nulls = [0, 0.1, 1][Math.floor(random.next() * 3)]!
  return Array.from({ length }, () => (random.next() < nulls ? null : randomScalar(random, type)))
}

/** An integer-like vector in a narrower layout; the values must fit. */
export function narrowed(arena: Arena, vector: Vector, layout: Layout, scalars: readonly Scalar[]) {
  const values = arena.allocateZeroed(layoutBytes[layout] * vector.length)
  const wide = new WideNumerics(arena)
  scalars.forEach((scalar, row) => {
    if (scalar !== null) writeScalar(arena.heap, values, layout, row, scalar, wide)
  })
  return { ...vector, layout, values }
}

/** A text vector as codes into a dictionary of its distinct values. */
export function coded(
  arena: Arena,
  type: DataType,
  layout: 'dict8' | 'dict16' | 'dict32',
  scalars: readonly Scalar[],
): Vector {
  const distinct = [...new Set(scalars.filter((scalar) => scalar !== null))]
  const dictionary = vectorFromScalars(arena, type, distinct.length === 0 ? [''] : distinct)
  const codes = scalars.map((scalar) => (scalar === null ? 0 : distinct.indexOf(scalar)))
  const values = arena.allocateZeroed(layoutBytes[layout] * scalars.length)
  const { view } = arena.heap
  codes.forEach((code, row) => {
    if (layout === 'dict8') view.setUint8(values + row, code)
    else if (layout === 'dict16') view.setUint16(values + 2 * row, code, true)
    else view.setUint32(values + 4 * row, code, true)
  })
  const { validity } = vectorFromScalars(arena, type, scalars)
  const { length } = scalars
  return { type, layout, length, validity, values, offsets: NO_ADDRESS, dictionary }
}

/** One column of every type, and of the narrowed and dictionary-coded layouts. */
export function chunkOfEverything(
  arena: Arena,
  random: Random,
  rows: number,
): { readonly chunk: Chunk; readonly columns: readonly (readonly Scalar[])[] } {
  const columns = everyType.map((type) => randomScalars(random, type, rows))
  const vectors = everyType.map((type, at) => vectorFromScalars(arena, type, columns[at]!))
  const small = Array.from({ length: rows }, () => BigInt(Math.floor(random.next() * 100) - 50))
  const wide = vectorFromScalars(arena, int8, small)
  const texts = randomScalars(random, text, rows)
  return {
    chunk: {
      rows,
      columns: [
        ...vectors,
        narrowed(arena, wide, 'i8', small),
        narrowed(arena, wide, 'i16', small),
        coded(arena, text, 'dict8', texts),
        coded(arena, text, 'dict16', texts),
        coded(arena, text, 'dict32', texts),
      ],
      statistics: undefined,
    },
    columns: [...columns, small, small, texts, texts, texts],
  }
}
