import type { Arena } from '../../data/arenas/arena.ts'
import type { Heap } from '../../data/arenas/heap.ts'
import type { DataType } from '../../data/types/data-type.ts'
import { address, NO_ADDRESS, type Address, type Vector } from '../../data/vectors/vector.ts'
import type { Kernels } from './loader.ts'

/** What a dictionary may hold; beyond it a column stays plain text. */
const ENTRIES_MAX = 65_536
const BYTES_MAX = 4_194_304
const CONTROL_BYTES = 64
// Places in the control block.
const USED_BYTES = 8
const BYTES_BOUND = 12
const BYTES = 32
/** Space for the bytes of the longest entries behind the bound, as kernels read on. */
const SLACK_BYTES = 64

/** Distinct texts with their codes, in the order they came; grows while a table is built. */
export interface GrowingDictionary {
  /** Makes room for so many more bytes of entries, within the bound of all. */
  readonly reserve: (bytes: number) => void
  /** The control block that the kernels take. */
  readonly control: Address
  readonly entries: () => number
  /** A copy as a vector; at least one entry, as NULL slots hold code 0. */
  readonly toVector: (arena: Arena, type: DataType) => Vector
  readonly release: () => void
}

/** `entriesWanted`: how many entries are of use. */
export function createDictionary(
  heap: Heap,
  kernels: Kernels,
  entriesWanted: number,
): GrowingDictionary {
  const entriesMax = Math.min(entriesWanted, ENTRIES_MAX)
  const slotCount = 2 ** Math.ceil(Math.log2(2 * entriesMax))
  const control = heap.allocate(CONTROL_BYTES)
  const slots = heap.allocate(4 * slotCount)
  const hashes = heap.allocate(8 * entriesMax)
  const offsets = heap.allocate(4 * (entriesMax + 1))
  let bytesMax = 0
  let bytes = heap.allocate(SLACK_BYTES)
  heap.fill(slots, 0, 4 * slotCount)
  const { view } = heap
  view.setUint32(offsets, 0, true)
  const words = [0, entriesMax, 0, bytesMax, slotCount - 1, slots, hashes, offsets, bytes]
  words.forEach((word, index) => view.setUint32(control + 4 * index, word, true))
  const entries = (): number => view.getUint32(control, true)
  const usedBytes = (): number => view.getUint32(control + USED_BYTES, true)
  return {
    control,
    entries,
    reserve(more) {
      const wanted = Math.min(usedBytes() + more, BYTES_MAX)
      if (wanted <= bytesMax) return
      bytesMax = Math.min(Math.max(wanted, 2 * bytesMax), BYTES_MAX)
      const grown = heap.allocate(bytesMax + SLACK_BYTES)
      kernels.call('copy', grown, bytes, usedBytes())
      heap.free(bytes)
      bytes = grown
      view.setUint32(control + BYTES_BOUND, bytesMax, true)
      view.setUint32(control + BYTES, bytes, true)
    },
    toVector(arena, type) {
      const length = Math.max(1, entries())
      const used = usedBytes()
      const values = arena.allocate(used)
      const copy = arena.allocate(4 * (length + 1))
      if (entries() === 0) view.setUint32(offsets + 4, 0, true)
      kernels.call('copy', values, bytes, used)
      kernels.call('copy', copy, offsets, 4 * (length + 1))
      return {
        type,
        layout: 'utf8',
        length,
        validity: NO_ADDRESS,
        values,
        offsets: copy,
        dictionary: undefined,
      }
    },
    release() {
      for (const block of [control, slots, hashes, offsets, bytes]) heap.free(address(block))
    },
  }
}
