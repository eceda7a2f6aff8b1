import { assert, present } from '../../base/assert.ts'
import type { RowSource } from '../../compile/model/shapes.ts'
import type { ColumnPlace } from '../../compile/model/lane-test.ts'
import type { Arena } from '../../data/arenas/arena.ts'
import type { Heap } from '../../data/arenas/heap.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { scalarAt } from '../../data/vectors/to-scalars.ts'
import { layoutBytes, NO_ADDRESS, type Address, type Vector } from '../../data/vectors/vector.ts'
import { fieldReader } from './row-values.ts'

/** What the ids of a source's rows stand for in the run at hand. */
export interface PlacedSource {
  readonly source: RowSource
  /** The columns of a chunk. */
  readonly vectors: readonly Vector[] | undefined
  /** The id of the row that an outer join is missing, of which every column is NULL. */
  readonly missing: number | undefined
}

/**
 * A dictionary-encoded column of the rows with the given ids as a vector of its own, for a call-out:
 * codes stay codes. Undefined for a column that has no dictionary.
 */
export function gatherCodes(
  arena: Arena,
  { source, vectors }: PlacedSource,
  place: ColumnPlace,
  ids: readonly number[],
): Vector | undefined {
  const vector = source.kind === 'chunk' ? vectors?.[place.index] : undefined
  if (vector?.dictionary === undefined) return undefined
  const { heap } = arena
  const bytes = layoutBytes[vector.layout]
  const values = arena.allocate(ids.length * bytes)
  ids.forEach((id, row) => {
    const from = vector.values + id * bytes
    heap.u8.copyWithin(values + row * bytes, from, from + bytes)
  })
  const validity = vector.validity === NO_ADDRESS ? NO_ADDRESS : gatherBits(arena, vector, ids)
  return { ...vector, length: ids.length, values, validity }
}

/** Reads a column by the ids of its source's rows. */
export function columnReader(
  heap: Heap,
  { source, vectors, missing }: PlacedSource,
  place: ColumnPlace,
): (id: number) => Scalar {
  switch (source.kind) {
    case 'chunk': {
      const vector = vectors?.[place.index]
      assert(vector !== undefined, 'call-out over a chunk that is not bound')
      return (id) => scalarAt(heap, vector, id)
    }
    case 'rows': {
      const field = present(source.layout.fields[place.index], 'field of a place')
      assert(source.nullExtended === (missing !== undefined), 'missing row of an outer join')
      const read = fieldReader(heap, field)
      // A field that is never NULL has no validity that could tell that its row is missing.
      return (id) => (id === missing ? null : read(id))
    }
    case 'computed':
      return fieldReader(heap, present(source.layout.fields[place.index], 'field of a place'))
    case 'mark':
      return (id) => markValues[id] ?? null
    case 'nulls':
      return () => null
  }
}

const markValues: readonly Scalar[] = [false, true, null]

function gatherBits(arena: Arena, vector: Vector, ids: readonly number[]): Address {
  const { u8 } = arena.heap
  const bits = arena.allocateZeroed(Math.ceil(ids.length / 8))
  ids.forEach((id, row) => {
    const bit = ((u8[vector.validity + (id >> 3)] ?? 0) >> (id & 7)) & 1
    u8[bits + (row >> 3)] = (u8[bits + (row >> 3)] ?? 0) | (bit << (row & 7))
  })
  return bits
}
