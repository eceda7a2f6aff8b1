import { expect, test } from 'vitest'
import { seededRandom, type Random } from '../../../src/base/world.ts'
import * as reference from '../../../src/wasm/kernels/reference/directories.ts'
import {
  arena,
  below,
  bytesAt,
  call,
  conformance,
  heap,
  pick,
  putInteger,
  space,
  words,
  zeros,
} from './bench.ts'

const ROW_BYTES = 24
/** Where a row of a join says that it is in no chain, as its key is NULL. */
const EXCLUDED_AT = 9
/** Where it says that none behind it in its chain has its hash. */
const IS_LAST_AT = 10

interface Rows {
  readonly at: number
  readonly count: number
  addressOf(row: number): number
  rowAt(address: number): number
}

function placeRows(count: number, write: (row: number, at: number) => void): Rows {
  const at = space(count * ROW_BYTES)
  for (let row = 0; row < count; row++) write(row, at + row * ROW_BYTES)
  return {
    at,
    count,
    addressOf: (row) => at + row * ROW_BYTES,
    rowAt: (address) => (address - at) / ROW_BYTES,
  }
}

function randomHashes(random: Random, count: number): readonly number[] {
  // Skewed: few hashes many times, and all of them.
  const few = random.next() < 0.4
  const common = Array.from({ length: 5 }, () => below(random, 2 ** 32))
  return Array.from({ length: count }, () => (few ? pick(random, common) : below(random, 2 ** 32)))
}

const counts = [0, 1, 2, 17, 200]

conformance(['groupEnter', 'groupCount', 'groupScatter'], () => {
  test.each(counts)('%i rows of groups', (count) => {
    const random = seededRandom(count)
    for (let round = 0; round < 30; round++) {
      const hashes = randomHashes(random, count)
      const rows = placeRows(count, (row, at) => putInteger(at, hashes[row]!, 4))
      const slots = 2 ** Math.ceil(Math.log2(count + 2))
      const directory = zeros(4 * slots)
      call('groupEnter', directory, slots - 1, rows.at, count, ROW_BYTES)
      const expected = reference.enterGroups(hashes, slots)
      const found = words(directory, slots).map((at) => (at === 0 ? undefined : rows.rowAt(at)))
      expect(found).toEqual(expected)

      const bits = 1 + below(random, 6)
      const buckets = reference.bucketsOf(
        hashes.map((hash) => hash >>> (32 - bits)),
        2 ** bits,
      )
      const cells = zeros(4 * 2 ** bits)
      call('groupCount', rows.at, count, ROW_BYTES, 32 - bits, cells)
      expect(words(cells, 2 ** bits)).toEqual(buckets.map(({ length }) => length))
      const target = space(count * ROW_BYTES)
      let next = target
      buckets.forEach(({ length }, bucket) => {
        putInteger(cells + 4 * bucket, next, 4)
        next += length * ROW_BYTES
      })
      call('groupScatter', rows.at, count, ROW_BYTES, 32 - bits, cells)
      const moved = buckets.flat().map((row) => bytesAt(rows.addressOf(row), ROW_BYTES))
      expect(Buffer.compare(bytesAt(target, count * ROW_BYTES), Buffer.concat(moved))).toBe(0)
      arena.release()
    }
  })
})

/** Follows the chains of rows that begin at some addresses. */
function chainsFrom(rows: Rows, heads: readonly number[]): readonly (readonly number[])[] {
  return heads.map((head) => {
    const chain: number[] = []
    for (let at = head; at !== 0; at = heap.view.getUint32(at, true)) chain.push(rows.rowAt(at))
    return chain
  })
}

conformance(['joinLink'], () => {
  test.each(counts)('%i rows of a join', (count) => {
    const random = seededRandom(count + 1_000)
    for (let round = 0; round < 30; round++) {
      const hashes = randomHashes(random, count)
      const excluded = hashes.map(() => random.next() < 0.2)
      const rows = placeRows(count, (row, at) => {
        putInteger(at + 4, hashes[row]!, 4)
        heap.u8[at + EXCLUDED_AT] = Number(excluded[row])
      })
      const [bits, bloomBits] = [8 + below(random, 3), 8 + below(random, 3)]
      const [directory, bloom] = [zeros(4 << bits), zeros(8 << bloomBits)]
      // Threads share the upper 8 bits.
      const border = below(random, 257)
      for (const [from, to] of [
        [0, border],
        [border, 256],
      ]) {
        const tables = [directory, 32 - bits, bloom, 32 - bloomBits] as const
        call('joinLink', ...tables, rows.at, count, ROW_BYTES, from!, to!)
      }
      const slots = hashes.map((hash, row) => (excluded[row]! ? undefined : hash >>> (32 - bits)))
      const chains = reference.chainsOf(slots)
      const expected = Array.from({ length: 2 ** bits }, (_, slot) => chains.get(slot) ?? [])
      expect(chainsFrom(rows, words(directory, 2 ** bits))).toEqual(expected)
      const isLast = expected.map((chain) => reference.lastOfHash(chain.map((row) => hashes[row]!)))
      const flags = expected.map((chain) =>
        chain.map((row) => heap.u8[rows.addressOf(row) + IS_LAST_AT] === 1),
      )
      expect(flags).toEqual(isLast)
      const filter = new BigUint64Array(2 ** bloomBits)
      hashes.forEach((hash, row) => {
        if (!excluded[row]!) filter[hash >>> (32 - bloomBits)]! |= reference.bloomBits(hash)
      })
      const found = Array.from(filter, (_, word) => heap.view.getBigUint64(bloom + 8 * word, true))
      expect(found).toEqual([...filter])
      arena.release()
    }
  })
})

conformance(['rankMark', 'rankCount', 'rankLink'], () => {
  test.each(counts.flatMap((count) => [4, 8].map((bytes) => [count, bytes] as const)))(
    '%i rows of a join by keys of %i bytes',
    (count, bytes) => {
      const random = seededRandom(count + 2_000)
      for (let round = 0; round < 30; round++) {
        const range = pick(random, [1, 63, 64, 65, 700])
        const first = pick(random, [0n, -5n, bytes === 4 ? -(2n ** 31n) : 2n ** 63n - 800n])
        const keys = Array.from({ length: count }, () =>
          random.next() < 0.2 ? undefined : below(random, range),
        )
        const rows = placeRows(count, (row, at) => {
          heap.u8[at + EXCLUDED_AT] = Number(keys[row] === undefined)
          putInteger(at + 16, first + BigInt(keys[row] ?? 0), bytes)
        })
        const wordCount = Math.ceil(range / 64)
        const rankWords = zeros(16 * wordCount)
        const border = below(random, wordCount + 1)
        const shares = [
          [0, border],
          [border, wordCount],
        ] as const
        const page = [first, rows.at, count, ROW_BYTES, 16, Number(bytes === 8)] as const
        for (const share of shares) call('rankMark', rankWords, ...page, ...share)
        const distinct = call('rankCount', rankWords, wordCount, 0)
        const known = keys.filter((key) => key !== undefined)
        expect(distinct).toBe(new Set(known).size)
        const found = Array.from({ length: wordCount }, (_, word) => ({
          bits: heap.view.getBigUint64(rankWords + 16 * word, true),
          before: heap.view.getUint32(rankWords + 16 * word + 8, true),
        }))
        expect(found).toEqual(reference.rankWords(known, wordCount))
        const heads = zeros(4 * distinct)
        for (const share of shares) call('rankLink', rankWords, heads, ...page, ...share)
        const chains = reference.chainsOf(keys)
        const byKey = [...chains.keys()].toSorted((a, b) => a - b).map((key) => chains.get(key))
        expect(chainsFrom(rows, words(heads, distinct))).toEqual(byKey)
        arena.release()
      }
    },
  )
})

conformance(['rankPlace'], () => {
  test.each(counts.flatMap((count) => [4, 8].map((bytes) => [count, bytes] as const)))(
    '%i rows of unique keys of %i bytes',
    (count, bytes) => {
      const random = seededRandom(count + 3_000)
      for (let round = 0; round < 30; round++) {
        const range = count + below(random, 3) * 70
        const first = pick(random, [0n, -5n, bytes === 4 ? -(2n ** 31n) : 2n ** 63n - 800n])
        const keys = Array.from({ length: range }, (_, key) => [random.next(), key] as const)
          .toSorted(([a], [b]) => a - b)
          .map(([, key]) => key)
          .slice(0, count)
        const rows = placeRows(count, (row, at) => {
          heap.u8[at + EXCLUDED_AT] = 0
          putInteger(at + 16, first + BigInt(keys[row]!), bytes)
          putInteger(at + 12, row * 77, 4)
        })
        const wordCount = Math.max(1, Math.ceil(range / 64))
        const rankWords = zeros(16 * wordCount)
        const page = [first, rows.at, count, ROW_BYTES, 16, Number(bytes === 8)] as const
        call('rankMark', rankWords, ...page, 0, wordCount)
        call('rankCount', rankWords, wordCount, 0)
        const [at, carried] = pick(random, [
          [12, 4],
          [12, 8],
          [12, 12],
          [16, 8],
        ] as const)
        const places = zeros(carried * count + 4)
        const border = below(random, wordCount + 1)
        for (const [from, to] of [
          [0, border],
          [border, wordCount],
        ]) {
          call('rankPlace', rankWords, places, ...page, from!, to!, at, carried)
        }
        const packed = reference
          .rowsInOrder(keys)
          .map((row) => bytesAt(rows.addressOf(row) + at, carried))
        expect(Buffer.compare(bytesAt(places, carried * count), Buffer.concat(packed))).toBe(0)
        expect(heap.view.getUint32(places + carried * count, true)).toBe(0)
        arena.release()
      }
    },
  )
})
