const shifts = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21]

const sines = Array.from({ length: 64 }, (_, index) =>
  Math.floor(Math.abs(Math.sin(index + 1)) * 2 ** 32),
)

/** The MD5 digest in lower-case hexadecimal (RFC 1321). */
export function md5(bytes: Uint8Array): string {
  const blocks = Math.ceil((bytes.length + 9) / 64)
  const message = new Uint8Array(blocks * 64)
  message.set(bytes)
  message[bytes.length] = 0x80
  const view = new DataView(message.buffer)
  view.setBigUint64(message.length - 8, BigInt(bytes.length) * 8n, true)
  let state: readonly number[] = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476]
  for (let block = 0; block < blocks; block++) state = mixBlock(view, block * 64, state)
  const digest = new DataView(new ArrayBuffer(16))
  state.forEach((word, index) => digest.setUint32(index * 4, word, true))
  return Array.from({ length: 16 }, (_, index) =>
    digest.getUint8(index).toString(16).padStart(2, '0'),
  ).join('')
}

function mixBlock(view: DataView, start: number, state: readonly number[]): readonly number[] {
  let [a = 0, b = 0, c = 0, d = 0] = state
  for (let step = 0; step < 64; step++) {
    const round = step >> 4
    const [mixed, word] = roundOf(round, step, b, c, d)
    const sum = (a + mixed + (sines[step] ?? 0) + view.getUint32(start + word * 4, true)) >>> 0
    const shift = shifts[round * 4 + (step & 3)] ?? 0
    const rotated = ((sum << shift) | (sum >>> (32 - shift))) >>> 0
    ;[a, d, c, b] = [d, c, b, (b + rotated) >>> 0]
  }
  const [a0 = 0, b0 = 0, c0 = 0, d0 = 0] = state
  return [(a0 + a) >>> 0, (b0 + b) >>> 0, (c0 + c) >>> 0, (d0 + d) >>> 0]
}

function roundOf(
  round: number,
  step: number,
  b: number,
  c: number,
  d: number,
): readonly [mixed: number, word: number] {
  if (round === 0) return [(b & c) | (~b & d), step]
  if (round === 1) return [(d & b) | (~d & c), (5 * step + 1) % 16]
  if (round === 2) return [b ^ c ^ d, (3 * step + 5) % 16]
  return [c ^ (b | ~d), (7 * step) % 16]
}
