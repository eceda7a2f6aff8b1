import { expect, test } from 'vitest'
import { present } from '../../../src/base/assert.ts'
import { seededRandom, type Random } from '../../../src/base/world.ts'
import type { WindowArgument, WindowFill } from '../../../src/compile/model/pipeline.ts'
import { layOutRow, type RowLayout } from '../../../src/compile/model/row-layout.ts'
import { float8, int4, int8, numeric, type DataType } from '../../../src/data/types/data-type.ts'
import { parseScalar } from '../../../src/data/types/parse-scalar.ts'
import { WideNumerics } from '../../../src/data/vectors/numeric-slots.ts'
import type { ThreadEnvironment } from '../../../src/exec/jobs/thread.ts'
import { finishSteps } from '../../../src/exec/jobs/steps.ts'
import { kernelFill } from '../../../src/exec/breakers/window-fills.ts'
import { runKernelFill, STATE_BYTES } from '../../../src/exec/windows/kernel-fill.ts'
import { fieldReader } from '../../../src/exec/rows/row-values.ts'
import { fieldWriter } from '../../../src/exec/rows/write-field.ts'
import { fillValues } from '../../../src/exec/windows/fill-values.ts'
import type { FramePieces } from '../../../src/exec/windows/frames.ts'
import type { KernelFill } from '../../../src/exec/jobs/window-fill.ts'
import { ListedRows } from '../../../src/exec/windows/listed-rows.ts'
import { plainMemory } from '../../../src/exec/windows/row-memory.ts'
import { rankingFunctions } from '../../../src/functions/windows/ranking.ts'
import { valueFunctions } from '../../../src/functions/windows/values.ts'
import type { WindowFunction } from '../../../src/functions/window-function.ts'
import type { ColumnId } from '../../../src/plan/logical/expression.ts'
import { arena, below, conformance, heap, kernels, pick, space, zeros, bytesAt } from './bench.ts'

const ROUNDS = 40
export const env = { heap, kernels } as unknown as ThreadEnvironment
const [VALUE, TARGET] = [0, 1]
const functions = [...rankingFunctions, ...valueFunctions].filter(
  ({ kernel, args }) => kernel !== undefined && args.length < 3,
)
const values: readonly (readonly [DataType, readonly string[]])[] = [
  [int4, ['1', '-7']],
  [float8, ['1.5', '-0']],
  [numeric, ['1.50', '-2']],
]

/** Rows in memory one behind the other, listed in another order, with marks of partitions and peers. */
function randomRows(random: Random, layout: RowLayout, [type, texts]: (typeof values)[number]) {
  const count = pick(random, [1, 2, 40, 300])
  const rows = zeros(count * layout.rowBytes)
  const write = fieldWriter(heap, layout.fields[VALUE]!, new WideNumerics(arena))
  const list = space(count * 4)
  const marks = space(count)
  const few = pick(random, [2, 30])
  for (let row = 0; row < count; row++) {
    write(
      rows + row * layout.rowBytes,
      below(random, 4) === 0 ? null : parseScalar(pick(random, texts), type),
    )
    heap.u32[(list >>> 2) + row] = rows + (count - 1 - row) * layout.rowBytes
    const mark = below(random, few)
    heap.u8[marks + row] = row === 0 ? 2 : mark === 0 ? 2 : mark === 1 ? 1 : 0
  }
  return { count, rows, list, marks }
}

function randomArguments(random: Random, { args, kernel }: WindowFunction): WindowArgument[] {
  if (kernel === 'ntile') return [{ value: pick(random, [1, 3, 50, 2_147_483_647]) }]
  const offset = pick(random, [0, 1, 2, -1, -3, 400, 2_147_483_647, -2_147_483_647])
  return args.map((_, at) => (at === 0 ? { field: VALUE } : { value: offset }))
}

/** Fills a field in pieces, the last ones first: each begins where nothing is known but marks. */
export function fillInPieces(rows: ListedRows, fill: KernelFill, pieceRows: number): void {
  const { list, marks, count } = rows
  const partitions = bytesAt(marks, count).subarray(1).includes(2)
  const listed = { list, marks, count, partitions, peers: true }
  const state = arena.allocate(STATE_BYTES)
  const last = Math.floor((listed.count - 1) / pieceRows)
  for (let from = last * pieceRows; from >= 0; from -= pieceRows) {
    const range = [from, Math.min(listed.count, from + pieceRows)] as const
    finishSteps(runKernelFill(env, fill, listed, state, range))
  }
}

conformance(['windowNumbers', 'windowShift', 'windowState'], () => {
  test.each(functions.map((fn) => [fn.id, fn] as const))('%s', (_, fn) => {
    const random = seededRandom(53)
    for (let round = 0; round < ROUNDS; round++) {
      const value = pick(random, values)
      const given = typeof fn.returns === 'function' ? value[0] : fn.returns
      const layout = layOutRow(
        4,
        [value[0], given, int8].map((type, id) => ({ id: id as ColumnId, type, nullable: true })),
      )
      const { count, rows, list, marks } = randomRows(random, layout, value)
      const listed = new ListedRows(heap, layout, count, { list, marks }, plainMemory)
      const args = randomArguments(random, fn)
      const call = { kind: 'window', fn, args, field: TARGET } as unknown as WindowFill & {
        kind: 'window'
      }
      const read = fieldReader(heap, layout.fields[TARGET]!)
      const shown = () =>
        Array.from({ length: count }, (__, row) => read(rows + row * layout.rowBytes))
      finishSteps(fillValues(listed, call, () => undefined as unknown as FramePieces))
      const expected = shown()
      const { lanes, validOffset } = layout.fields[TARGET]!
      for (let row = 0; row < count; row++) {
        const at = rows + row * layout.rowBytes
        for (const { offset } of lanes) heap.u8.fill(0x5a, at + offset, at + offset + 4)
        heap.u8[at + validOffset!] = 7
      }
      const fill = present(kernelFill(layout, call), 'kernel')
      fillInPieces(listed, fill, pick(random, [1, 16, 37, 300]))
      expect(shown(), JSON.stringify(args)).toEqual(expected)
      arena.release()
    }
  })
})
