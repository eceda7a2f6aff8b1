import { unpack } from './bit-packing.ts'

/** The reference of `parquetDelta64`: undefined where the kernel returns 0. */
export function decodeDelta(source: Uint8Array, count: number): bigint[] | undefined {
  let at = 0
  const varint = (): bigint | undefined => {
    let value = 0n
    for (let i = 0n; i < 10n; i++) {
      const byte = source[at++]
      if (byte === undefined) return undefined
      value |= BigInt(byte & 127) << (7n * i)
      if (byte < 128) return BigInt.asUintN(64, value)
    }
    return undefined
  }
  const zigzag = (): bigint | undefined => {
    const raw = varint()
    return raw === undefined ? undefined : (raw >> 1n) ^ -(raw & 1n)
  }
  const [block, miniblocks, total, first] = [varint(), varint(), varint(), zigzag()]
  if (block === undefined || miniblocks === undefined || first === undefined) return undefined
  if (total !== BigInt(count) || miniblocks === 0n || miniblocks > 4_096n) return undefined
  const perMiniblock = Number(block / miniblocks)
  if (BigInt(perMiniblock) * miniblocks !== block) return undefined
  if (perMiniblock === 0 || perMiniblock > 8_192 || perMiniblock % 32 !== 0) return undefined
  const values = count === 0 ? [] : [first]
  while (values.length < count) {
    const least = zigzag()
    const widths = source.slice(at, at + Number(miniblocks))
    at += Number(miniblocks)
    if (least === undefined || at > source.length) return undefined
    for (const bits of widths) {
      const taken = Math.min(perMiniblock, count - values.length)
      if (taken === 0) break
      if (bits > 64 || at + Math.ceil((taken * bits) / 8) > source.length) return undefined
      for (const excess of unpack(source, at, bits, taken)) {
        values.push(BigInt.asIntN(64, values.at(-1)! + least + excess))
      }
      at = Math.min(at + (perMiniblock * bits) / 8, source.length)
    }
  }
  return values
}
