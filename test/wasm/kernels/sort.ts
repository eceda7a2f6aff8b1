import { expect, test } from 'vitest'
import { seededRandom, type Random } from '../../../src/base/world.ts'
import {
  askForLetters,
  lettersOf,
  NOTED_BYTES,
  spelledPlaces,
  writeLetters,
} from '../../../src/exec/sort/text-letters.ts'
import { newTextTable, rankTexts } from '../../../src/exec/sort/text-ranks.ts'
import * as reference from '../../../src/wasm/kernels/reference/sort.ts'
import type {
  ReferenceInterval,
  ReferenceNumeric,
} from '../../../src/wasm/kernels/reference/wide-values.ts'
import {
  arena,
  below,
  bytesAt,
  call,
  conformance,
  heap,
  pick,
  placeText,
  putInteger,
  randomText,
  signed,
  space,
  words,
  zeros,
} from './bench.ts'
import { intervalWords, numericWords, randomInterval, randomNumeric } from './wide-values.ts'

// See assembly/sort.ts and exec/sort/sort-keys.ts.
const KEY_BYTES = 40
const FIELD_BYTES = 24
const VALID_AT = 16
const ENTRY_BYTES = 16
const COUNT_BYTES = 4_096 * 8
/** The kinds of text keys whose values have ranks, or are numbers by their letters. */
const [RANKED, SPELLED] = [10, 11]
const kinds = ['i32', 'i64', 'f32', 'f64', 'span', 'i128', 'numeric', 'interval', 'text'] as const
type Kind = (typeof kinds)[number]

interface Key extends reference.PrefixShape {
  readonly kind: Kind
}

interface Rows {
  readonly keys: readonly Key[]
  readonly described: number
  readonly values: readonly (readonly reference.SortValue[])[]
  readonly at: number
  readonly rowBytes: number
  readonly bits: number
}

function randomValue(random: Random, kind: Kind, isNarrow: boolean): reference.SortValue {
  switch (kind) {
    case 'i32':
      return signed(random, isNarrow ? 7 : 32)
    case 'i64':
      return signed(random, isNarrow ? 9 : 64)
    case 'f32':
      return Math.fround(randomFloat(random, isNarrow))
    case 'f64':
      return randomFloat(random, isNarrow)
    case 'i128':
      return signed(random, isNarrow ? 60 : 127)
    case 'numeric':
      return randomNumeric(random)
    case 'interval':
      return isNarrow ? shortInterval(random) : randomInterval(random)
    case 'span':
      return shortInterval(random)
    case 'text':
      return (isNarrow ? 'the same start ' : '') + randomText(random)
  }
}

/** One of which the length fits 64 bits. */
function shortInterval(random: Random): ReferenceInterval {
  const [months, days] = [Number(signed(random, 20)), Number(signed(random, 22))]
  return { months, days, micros: signed(random, pick(random, [20, 50])) }
}

function randomFloat(random: Random, isNarrow: boolean): number {
  if (isNarrow) return below(random, 4) - 2
  return pick(random, [0, -0, NaN, Infinity, -Infinity, 1.5, (random.next() - 0.5) * 1e30])
}

function writeValue(at: number, kind: Kind, value: NonNullable<reference.SortValue>): void {
  if (kind === 'f32') heap.view.setFloat32(at, value as number, true)
  else if (kind === 'f64') heap.view.setFloat64(at, value as number, true)
  else if (kind === 'text') putInteger(at, placeText(value as string), 8)
  else if (kind === 'numeric') putWords(at, numericWords(value as ReferenceNumeric))
  else if (kind === 'interval' || kind === 'span')
    putWords(at, intervalWords(value as ReferenceInterval))
  else putInteger(at, value as bigint, { i32: 4, i64: 8, i128: 16 }[kind])
}

function putWords(at: number, [low, high]: readonly [bigint, bigint]): void {
  putInteger(at, low, 8)
  putInteger(at + 8, high, 8)
}

function isFixed(kind: Kind): boolean {
  return kinds.indexOf(kind) <= kinds.indexOf('span')
}

/** Rows of random keys, their description as sorting packs it. */
function randomRows(random: Random, count: number, chosen?: readonly Kind[]): Rows {
  const keyKinds = chosen ?? Array.from({ length: 1 + below(random, 3) }, () => pick(random, kinds))
  const nullShares = keyKinds.map(() => pick(random, [0, 0, 0.2, 1]))
  const narrow = keyKinds.map(() => random.next() < 0.6)
  const values = Array.from({ length: count }, () =>
    keyKinds.map((kind, key) =>
      random.next() < nullShares[key]! ? null : randomValue(random, kind, narrow[key]!),
    ),
  )
  const rowBytes = FIELD_BYTES * keyKinds.length
  const at = space(rowBytes * count)
  values.forEach((row, index) =>
    row.forEach((value, key) => {
      const field = at + rowBytes * index + FIELD_BYTES * key
      heap.u8[field + VALID_AT] = Number(value !== null)
      if (value !== null) writeValue(field, keyKinds[key]!, value)
    }),
  )
  let room = 64
  const keys = keyKinds.map((kind, key) => {
    const present = values.map((row) => row[key]!).filter((value) => value !== null)
    const packed = packKey(random, kind, present, present.length < count, room)
    // Behind a key that is not whole in the prefix, later keys must not decide.
    room = packed.isExact ? room - packed.key.bits : 0
    return packed.key
  })
  const bits = keys.reduce((sum, key) => sum + key.bits, 0)
  return { keys, described: describeKeys(keys), values, at, rowBytes, bits }
}

function packKey(
  random: Random,
  kind: Kind,
  values: readonly reference.SortValue[],
  hasNulls: boolean,
  room: number,
): { readonly key: Key; readonly isExact: boolean } {
  const ranks = isFixed(kind) ? values.map((value) => reference.rankOf(value as bigint)) : []
  const min = ranks.reduce((a, b) => (a < b ? a : b), ranks[0] ?? 0n)
  const max = ranks.reduce((a, b) => (a > b ? a : b), ranks[0] ?? 0n)
  const nullBits = Number(hasNulls)
  const base = {
    kind,
    min,
    max,
    hasNulls,
    descending: random.next() < 0.5,
    nullsFirst: random.next() < 0.5,
  }
  if (room <= nullBits) return { key: { ...base, bits: 0, dropped: 0 }, isExact: false }
  if (kind === 'text') {
    const dropped = reference.commonBytes(values as readonly string[])
    return { key: { ...base, bits: room, dropped }, isExact: false }
  }
  if (!isFixed(kind)) return { key: { ...base, bits: nullBits, dropped: 0 }, isExact: false }
  const wanted = max === min ? 0 : (max - min).toString(2).length
  const valueBits = Math.min(wanted, room - nullBits)
  const dropped = wanted - valueBits
  return { key: { ...base, bits: valueBits + nullBits, dropped }, isExact: dropped === 0 }
}

function describeKeys(keys: readonly Key[]): number {
  const described = space(KEY_BYTES * keys.length)
  keys.forEach((key, index) => {
    const at = described + KEY_BYTES * index
    const flags =
      Number(key.descending) | (Number(key.nullsFirst) << 1) | (Number(key.hasNulls) << 2)
    const offset = FIELD_BYTES * index
    putInteger(at, kinds.indexOf(key.kind), 4)
    putInteger(at + 4, offset, 4)
    putInteger(at + 8, key.hasNulls ? offset + VALID_AT : -1, 4)
    putInteger(at + 12, flags, 4)
    putInteger(at + 16, key.min, 8)
    putInteger(at + 24, key.max, 8)
    putInteger(at + 32, key.bits, 4)
    putInteger(at + 36, key.dropped, 4)
  })
  return described
}

interface Entry {
  readonly prefix: bigint
  readonly row: number
}

function entriesAt(at: number, rows: Rows, count: number): Entry[] {
  return Array.from({ length: count }, (_, index) => ({
    prefix: heap.view.getBigUint64(at + ENTRY_BYTES * index, true),
    row: (heap.view.getUint32(at + ENTRY_BYTES * index + 8, true) - rows.at) / rows.rowBytes,
  }))
}

const counts = [0, 1, 2, 11, 12, 47, 48, 300]

conformance(['sortEntries', 'sortRadix', 'sortMerge', 'sortTies', 'sortList', 'sortGather'], () => {
  test.each([...counts, 3_000])('%i rows of random keys', (count) => {
    const random = seededRandom(count)
    for (let round = 0; round < (count > 1_000 ? 5 : 60); round++) {
      const rows = randomRows(random, count)
      const { keys, described, values, at, rowBytes, bits } = rows
      const label = JSON.stringify(keys.map(({ kind, bits: own }) => [kind, own]))
      const [entries, other] = [space(ENTRY_BYTES * count), space(ENTRY_BYTES * count)]
      call('sortEntries', described, keys.length, at, count, rowBytes, entries)
      const prefixes = values.map((row) => reference.prefixOf(keys, row))
      const listed = prefixes.map((prefix, row) => ({ prefix, row }))
      expect(entriesAt(entries, rows, count), label).toEqual(listed)

      call('sortRadix', entries, other, count, bits, space(COUNT_BYTES))
      const byPrefix = reference.sortByPrefix(prefixes, bits)
      expect(
        entriesAt(entries, rows, count).map(({ row }) => row),
        label,
      ).toEqual(byPrefix)

      call('sortTies', described, keys.length, entries, count, other)
      const sorted = values
        .map((_, row) => row)
        .toSorted((a, b) => reference.compareRows(keys, values[a]!, values[b]!))
      expect(
        entriesAt(entries, rows, count).map(({ row }) => row),
        label,
      ).toEqual(sorted)

      const [list, gathered] = [space(4 * count), space(rowBytes * count)]
      call('sortList', entries, count, list)
      expect(words(list, count).map((address) => (address - at) / rowBytes)).toEqual(sorted)
      call('sortGather', entries, count, rowBytes, gathered)
      const expected = sorted.map((row) => bytesAt(at + row * rowBytes, rowBytes))
      expect(Buffer.compare(bytesAt(gathered, count * rowBytes), Buffer.concat(expected))).toBe(0)
      arena.release()
    }
  })

  test.each([
    ['by the whole keys', false],
    ['by an exact prefix', true],
  ])('two sorted lists are merged in pieces, %s', (_name, exact) => {
    const random = seededRandom(77)
    for (let round = 0; round < 60; round++) {
      const count = 2 + below(random, 60)
      const { keys, described, values, at, rowBytes, bits } = randomRows(random, count)
      const entries = space(ENTRY_BYTES * count)
      call('sortEntries', described, keys.length, at, count, rowBytes, entries)
      const middle = below(random, count + 1)
      const [merged, other] = [space(ENTRY_BYTES * count), space(ENTRY_BYTES * count)]
      for (const [from, to] of [
        [0, middle],
        [middle, count],
      ] as const) {
        const list = entries + ENTRY_BYTES * from
        call('sortRadix', list, other, to - from, bits, space(COUNT_BYTES))
        if (!exact) call('sortTies', described, keys.length, list, to - from, other)
      }
      const state = space(20)
      const border = entries + ENTRY_BYTES * middle
      const lists = [entries, border, border, entries + ENTRY_BYTES * count, merged]
      lists.forEach((word, index) => heap.view.setUint32(state + 4 * index, word, true))
      const max = 1 + below(random, 9)
      const merge = () => call('sortMerge', described, keys.length, bits, exact ? 1 : 0, state, max)
      let calls = 1
      while (Number(merge()) !== 0) calls++
      expect(calls).toBeLessThanOrEqual(Math.floor(count / max) + 1 + 1)
      const prefixes = values.map((row) => reference.prefixOf(keys, row))
      const expected = exact
        ? reference.sortByPrefix(prefixes, bits)
        : prefixes
            .map((_, row) => row)
            .toSorted((a, b) => reference.compareRows(keys, values[a]!, values[b]!))
      const found = expected.map(
        (_, row) => (heap.view.getUint32(merged + ENTRY_BYTES * row + 8, true) - at) / rowBytes,
      )
      expect(found).toEqual(expected)
      arena.release()
    }
  })

  // From 32,768 entries on they are split by their upper bits first; skew splits again.
  test.each([
    ['any', 40],
    ['skewed', 40],
    ['few bits', 9],
  ])('many entries: %s', (shape, bits) => {
    const random = seededRandom(5)
    const count = 70_000
    const entries = space(ENTRY_BYTES * count)
    const prefixes = Array.from({ length: count }, (_, row) => {
      const isSkewed = shape === 'skewed' && random.next() < 0.9
      const prefix = isSkewed ? BigInt(below(random, 50)) : BigInt(below(random, 2 ** bits))
      heap.view.setBigUint64(entries + ENTRY_BYTES * row, prefix, true)
      heap.view.setBigUint64(entries + ENTRY_BYTES * row + 8, BigInt(row), true)
      return prefix
    })
    call('sortRadix', entries, space(ENTRY_BYTES * count), count, bits, space(COUNT_BYTES))
    const expected = reference.sortByPrefix(prefixes, bits)
    const found = expected.map((_, at) => heap.view.getUint32(entries + ENTRY_BYTES * at + 8, true))
    expect(found).toEqual(expected)
  })
})

conformance(['sortBounds', 'sortEntries'], () => {
  test.each([1, 40, 1_024, 1_025, 1_300])('ranks of %i texts, or none', (distinct) => {
    const random = seededRandom(distinct + 7)
    const texts = Array.from({ length: distinct }, (_, at) => `${'ab'.repeat(at % 90)}${at}`)
    const chosen = [...texts, ...Array.from({ length: 500 }, () => pick(random, texts))]
    // Each at a place of its own, but for some that are read from one place again.
    const views = chosen.map(placeText)
    const rows = [...views, ...views.slice(0, 300), ...views.slice(0, 300)]
    const values = [...chosen, ...chosen.slice(0, 300), ...chosen.slice(0, 300)]
    const at = space(FIELD_BYTES * rows.length)
    rows.forEach((view, row) => putInteger(at + FIELD_BYTES * row, view, 8))
    const descending = random.next() < 0.5
    const base = { kind: 'text', descending, nullsFirst: false, hasNulls: false } as const
    const key = { ...base, min: 0n, max: 0n, bits: 0, dropped: 0 }
    const described = describeKeys([key])
    const bounds = zeros(32)
    const table = newTextTable(arena)
    putInteger(bounds + 24, table, 4)
    call('sortBounds', described, at, rows.length, FIELD_BYTES, bounds)
    const longest = Math.max(...texts.map((text) => text.length))
    expect(heap.view.getUint32(bounds + 28, true)).toBe(longest)
    const ranks = rankTexts(arena, [table])
    if (distinct > 1_024) expect(ranks).toBeUndefined()
    else {
      expect(ranks?.last).toBe(distinct - 1)
      const max = BigInt(distinct - 1)
      const bits = Math.max(1, max.toString(2).length)
      const ranked = describeKeys([{ ...key, min: BigInt(ranks!.table), max, bits }])
      putInteger(ranked, RANKED, 4)
      const entries = space(ENTRY_BYTES * rows.length)
      call('sortEntries', ranked, 1, at, rows.length, FIELD_BYTES, entries)
      const ordered = texts.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      const rankOf = new Map(ordered.map((text, rank) => [text, BigInt(rank)]))
      const found = rows.map((_, row) => heap.view.getBigUint64(entries + ENTRY_BYTES * row, true))
      const ofValues = values.map((text) => rankOf.get(text)!)
      expect(found).toEqual(ofValues.map((rank) => (descending ? max - rank : rank)))
    }
    arena.release()
  })
})

conformance(['sortLetters', 'sortEntries'], () => {
  const alphabets = ['01', '0123456789', 'abcdefghijklmnop ', '\u00e4\u00f6z\u{1f600}', ' ~']

  test.each(alphabets)('texts of %j as numbers of their first places', (alphabet) => {
    const random = seededRandom(alphabet.length)
    const letters = [...alphabet]
    for (let round = 0; round < 60; round++) {
      const beginning = pick(random, ['', '', 'the same start '])
      const [least, more] = [below(random, 3), pick(random, [1, 5, 40])]
      const values = Array.from({ length: 1 + below(random, 300) }, () => {
        if (random.next() < 0.05) return null
        const length = least + below(random, more)
        return beginning + Array.from({ length }, () => pick(random, letters)).join('')
      })
      const texts = values.flatMap((value) => (value === null ? [] : [Buffer.from(value)]))
      const skipped = texts.length === 0 ? 0 : Buffer.byteLength(beginning)
      const at = space(FIELD_BYTES * values.length)
      values.forEach((value, row) => {
        const field = at + FIELD_BYTES * row
        heap.u8[field + VALID_AT] = Number(value !== null)
        if (value !== null) writeValue(field, 'text', value)
      })
      const order = { descending: random.next() < 0.5, nullsFirst: random.next() < 0.5 }
      const bounds = { min: 0n, max: 0n, bits: 0, dropped: skipped }
      const key = { kind: 'text', hasNulls: true, ...order, ...bounds } as const

      const middle = below(random, values.length + 1)
      const noted = [zeros(NOTED_BYTES), zeros(NOTED_BYTES)]
      const described = describeKeys([key])
      for (const cell of noted) askForLetters(heap, cell)
      call('sortLetters', described, at, middle, FIELD_BYTES, noted[0]!)
      const rest = at + FIELD_BYTES * middle
      call('sortLetters', described, rest, values.length - middle, FIELD_BYTES, noted[1]!)
      const longest = Math.max(skipped, ...texts.map(({ length }) => length))
      const found = lettersOf(arena, noted, longest - skipped)
      const places = reference.placesOf(texts, skipped, 24)
      expect(found.places).toEqual(
        places.map(({ bytes, hasEnd }) => ({
          bytes: [...bytes].toSorted((a, b) => a - b),
          hasEnd,
        })),
      )

      const room = 1 + below(random, 63)
      const { count, last, exact } = spelledPlaces(found, room)
      writeLetters(heap, found, count)
      const numbers = values.map((value) => {
        return value && reference.spelledNumber(Buffer.from(value), skipped, places.slice(0, count))
      })
      const bits = last === 0n ? 0 : last.toString(2).length
      expect(bits).toBeLessThanOrEqual(room)
      const spelled = describeKeys([
        { ...key, min: BigInt(found.table), max: last, bits: bits + 1 },
      ])
      putInteger(spelled, SPELLED, 4)
      const entries = space(ENTRY_BYTES * values.length)
      call('sortEntries', spelled, 1, at, values.length, FIELD_BYTES, entries)
      const top = 1n << BigInt(bits)
      const prefixes = values.map((_, row) =>
        heap.view.getBigUint64(entries + ENTRY_BYTES * row, true),
      )
      expect(prefixes).toEqual(
        values.map((value, row) => {
          if (value === null) return order.nullsFirst ? 0n : top
          const number = BigInt(numbers[row]!)
          return (order.descending ? last - number : number) + (order.nullsFirst ? top : 0n)
        }),
      )
      // They are in the order of the texts, as far as they tell.
      const sorted = values
        .map((_, row) => row)
        .toSorted((a, b) => reference.compareRows([order], [values[a]!], [values[b]!]))
      sorted.slice(1).forEach((row, before) => {
        const [left, right] = [sorted[before]!, row]
        expect(prefixes[left]! <= prefixes[right]!).toBe(true)
        if (exact && prefixes[left] === prefixes[right]) expect(values[left]).toBe(values[right])
      })
      arena.release()
    }
  })
})

conformance(['sortPlaces'], () => {
  test.each([0, 1, 300, 5_000])('what comes to some places of %i entries', (count) => {
    const random = seededRandom(count + 7)
    for (let round = 0; round < 20; round++) {
      const bits = pick(random, [3, 10, 11, 20, 64])
      const entries = space(ENTRY_BYTES * count)
      const prefixes = Array.from({ length: count }, (_, row) => {
        const prefix = BigInt.asUintN(bits, signed(random, 64))
        heap.view.setBigUint64(entries + ENTRY_BYTES * row, prefix, true)
        heap.view.setBigUint64(entries + ENTRY_BYTES * row + 8, BigInt(row), true)
        return prefix
      })
      const places = Array.from({ length: count === 0 ? 0 : 1 + below(random, 4) }, () =>
        below(random, count),
      ).toSorted((a, b) => a - b)
      const wanted = space(16)
      places.forEach((place, at) => heap.view.setUint32(wanted + 4 * at, place, true))
      const room = [space(ENTRY_BYTES * count), count, bits, space(COUNT_BYTES)] as const
      call('sortPlaces', entries, ...room, wanted, places.length)
      const expected = reference.sortByPrefix(prefixes, bits)
      const rowAt = (at: number): number =>
        heap.view.getUint32(entries + ENTRY_BYTES * at + 8, true)
      expect(places.map(rowAt)).toEqual(places.map((place) => expected[place]))
      const all = Array.from({ length: count }, (_, at) => rowAt(at))
      expect(all.toSorted((a, b) => a - b)).toEqual(all.map((_, at) => at))
      arena.release()
    }
  })
})

conformance(['sortMarks'], () => {
  test.each(counts)('%i rows', (count) => {
    const random = seededRandom(count + 90)
    for (let round = 0; round < 40; round++) {
      const { keys, described, values, at, rowBytes } = randomRows(random, count)
      const order = values
        .map((_, row) => row)
        .toSorted((a, b) => reference.compareRows(keys, values[a]!, values[b]!))
      const [list, marks] = [space(4 * count), space(count)]
      order.forEach((row, index) => {
        heap.view.setUint32(list + 4 * index, at + row * rowBytes, true)
      })
      const partitionKeys = below(random, keys.length + 1)
      const middle = below(random, count + 1)
      for (const [from, to] of [
        [0, middle],
        [middle, count],
      ] as const) {
        call('sortMarks', described, partitionKeys, keys.length, list, from, to, marks)
      }
      const ordered = order.map((row) => values[row]!)
      expect([...bytesAt(marks, count)]).toEqual(reference.marks(keys, partitionKeys, ordered))
      arena.release()
    }
  })
})

conformance(['sortCount', 'sortScatter', 'sortScatterEntries', 'sortPacked'], () => {
  test.each(counts)('%i rows', (count) => {
    const random = seededRandom(count + 50)
    for (let round = 0; round < 60; round++) {
      const rows = randomRows(
        random,
        count,
        round % 2 === 0 ? [pick(random, ['i32', 'i64'])] : undefined,
      )
      const { keys, described, values, at, rowBytes, bits } = rows
      const prefixes = values.map((row) => reference.prefixOf(keys, row))
      const bucketBits = Math.min(bits, 1 + below(random, 6))
      const shift = BigInt(bits - bucketBits)
      const page = [at, count, rowBytes] as const
      const buckets: number[][] = Array.from({ length: 2 ** bucketBits }, () => [])
      prefixes.forEach((prefix, row) => buckets[Number(prefix >> shift)]!.push(row))
      const cells = zeros(4 * 2 ** bucketBits)
      call('sortCount', described, keys.length, shift, ...page, cells)
      expect(words(cells, 2 ** bucketBits)).toEqual(buckets.map(({ length }) => length))

      for (const [kernel, bytes] of [
        ['sortScatter', rowBytes],
        ['sortScatterEntries', ENTRY_BYTES],
      ] as const) {
        const target = space(bytes * count)
        let next = target
        buckets.forEach(({ length }, bucket) => {
          putInteger(cells + 4 * bucket, next, 4)
          next += length * bytes
        })
        call(kernel, described, keys.length, shift, ...page, cells)
        const order = buckets.flat()
        if (kernel === 'sortScatter') {
          const moved = order.map((row) => bytesAt(at + row * rowBytes, rowBytes))
          expect(Buffer.compare(bytesAt(target, count * bytes), Buffer.concat(moved))).toBe(0)
        } else {
          const listed = order.map((row) => ({ prefix: prefixes[row], row }))
          expect(entriesAt(target, rows, count)).toEqual(listed)
        }
      }

      const placeBits = Math.max(1, 32 - Math.clz32(count - 1))
      const low = Math.min(bits, 64 - placeBits, below(random, 65))
      const [list, from, to] = [space(4 * count), space(8 * count), space(8 * count)]
      const buffers = [from, to, space(COUNT_BYTES), list] as const
      if (count > 0)
        call('sortPacked', described, keys.length, low, at, count, rowBytes, ...buffers)
      const found = words(list, count).map((address) => (address - at) / rowBytes)
      expect(found).toEqual(reference.sortByPrefix(prefixes, low))
      arena.release()
    }
  })
})

conformance(['sortRuns', 'sortListPage'], () => {
  test.each(counts.filter((count) => count > 0))('%i rows', (count) => {
    const random = seededRandom(count + 70)
    for (let round = 0; round < 60; round++) {
      const chosen = round % 2 === 0 ? [pick(random, ['i32', 'i64', 'f64'] as const)] : undefined
      const { keys, described, values, at, rowBytes } = randomRows(random, count, chosen)
      const prefixes = values.map((row) => reference.prefixOf(keys, row))
      const sorted = reference.sortByPrefix(prefixes, 64)
      const reversed = sorted.toReversed()
      // One row that is out of its place is noticed.
      const spoilt = [...sorted]
      spoilt.push(...spoilt.splice(below(random, count), 1))
      for (const order of [prefixes.map((_, row) => row), sorted, reversed, spoilt]) {
        const rows = space(order.length * rowBytes)
        order.forEach((row, place) => {
          heap.u8.set(bytesAt(at + row * rowBytes, rowBytes), rows + place * rowBytes)
        })
        const ends = zeros(16)
        const own = order.map((row) => prefixes[row]!)
        const found = call('sortRuns', described, keys.length, rows, own.length, rowBytes, ends)
        expect(found).toBe(reference.ways(own))
        expect(heap.view.getBigUint64(ends, true)).toBe(own[0])
        expect(heap.view.getBigUint64(ends + 8, true)).toBe(own.at(-1))
      }
      for (const step of [rowBytes, -rowBytes]) {
        const list = space(4 * count)
        const first = step < 0 ? at + (count - 1) * rowBytes : at
        call('sortListPage', first, count, step, list)
        expect(words(list, count)).toEqual(values.map((_, place) => first + place * step))
      }
      arena.release()
    }
  })
})

conformance(['sortBounds'], () => {
  test.each(kinds)('keys of kind %s, in two pages', (kind) => {
    const random = seededRandom(77)
    for (let round = 0; round < 100; round++) {
      const count = pick(random, counts)
      const { described, values, at, rowBytes } = randomRows(random, count, [kind])
      const bounds = zeros(32)
      putInteger(bounds, 2n ** 63n - 1n, 8)
      putInteger(bounds + 8, -(2n ** 63n), 8)
      const half = below(random, count + 1)
      for (const [first, rows] of [
        [0, half],
        [half, count - half],
      ] as const) {
        call('sortBounds', described, at + first * rowBytes, rows, rowBytes, bounds)
      }
      const present = values.flatMap(([value]) => (value === null ? [] : [value!]))
      const [hasNulls, hasValues, isUnfit] = words(bounds + 16, 3)
      expect([hasNulls, hasValues]).toEqual(
        [present.length < count, present.length > 0].map(Number),
      )
      if (present.length === 0) continue
      if (kind === 'text') {
        const common = reference.commonBytes(present as readonly string[])
        expect(heap.view.getUint32(bounds + 8, true)).toBe(common)
        continue
      }
      const { fits, lows } = lowHalves(kind, present)
      expect(isUnfit).toBe(Number(!fits))
      if (!fits) continue
      const found = [heap.view.getBigInt64(bounds, true), heap.view.getBigInt64(bounds + 8, true)]
      const order = lows.toSorted((a, b) => (a < b ? -1 : Number(a > b)))
      expect(found).toEqual([order[0], order.at(-1)])
    }
  })

  /** Whether 64 bits give the order, and those. */
  function lowHalves(
    kind: Kind,
    values: readonly NonNullable<reference.SortValue>[],
  ): { readonly fits: boolean; readonly lows: readonly bigint[] } {
    if (isFixed(kind)) {
      return { fits: true, lows: values.map((value) => reference.rankOf(value as bigint)) }
    }
    if (kind === 'interval') {
      const intervals = values as readonly ReferenceInterval[]
      const isShort = ({ months, days, micros }: ReferenceInterval): boolean =>
        [BigInt(months * 30 + days), micros / 86_400_000_000n].every(
          (n) => n * n < 50_000_000n ** 2n,
        )
      return { fits: intervals.every(isShort), lows: intervals.map(reference.rankOf) }
    }
    const wholes = values.map((value) =>
      kind === 'numeric' ? (value as ReferenceNumeric).unscaled : (value as bigint),
    )
    const scales = new Set(values.map((value) => (value as Partial<ReferenceNumeric>).scale))
    const fits = wholes.every((value) => BigInt.asIntN(64, value) === value) && scales.size === 1
    return { fits, lows: wholes }
  }
})
