import { assert } from '../base/assert.ts'
import type { Lease } from '../data/arenas/lease.ts'
import { ChunkLease } from '../data/vectors/chunk-lease.ts'
import type { Chunk } from '../data/vectors/vector.ts'
import { WHOLE_OUTPUT } from '../scheduler/graph/task-graph.ts'

/** Chunks in this process's heap by name. What is dropped stays until its last reader is done. */
export interface HeldResults {
  readonly size: number
  /** Takes over a lease of one list of chunks for each piece of an output. */
  hold(name: string, lease: Lease<readonly (readonly Chunk[])[]>): void
  /** The chunks of a piece, for a reader that knows that they stay. */
  chunks(name: string, slice: number): readonly Chunk[] | undefined
  read(name: string, slice: number): ChunkLease | undefined
  drop(name: string): void
  dropAll(): void
}

interface Held {
  readonly lease: Lease<readonly (readonly Chunk[])[]>
  readers: number
  isDropped: boolean
}

export function createHeldResults(): HeldResults {
  const held = new Map<string, Held>()
  const chunksOf = (name: string, slice: number): readonly Chunk[] | undefined => {
    const found = held.get(name)
    if (found === undefined) return undefined
    // Outputs that are not split have one piece, which is the whole.
    return found.lease.value[slice === WHOLE_OUTPUT ? 0 : slice]
  }
  const drop = (name: string): void => {
    const found = held.get(name)
    if (found === undefined) return
    held.delete(name)
    found.isDropped = true
    if (found.readers === 0) found.lease.release()
  }
  return {
    get size() {
      return held.size
    },
    hold(name, lease) {
      assert(!held.has(name), `${name} is held twice`)
      held.set(name, { lease, readers: 0, isDropped: false })
    },
    chunks: chunksOf,
    read(name, slice) {
      const found = held.get(name)
      const chunks = chunksOf(name, slice)
      if (found === undefined || chunks === undefined) return undefined
      found.readers++
      return new ChunkLease(chunks, () => {
        if (--found.readers === 0 && found.isDropped) found.lease.release()
      })
    },
    drop,
    dropAll() {
      for (const name of held.keys()) drop(name)
    },
  }
}
