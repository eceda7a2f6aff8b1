import { expect, test } from 'vitest'
import { seededRandom, type Random } from '../../../src/base/world.ts'
import { Heap } from '../../../src/data/arenas/heap.ts'
import { lz4Decode } from '../../../src/wasm/kernels/reference/lz4.ts'
import { snappyDecode } from '../../../src/wasm/kernels/reference/snappy.ts'
import { little, varint } from '../../io/parquet/parquet-writer.ts'
import { below, conformance, watchedKernels } from './bench.ts'

const heap = new Heap(Heap.createMemory(67_108_864))
const kernels = watchedKernels(heap)
const CAPACITY = 4096
const SLACK = 64
const source = heap.allocate(65_536)
const target = heap.allocate(CAPACITY + 1024)
const scratch = heap.allocate(64)

/** Runs a kernel; the bytes behind the slack must stay as they are. */
function decode(
  name: 'lz4Decode' | 'snappyDecode',
  bytes: Uint8Array,
  capacity = CAPACITY,
): Uint8Array | undefined {
  heap.u8.set(bytes, source)
  heap.u8.fill(0xa5, source + bytes.length, source + bytes.length + SLACK)
  kernels.call('fill', target, 0x77, CAPACITY + 1024)
  const args = [source, bytes.length, target, capacity] as const
  const length =
    name === 'lz4Decode' ? kernels.call(name, ...args, scratch) : kernels.call(name, ...args)
  const behind = heap.u8.subarray(target + capacity + SLACK, target + CAPACITY + 1024)
  expect(
    behind.every((byte) => byte === 0x77),
    'writes past the slack',
  ).toBe(true)
  return length < 0 ? undefined : heap.u8.slice(target, target + length)
}

function hex(bytes: Uint8Array | undefined): string | undefined {
  return bytes && Buffer.from(bytes).toString('hex')
}

/** A random snappy block: literals of all length forms, copies of all offset forms. */
function snappyBlock(random: Random): Uint8Array {
  const bytes: number[] = []
  let length = 0
  for (let element = 0; element < 20 && length < 3000; element++) {
    const kind = length === 0 ? 0 : below(random, 4)
    if (kind === 0) {
      const literals = 1 + below(random, random.next() < 0.5 ? 20 : 300)
      if (literals <= 60) bytes.push((literals - 1) << 2)
      else if (literals <= 256) bytes.push(60 << 2, literals - 1)
      else bytes.push(61 << 2, ...little(literals - 1, 2))
      for (let i = 0; i < literals; i++) bytes.push(below(random, 256))
      length += literals
    } else {
      const distance = 1 + below(random, Math.min(length, kind === 1 ? 2047 : length))
      const copied = kind === 1 ? 4 + below(random, 8) : 1 + below(random, 64)
      if (kind === 1) bytes.push(((distance >> 8) << 5) | ((copied - 4) << 2) | 1, distance & 255)
      else if (kind === 2) bytes.push(((copied - 1) << 2) | 2, ...little(distance, 2))
      else bytes.push(((copied - 1) << 2) | 3, ...little(distance, 4))
      length += copied
    }
  }
  return Uint8Array.from([...varint(length), ...bytes])
}

function lz4Block(random: Random): Uint8Array {
  const bytes: number[] = []
  let length = 0
  for (let sequence = 0; sequence < 12; sequence++) {
    const last = sequence === 11
    const literals = below(random, random.next() < 0.6 ? 15 : 300) + Number(length === 0)
    const matched = last ? 0 : below(random, random.next() < 0.6 ? 15 : 100)
    bytes.push((Math.min(literals, 15) << 4) | Math.min(matched, 15))
    if (literals >= 15) bytes.push(...longForm(literals - 15))
    for (let i = 0; i < literals; i++) bytes.push(below(random, 256))
    length += literals
    if (last) break
    bytes.push(...little(1 + below(random, length), 2))
    if (matched >= 15) bytes.push(...longForm(matched - 15))
    length += matched + 4
  }
  return Uint8Array.from(bytes)
}

function longForm(rest: number): number[] {
  const bytes: number[] = []
  let left = rest
  for (; left >= 255; left -= 255) bytes.push(255)
  return [...bytes, left]
}

const codecs = [
  ['snappyDecode', snappyBlock, snappyDecode],
  ['lz4Decode', lz4Block, lz4Decode],
] as const

for (const [name, make, reference] of codecs) {
  conformance([name], () => {
    test('sound blocks', () => {
      const random = seededRandom(31)
      for (let round = 0; round < 500; round++) {
        const block = make(random)
        const expected = reference(block, CAPACITY)
        expect(expected, `round ${round}`).toBeDefined()
        expect(hex(decode(name, block)), `round ${round}`).toBe(hex(expected))
        // One byte too little room.
        const tight = (expected?.length ?? 1) - 1
        expect(decode(name, block, tight), `round ${round}`).toBeUndefined()
      }
    })

    test('damaged blocks end as in the reference', () => {
      const random = seededRandom(37)
      for (let round = 0; round < 2000; round++) {
        const block = make(random)
        for (let i = 0; i < 1 + below(random, 3); i++)
          block[below(random, block.length)] = below(random, 256)
        const cut = random.next() < 0.2 ? block.subarray(0, below(random, block.length)) : block
        expect(hex(decode(name, cut)), `round ${round}`).toBe(hex(reference(cut, CAPACITY)))
      }
    })

    test('noise', () => {
      const random = seededRandom(41)
      for (let round = 0; round < 2000; round++) {
        const noise = Uint8Array.from({ length: below(random, 60) }, () => below(random, 256))
        expect(decode(name, noise), `round ${round}`).toEqual(reference(noise, CAPACITY))
      }
    })
  })
}
