import type { Arena } from '../../data/arenas/arena.ts'
import type { Address } from '../../data/arenas/address.ts'
import { adoptNumerics } from '../../data/vectors/numeric-slots.ts'
import { layoutBytes, NO_ADDRESS, type Chunk, type Vector } from '../../data/vectors/vector.ts'
import type { Kernels } from './loader.ts'

/** Kernels take the bits of 64 rows at once. */
const WORD_ROWS = 64

/** Which rows of a column stay. */
export interface RowSelection {
  /** A bit a row, 0 behind the last one up to the end of a word of 64. */
  readonly bits: Address
  /** How many they are. */
  readonly count: number
}

/** Bits of rows in memory, as {@link RowSelection} has them. */
export function placedBits(arena: Arena, bits: Uint8Array): Address {
  const address = arena.allocateZeroed(Math.ceil(bits.length / (WORD_ROWS / 8)) * (WORD_ROWS / 8))
  arena.heap.u8.set(bits, address)
  return address
}

/** Some rows of a chunk, in their order; bounds and order are the chunk's, dictionaries too. */
export function selectedChunk(
  room: { readonly arena: Arena; readonly kernels: Kernels },
  { columns, statistics }: Chunk,
  selection: RowSelection,
): Chunk {
  const rows = selection.count
  const selected = columns.map((vector) => selectedColumn(room, vector, selection))
  return {
    rows,
    columns: selected,
    statistics: statistics?.map((known, at) => {
      const { validity } = selected[at]!
      const valid = validity === NO_ADDRESS ? rows : room.kernels.call('countBits', validity, rows)
      const nullCount = rows - valid
      if (valid === 0) return { ...known, min: undefined, max: undefined, nullCount, distinct: 0 }
      const { distinct } = known
      return { ...known, nullCount, distinct: distinct && Math.min(distinct, valid) }
    }),
  }
}

/** The values of a column in some of its rows; its dictionary is the column's. */
function selectedColumn(
  { arena, kernels }: { readonly arena: Arena; readonly kernels: Kernels },
  of: Vector,
  { bits, count }: RowSelection,
): Vector {
  const { layout, length } = of
  const validity = selectedValidity(arena, kernels, of, { bits, count })
  const selected = { ...of, length: count, validity }
  if (layout === 'utf8')
    return { ...selected, ...selectedTexts(arena, kernels, of, { bits, count }) }
  if (layout === 'bit') {
    const values = bitsOf(arena, count)
    kernels.call('selectBits', of.values, bits, length, values)
    return { ...selected, values }
  }
  const bytes = layoutBytes[layout]
  const values = arena.allocate(bytes * count)
  kernels.call('selectValues', of.values, bytes, bits, length, values)
  const made = { ...selected, values }
  if (layout === 'numeric') adoptNumerics(arena, made)
  return made
}

function selectedTexts(
  arena: Arena,
  kernels: Kernels,
  { length, offsets, values }: Vector,
  { bits, count }: RowSelection,
): Pick<Vector, 'offsets' | 'values'> {
  const { u32 } = arena.heap
  const [first, end] = [u32[offsets >>> 2] ?? 0, u32[(offsets >>> 2) + length] ?? 0]
  const made = {
    offsets: arena.allocate(4 * (count + 1)),
    values: arena.allocate(end - first),
  }
  const bytes = kernels.call(
    'selectTexts',
    offsets,
    values,
    bits,
    length,
    made.offsets,
    made.values,
  )
  arena.shrink(made.values, bytes)
  return made
}

function selectedValidity(
  arena: Arena,
  kernels: Kernels,
  { validity, length }: Vector,
  { bits, count }: RowSelection,
): Address {
  if (validity === NO_ADDRESS) return NO_ADDRESS
  const made = bitsOf(arena, count)
  kernels.call('selectBits', validity, bits, length, made)
  return kernels.call('countBits', made, count) === count ? NO_ADDRESS : made
}

/** Room for bits, which are written a word of 64 at a time, and one more. */
function bitsOf(arena: Arena, count: number): Address {
  return arena.allocate((Math.floor(count / WORD_ROWS) + 1) * (WORD_ROWS / 8))
}
