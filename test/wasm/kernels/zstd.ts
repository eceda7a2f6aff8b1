import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { seededRandom } from '../../../src/base/world.ts'
import { Heap } from '../../../src/data/arenas/heap.ts'
import { zstdDecode } from '../../../src/wasm/kernels/reference/zstd.ts'
import { duckdb } from '../../io/parquet/reading.ts'
import { conformance, watchedKernels } from './bench.ts'

const heap = new Heap(Heap.createMemory(67_108_864))
const kernels = watchedKernels(heap)
const CAPACITY = 1_000_000
const source = heap.allocate(CAPACITY)
const target = heap.allocate(CAPACITY + 1024)
const workspace = heap.allocate(24_576 + 131_072 + 128)

function decode(bytes: Uint8Array, capacity = CAPACITY): string {
  heap.u8.set(bytes, source)
  kernels.call('fill', source + bytes.length, 0xa5, 64)
  kernels.call('fill', target + capacity, 0x77, 1024)
  const length = Number(
    kernels.call('zstdDecode', source, bytes.length, target, capacity, workspace),
  )
  const behind = heap.u8.slice(target + capacity + 64, target + capacity + 1024)
  if (behind.some((byte) => byte !== 0x77)) throw new Error('writes past the slack')
  return length < 0
    ? 'refused'
    : Buffer.from(heap.u8.slice(target, target + length)).toString('latin1')
}

function expected(bytes: Uint8Array, capacity = CAPACITY): string {
  try {
    return Buffer.from(zstdDecode(bytes, capacity)).toString('latin1')
  } catch (error) {
    if (error instanceof RangeError) return 'refused'
    throw error
  }
}

// What makes the compressor use raw, run-length and Huffman literals, all table modes, repeats.
const contents: readonly (readonly [string, string])[] = [
  ['one row', "select 'x' as a"],
  ['a run', "select repeat('y', 50000) as a"],
  ['numbers', 'select i, i * 37 % 1000 from range(6000) t(i)'],
  ['noise', 'select hash(i) from range(3000) t(i)'],
  [
    'words',
    "select ['quick', 'brown', 'fox', 'jumps'][(hash(i) % 4 + 1)::integer] as w, i % 17 from range(9000) t(i)",
  ],
  // So many sequences a block that other code runs them.
  [
    'short matches',
    "select 'abcd' || lpad((hash(i) % 1000)::varchar, 3, '0') from range(40000) t(i)",
  ],
  [
    'more than a block',
    "select 'row ' || i || ' of ' || (i % 100), md5(i::varchar) from range(6000) t(i)",
  ],
]

conformance(['zstdDecode'], () => {
  const folder = mkdtempSync(join(tmpdir(), 'heddle-zstd-'))
  const frames = new Map<string, { readonly frame: Uint8Array; readonly text: string }>()
  beforeAll(async () => {
    const connection = await duckdb()
    for (const [name, sql] of contents) {
      const path = join(folder, 'file.csv')
      await connection.run(`copy (${sql}) to '${path}' (format csv, header false)`)
      await connection.run(
        `copy (${sql}) to '${path}.zst' (format csv, header false, compression zstd)`,
      )
      frames.set(name, {
        frame: new Uint8Array(readFileSync(`${path}.zst`)),
        text: readFileSync(path, 'latin1'),
      })
    }
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  test.each(contents.map(([name]) => name))('%s', (name) => {
    const { frame, text } = frames.get(name)!
    expect(decode(frame) === text).toBe(true)
    expect(expected(frame) === text).toBe(true)
    // Frames follow each other, and skippable ones stand between.
    const skippable = [0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]
    const several = Uint8Array.from([...skippable, ...frame, ...skippable, ...frame])
    expect(decode(several) === text + text).toBe(true)
    expect(decode(frame, text.length) === text).toBe(true)
    expect(decode(frame, text.length - 1)).toBe('refused')
  })

  test('a dictionary is refused', () => {
    const frame = Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, 0x21, 7, 1, 9, 0, 0, 65])
    expect(decode(frame)).toBe('refused')
  })

  test('damaged frames end as in the reference', () => {
    const random = seededRandom(77)
    const below = (limit: number): number => Math.floor(random.next() * limit)
    let decoded = 0
    for (let round = 0; round < 400; round++) {
      const name = ['one row', 'a run', 'numbers', 'words', 'short matches'][round % 5]!
      const damaged = frames.get(name)!.frame.slice()
      for (let i = 0; i < 1 + below(2); i++) {
        // Headers and tables come first: most damage is done there.
        const at = below(random.next() < 0.7 ? Math.min(200, damaged.length) : damaged.length)
        damaged[at] = damaged[at]! ^ (1 << below(8))
      }
      const cut = random.next() < 0.1 ? damaged.subarray(0, below(damaged.length)) : damaged
      const [found, wanted] = [decode(cut), expected(cut)]
      expect(found === wanted, `seed 77, round ${round} (${name})`).toBe(true)
      if (found !== 'refused') decoded++
    }
    expect(decoded).toBeGreaterThan(20)
  })
})
