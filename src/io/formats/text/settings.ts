import type { Heap } from '../../../data/arenas/heap.ts'
import type { Address } from '../../../data/vectors/vector.ts'
import type { Scratch } from '../scratch.ts'
import type { TextDialect } from './dialect.ts'

const EMPTY_IS_NULL = 1
const HAS_NULL_STRINGS = 2
const NULLS_FIRST = 4
const STRICT = 8
const HEADER_BYTES = 12
const ENTRY_BYTES = 32

const encoder = new TextEncoder()

/** The block that the field kernels read (assembly/csv-fields.ts says how it lies). */
export function writeSettings(heap: Heap, scratch: Scratch, dialect: TextDialect): Address {
  const others = dialect.nullStrings.filter((text) => text !== '')
  const block = scratch.ensure(HEADER_BYTES + ENTRY_BYTES * others.length)
  const flags =
    (others.length < dialect.nullStrings.length ? EMPTY_IS_NULL : 0) |
    (others.length > 0 ? HAS_NULL_STRINGS : 0) |
    (others.some((text) => looksLikeValue(text)) ? NULLS_FIRST : 0) |
    (dialect.isInferred ? STRICT : 0)
  heap.view.setUint32(block, dialect.quote, true)
  heap.view.setUint32(block + 4, flags, true)
  heap.view.setUint32(block + 8, others.length, true)
  others.forEach((text, index) => {
    const bytes = encoder.encode(text)
    const entry = block + HEADER_BYTES + ENTRY_BYTES * index
    heap.view.setUint32(entry, bytes.length, true)
    heap.u8.set(bytes, entry + 4)
  })
  return block
}

/** Whether a fast parser could read the text as a number, a date or a boolean. */
function looksLikeValue(text: string): boolean {
  return /\d/.test(text) || /^(?:t|f|y|n|true|false)$/i.test(text)
}
