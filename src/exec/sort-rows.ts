import type { SortShape } from '../compile/pipeline/pipeline.ts'
import { present } from '../base/assert.ts'
import type { RowField } from '../compile/pipeline/row-layout.ts'
import { Arena } from '../data/arenas/arena.ts'
import { NO_ADDRESS, type Address } from '../data/vectors/vector.ts'
import type { Page } from './jobs.ts'
import type { ThreadEnvironment } from './thread.ts'

// The description of a sort key that the kernels read, see assembly/sort.ts.
const KEY_BYTES = 40
const PREFIX_BITS = 64
const ENTRY_BYTES = 16
const COUNT_BYTES = 4_096 * 8
const flags = { descending: 1, nullsFirst: 2, hasNulls: 4 } as const
const kinds = { i32: 0, i64: 1, f32: 2, f64: 3, i128: 4, numeric: 5, interval: 6, text: 7 } as const
type Kind = keyof typeof kinds

/** Entries (prefix, row address) of sorted rows, in `arena`. */
export interface SortedEntries {
  readonly entries: Address
  readonly count: number
}

/**
 * Sorts rows by their keys: the keys are packed into 64 bits as far as they fit, normalized by their
 * smallest and largest value, and radix sorted; what the prefix leaves open is compared.
 */
export function sortRows(
  env: ThreadEnvironment,
  arena: Arena,
  sort: SortShape,
  pages: readonly Page[],
): SortedEntries {
  const { kernels, heap } = env
  const { rowBytes } = sort.layout
  const count = pages.reduce((total, page) => total + page.rows, 0)
  if (count === 0) return { entries: NO_ADDRESS, count }
  const scratch = new Arena(heap)
  try {
    const { keys, bits, exact } = describeKeys(env, scratch, sort, pages)
    const entries = arena.allocate(count * ENTRY_BYTES)
    const other = scratch.allocate(count * ENTRY_BYTES)
    let at = entries as number
    for (const { address, rows } of pages) {
      kernels.call('sortEntries', keys, sort.keys.length, address, rows, rowBytes, at)
      at += rows * ENTRY_BYTES
    }
    kernels.call('sortRadix', entries, other, count, bits, scratch.allocate(COUNT_BYTES))
    if (!exact) kernels.call('sortTies', keys, sort.keys.length, entries, count, other)
    return { entries, count }
  } finally {
    scratch.release()
  }
}

function describeKeys(
  env: ThreadEnvironment,
  scratch: Arena,
  sort: SortShape,
  pages: readonly Page[],
): { readonly keys: Address; readonly bits: number; readonly exact: boolean } {
  const { heap, kernels } = env
  const { view } = heap
  const keys = scratch.allocateZeroed(Math.max(1, sort.keys.length) * KEY_BYTES)
  const bounds = scratch.allocate(32)
  let used = 0
  let exact = true
  sort.keys.forEach((key, index) => {
    const field = present(sort.layout.fields[key.field], 'field of a sort key')
    const kind = kindOf(field)
    const at = keys + index * KEY_BYTES
    view.setUint32(at, kinds[kind], true)
    view.setUint32(at + 4, present(field.lanes[0], 'lane of a sort key').offset, true)
    view.setInt32(at + 8, field.validOffset ?? -1, true)
    view.setBigInt64(bounds, 2n ** 63n - 1n, true)
    view.setBigInt64(bounds + 8, -(2n ** 63n), true)
    view.setBigInt64(bounds + 16, 0n, true)
    for (const { address, rows } of pages) {
      kernels.call('sortBounds', at, address, rows, sort.layout.rowBytes, bounds)
    }
    const hasNulls = view.getUint32(bounds + 16, true) !== 0
    const hasValues = view.getUint32(bounds + 20, true) !== 0
    const min = hasValues ? view.getBigInt64(bounds, true) : 0n
    const max = hasValues ? view.getBigInt64(bounds + 8, true) : 0n
    view.setUint32(
      at + 12,
      (key.descending ? flags.descending : 0) |
        (key.nullsFirst ? flags.nullsFirst : 0) |
        (hasNulls ? flags.hasNulls : 0),
      true,
    )
    view.setBigInt64(at + 16, min, true)
    view.setBigInt64(at + 24, max, true)
    // Behind a key that is not whole in the prefix, later keys must not decide.
    const room = exact ? PREFIX_BITS - used : 0
    const fitted = fitKey(kind, max - min, hasNulls, room)
    view.setUint32(at + 32, fitted.bits, true)
    view.setUint32(at + 36, fitted.dropped, true)
    used += fitted.bits
    exact &&= fitted.exact
  })
  return { keys, bits: used, exact }
}

/** How many bits a key gets, and how many low bits of its value are left out. */
function fitKey(
  kind: Kind,
  range: bigint,
  hasNulls: boolean,
  room: number,
): { readonly bits: number; readonly dropped: number; readonly exact: boolean } {
  const nullBits = hasNulls ? 1 : 0
  if (room <= nullBits) return { bits: 0, dropped: 0, exact: false }
  if (kind === 'text') return { bits: room, dropped: 0, exact: false }
  if (kinds[kind] > kinds.f64) return { bits: nullBits, dropped: 0, exact: false }
  const wanted = range <= 0n ? 0 : range.toString(2).length
  const valueBits = Math.min(wanted, room - nullBits)
  const dropped = wanted - valueBits
  return { bits: valueBits + nullBits, dropped, exact: dropped === 0 }
}

function kindOf(field: RowField): Kind {
  switch (field.type.kind) {
    case 'text':
    case 'bytea':
    case 'unknown':
      return 'text'
    case 'numeric':
    case 'interval':
      return field.type.kind
    case 'float4':
      return 'f32'
    case 'float8':
      return 'f64'
    default:
      if (field.lanes.length === 2) return 'i128'
      return field.lanes[0]?.type === 'i32' ? 'i32' : 'i64'
  }
}
