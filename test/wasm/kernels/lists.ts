import { expect, test } from 'vitest'
import { seededRandom, type Random } from '../../../src/base/world.ts'
import { listCells } from '../../../src/compile/model/row-layout.ts'
import {
  below,
  call,
  conformance,
  heap,
  integers,
  pick,
  place,
  space,
  words,
  zeros,
} from './bench.ts'

const CELLS_AT = 8
const GROUP_BYTES = 32
const ROW_BYTES = 24
const names = [
  'listGrow',
  'listMerge',
  'listCount',
  'listBounds',
  'listRows',
  'listEntries',
  'listSort',
]

/** Groups of lists of rows, which begin with a number of eight bytes. */
class Lists {
  readonly groups: number
  readonly count: number
  readonly numbers: bigint[][]
  readonly #space: number

  constructor(count: number) {
    this.count = count
    this.groups = zeros(count * GROUP_BYTES)
    this.numbers = Array.from({ length: count }, () => [])
    this.#space = zeros(8)
  }

  cells(group: number): number {
    return this.groups + group * GROUP_BYTES + CELLS_AT
  }

  add(group: number, value: bigint): void {
    const { u32, view } = heap
    const cells = this.cells(group)
    const word = cells >>> 2
    const cursor = (): number => u32[word + listCells.cursor] ?? 0
    if (cursor() === u32[word + listCells.end]) {
      const wanted = call('listGrow', this.#space, cells, ROW_BYTES)
      if (wanted > 0) {
        const block = space(Math.max(wanted, 4_096))
        // Of an odd address: blocks are put where they are aligned.
        u32[this.#space >>> 2] = block + 3
        u32[(this.#space >>> 2) + 1] = block + Math.max(wanted, 4_096)
        expect(call('listGrow', this.#space, cells, ROW_BYTES)).toBe(0)
      }
      expect(cursor() % 8).toBe(0)
    }
    const row = cursor()
    view.setBigInt64(row, value, true)
    u32[word + listCells.cursor] = row + ROW_BYTES
    this.numbers[group]!.push(value)
  }

  /** Where the kernels find the groups. */
  get place(): readonly number[] {
    return [this.groups, this.count, GROUP_BYTES, CELLS_AT, ROW_BYTES]
  }
}

function randomLists(random: Random): Lists {
  const lists = new Lists(1 + below(random, 20))
  const rows = pick(random, [0, 1, 10, 200, 6_000])
  for (let row = 0; row < rows; row++) {
    const group = Math.min(below(random, lists.count), below(random, lists.count))
    lists.add(group, BigInt(below(random, 50)) - 25n)
  }
  return lists
}

/** The description of the number as an ascending sort key, its bounds and bits left open. */
function numberKey(): number {
  const key = zeros(40)
  heap.view.setUint32(key, 1, true)
  heap.view.setInt32(key + 8, -1, true)
  return key
}

const rowsOf = (entries: number, count: number): number[] =>
  Array.from({ length: count }, (_, at) => heap.u32[(entries + at * 16 + 8) >>> 2] ?? 0)

conformance(names, () => {
  test('rows of groups are counted, listed as they came, and sorted each group by itself', () => {
    const random = seededRandom(1)
    for (let round = 0; round < 60; round++) {
      const lists = randomLists(random)
      for (let merges = below(random, 3); merges > 0; merges--) {
        const [into, from] = [below(random, lists.count), below(random, lists.count)]
        if (into === from || lists.numbers[from]!.length === 0) continue
        call('listMerge', lists.cells(into), lists.cells(from))
        lists.numbers[into]!.push(...lists.numbers[from]!)
        // What was merged is read no more.
        heap.u8.fill(0, lists.cells(from), lists.cells(from) + 16)
        lists.numbers[from] = []
        lists.add(into, 7n)
      }
      const all = lists.numbers.flat()
      const [ends, entries] = [space(lists.count * 4), space(Math.max(1, all.length) * 16)]
      const list = space(Math.max(1, all.length) * 4)
      call('listCount', ...lists.place, ends)
      let total = 0
      const counted = lists.numbers.map((own) => (total += own.length))
      expect(integers(ends, 4, lists.count).map(Number)).toEqual(counted)
      const key = numberKey()
      call('listRows', ...lists.place, list)
      const value = (row: number): bigint => heap.view.getBigInt64(row, true)
      expect(words(list, total).map(value)).toEqual(all)
      const bounds = zeros(32)
      heap.view.setBigInt64(bounds, 2n ** 63n - 1n, true)
      heap.view.setBigInt64(bounds + 8, -(2n ** 63n), true)
      call('listBounds', key, ...lists.place, bounds)
      if (total === 0) continue
      const [min, max] = integers(bounds, 8, 2)
      expect([min, max]).toEqual([
        all.reduce((a, b) => (a < b ? a : b)),
        all.reduce((a, b) => (a > b ? a : b)),
      ])
      const bits = (max! - min!).toString(2).length
      heap.view.setBigInt64(key + 16, min!, true)
      heap.view.setBigInt64(key + 24, max!, true)
      // With fewer bits than it takes, ties are decided by the whole key.
      const dropped = pick(random, [0, 3])
      const kept = Math.max(0, bits - dropped)
      heap.view.setUint32(key + 32, kept, true)
      heap.view.setUint32(key + 36, bits - kept, true)
      call('listEntries', key, 1, ...lists.place, entries)
      const [other, counts] = [space(total * 16), space(4_096 * 8)]
      const exact = Number(kept === bits)
      call('listSort', key, 1, kept, exact, entries, other, counts, ends, lists.count, 0)
      const sorted = lists.numbers.flatMap((own) => own.toSorted((a, b) => Number(a - b)))
      expect(rowsOf(entries, total).map(value)).toEqual(sorted)
    }
  })
})

conformance(['repeatRow'], () => {
  test('a row is repeated with integers one step apart', () => {
    const random = seededRandom(3)
    for (let round = 0; round < 100; round++) {
      const wide = below(random, 2)
      const [rows, first, step] = [
        below(random, 40),
        BigInt(below(random, 99)),
        BigInt(below(random, 9)) - 4n,
      ]
      const row = place(Array.from({ length: 40 }, () => below(random, 256)))
      const position = pick(random, [-1, 24])
      const at = space(rows * 40)
      call('repeatRow', row, at, 40, rows, 8, wide, 32, first, step, position, 33, 5n)
      for (let number = 0; number < rows; number++) {
        const expected = new Uint8Array(heap.u8.slice(row, row + 40))
        const view = new DataView(expected.buffer)
        const value = first + BigInt(number) * step
        if (wide === 1) view.setBigInt64(8, value, true)
        else view.setInt32(8, Number(value), true)
        expected[32] = 1
        if (position >= 0) {
          view.setBigInt64(24, 5n + BigInt(number), true)
          expected[33] = 1
        }
        expect(heap.u8.slice(at + number * 40, at + number * 40 + 40)).toEqual(expected)
      }
      expect(heap.u8[at + rows * 40]).toBe(0x5a)
    }
  })
})
