import { assert } from '../../base/assert.ts'
import { Arena } from '../../data/arenas/arena.ts'
import { int8, text, type DataType, type TypeKind } from '../../data/types/data-type.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import type { Field } from '../../data/types/schema.ts'
import { vectorFromScalars, writeScalar } from '../../data/vectors/from-scalars.ts'
import { WideNumerics } from '../../data/vectors/numeric-slots.ts'
import {
  layoutBytes,
  NO_ADDRESS,
  type Address,
  type ColumnStatistics,
  type Layout,
  type Vector,
} from '../../data/vectors/vector.ts'
import { QueryError } from '../../base/errors.ts'
import type { FileEntry } from '../../plan/catalog/catalog.ts'
import type { ReaderEnvironment } from './source.ts'

/** Constants are made for so many rows at least; of files of few rows each costs little. */
const CONSTANT_ROWS_MIN = 1_024

/** The hive partition columns of a table: all integers make a bigint column, anything else text. */
export function partitionFields(
  names: readonly string[],
  files: readonly FileEntry[],
): readonly Field[] {
  return names.map((name, index) => {
    const values = files.map((file) => file.partitionValues[index] ?? null)
    const present = values.filter((value) => value !== null)
    const isInteger = present.length > 0 && present.every((value) => isIntegerText(value))
    return { name, type: isInteger ? int8 : text, nullable: present.length < values.length }
  })
}

/** Statistics of a partition column over files with the given numbers of rows. */
export function partitionStatistics(
  field: Field,
  index: number,
  files: readonly FileEntry[],
  rows: readonly number[],
): ColumnStatistics {
  const values = files.map((file) => file.partitionValues[index] ?? null)
  const distinct = new Set(values.filter((value) => value !== null))
  const numbers = field.type.kind === 'int8' ? [...distinct].map((value) => BigInt(value)) : []
  return {
    min: numbers.length === 0 ? undefined : numbers.reduce((a, b) => (a < b ? a : b)),
    max: numbers.length === 0 ? undefined : numbers.reduce((a, b) => (a > b ? a : b)),
    nullCount: values.reduce((sum, value, at) => sum + (value === null ? (rows[at] ?? 0) : 0), 0),
    distinct: distinct.size,
    ascending: false,
  }
}

/** A file's value of a partition column. Throws BAD_FILE when the text is not of the column's type. */
export function partitionValue(file: FileEntry, index: number, type: DataType): Scalar {
  const value = file.partitionValues[index] ?? null
  if (value === null) return null
  if (type.kind === 'text') return value
  if (type.kind === 'int8' && isIntegerText(value)) return BigInt(value)
  if ((type.kind === 'int2' || type.kind === 'int4') && isIntegerText(value)) return Number(value)
  const details = { file: file.location, found: JSON.stringify(value) }
  throw new QueryError(
    'BAD_FILE',
    `partition value of "${file.location}" has a wrong type`,
    details,
  )
}

// Leading zeros are kept as text: 007 is a name, not a number.
function isIntegerText(value: string): boolean {
  return /^(?:0|-?[1-9]\d{0,17})$/.test(value)
}

/** Constant columns for the rows of one file, made for its longest chunk so far and cut to each chunk's length. */
export class PartitionVectors {
  readonly #env: ReaderEnvironment
  readonly #arena: Arena
  #file: FileEntry | undefined
  readonly #vectors = new Map<number, Vector>()

  constructor(env: ReaderEnvironment) {
    this.#env = env
    this.#arena = new Arena(env.heap)
  }

  /** The constant of partition column `index`, for the first `rows` rows of a chunk. */
  vector(file: FileEntry, index: number, type: DataType, rows: number): Vector {
    if (this.#file !== file) {
      this.#arena.release()
      this.#vectors.clear()
      this.#file = file
    }
    let vector = this.#vectors.get(index)
    if (vector === undefined || vector.length < rows) {
      const length = Math.max(CONSTANT_ROWS_MIN, 2 ** Math.ceil(Math.log2(rows)))
      vector = this.#constant(partitionValue(file, index, type), type, length)
      this.#vectors.set(index, vector)
    }
    return { ...vector, length: rows }
  }

  free(): void {
    this.#arena.release()
    this.#vectors.clear()
    this.#file = undefined
  }

  #constant(value: Scalar, type: DataType, length: number): Vector {
    const layout = constantLayout(value, type)
    const { kernels } = this.#env
    const zeroed = (bytes: number): Address => {
      const at = this.#arena.allocate(bytes)
      kernels.call('fill', at, 0, bytes)
      return at
    }
    const values = zeroed(length * layoutBytes[layout])
    const isText = layout === 'dict8'
    if (!isText && value !== null) this.#repeat(value, layout, values, length)
    const validity = value === null ? zeroed(Math.ceil(length / 8)) : NO_ADDRESS
    const dictionary = isText ? vectorFromScalars(this.#arena, type, [value ?? '']) : undefined
    return { type, layout, length, validity, values, offsets: NO_ADDRESS, dictionary }
  }

  /** Writes a value once, then twice as often with each copy. */
  #repeat(value: NonNullable<Scalar>, layout: Layout, values: Address, length: number): void {
    writeScalar(this.#env.heap, values, layout, 0, value, new WideNumerics(this.#arena))
    const end = length * layoutBytes[layout]
    for (let done = layoutBytes[layout]; done < end; done *= 2) {
      this.#env.kernels.call('copy', values + done, values, Math.min(done, end - done))
    }
  }
}

function constantLayout(value: Scalar, { kind }: DataType): Layout {
  if (kind === 'text') return 'dict8'
  assert(kind in integerBits, 'a partition column that is neither text nor whole numbers')
  const widest = integerBits[kind] ?? 64
  const integer = BigInt(typeof value === 'bigint' || typeof value === 'number' ? value : 0)
  const bits = ([8, 16, 32] as const).find(
    (some) => some <= widest && BigInt.asIntN(some, integer) === integer,
  )
  return bits === undefined ? 'i64' : `i${bits}`
}

/** Bits of the types of whole numbers that partition columns have. */
const integerBits: { readonly [K in TypeKind]?: number } = { int2: 16, int4: 32, int8: 64 }
