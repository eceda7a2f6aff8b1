import { constants, deflateRawSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { seededRandom, type Random } from '../../../src/base/world.ts'
import * as reference from '../../../src/wasm/kernels/reference/inflate.ts'
import {
  arena,
  below,
  bytesAt,
  call,
  conformance,
  heap,
  kernels,
  pick,
  space,
  zeros,
} from './bench.ts'

const WORKSPACE_BYTES = 64 + 131_072 + 512
const WINDOW_BYTES = 32_768
const SLACK_BYTES = 258 + 16
const PAUSED = 0
const FINISHED = 1

/** Decodes with so much new input and room for output at each call; undefined: malformed. */
function inflate(
  source: Uint8Array,
  inputBytes: number,
  outputBytes: number,
): Uint8Array | undefined {
  const workspace = zeros(WORKSPACE_BYTES)
  const input = space(source.length + 1_024)
  const block = space(WINDOW_BYTES + outputBytes + SLACK_BYTES)
  const out = space(16)
  heap.u8.set(source, input)
  heap.u8.fill(0, input + source.length, input + source.length + 1_024)
  const pieces: Uint8Array[] = []
  let [at, end, kept] = [input, input, 0]
  for (;;) {
    end = Math.min(input + source.length, Math.max(end, at) + inputBytes)
    const last = Number(end === input + source.length)
    const from = block + kept
    const limit = from + outputBytes + SLACK_BYTES - 16
    call('inflate', workspace, at, end, last, block, from, limit, out)
    const [next = 0, to = 0, status] = [0, 4, 8].map((word) =>
      heap.view.getUint32(out + word, true),
    )
    if (status !== PAUSED && status !== FINISHED) return undefined
    pieces.push(bytesAt(from, to - from))
    if (status === FINISHED) return Buffer.concat(pieces)
    // Paused at the end of the input without any progress: it ends too early.
    if (last === 1 && to === from && next === at) return undefined
    at = next
    const window = Math.min(WINDOW_BYTES, to - block)
    heap.u8.copyWithin(block, to - window, to)
    kept = window
  }
}

function randomData(random: Random): Uint8Array {
  const alphabet = pick(random, [1, 3, 20, 256])
  const bytes = new Uint8Array(pick(random, [0, 1, 50, 1_000, 5_000]))
  for (let at = 0; at < bytes.length;) {
    const run = Math.min(bytes.length - at, below(random, 300))
    const distance = 1 + below(random, Math.max(1, at))
    const isCopy = at > 20 && random.next() < 0.4
    for (let i = 0; i <= run; i++, at++) {
      bytes[at] = isCopy ? (bytes[at - distance] ?? 0) : below(random, alphabet)
    }
  }
  return bytes
}

const strategies = ['Z_DEFAULT_STRATEGY', 'Z_FIXED', 'Z_HUFFMAN_ONLY', 'Z_RLE'] as const

function deflate(random: Random, data: Uint8Array): Uint8Array {
  const strategy = constants[pick(random, strategies)]
  return deflateRawSync(data, { level: pick(random, [0, 1, 6, 9]), strategy })
}

const hex = (bytes: Uint8Array | undefined): string | undefined =>
  bytes && Buffer.from(bytes).toString('hex')

conformance(['inflate'], () => {
  test('sound streams, whole and in pieces', () => {
    const random = seededRandom(1)
    for (let round = 0; round < 150; round++) {
      const data = randomData(random)
      const packed = deflate(random, data)
      expect(hex(reference.inflate(packed)?.bytes), `round ${round}`).toBe(hex(data))
      const pieces = pick(random, [
        [600, 20],
        [600, 5_000],
        [100_000, 100_000],
      ])
      expect(hex(inflate(packed, pieces[0]!, pieces[1]!)), `round ${round}`).toBe(hex(data))
      arena.release()
    }
  })

  test('damaged and shortened streams end as in the reference', () => {
    const random = seededRandom(2)
    for (let round = 0; round < 1_500; round++) {
      const packed = Uint8Array.from(deflate(random, randomData(random).subarray(0, 300)))
      const first = random.next() < 0.5 ? Math.min(30, packed.length) : packed.length
      for (let i = below(random, 3); i > 0; i--) packed[below(random, first)] = below(random, 256)
      const cut = random.next() < 0.3 ? packed.subarray(0, below(random, packed.length)) : packed
      const expected = hex(reference.inflate(cut)?.bytes)
      expect(hex(inflate(cut, 100_000, 200_000)), `round ${round}: ${hex(cut)}`).toBe(expected)
      arena.release()
    }
  })

  test('noise', () => {
    const random = seededRandom(3)
    for (let round = 0; round < 1_500; round++) {
      const noise = Uint8Array.from({ length: below(random, 80) }, () => below(random, 256))
      const expected = hex(reference.inflate(noise)?.bytes)
      expect(hex(inflate(noise, 100_000, 200_000)), `round ${round}: ${hex(noise)}`).toBe(expected)
      arena.release()
    }
  })
})

conformance(['crc32'], () => {
  describe('of bytes in two pieces', () => {
    test.each([0, 1, 7, 8, 9, 64, 1_001])('%i bytes', (length) => {
      const random = seededRandom(length)
      const bytes = Uint8Array.from({ length }, () => below(random, 256))
      const tables = space(8_192)
      for (let index = 0; index < 2_048; index++) {
        // Table k: a byte with k zeros behind it.
        const zerosBehind = new Uint8Array(1 + (index >> 8))
        zerosBehind[0] = index & 255
        const crc = reference.crc32(0xffff_ffff, zerosBehind) ^ 0xffff_ffff
        heap.view.setUint32(tables + 4 * index, crc >>> 0, true)
      }
      const at = space(length)
      heap.u8.set(bytes, at)
      const half = below(random, length + 1)
      const first = Number(kernels.call('crc32', 0, at, half, tables)) >>> 0
      const whole = Number(kernels.call('crc32', first, at + half, length - half, tables)) >>> 0
      expect(whole).toBe(reference.crc32(0, bytes))
    })
  })
})
