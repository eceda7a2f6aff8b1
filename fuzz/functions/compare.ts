import type { DataType } from '#heddle/data/types/data-type.js'

/** How two values compare: `close`: few floats lie between, where that is allowed. */
export type Comparison = 'same' | 'close' | 'other'

export function compareValues(
  ours: string | null,
  theirs: string | null,
  type: DataType,
  stepsMax: number,
): Comparison {
  if (ours === theirs) return 'same'
  if (ours === null || theirs === null || stepsMax === 0) return 'other'
  if (type.kind !== 'float8' && type.kind !== 'float4') return 'other'
  return steps(Number(ours), Number(theirs)) <= BigInt(stepsMax) ? 'close' : 'other'
}

const view = new DataView(new ArrayBuffer(8))

/** How many floats of 64 bits lie from one to the other. */
function steps(left: number, right: number): bigint {
  const distance = place(left) - place(right)
  return distance < 0n ? -distance : distance
}

/** Numbers the floats in their order. */
function place(value: number): bigint {
  view.setFloat64(0, value)
  const bits = view.getBigInt64(0)
  return bits < 0n ? -(bits & 0x7fff_ffff_ffff_ffffn) : bits
}
