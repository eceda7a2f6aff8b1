/**
 * A uuid is a signed integer of 128 bits: its bytes read from the first on, the topmost bit turned. So
 * the order of the integers is that of the bytes, and what holds and compares wide decimals does so
 * with uuids.
 */

export const UUID_BYTES = 16
const TOP_BIT = 1n << 127n

export const UUID_BOUNDS = { min: -TOP_BIT, max: TOP_BIT - 1n } as const

/** The uuid of 32 hexadecimal digits. */
export function uuidOfDigits(digits: string): bigint {
  return BigInt(`0x${digits}`) - TOP_BIT
}

export function uuidText(value: bigint): string {
  const digits = (value + TOP_BIT).toString(16).padStart(2 * UUID_BYTES, '0')
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** The uuid whose first and last eight bytes are these, as unsigned numbers. */
export function uuidOfWords(first: bigint, last: bigint): bigint {
  return ((first << 64n) | last) - TOP_BIT
}

/** The uuid of 16 bytes that begin somewhere. */
export function uuidOfBytes(bytes: Uint8Array, start = 0): bigint {
  let value = 0n
  for (let at = start; at < start + UUID_BYTES; at++) value = (value << 8n) | BigInt(bytes[at] ?? 0)
  return value - TOP_BIT
}

/** Writes its 16 bytes. */
export function writeUuid(value: bigint, target: Uint8Array, start = 0): void {
  let rest = value + TOP_BIT
  for (let at = start + UUID_BYTES - 1; at >= start; at--) {
    target[at] = Number(rest & 0xffn)
    rest >>= 8n
  }
}
