import { expect, test } from 'vitest'
import { seededRandom, type Random } from '../../../src/base/world.ts'
import type { GroupTable, WindowFill } from '../../../src/compile/model/pipeline.ts'
import { groupHeader, layOutRow, stateShape } from '../../../src/compile/model/row-layout.ts'
import { bool, decimal, int4, int8, type DataType } from '../../../src/data/types/data-type.ts'
import type { Scalar } from '../../../src/data/types/scalar.ts'
import { WideNumerics } from '../../../src/data/vectors/numeric-slots.ts'
import { closeSums, differences } from '../../../src/exec/breakers/window-sums.ts'
import { finishSteps } from '../../../src/exec/jobs/steps.ts'
import { fieldWriter } from '../../../src/exec/rows/write-field.ts'
import { fillFlat } from '../../../src/exec/windows/fill-flat.ts'
import { frameBounds, FramePieces } from '../../../src/exec/windows/frames.ts'
import { runSums } from '../../../src/exec/windows/kernel-fill.ts'
import { ListedRows } from '../../../src/exec/windows/listed-rows.ts'
import { plainMemory } from '../../../src/exec/windows/row-memory.ts'
import type { Accumulator } from '../../../src/functions/aggregate-form.ts'
import type {
  ColumnId,
  Expression,
  Frame,
  FrameBound,
} from '../../../src/plan/logical/expression.ts'
import type { PhysicalAggregateCall } from '../../../src/plan/physical/plan.ts'
import { arena, below, conformance, heap, pick, space, zeros } from './bench.ts'
import { env, fillInPieces } from './window-values.ts'

const ROUNDS = 120
const LARGE = 2n ** 61n - 1n
const FILTER = 1
const values: readonly (readonly [DataType, readonly Scalar[]])[] = [
  [int4, [1, -7, 2_147_483_647, -2_147_483_648]],
  [int8, [5n, -1n, 30_000_000_000n]],
  [decimal(30, 2), [250n, -1n, 30_000_000_000n]],
]

function columnAt(id: number, type: DataType): Expression {
  return { kind: 'column', id: id as ColumnId, type, name: '' }
}

/** Rows in memory, listed backwards, with marks of partitions and peers. */
function randomRows(random: Random, [type, some]: readonly [DataType, readonly Scalar[]]) {
  const isFiltered = below(random, 2) === 0
  const calls = (['count-star', 'count', 'sum', 'sum-zero'] satisfies Accumulator[]).map(
    (accumulator, at): PhysicalAggregateCall =>
      ({
        id: (10 + at) as ColumnId,
        name: '',
        type: accumulator === 'sum' ? type : int8,
        accumulator,
        ...(accumulator !== 'count-star' && { arg: columnAt(0, type) }),
        ...(isFiltered && { filter: columnAt(FILTER, bool) }),
      }) as unknown as PhysicalAggregateCall,
  )
  const nullable = below(random, 2) === 0
  const whole = layOutRow(groupHeader.bytes, [
    { id: 0 as ColumnId, type, nullable: true },
    { id: FILTER as ColumnId, type: bool, nullable: true },
    ...calls.map((call) => {
      return { id: call.id, type: call.type, nullable: true, state: stateShape(call, false) }
    }),
  ])
  const [first, ...others] = whole.fields
  const layout = nullable
    ? whole
    : { ...whole, fields: [{ ...first!, validOffset: undefined }, ...others] }
  const count = pick(random, [1, 2, 31, 32, 300])
  const rows = zeros(count * layout.rowBytes)
  const list = space(count * 4)
  const marks = space(count)
  const keeper = new WideNumerics(arena)
  const writers = [0, FILTER].map((at) => fieldWriter(heap, whole.fields[at]!, keeper))
  const few = pick(random, [2, 30])
  for (let row = 0; row < count; row++) {
    const at = rows + row * layout.rowBytes
    writers[0]!(at, nullable && below(random, 4) === 0 ? null : pick(random, some))
    writers[1]!(at, pick(random, [true, true, false, null]))
    heap.u32[(list >>> 2) + row] = rows + (count - 1 - row) * layout.rowBytes
    const mark = below(random, few)
    heap.u8[marks + row] = row === 0 || mark === 0 ? 2 : mark === 1 ? 1 : 0
  }
  const listed = new ListedRows(heap, layout, count, { list, marks }, plainMemory)
  return { calls, layout, listed, rows }
}

function randomFrame(random: Random): Frame {
  const unit = pick(random, ['rows', 'rows', 'range', 'groups'] as const)
  const bound = (far: FrameBound['kind']): FrameBound => {
    const kind = pick(random, [far, 'current-row', 'preceding', 'following'] as const)
    if (kind === far || kind === 'current-row' || unit !== 'rows') {
      return { kind: kind === far ? far : 'current-row' }
    }
    const value = pick(random, [0n, 1n, 40n, 2n ** 40n])
    return { kind, offset: { kind: 'literal', type: int8, value } }
  }
  const [start, end] = [bound('unbounded-preceding'), bound('unbounded-following')]
  return { unit, start, end, exclude: 'no-others' }
}

conformance(['windowSums', 'windowDifferences'], () => {
  test.each(values.map((value) => [value[0].kind, value] as const))('of %s', (_, value) => {
    const random = seededRandom(71)
    for (let round = 0; round < ROUNDS; round++) {
      const { calls, layout, listed, rows } = randomRows(random, value)
      const { count } = listed
      const frame = randomFrame(random)
      const fields = calls.map((__, at) => at + 2)
      const shown = (): Uint8Array => heap.u8.slice(rows, rows + count * layout.rowBytes)
      const bounds = frameBounds(listed, frame, () => new Int32Array(), plainMemory)
      const pieces = new FramePieces(listed, bounds, frame.exclude, plainMemory)
      expect(finishSteps(fillFlat(listed, calls, fields, pieces))).toBe(true)
      const expected = shown()
      for (const at of fields) {
        const { lanes, validOffset } = layout.fields[at]!
        for (let row = rows; row < rows + count * layout.rowBytes; row += layout.rowBytes) {
          for (const { offset } of lanes) heap.u8.fill(0x5a, row + offset, row + offset + 8)
          if (validOffset !== undefined) heap.u8[row + validOffset] = 7
        }
      }
      const table = { aggregates: calls } as unknown as GroupTable
      const fill = { kind: 'aggregate', table, frame, fields } as WindowFill & { kind: 'aggregate' }
      const shape = { layout, count, shift: pick(random, [0, 4, 5, 31]) }
      const made = differences(arena, shape, fill)!
      const pieceRows = Math.min(count, 2 ** shape.shift)
      for (const column of made.columns) {
        for (let from = 0; from < count && column.isRead; from += pieceRows) {
          const range = [from, Math.min(count, from + pieceRows)] as const
          finishSteps(runSums(env, column, listed.list, range))
        }
        expect(closeSums(heap, shape, column)).toBe(true)
      }
      for (const one of made.fills) fillInPieces(listed, one, pick(random, [1, 7, 300]))
      expect(
        shown(),
        JSON.stringify(frame, (___, of: unknown) => String(of)),
      ).toEqual(expected)
      arena.release()
    }
  })

  test('sums that may be more than 64 bits are left to others', () => {
    const random = seededRandom(3)
    for (const wide of [[LARGE], [2n ** 70n], [-(2n ** 70n)]]) {
      const { calls, layout, listed } = randomRows(random, [decimal(30, 2), wide])
      const table = { aggregates: calls.slice(2, 3) } as unknown as GroupTable
      const frame = randomFrame(random)
      const fill = { kind: 'aggregate', table, frame, fields: [4] } as WindowFill & {
        kind: 'aggregate'
      }
      const shape = { layout, count: listed.count, shift: 31 }
      const [column] = differences(arena, shape, {
        ...fill,
        frame: { ...frame, unit: 'rows' },
      })!.columns
      finishSteps(runSums(env, column!, listed.list, [0, listed.count]))
      const seen = heap.u32[(heap.u32[(column!.address >>> 2) + 8]! + 16) >>> 2]!
      const most = wide[0] === LARGE ? 2 : 0
      expect(closeSums(heap, shape, column!), `${seen} of ${wide[0]}`).toBe(seen <= most)
      arena.release()
    }
  })
})
