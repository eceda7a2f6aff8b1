import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Address } from '../../../src/data/arenas/address.ts'
import { Arena } from '../../../src/data/arenas/arena.ts'
import { Heap, type HeapMode, type Purpose } from '../../../src/data/arenas/heap.ts'

const MIB = 1_048_576

function heapOf(mib: number, mode: HeapMode = 'plain'): Heap {
  return new Heap(Heap.createMemory(mib * MIB), mode)
}

interface Live {
  readonly start: Address
  readonly bytes: number
  readonly mark: number
}

/** Marks a block at both ends and in its slack, and looks at the marks later. */
function marked(heap: Heap, bytes: number, mark: number, purpose?: Purpose): Live {
  const block = { start: heap.allocate(bytes, purpose), bytes, mark }
  setMarks(heap, block)
  return block
}

function shrunk(heap: Heap, { start, bytes, mark }: Live, thousandths: number): Live {
  const block = { start, bytes: Math.max(1, Math.floor((bytes * thousandths) / 1_000)), mark }
  heap.shrink(start, block.bytes)
  setMarks(heap, block)
  return block
}

function setMarks(heap: Heap, { start, bytes, mark }: Live): void {
  for (const at of [start, start + bytes - 1, start + bytes + 63]) heap.u8[at] = mark
}

function isMarked(heap: Heap, { start, bytes, mark }: Live): boolean {
  return [start + bytes - 1, start + bytes + 63].every((at) => heap.u8[at] === mark)
}

const sizes = fc.oneof(
  fc.integer({ min: 1, max: 300 }),
  fc.integer({ min: 1, max: 20_000 }),
  fc.integer({ min: 1, max: MIB }),
)
const steps = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('allocate' as const), bytes: sizes }),
    fc.record({ kind: fc.constant('free' as const), which: fc.nat() }),
    fc.record({
      kind: fc.constant('shrink' as const),
      which: fc.nat(),
      thousandths: fc.nat(1_000),
    }),
  ),
  { maxLength: 300, size: 'max' },
)
/** Fills a heap up to the part that queries leave to others, where the last is refused beside a large free run. */
const upToTheReserve = [
  ...Array.from({ length: 7 }, () => ({ kind: 'allocate' as const, bytes: MIB })),
  { kind: 'allocate' as const, bytes: 300_000 },
  { kind: 'allocate' as const, bytes: 300_000 },
]

test('columns begin in the middle of a page where there is room, and holes are filled all the same', () => {
  const heap = heapOf(4)
  const small = heap.allocate(1_000)
  const columns = [245_760, 122_880, 70_001].map((bytes) => heap.allocate(bytes, 'table'))
  expect(columns.map((start) => start % 4_096)).toEqual([2_048, 2_048, 2_048])
  const touched = heap.bytesTouched
  heap.free(columns[1]!)
  expect(heap.allocate(122_880, 'table')).toBe(columns[1])
  expect(heap.allocate(2_000)).toBeLessThan(columns[2]!)
  expect(heap.bytesTouched).toBe(touched)
  heap.free(small)
})

describe.each(['plain', 'poison'] as const)('a %s heap', (mode) => {
  test('gives blocks that do not overlap, and is whole again when all are freed', () => {
    fc.assert(
      fc.property(steps, (commands) => {
        const heap = heapOf(8, mode)
        const whole = heap.inspect()
        const live: Live[] = []
        let inUse = 0
        commands.forEach((command, index) => {
          if (command.kind === 'allocate') {
            try {
              live.push(marked(heap, command.bytes, index & 127))
              inUse += command.bytes
            } catch (error) {
              expect(error).toMatchObject({ code: 'OUT_OF_MEMORY' })
              // Never while a free run is more than a thirty-second part larger, but for what is left to others.
              if (inUse + command.bytes > (heap.bytesMax * 15) / 16) return
              expect(heap.inspect().largestFreeBytes).toBeLessThan(command.bytes * 1.04 + 1_024)
            }
          } else if (command.kind === 'shrink') {
            if (live.length === 0) return
            const at = command.which % live.length
            expect(isMarked(heap, live[at]!)).toBe(true)
            const block = shrunk(heap, live[at]!, command.thousandths)
            inUse -= live[at]!.bytes - block.bytes
            live[at] = block
          } else if (live.length > 0) {
            const [block] = live.splice(command.which % live.length, 1)
            expect(isMarked(heap, block!)).toBe(true)
            inUse -= block!.bytes
            heap.free(block!.start)
          }
          expect(heap.bytesInUse).toBe(inUse)
        })
        heap.inspect()
        for (const block of live) {
          expect(block.start % 64).toBe(0)
          expect(isMarked(heap, block)).toBe(true)
          heap.free(block.start)
        }
        expect(heap.bytesInUse).toBe(0)
        expect(heap.inspect()).toEqual(whole)
        expect(whole.freeBlocks).toBe(1)
      }),
      { numRuns: 40, examples: [[upToTheReserve]] },
    )
  })

  test('takes a block once', () => {
    const heap = heapOf(1, mode)
    const blocks = Array.from({ length: 3 }, () => heap.allocate(1_000))
    for (const block of blocks) {
      heap.free(block)
      expect(() => heap.free(block)).toThrow('not allocated')
    }
    expect(() => heap.free((blocks[0]! + 64) as Address)).toThrow('not allocated')
    expect(() => heap.free(0 as Address)).toThrow('not allocated')
    heap.inspect()
  })

  test('counts bytes exactly, by purpose', () => {
    const heap = heapOf(4, mode)
    const [table, query] = [heap.allocate(1, 'table'), heap.allocate(100_001)]
    expect(heap.usage).toEqual({ query: 100_001, result: 0, table: 1, reader: 0, engine: 0 })
    heap.free(query)
    expect(heap.usage).toEqual({ query: 0, result: 0, table: 1, reader: 0, engine: 0 })
    expect([heap.bytesInUse, heap.bytesPeak]).toEqual([1, 100_002])
    heap.resetPeak()
    expect(heap.bytesPeak).toBe(1)
    heap.free(table)
    const arena = new Arena(heap, 'table')
    arena.allocate(10)
    arena.allocate(50_000)
    expect([heap.usage.table, heap.bytesInUse]).toEqual([arena.bytes, arena.bytes])
    arena.release()
    expect(heap.bytesInUse).toBe(0)
  })

  test('is refused what it cannot give, and loses nothing by it', () => {
    const heap = heapOf(1, mode)
    const before = heap.inspect()
    for (const bytes of [MIB, 2 ** 32, 1e15]) {
      expect(() => heap.allocate(bytes)).toThrow(`${bytes} bytes could not be allocated`)
    }
    expect(heap.inspect()).toEqual(before)
    const largest = heap.allocate(before.largestFreeBytes - 4_096, 'result')
    expect(() => heap.allocate(8_192, 'result')).toThrow('out of memory')
    heap.free(largest)
    expect(heap.inspect()).toEqual(before)
  })

  test('keeps a part from queries for those who read results', () => {
    const heap = heapOf(16, mode)
    const held: Address[] = []
    const fill = (): never => {
      for (;;) held.push(heap.allocate(MIB / 4))
    }
    expect(fill).toThrow('out of memory')
    expect(heap.bytesMax - heap.bytesInUse).toBeGreaterThan(0.9 * MIB)
    const read = heap.allocate(MIB / 2, 'result')
    for (const block of [...held, read]) heap.free(block)
    expect(heap.bytesInUse).toBe(0)
  })
})

test('an arena gives back the end of what is a block of its own, and of nothing that others lie behind', () => {
  const heap = heapOf(16)
  const arena = new Arena(heap)
  const small = arena.allocate(100)
  const beside = arena.allocate(100)
  const large = arena.allocate(2 * MIB)
  const before = heap.bytesInUse
  arena.shrink(small, 10)
  arena.shrink(beside, 10)
  expect(heap.bytesInUse).toBe(before)
  arena.shrink(large, 1_000)
  expect(heap.bytesInUse).toBe(before - 2 * MIB + 1_000)
  expect(arena.bytes).toBe(heap.bytesInUse)
  arena.release()
  expect(heap.inspect().freeBlocks).toBe(1)
})

describe('memory that was used is used again', () => {
  test('after any mix of use nine tenths can be had in pieces, around what is left', () => {
    const heap = heapOf(64)
    const seeds = Array.from({ length: 4_000 }, (_, n) => (n * 7_919) % 4_001)
    const mixed = seeds.map((seed) => heap.allocate(64 + seed * 4))
    const kept = mixed.filter((_, n) => n % 400 === 0)
    for (const block of mixed) if (!kept.includes(block)) heap.free(block)
    const pieces: Address[] = []
    for (let bytes = 0; bytes < heap.bytesMax * 0.9; bytes += 500_000) {
      pieces.push(heap.allocate(500_000))
    }
    for (const block of [...pieces, ...kept]) heap.free(block)
    expect(heap.inspect().freeBlocks).toBe(1)
  })

  test('what comes and goes touches no more than its largest moment', () => {
    const heap = heapOf(256)
    for (let round = 0; round < 200; round++) {
      const blocks = Array.from({ length: 40 }, (_, n) =>
        heap.allocate(1_000 + ((round * n) % 97) * 997),
      )
      for (const block of round % 2 === 0 ? blocks : blocks.reverse()) heap.free(block)
    }
    expect(heap.bytesTouched).toBeLessThan(heap.bytesPeak * 1.2)
  })

  test('blocks of one size come from the place that was freed last', () => {
    const heap = heapOf(4)
    const [first, second, third] = [
      heap.allocate(9_000),
      heap.allocate(9_000),
      heap.allocate(9_000),
    ]
    heap.free(first!)
    heap.free(third!)
    heap.free(second!)
    expect(heap.allocate(9_000)).toBe(first)
  })
})

test.each(['plain', 'poison'] as const)('threads share a %s heap', async (mode) => {
  const heap = heapOf(128, mode)
  const whole = heap.inspect()
  const threads = [1, 2, 3].map(async (seed) => {
    const workerData = { memory: heap.memory, seed, steps: 20_000 }
    const thread = new Worker(new URL('heap-thread.mjs', import.meta.url), { workerData })
    const [spoiled] = (await once(thread, 'message')) as [number]
    return spoiled
  })
  expect(await Promise.all(threads)).toEqual([0, 0, 0])
  expect(heap.bytesInUse).toBe(0)
  expect(heap.inspect()).toEqual(whole)
})

test('addresses reach to the end of four GiB', () => {
  const heap = heapOf(4_096)
  const large = heap.allocate(3.5 * 1_024 * MIB)
  const last = heap.allocate(400 * MIB)
  expect(last).toBeGreaterThan(3.5 * 1_024 * MIB)
  expect(heap.inspect().takenBlocks).toBe(2)
  heap.free(large)
  const again = heap.allocate(3 * 1_024 * MIB)
  expect(again).toBe(large)
  for (const block of [last, again]) heap.free(block)
  expect(heap.inspect()).toMatchObject({ freeBlocks: 1, freeBytes: heap.bytesMax })
})

describe('a heap that looks for faults', () => {
  test.each([
    [64, 'behind'],
    [127, 'behind'],
    [-101, 'before'],
    [-164, 'before'],
  ])('sees a write %i bytes past a block of 100', (past, where) => {
    const heap = heapOf(1, 'poison')
    const block = heap.allocate(100)
    heap.u8[block + 100 + past] = 1
    expect(() => heap.free(block)).toThrow(
      `written ${100 + past} bytes from its start, ${where} it`,
    )
  })

  test('allows the 64 bytes behind a block, and poisons what is new', () => {
    const heap = heapOf(1, 'poison')
    const block = heap.allocate(100)
    expect(new Set(heap.u8.subarray(block, block + 164))).toEqual(new Set([0xdb]))
    heap.u8.fill(7, block, block + 164)
    heap.free(block)
    heap.inspect()
  })

  test('sees a write to what was freed', () => {
    const heap = heapOf(1, 'poison')
    const block = heap.allocate(100)
    heap.free(block)
    expect(heap.allocate(100)).not.toBe(block)
    heap.u8[block + 50] = 1
    expect(() => heap.inspect()).toThrow(`memory at ${(block + 48) >>> 0} was written after`)
  })

  test('reads what was freed as nonsense', () => {
    const heap = heapOf(1, 'poison')
    const arena = new Arena(heap)
    const [small, large] = [arena.allocateZeroed(8), arena.allocateZeroed(300_000)]
    expect(heap.u32[small >>> 2]).toBe(0)
    arena.release()
    expect([heap.u32[small >>> 2], heap.u32[large >>> 2]]).toEqual([0xdbdbdbdb, 0xdbdbdbdb])
  })

  test('sees a write past a block that nobody frees', () => {
    const heap = heapOf(1, 'poison')
    const block = heap.allocate(100)
    heap.inspect()
    heap.u8[block + 164] = 1
    expect(() => heap.inspect()).toThrow('written 164 bytes from its start, behind it')
  })

  test('sees the first byte of a large one that was written after it was freed', () => {
    for (const at of [0, 1, 15, 16, 999_999]) {
      const heap = heapOf(512, 'poison')
      const block = heap.allocate(1_000_000)
      heap.free(block)
      heap.u8[block + at] = 1
      heap.u8[block + 1_000_010] = 1
      expect(() => heap.inspect()).toThrow(`memory at ${block + (at & ~3)} was written after`)
    }
  })

  test('is what the environment asks for', () => {
    const asked = process.env['HEDDLE_HEAP']
    try {
      for (const [value, mode] of [
        ['poison', 'poison'],
        ['plain', 'plain'],
        ['', 'plain'],
      ] as const) {
        process.env['HEDDLE_HEAP'] = value
        expect(new Heap(Heap.createMemory(MIB)).mode).toBe(mode)
      }
    } finally {
      process.env['HEDDLE_HEAP'] = asked
    }
    expect(new Heap(Heap.createMemory(MIB)).mode).toBe(asked === 'plain' ? 'plain' : 'poison')
  })

  test('holds for every thread that wraps the memory', () => {
    const { memory } = heapOf(1, 'poison')
    expect(new Heap(memory).mode).toBe('poison')
  })
})

describe('an arena', () => {
  test('begins small and grows with what it holds', () => {
    const heap = heapOf(16)
    const arena = new Arena(heap)
    arena.allocate(100)
    expect(heap.bytesInUse).toBe(4_096)
    for (let n = 0; n < 1_000; n++) arena.allocate(1_000)
    expect(heap.bytesInUse).toBeLessThan(2.2 * 1_064_000)
    arena.release()
    expect([heap.bytesInUse, heap.inspect().freeBlocks]).toEqual([0, 1])
  })

  test('takes over more blocks than a call takes arguments', () => {
    const heap = heapOf(64)
    const [giver, taker] = [new Arena(heap), new Arena(heap)]
    const blocks = Array.from({ length: 200_000 }, () => heap.allocate(64))
    taker.adoptBlocks(blocks)
    taker.adoptBlocks(giver.takeBlocks())
    taker.release()
    expect(heap.bytesInUse).toBe(0)
  })
})
