import type { Arena } from '../../data/arenas/arena.ts'
import type { DataType } from '../../data/types/data-type.ts'
import { NO_ADDRESS, type Address, type Vector } from '../../data/vectors/vector.ts'
import { GrowingBlock } from './growing-block.ts'
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
  readonly toVector: (target: Arena, type: DataType) => Vector
  readonly release: () => void
}

/** `entriesWanted`: how many entries are of use. All but their bytes lies in `arena`, with which it goes. */
export function createDictionary(
  arena: Arena,
  kernels: Kernels,
  entriesWanted: number,
): GrowingDictionary {
  const entriesMax = Math.min(entriesWanted, ENTRIES_MAX)
  const slotCount = 2 ** Math.ceil(Math.log2(2 * entriesMax))
  const control = arena.allocate(CONTROL_BYTES)
  const slots = arena.allocateZeroed(4 * slotCount)
  const hashes = arena.allocate(8 * entriesMax)
  const offsets = arena.allocate(4 * (entriesMax + 1))
  let bytesMax = 0
  const bytes = new GrowingBlock(arena, kernels)
  bytes.grow(SLACK_BYTES, 0)
  const { view } = arena.heap
  view.setUint32(offsets, 0, true)
  const words = [0, entriesMax, 0, bytesMax, slotCount - 1, slots, hashes, offsets, bytes.address]
  words.forEach((word, index) => view.setUint32(control + 4 * index, word, true))
  const entries = (): number => view.getUint32(control, true)
  const usedBytes = (): number => view.getUint32(control + USED_BYTES, true)
  return {
    control,
    entries,
    reserve(more) {
      const wanted = Math.min(usedBytes() + more, BYTES_MAX)
      if (wanted <= bytesMax) return
      const grown = Math.min(Math.max(wanted, 2 * bytesMax), BYTES_MAX)
      bytes.grow(grown + SLACK_BYTES, usedBytes())
      bytesMax = grown
      view.setUint32(control + BYTES_BOUND, bytesMax, true)
      view.setUint32(control + BYTES, bytes.address, true)
    },
    toVector(target, type) {
      const length = Math.max(1, entries())
      const used = usedBytes()
      const values = target.allocate(used)
      const copy = target.allocate(4 * (length + 1))
      if (entries() === 0) view.setUint32(offsets + 4, 0, true)
      kernels.call('copy', values, bytes.address, used)
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
    release: () => bytes.release(),
  }
}
