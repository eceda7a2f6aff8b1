import { assert } from '../base/assert.ts'
import type { Chunk } from '../data/vectors/vector.ts'
import { WHOLE_OUTPUT } from '../scheduler/graph/task-graph.ts'

/** A reading of something held; its chunks stay until `release`, to be called once. */
export interface HeldRead {
  readonly chunks: readonly Chunk[]
  release(): void
}

/** Chunks in this process's heap by name. What is dropped stays until its last reader is done. */
export interface HeldResults {
  readonly size: number
  /** `pieces`: one list of chunks for each piece of the output. `free` gives the memory back. */
  hold(name: string, pieces: readonly (readonly Chunk[])[], free: () => void): void
  /** The chunks of a piece, for a reader that knows that they stay. */
  chunks(name: string, slice: number): readonly Chunk[] | undefined
  read(name: string, slice: number): HeldRead | undefined
  drop(name: string): void
  dropAll(): void
}

interface Held {
  readonly pieces: readonly (readonly Chunk[])[]
  readonly free: () => void
  readers: number
  isDropped: boolean
}

export function createHeldResults(): HeldResults {
  const held = new Map<string, Held>()
  const chunksOf = (name: string, slice: number): readonly Chunk[] | undefined => {
    const found = held.get(name)
    if (found === undefined) return undefined
    // Outputs that are not split have one piece, which is the whole.
    return found.pieces[slice === WHOLE_OUTPUT ? 0 : slice]
  }
  const drop = (name: string): void => {
    const found = held.get(name)
    if (found === undefined) return
    held.delete(name)
    found.isDropped = true
    if (found.readers === 0) found.free()
  }
  return {
    get size() {
      return held.size
    },
    hold(name, pieces, free) {
      assert(!held.has(name), `${name} is held twice`)
      held.set(name, { pieces, free, readers: 0, isDropped: false })
    },
    chunks: chunksOf,
    read(name, slice) {
      const found = held.get(name)
      const chunks = chunksOf(name, slice)
      if (found === undefined || chunks === undefined) return undefined
      found.readers++
      return {
        chunks,
        release() {
          if (--found.readers === 0 && found.isDropped) found.free()
        },
      }
    },
    drop,
    dropAll() {
      for (const name of held.keys()) drop(name)
    },
  }
}
