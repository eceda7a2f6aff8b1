import type { Arena } from '../../data/arenas/arena.ts'
import { isKept, type TableChunk } from '../../data/chunks/table-chunk.ts'
import {
  NO_ADDRESS,
  type Address,
  type Chunk,
  type Layout,
  type Vector,
} from '../../data/vectors/vector.ts'
import type { Kernels } from '../../wasm/kernels/loader.ts'
import { convertLayout } from '../../wasm/kernels/narrow.ts'
import type { Steps } from '../jobs/steps.ts'

type Narrow = 'i8' | 'i16' | 'i32' | 'i64'

const integerLayouts: readonly Layout[] = ['i8', 'i16', 'i32', 'i64'] satisfies readonly Narrow[]

/** What the small chunks of one column have in common. */
interface CommonShape {
  readonly nullable: boolean
  /** The widest of integer layouts, where they differ. */
  readonly layout: Narrow | undefined
}

/**
 * Gives chunks of at most `rowsMax` rows one shape, so that one module serves them all: rows that came
 * in one by one lie in chunks that differ in which columns have NULLs and how narrow they are, and a
 * module costs more than such a chunk. What has to be added to a chunk is made in `arena`. Kept chunks stay as
 * they are: there are no small ones, as a rule.
 */
export function* uniformChunks(
  chunks: readonly TableChunk[],
  rowsMax: number,
  arena: Arena,
  kernels: Kernels,
): Steps<readonly TableChunk[]> {
  const isSmall = (chunk: TableChunk): chunk is Chunk => !isKept(chunk) && chunk.rows <= rowsMax
  const small = chunks.filter(isSmall)
  const [first] = small
  if (first === undefined || small.length < 2) return chunks
  const shapes: CommonShape[] = []
  for (let at = 0; at < first.columns.length; at++) {
    shapes.push(commonShape(small, at))
    yield
  }
  const uniform: TableChunk[] = []
  for (const chunk of chunks) {
    uniform.push(isSmall(chunk) ? reshaped(chunk, shapes, arena, kernels) : chunk)
    yield
  }
  return uniform
}

function commonShape(chunks: readonly Chunk[], column: number): CommonShape {
  let nullable = false
  let [least, most] = [integerLayouts.length, -1]
  for (const { columns } of chunks) {
    const vector = columns[column]
    const width = vector === undefined ? -1 : integerLayouts.indexOf(vector.layout)
    if (width < least) least = width
    if (width > most) most = width
    nullable ||= vector !== undefined && vector.validity !== NO_ADDRESS
  }
  const differ = least >= 0 && least < most
  return { nullable, layout: differ ? (integerLayouts[most] as Narrow) : undefined }
}

function reshaped(
  chunk: Chunk,
  shapes: readonly CommonShape[],
  arena: Arena,
  kernels: Kernels,
): Chunk {
  let changed = false
  const columns = chunk.columns.map((vector, at): Vector => {
    const nullable = shapes[at]?.nullable === true && vector.validity === NO_ADDRESS
    const target = shapes[at]?.layout
    const layout = target === vector.layout ? undefined : target
    if (!nullable && layout === undefined) return vector
    changed = true
    const wide = layout === undefined ? vector : convertLayout(arena, kernels, vector, layout)
    return nullable ? { ...wide, validity: allValid(arena, vector.length) } : wide
  })
  return changed ? { ...chunk, columns } : chunk
}

function allValid(arena: Arena, rows: number): Address {
  const bytes = Math.ceil(rows / 8)
  const bits = arena.allocate(bytes)
  arena.heap.u8.fill(255, bits, bits + bytes)
  return bits
}
