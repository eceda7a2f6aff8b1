import type { Heap } from '../data/arenas/heap.ts'
import { chunksBytes } from '../data/vectors/chunk-bytes.ts'
import { ChunkLease } from '../data/vectors/chunk-lease.ts'
import type { Admission } from './admission.ts'
import type { QueryRunOptions } from './run-query.ts'

/** Results of less of the memory are not counted: hardly anything is there for long, and counting takes time. */
const HELD_PART_MIN = 1 / 256
/** So many values are few, whatever they are: a look at them would take longer than making them. */
const FEW_VALUES = 4_096

/** A result in memory, which is held until it is released; the same lease where it is not worth counting. */
export function heldResult(admission: Admission, heap: Heap, result: ChunkLease): ChunkLease {
  if (result.isKept || result.plain !== undefined) return result
  const [first] = result.chunks
  if (first === undefined || result.rows * first.columns.length <= FEW_VALUES) return result
  const bytes = chunksBytes(heap, result.chunks)
  if (bytes < heap.bytesMax * HELD_PART_MIN) return result
  return ChunkLease.together([result], admission.hold(bytes))
}

/** The same, so that what makes further rows is held until it has ended. */
export function withHeldStream(
  admission: Admission,
  heap: Heap,
  options: QueryRunOptions,
): QueryRunOptions {
  const { rest } = options
  if (rest === undefined) return options
  return {
    ...options,
    rest: (made) => {
      const { heldBytes, ended } = made
      if (heldBytes >= heap.bytesMax * HELD_PART_MIN) void ended.then(admission.hold(heldBytes))
      rest(made)
    },
  }
}
