import { protocolViolation } from '../../base/protocol-violation.ts'
import type { Heap } from '../arenas/heap.ts'
import { valueForm } from '../types/catalogue.ts'
import { KEY_LENGTH_BYTES } from '../types/sort-key.ts'
import type { DataType } from '../types/data-type.ts'
import { widestLayout, type Layout, type Vector } from '../vectors/vector.ts'

const integers: ReadonlySet<Layout> = new Set(['i8', 'i16', 'i32', 'i64', 'i128'])
const texts: ReadonlySet<Layout> = new Set(['utf8', 'dict8', 'dict16', 'dict32'])

/** Whether values of a type can lie so: readers go by the layout, what comes out goes by the type. */
export function mayHaveLayout(type: DataType, layout: Layout): boolean {
  const widest = widestLayout(type)
  // Codes would tell apart what is equal.
  if (hasKeys(type)) return layout === widest
  for (const family of [integers, texts]) if (family.has(widest)) return family.has(layout)
  return layout === widest
}

/**
 * Refuses offsets and codes that lead out of their buffers, as generated code and kernels follow them
 * without looking. Once a buffer that came from another process, in one pass; `textBytes` is what its
 * values take. Throws PROTOCOL_VIOLATION.
 */
export function checkReferences(heap: Heap, vector: Vector, textBytes: number): void {
  const { layout, values } = vector
  if (layout === 'utf8') checkOffsets(heap, vector, textBytes)
  else if (layout === 'dict8') checkCodes(heap.u8, vector, values)
  else if (layout === 'dict16') {
    checkCodes(new Uint16Array(heap.memory.buffer), vector, values >>> 1)
  } else if (layout === 'dict32') checkCodes(heap.u32, vector, values >>> 2)
}

function checkOffsets({ u32 }: Heap, { offsets, length }: Vector, textBytes: number): void {
  const first = offsets >>> 2
  if (length === 0) {
    // NULLs have the code 0, also into a dictionary that is empty: it leads to an empty text.
    u32.fill(0, first, first + 2)
    return
  }
  let previous = 0
  // Ascending up to what the text takes: none can be beyond it.
  for (let at = first; at <= first + length; at++) {
    const offset = u32[at]!
    if (offset < previous) throw protocolViolation('text whose offsets do not ascend')
    previous = offset
  }
  if (previous !== textBytes) throw protocolViolation('text that ends elsewhere than announced')
}

/** Whether the bytes of a type's values say where in them something is. */
export function hasKeys(type: DataType): boolean {
  return valueForm(type) === 'keyed'
}

/**
 * Refuses values of such a type that say so of a place behind their end; their offsets were checked.
 * Values are empty, or end in the length of the key that they begin with. Throws PROTOCOL_VIOLATION.
 */
export function checkKeys({ u32, view }: Heap, { offsets, values, length }: Vector): void {
  const first = offsets >>> 2
  for (let at = first; at < first + length; at++) {
    const bytes = u32[at + 1]! - u32[at]!
    if (bytes === 0) continue
    const isWhole =
      bytes >= KEY_LENGTH_BYTES &&
      view.getUint32(values + u32[at + 1]! - KEY_LENGTH_BYTES, true) <= bytes - KEY_LENGTH_BYTES
    if (!isWhole) throw protocolViolation('a key that is longer than its value')
  }
}

function checkCodes(
  codes: Uint8Array | Uint16Array | Uint32Array,
  { length, dictionary }: Vector,
  first: number,
): void {
  const limit = Math.max(1, dictionary?.length ?? 0)
  let greatest = 0
  for (let at = first; at < first + length; at++) if (codes[at]! > greatest) greatest = codes[at]!
  if (greatest >= limit) throw protocolViolation('a code that its dictionary has not')
}
