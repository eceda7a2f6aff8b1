import { assert } from '../base/assert.ts'
import { fieldReader } from './row-values.ts'
import type { ColumnPlace, RowSource } from '../compile/pipeline/row-sources.ts'
import type { Arena } from '../data/arenas/arena.ts'
import type { Scalar } from '../data/types/scalar.ts'
import { vectorFromScalars } from '../data/vectors/from-scalars.ts'
import { scalarAt } from '../data/vectors/to-scalars.ts'
import { layoutBytes, NO_ADDRESS, type Address, type Vector } from '../data/vectors/vector.ts'

/**
 * A column of the rows with the given ids as a vector of its own, for a batch call-out. Dictionary
 * codes stay codes.
 */
export function gatherColumn(
  arena: Arena,
  source: RowSource,
  place: ColumnPlace,
  vectors: readonly Vector[] | undefined,
  ids: readonly number[],
): Vector {
  switch (source.kind) {
    case 'chunk': {
      const vector = vectors?.[place.index]
      assert(vector !== undefined, 'call-out over a chunk that is not bound')
      return gatherVector(arena, vector, ids)
    }
    case 'rows': {
      const field = source.layout.fields[place.index]
      assert(field !== undefined, 'field of a place')
      const read = fieldReader(arena.heap, field)
      return vectorFromScalars(arena, field.type, ids.map(read))
    }
    case 'mark': {
      const values: readonly Scalar[] = [false, true, null]
      return vectorFromScalars(
        arena,
        source.column.type,
        ids.map((id) => values[id] ?? null),
      )
    }
    case 'nulls': {
      const column = source.columns[place.index]
      assert(column !== undefined, 'NULL column of a place')
      return vectorFromScalars(
        arena,
        column.type,
        ids.map(() => null),
      )
    }
  }
}

function gatherVector(arena: Arena, vector: Vector, ids: readonly number[]): Vector {
  const { heap } = arena
  if (vector.dictionary === undefined) {
    return vectorFromScalars(
      arena,
      vector.type,
      ids.map((id) => scalarAt(heap, vector, id)),
    )
  }
  const bytes = layoutBytes[vector.layout]
  const values = arena.allocate(ids.length * bytes)
  ids.forEach((id, row) => {
    const from = vector.values + id * bytes
    heap.u8.copyWithin(values + row * bytes, from, from + bytes)
  })
  const validity = vector.validity === NO_ADDRESS ? NO_ADDRESS : gatherBits(arena, vector, ids)
  return { ...vector, length: ids.length, values, validity }
}

function gatherBits(arena: Arena, vector: Vector, ids: readonly number[]): Address {
  const { u8 } = arena.heap
  const bits = arena.allocateZeroed(Math.ceil(ids.length / 8))
  ids.forEach((id, row) => {
    const bit = ((u8[vector.validity + (id >> 3)] ?? 0) >> (id & 7)) & 1
    u8[bits + (row >> 3)] = (u8[bits + (row >> 3)] ?? 0) | (bit << (row & 7))
  })
  return bits
}
