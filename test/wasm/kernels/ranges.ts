import { expect, test } from 'vitest'
import { seededRandom } from '../../../src/base/world.ts'
import { rangePage } from '../../../src/compile/model/context.ts'
import { layOutRow } from '../../../src/compile/model/row-layout.ts'
import { compareScalars } from '../../../src/data/types/compare-scalar.ts'
import { date, float8, int4, int8, type DataType } from '../../../src/data/types/data-type.ts'
import type { Scalar } from '../../../src/data/types/scalar.ts'
import { WideNumerics } from '../../../src/data/vectors/numeric-slots.ts'
import { fieldWriter } from '../../../src/exec/rows/write-field.ts'
import { sortKeysBytes, writeSortKeys } from '../../../src/exec/sort/sort-keys.ts'
import type { ColumnId } from '../../../src/plan/logical/expression.ts'
import { arena, below, call, conformance, heap, pick, space, zeros } from './bench.ts'

const types: readonly (readonly [DataType, readonly NonNullable<Scalar>[]])[] = [
  [int4, [1, 2, -3, 2_147_483_647, -2_147_483_648]],
  [date, [0, 5, -40]],
  [int8, [0n, 7n, 2n ** 63n - 1n, -(2n ** 63n)]],
  [float8, [0, -0, 1.5, -1.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]],
]

/** A float's place among all others, as sorts and range joins have it; others are their own. */
function ordered(value: NonNullable<Scalar>, type: DataType): bigint {
  if (type !== float8) return BigInt(value as number | bigint)
  if (Number.isNaN(value)) return 2n ** 63n - 1n
  const bits = new BigInt64Array(new Float64Array([Number(value) + 0]).buffer)[0]!
  return bits < 0n ? bits ^ (2n ** 63n - 1n) : bits
}

interface Block {
  readonly rows: number
  readonly low: bigint
  readonly high: bigint
  readonly highest: bigint
}

/** The blocks of rows that are in order: the low and the high key of each, NULLs of what they are sorted by last. */
function referenceBlocks(
  keys: readonly (readonly (bigint | null)[])[],
  { hasLow, hasHigh, most }: { hasLow: boolean; hasHigh: boolean; most: number },
): readonly Block[] {
  const blocks: Block[] = []
  const sorted = keys.filter(([first]) => first !== null)
  for (let from = 0; from < sorted.length; from += most) {
    const part = sorted.slice(from, from + most)
    const highs = part.map((row) => row[hasLow ? 1 : 0] ?? -(2n ** 63n))
    const high = hasHigh ? highs.reduce((a, b) => (a > b ? a : b)) : 2n ** 63n - 1n
    const before = blocks.at(-1)?.highest ?? high
    const low = hasLow ? part[0]![0]! : -(2n ** 63n)
    blocks.push({ rows: part.length, low, high, highest: before > high ? before : high })
  }
  return blocks
}

conformance(['rangeBlocks'], () => {
  test('rows in the order of a range, block by block', () => {
    const random = seededRandom(47)
    for (let round = 0; round < 300; round++) {
      const [type, values] = pick(random, types)
      const [hasLow, hasHigh] = pick(random, [
        [true, false],
        [false, true],
        [true, true],
      ])
      const fields = Number(hasLow) + Number(hasHigh)
      const ids = Array.from({ length: fields }, (_, id) => ({ id: id as ColumnId }))
      const layout = layOutRow(
        12,
        ids.map((id) => ({ ...id, type, nullable: true })),
      )
      const one = (): Scalar => (below(random, 5) === 0 ? null : pick(random, values))
      const rows = Array.from({ length: below(random, 40) }, () => ids.map(one)).toSorted(
        ([a = null], [b = null]) => {
          if (a === null || b === null) return Number(a === null) - Number(b === null)
          return compareScalars(a, b, type)
        },
      )
      const at = zeros(rows.length * layout.rowBytes)
      const writers = layout.fields.map((field) =>
        fieldWriter(heap, field, new WideNumerics(arena)),
      )
      rows.forEach((row, index) =>
        writers.forEach((write, field) => write(at + index * layout.rowBytes, row[field]!)),
      )
      const keys = ids.map((_, field) => ({ field, descending: false, nullsFirst: false }))
      const sort = { layout, values: [], keys, limitRows: undefined }
      const described = arena.allocateZeroed(sortKeysBytes(sort))
      writeSortKeys(heap, sort, described)
      const most = pick(random, [1, 3, 16])
      const list = space((Math.ceil(rows.length / most) + 1) * rangePage.bytes)
      const place = [at, rows.length, layout.rowBytes, most, list]
      const count = call('rangeBlocks', described, Number(hasLow), Number(hasHigh), ...place)
      const found = Array.from({ length: count }, (_, block): Block => {
        const word = list + block * rangePage.bytes
        expect(heap.view.getUint32(word, true)).toBe(at + block * most * layout.rowBytes)
        return {
          rows: heap.view.getUint32(word + rangePage.rows, true),
          low: heap.view.getBigInt64(word + rangePage.low, true),
          high: heap.view.getBigInt64(word + rangePage.high, true),
          highest: heap.view.getBigInt64(word + rangePage.highest, true),
        }
      })
      const wanted = rows.map((row) =>
        row.map((value) => (value === null ? null : ordered(value, type))),
      )
      expect(found).toEqual(referenceBlocks(wanted, { hasLow, hasHigh, most }))
      arena.release()
    }
  })
})
