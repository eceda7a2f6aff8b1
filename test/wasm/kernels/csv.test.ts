import { afterAll, expect, test } from 'vitest'
import { seededRandom } from '../../../src/base/world.ts'
import { Heap } from '../../../src/data/arenas/heap.ts'
import { loadKernels } from '../../../src/wasm/kernels/loader.ts'
import { referenceIndex, referenceInvalidUtf8 } from '../../../src/wasm/kernels/reference/csv.ts'

const heap = new Heap(Heap.createMemory(1 << 26))
const kernels = loadKernels(heap)
const text = heap.allocate(65_536)
const list = heap.allocate(4 * 65_536 + 192)
const out = heap.allocate(64)
afterAll(() => {
  for (const block of [text, list, out]) heap.free(block)
})

function put(bytes: Uint8Array): number {
  // What lies behind the text must not matter.
  heap.u8.fill(34, text, text + bytes.length + 128)
  heap.u8.set(bytes, text)
  return text + bytes.length
}

function index(bytes: Uint8Array, quote: number) {
  const end = put(bytes)
  const count = Number(kernels.call('csvIndex', text, end, 44, quote, list, out))
  const word = (at: number): number => heap.view.getUint32(out + 4 * at, true)
  const positions = Array.from(
    { length: count },
    (_, at) => heap.view.getUint32(list + 4 * at, true) - text,
  )
  return {
    positions,
    newlines: word(0),
    quotes: word(1),
    stray: (word(2) & 1) !== 0,
    ascii: (word(2) & 2) === 0,
    insideAtEnd: word(3) === 1,
  }
}

test('csvIndex equals its reference on random bytes', () => {
  const random = seededRandom(21)
  const alphabets = ['a,\n', 'a,\n"', ',"\r\n', '"\n', 'abcdefgh,ü\n', ',']
  for (let round = 0; round < 3_000; round++) {
    const alphabet = [...alphabets[round % alphabets.length]!]
    const length = Math.floor(random.next() * 300)
    const characters = Array.from(
      { length },
      () => alphabet[Math.floor(random.next() * alphabet.length)]!,
    )
    const bytes = new TextEncoder().encode(characters.join(''))
    for (const quote of [34, 256]) {
      const found = index(bytes, quote)
      expect(found, JSON.stringify(characters.join(''))).toEqual(referenceIndex(bytes, 44, quote))
    }
  }
})

test('findInvalidUtf8 equals its reference', () => {
  const random = seededRandom(22)
  const pieces = [
    'a',
    'plain ascii text of more than sixteen',
    'ü',
    '日',
    '🙂',
    '\u{10ffff}',
    '\ufeff',
  ]
  for (let round = 0; round < 2_000; round++) {
    const characters = Array.from(
      { length: Math.floor(random.next() * 20) },
      () => pieces[Math.floor(random.next() * pieces.length)]!,
    )
    const bytes = new TextEncoder().encode(characters.join(''))
    for (let i = 0; i < random.next() * 3 && bytes.length > 0; i++) {
      bytes[Math.floor(random.next() * bytes.length)] = Math.floor(random.next() * 256)
    }
    const end = put(bytes)
    const found = Number(kernels.call('findInvalidUtf8', text, end)) >>> 0
    expect(found === 0 ? -1 : found - text, bytes.join(' ')).toBe(referenceInvalidUtf8(bytes))
  }
})

test('findByte and countByte', () => {
  const random = seededRandom(23)
  for (let round = 0; round < 500; round++) {
    const bytes = Uint8Array.from({ length: Math.floor(random.next() * 200) }, () =>
      random.next() < 0.02 ? 34 : 97,
    )
    const end = put(bytes)
    const found = Number(kernels.call('findByte', text, end, 34)) >>> 0
    expect(found - text).toBe(bytes.includes(34) ? bytes.indexOf(34) : bytes.length)
    const count = Number(kernels.call('countByte', text, end, 34))
    expect(count).toBe(bytes.filter((byte) => byte === 34).length)
  }
})
