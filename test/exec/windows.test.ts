import { expect, test } from 'vitest'
import { seededRandom, type Random } from '../../src/base/world.ts'
import { Arena } from '../../src/data/arenas/arena.ts'
import {
  bool,
  decimal,
  float4,
  float8,
  int4,
  int8,
  numeric,
  text,
  timestamp,
  type DataType,
} from '../../src/data/types/data-type.ts'
import type { Scalar } from '../../src/data/types/scalar.ts'
import { vectorFromScalars } from '../../src/data/vectors/from-scalars.ts'
import { runFragment } from '../../src/exec/fragment/fragment.ts'
import { memoryIn } from '../../src/exec/windows/row-memory.ts'
import { SegmentTree, type RunStates } from '../../src/exec/thread/segment-tree.ts'
import { builtInFunctions } from '../../src/functions/built-in.ts'
import type { TableEntry } from '../../src/plan/catalog/catalog.ts'
import {
  defaultFrame,
  type Expression,
  type Frame,
  type FrameBound,
  type SortKey,
} from '../../src/plan/logical/expression.ts'
import type { Accumulator } from '../../src/functions/aggregate-form.ts'
import type {
  PhysicalPlan,
  PhysicalWindow,
  PhysicalWindowCall,
} from '../../src/plan/physical/plan.ts'
import { aggregate, column, freshId, literal, scan, stageOf } from './plans.ts'
import { checkByReference, createEnvironment, inlinePool, runStage } from './running.ts'
import { randomScalar, tableOf } from './tables.ts'
import { windowEntry } from '../functions/entries.ts'

const env = createEnvironment()
const arena = new Arena(env.heap)

const types: readonly DataType[] = [
  int4,
  int4,
  int8,
  text,
  float8,
  decimal(10, 2),
  numeric,
  timestamp,
  bool,
  float4,
]
const [ID, SMALL, LONG, TEXT, FLOAT, PRICE, NUMERIC, TIME, BOOL, SINGLE] = types.map(
  (_, at) => at,
) as [number, number, number, number, number, number, number, number, number, number]

/** Rows with a number of their own, so that an order by it has no peers. */
function numberedRows(random: Random, rows: number): TableEntry {
  const columns = types.map((type, at) =>
    Array.from({ length: rows }, (_, row): Scalar => {
      return at === ID ? row : randomScalar(random, type, 5)
    }),
  )
  const vectors = types.map((type, at) => vectorFromScalars(arena, type, columns[at]!))
  return tableOf('numbered', types, [{ rows, columns: vectors, statistics: undefined }])
}

function windowOver(
  input: PhysicalPlan,
  partitionBy: readonly Expression[],
  orderBy: readonly SortKey[],
  calls: readonly PhysicalWindowCall[],
): PhysicalWindow {
  const made = calls.map((call) => {
    const { id, name, type } = call.kind === 'aggregate' ? call.aggregate : call
    return { id, name, type, nullable: true }
  })
  const columns = [...input.columns, ...made]
  return { kind: 'window', input, partitionBy, orderBy, calls, columns, rows: input.rows }
}

function over(
  input: PhysicalPlan,
  accumulator: Accumulator,
  arg: Expression | undefined,
  frame: Frame,
  filter?: Expression,
): PhysicalWindowCall {
  const spec = { accumulator, ...(arg && { arg }), ...(filter && { filter }) }
  const { aggregates } = aggregate(input, [], [spec])
  return { kind: 'aggregate', aggregate: aggregates[0]!, frame }
}

const bounds = ['preceding', 'following'] as const

function randomFrame(random: Random, unit: Frame['unit']): Frame {
  const pick = (count: number): number => Math.floor(random.next() * count)
  const bound = (side: 'start' | 'end'): FrameBound => {
    const kind = pick(4)
    if (kind === 0)
      return { kind: side === 'start' ? 'unbounded-preceding' : 'unbounded-following' }
    if (kind === 1) return { kind: 'current-row' }
    const offset =
      unit === 'range'
        ? literal(numeric, { unscaled: BigInt(pick(900)), scale: 1 })
        : literal(int8, BigInt(pick(pick(2) === 0 ? 4 : 200)))
    return { kind: bounds[pick(2)]!, offset }
  }
  const excludes = ['no-others', 'no-others', 'current-row', 'group', 'ties'] as const
  return { unit, start: bound('start'), end: bound('end'), exclude: excludes[pick(5)]! }
}

function randomCalls(random: Random, input: PhysicalPlan, frame: Frame): PhysicalWindowCall[] {
  const pick = (count: number): number => Math.floor(random.next() * count)
  const of = (at: number): Expression => column(input, at)
  const filter = pick(3) === 0 ? of(BOOL) : undefined
  const sums = [SMALL, LONG, PRICE, NUMERIC, SINGLE].map((at) =>
    over(input, 'sum', of(at), frame, filter),
  )
  const extremes = [SMALL, LONG, TEXT, FLOAT, PRICE, NUMERIC, TIME].flatMap((at) => [
    over(input, 'min', of(at), frame, filter),
    over(input, 'max', of(at), frame),
  ])
  const others = [
    over(input, 'count-star', undefined, frame, filter),
    over(input, 'count', of(TEXT), frame),
    over(input, 'bool-or', of(BOOL), frame),
    over(input, 'bool-and', of(BOOL), frame, filter),
  ]
  const functions = builtInFunctions.window.all.map((fn): PhysicalWindowCall => {
    const value = of([TEXT, NUMERIC, BOOL, LONG][pick(4)]!)
    const args = fn.args.map((kind, at) => {
      if (kind === 'any') return value
      return literal(int4, fn.name === 'ntile' || at > 0 ? 1 + pick(5) : pick(5))
    })
    const type = typeof fn.returns === 'function' ? value.type : fn.returns
    return { kind: 'window', id: freshId(), name: fn.name, type, fn, args, frame }
  })
  const all = [...sums, ...extremes, ...others, ...functions]
  return all.filter(() => pick(3) === 0)
}

const tunings = [{}, { batchRows: 3, morselRows: 50 }]

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'windows give what the reference gives (seed %s)',
  async (seed) => {
    const random = seededRandom(seed)
    const pick = (count: number): number => Math.floor(random.next() * count)
    const table = numberedRows(random, [0, 1, 30, 260][seed % 4]!)
    for (let round = 0; round < 3; round++) {
      const input = scan(table)
      const key = (at: number): SortKey => {
        return { expr: column(input, at), descending: pick(2) === 0, nullsFirst: pick(2) === 0 }
      }
      const partitionBy =
        pick(2) === 0 ? [] : [column(input, [SMALL, TEXT, NUMERIC, FLOAT][pick(4)]!)]
      const unit = (['rows', 'groups', 'range'] as const)[pick(3)]!
      // What looks at single rows needs an order without peers.
      const orderBy = unit === 'range' ? [key(PRICE)] : [key([SMALL, TIME][pick(2)]!), key(ID)]
      const frame = randomFrame(random, unit)
      const calls = randomCalls(random, input, frame).filter((call) => {
        return unit !== 'range' || call.kind === 'aggregate'
      })
      const plan = windowOver(input, partitionBy, orderBy, calls)
      await checkByReference(env, stageOf(plan), tunings)
    }
  },
)

test('a window over all rows is put in order by several threads', async () => {
  const rows = 70_000
  const numbers = Array.from({ length: rows }, (_, row) => (row * 7_919) % rows)
  const vectors = [vectorFromScalars(arena, int4, numbers)]
  const table = tableOf('many', [int4], [{ rows, columns: vectors, statistics: undefined }])
  const input = scan(table)
  const order = [{ expr: column(input, 0), descending: false, nullsFirst: false }]
  const sliding: Frame = {
    unit: 'rows',
    start: { kind: 'preceding', offset: literal(int8, 999n) },
    end: { kind: 'current-row' },
    exclude: 'no-others',
  }
  const calls = [
    over(input, 'count-star', undefined, sliding),
    over(input, 'sum', column(input, 0), defaultFrame),
  ]
  const plan = windowOver(input, [], order, calls)
  const found = (await runStage(env, stageOf(plan), inlinePool(env, 4))).flat()
  expect(found.length).toBe(rows)
  const wrong = found.filter(([value, count, sum]) => {
    const at = Number(value)
    return count !== BigInt(Math.min(at + 1, 1_000)) || sum !== BigInt((at * (at + 1)) / 2)
  })
  expect(wrong).toEqual([])
  // They come in the order of the window.
  expect(found.map(([value]) => value)).toEqual(Array.from({ length: rows }, (_, at) => at))
})

test('pieces of a window over all rows know what comes before them', async () => {
  const rows = 70_000
  const PEERS = 7
  const numbers = Array.from({ length: rows }, (_, row) => (row * 7_919) % rows)
  const columns = [numbers, numbers.map((number) => Math.floor(number / PEERS))]
  const vectors = columns.map((column) => vectorFromScalars(arena, int4, column))
  const table = tableOf('peers', [int4, int4], [{ rows, columns: vectors, statistics: undefined }])
  const input = scan(table)
  const order = [{ expr: column(input, 1), descending: false, nullsFirst: false }]
  const ranked = (signature: string, type: DataType): PhysicalWindowCall => {
    const fn = windowEntry(signature)
    return {
      kind: 'window',
      id: freshId(),
      name: fn.name,
      type,
      fn,
      args: [],
      frame: defaultFrame,
    }
  }
  const calls = [
    ranked('rank()', int8),
    ranked('dense_rank()', int8),
    ranked('cume_dist()', float8),
    over(input, 'sum', column(input, 1), defaultFrame),
    // One thread fills this beside the others.
    over(input, 'max', column(input, 1), defaultFrame),
  ]
  const plan = windowOver(input, [], order, calls)
  const found = (await runStage(env, stageOf(plan), inlinePool(env, 4))).flat()
  expect(found.length).toBe(rows)
  const wrong = found.filter(([, tens, rank, dense, part, sum, most]) => {
    const group = Number(tens)
    const end = (group + 1) * PEERS
    const expected = [
      BigInt(group * PEERS + 1),
      BigInt(group + 1),
      end / rows,
      BigInt((PEERS * group * (group + 1)) / 2),
      group,
    ]
    return [rank, dense, part, sum, most].some((value, at) => value !== expected[at])
  })
  expect(wrong.slice(0, 3)).toEqual([])
})

test('memory is free again after an error among the rows', async () => {
  const rows = 5_000
  const values = Array.from({ length: rows }, (_, row) => (row === 4_000 ? 0 : 2))
  const vectors = [vectorFromScalars(arena, int4, values)]
  const table = tableOf('divided', [int4], [{ rows, columns: vectors, statistics: undefined }])
  const input = scan(table)
  const args = [column(input, 0)]
  const base = {
    kind: 'window',
    id: freshId(),
    name: 'n',
    type: int4,
    frame: defaultFrame,
  } as const
  const calls: PhysicalWindowCall[] = [
    over(input, 'min', literal(text, 'x'), defaultFrame),
    { ...base, fn: windowEntry('ntile(int4)'), args },
  ]
  const partition = [column(input, 0)]
  const stage = stageOf(windowOver(input, partition, [], calls))
  const before = env.heap.bytesInUse
  const cancel = arena.allocateZeroed(4)
  const held = env.heap.bytesInUse
  const task = { queryId: 'test', stage, partition: 0, inputs: new Map(), cancel }
  const run = runFragment(task, inlinePool(env, 2), env)
  await expect(run).rejects.toThrow('argument of ntile must be greater than zero')
  expect(env.heap.bytesInUse).toBe(held)
  expect(held).toBeGreaterThanOrEqual(before)
})

/** States that are sums of numbers, and how often anything is added. */
function countedStates(values: readonly number[]): RunStates & { sum: number; added: number } {
  const kept: number[] = []
  let free = 0
  const states = {
    sum: 0,
    added: 0,
    stateBytes: 1,
    clear: () => {
      states.sum = 0
    },
    add: (from: number, to: number) => {
      for (let row = from; row < to; row++) states.sum += values[row]!
      states.added += to - from
    },
    addStates: (first: number, count: number) => {
      for (let node = first; node < first + count; node++) states.sum += kept[node]!
      states.added += count
    },
    room: (count: number) => {
      free += count
      return free - count
    },
    keep: (at: number) => {
      kept[at] = states.sum
    },
  }
  return states
}

test('a frame of n rows takes a number of steps that grows with the logarithm of n', () => {
  const random = seededRandom(12)
  const count = 100_000
  const values = Array.from({ length: count }, () => Math.floor(random.next() * 100))
  const sums = [0]
  for (const value of values) sums.push(sums.at(-1)! + value)
  const states = countedStates(values)
  const tree = new SegmentTree(count, states)
  const frames = 2_000
  for (let round = 0; round < frames; round++) {
    const ends = [random.next(), random.next()].map((part) => Math.floor(part * (count + 1)))
    const [from, to] = ends.sort((a, b) => a - b) as [number, number]
    tree.prepare(from, to)
    states.clear()
    tree.add(from, to)
    expect(states.sum, `rows ${from} to ${to}`).toBe(sums[to]! - sums[from]!)
  }
  // Each node is made once, of at most 32 others; a frame is at most 31 of them at either end of a level.
  const levels = Math.ceil(Math.log(count) / Math.log(32))
  expect(states.added).toBeLessThan(count * 1.1 + frames * levels * 2 * 31)
})

test("what is kept of each row is zeros in the query's memory", () => {
  const own = new Arena(env.heap)
  const used = arena.allocate(1_000)
  env.heap.u8.fill(1, used, used + 1_000)
  const before = env.heap.bytesInUse
  const memory = memoryIn(own)
  const kept = [memory.words(7), memory.doubles(7), memory.bytes(7)]
  for (const part of kept) {
    expect([...part]).toEqual([0, 0, 0, 0, 0, 0, 0])
    expect(part.buffer).toBe(env.heap.u8.buffer)
    part.fill(3)
  }
  expect(kept.map((part) => part[6])).toEqual([3, 3, 3])
  expect(env.heap.bytesInUse).toBeGreaterThan(before)
  own.release()
  expect(env.heap.bytesInUse).toBe(before)
})
