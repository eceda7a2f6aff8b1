import type { TimeZone } from '../../data/zones/time-zone.ts'

/* Time zones as kernels read them: wasm/kernels/assembly/functions/zones.ts. */

const HEAD_BYTES = 16
const MICROS_PER_SECOND = 1_000_000n
const FIRST_MOMENT = -(2n ** 63n)

let last: { readonly zone: TimeZone; readonly bytes: Uint8Array } | undefined

/** A zone's table for kernels. */
export function zoneTable(zone: TimeZone): Uint8Array {
  if (last?.zone === zone) return last.bytes
  const { starts, offsets, cycleStart, cyclesBack } = zone
  const count = starts.length
  const bytes = new Uint8Array(HEAD_BYTES + 16 * count)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, count, true)
  view.setInt32(4, cycleStart === undefined ? -1 : firstFrom(starts, cycleStart), true)
  view.setUint32(8, cyclesBack ? 1 : 0, true)
  for (let at = 0; at < count; at++) {
    const start = starts[at]!
    const micros = Number.isFinite(start) ? BigInt(start) * MICROS_PER_SECOND : FIRST_MOMENT
    view.setBigInt64(HEAD_BYTES + 8 * at, micros, true)
    const offset = BigInt(offsets[at]!) * MICROS_PER_SECOND
    view.setBigInt64(HEAD_BYTES + 8 * (count + at), offset, true)
  }
  last = { zone, bytes }
  return bytes
}

/** The first start of the cycle: from here on all comes again after 400 years. */
function firstFrom(starts: Float64Array, cycleStart: number): number {
  return starts.findIndex((start) => start >= cycleStart)
}
