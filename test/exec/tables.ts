import type { Random } from '../../src/base/world.ts'
import type { Arena } from '../../src/data/arenas/arena.ts'
import { isKept } from '../../src/data/chunks/table-chunk.ts'
import type { DataType } from '../../src/data/types/data-type.ts'
import type { Scalar } from '../../src/data/types/scalar.ts'
import { vectorFromScalars } from '../../src/data/vectors/from-scalars.ts'
import { scalarsOf } from '../../src/data/vectors/column-scalars.ts'
import type {
  Address,
  Chunk,
  ColumnStatistics,
  Layout,
  Vector,
} from '../../src/data/vectors/vector.ts'
import type { TableEntry } from '../../src/plan/catalog/catalog.ts'

const words = ['', 'a', 'ab', 'abcdefgh', 'abcdefghi', 'Österreich', 'zz', 'the same long text, 1']

/** A value of a type: often small and repeated, sometimes extreme, NULL one time in `nullOneIn`. */
export function randomScalar(random: Random, type: DataType, nullOneIn: number): Scalar {
  const pick = (n: number): number => Math.floor(random.next() * n)
  if (nullOneIn > 0 && pick(nullOneIn) === 0) return null
  const extreme = pick(20) === 0
  switch (type.kind) {
    case 'bool':
      return pick(2) === 0
    case 'int2':
      return extreme ? [-32768, 32767][pick(2)]! : pick(9) - 4
    case 'int4':
      return extreme ? [-2147483648, 2147483647][pick(2)]! : pick(15) - 7
    case 'date':
      return pick(40) + 10_000
    case 'int8':
      return extreme ? [-(2n ** 63n), 2n ** 63n - 1n][pick(2)]! : BigInt(pick(12) - 3)
    case 'time':
      return BigInt(pick(5)) * 3_600_000_000n
    case 'timestamp':
    case 'timestamptz':
      return BigInt(pick(6) - 3) * 86_400_000_000n
    case 'float4':
      return Math.fround([0, -0, 1.5, -2.25, NaN, 3][pick(6)]!)
    case 'float8':
      return extreme ? [NaN, Infinity, -Infinity][pick(3)]! : [0, -0, 0.1, 2.5, -7.75][pick(5)]!
    case 'decimal': {
      const max = 10n ** BigInt(type.precision) - 1n
      return extreme ? [max, -max][pick(2)]! : BigInt(pick(2000) - 1000)
    }
    case 'numeric':
      return [
        { unscaled: 100n, scale: 2 },
        { unscaled: 1n, scale: 0 },
        { unscaled: -25n, scale: 1 },
        { unscaled: 0n, scale: 3 },
        { unscaled: 123456789012345678901234567890n, scale: 10 },
        { unscaled: 10n ** 300n, scale: 300 },
        { unscaled: -7n * 10n ** 60n - 1n, scale: 2 },
        { unscaled: 10n ** 50n + 7n, scale: 50 },
      ][pick(8)]!
    case 'interval':
      return [
        { months: 1, days: 0, micros: 0n },
        { months: 0, days: 30, micros: 0n },
        { months: 0, days: 29, micros: 86_400_000_000n },
        { months: -2, days: 5, micros: -7n },
      ][pick(4)]!
    case 'timetz':
      return ['10:00:00+02', '08:00:00+00', '24:00:00+00'][pick(3)]!
    case 'bpchar':
      return ['', 'a', 'a ', 'ab', 'b   '][pick(5)]!
    case 'jsonb':
      return ['1', '1.0', 'null', '[]', '{"a": 1}', '[1, "x"]'][pick(6)]!
    case 'array':
      return ['{}', '{1.0}', '{1.00}', '{1,NULL}', '{{2}}', '[0:0]={1}'][pick(6)]!
    case 'uuid':
      return [0n, 1n, -1n, 2n ** 64n, -(2n ** 127n), 2n ** 127n - 1n][pick(6)]!
    case 'bytea':
      return new Uint8Array([pick(3), 255])
    default:
      return words[pick(words.length)]!
  }
}

/** A table of random rows in several chunks of various layouts. */
export function randomTable(
  random: Random,
  arena: Arena,
  name: string,
  types: readonly DataType[],
  rows: number,
  nullOneIn = 7,
): TableEntry {
  const chunks: Chunk[] = []
  for (let left = rows; left > 0;) {
    const size = Math.min(left, 1 + Math.floor(random.next() * Math.max(1, rows)))
    const values = types.map((type) => {
      const nulls = random.next() < 0.3 ? 0 : nullOneIn
      return Array.from({ length: size }, () => randomScalar(random, type, nulls))
    })
    const columns = types.map((type, at) =>
      relayout(random, arena, vectorFromScalars(arena, type, values[at]!)),
    )
    const statistics = random.next() < 0.5 ? undefined : values.map(statisticsOf)
    chunks.push({ rows: size, columns, statistics })
    left -= size
  }
  return tableOf(name, types, chunks)
}

/** What is true of a chunk's column, as loading it would find. */
export function statisticsOf(scalars: readonly Scalar[]): ColumnStatistics {
  const values = scalars.filter((value) => value !== null)
  const integers = values.flatMap((value) =>
    typeof value === 'bigint' || Number.isInteger(value) ? [BigInt(value as bigint)] : [],
  )
  const known = integers.length === values.length && integers.length > 0
  const bound = (better: (a: bigint, b: bigint) => boolean): bigint | undefined =>
    known ? integers.reduce((a, b) => (better(a, b) ? a : b)) : undefined
  return {
    min: bound((a, b) => a < b),
    max: bound((a, b) => a > b),
    nullCount: scalars.length - values.length,
    distinct: undefined,
    ascending: false,
  }
}

export function tableOf(
  name: string,
  types: readonly DataType[],
  chunks: readonly Chunk[],
): TableEntry {
  return {
    kind: 'table',
    schema: 'public',
    name,
    columns: types.map((type, index) => ({ name: `c${index}`, type, nullable: true })),
    source: { kind: 'memory', id: name, chunks },
    statistics: {
      rows: chunks.reduce((total, chunk) => total + chunk.rows, 0),
      exact: true,
      columns: types.map(() => undefined),
    },
  }
}

/** The chunks of a table, all of which are in memory. */
export function chunksHere({ source }: TableEntry): readonly Chunk[] {
  if (source.kind !== 'memory') return []
  return source.chunks.flatMap((chunk) => (isKept(chunk) ? [] : [chunk]))
}

/** The same values in a dictionary, or in a narrower layout, where they fit; half of the time. */
function relayout(random: Random, arena: Arena, vector: Vector): Vector {
  if (random.next() < 0.5) return vector
  const values = scalarsOf(arena.heap, vector)
  if (vector.type.kind === 'text') return dictionaryOf(arena, vector, values)
  const integers = values.filter((v) => v !== null)
  const fits = (bits: number): boolean =>
    integers.every((v) => BigInt.asIntN(bits, BigInt(v as bigint | number)) === BigInt(v as bigint))
  const { layout } = vector
  if (layout !== 'i16' && layout !== 'i32' && layout !== 'i64' && layout !== 'i128') return vector
  const order: readonly Layout[] = ['i8', 'i16', 'i32', 'i64', 'i128']
  for (const [index, narrow] of order.slice(0, order.indexOf(layout)).entries()) {
    if (!fits(8 << index)) continue
    return { ...vector, layout: narrow, values: writeIntegers(arena, values, 1 << index) }
  }
  return vector
}

function writeIntegers(arena: Arena, values: readonly Scalar[], bytes: number): Address {
  const start = arena.allocateZeroed(values.length * bytes)
  const { view } = arena.heap
  values.forEach((value, row) => {
    let rest = BigInt.asUintN(bytes * 8, value === null ? 0n : BigInt(value as bigint | number))
    for (let at = 0; at < bytes; at++, rest >>= 8n) {
      view.setUint8(start + row * bytes + at, Number(rest & 255n))
    }
  })
  return start
}

function dictionaryOf(arena: Arena, vector: Vector, values: readonly Scalar[]): Vector {
  const distinct = [...new Set(values.filter((value) => value !== null))]
  const dictionary = vectorFromScalars(arena, vector.type, distinct.length > 0 ? distinct : [''])
  const codes = values.map((value) => (value === null ? 0 : distinct.indexOf(value)))
  const bytes = ([1, 2, 4] as const)[codes.length % 3] ?? 1
  const layout = ({ 1: 'dict8', 2: 'dict16', 4: 'dict32' } as const)[bytes]
  const at = writeIntegers(arena, codes, bytes)
  return { ...vector, layout, values: at, offsets: 0 as Address, dictionary }
}
