import { assert } from '../../base/assert.ts'
import {
  address,
  layoutBytes,
  NO_ADDRESS,
  type Address,
  type Chunk,
  type Vector,
} from './vector.ts'

/** Where rows begin at such multiples, their buffers begin at whole lines of the cache, bits too. */
export const VIEW_ROWS = 512

/** Rows of a chunk that begin at a multiple of {@link VIEW_ROWS}, in the same memory. Its bounds hold for them too. */
export function viewOfRows(chunk: Chunk, from: number, to: number): Chunk {
  assert(from % VIEW_ROWS === 0 && from <= to && to <= chunk.rows, 'rows that a view may have')
  if (from === 0 && to === chunk.rows) return chunk
  const { statistics } = chunk
  return {
    rows: to - from,
    columns: chunk.columns.map((vector) => viewOfVector(vector, from, to - from)),
    statistics: statistics?.map((known) => {
      const { distinct } = known
      return {
        ...known,
        distinct: distinct === undefined ? distinct : Math.min(distinct, to - from),
      }
    }),
  }
}

function viewOfVector(vector: Vector, from: number, rows: number): Vector {
  const { layout, validity, values, offsets } = vector
  const bits = (start: Address): Address => address(start + from / 8)
  const parts = {
    length: rows,
    validity: validity === NO_ADDRESS ? validity : bits(validity),
  }
  // Texts lie where their offsets say, wherever the first one begins.
  if (layout === 'utf8') return { ...vector, ...parts, offsets: address(offsets + 4 * from) }
  if (layout === 'bit') return { ...vector, ...parts, values: bits(values) }
  return { ...vector, ...parts, values: address(values + layoutBytes[layout] * from) }
}
