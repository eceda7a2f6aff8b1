import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Address } from '../../../src/data/arenas/address.ts'
import { Heap } from '../../../src/data/arenas/heap.ts'
import type { KeptBlock, KeptKey } from '../../../src/data/arenas/kept-blocks.ts'

const MIB = 1_048_576

const keyOf = (number: number): KeptKey => ({
  source: Uint32Array.of(7, number % 3, 0, 9),
  offset: number * 4_294_967_297,
})
const markOf = (number: number): number => 1 + (number % 250)

function mark(heap: Heap, { at }: KeptBlock, bytes: number, number: number): void {
  heap.fill(at, markOf(number), bytes)
}

function isMarked(heap: Heap, { at }: KeptBlock, bytes: number, number: number): boolean {
  return isFilledWith(heap, at, bytes, markOf(number))
}

/** Looks at its ends and at some bytes of every page. */
function isFilledWith({ u8 }: Heap, at: number, bytes: number, mark: number): boolean {
  for (let byte = 0; byte < bytes; byte += 997) if (u8[at + byte] !== mark) return false
  return u8[at + bytes - 1] === mark
}

/** As a reader does: what is kept is looked at, what is to be kept is written. Whether it was there. */
function read(heap: Heap, number: number, bytes: number): boolean {
  const block = heap.kept.hold(keyOf(number), bytes)
  if (block === undefined) return false
  try {
    if (block.isFilled) expect(isMarked(heap, block, bytes, number)).toBe(true)
    else {
      mark(heap, block, bytes, number)
      heap.kept.filled(block)
    }
  } finally {
    heap.kept.release(block)
  }
  return block.isFilled
}

describe.each(['plain', 'poison'] as const)('a %s heap', (mode) => {
  const heapOf = (mib: number): Heap => new Heap(Heap.createMemory(mib * MIB), mode)

  test('keeps what is asked for a second time, for all who have the memory', () => {
    const heap = heapOf(32)
    const other = new Heap(heap.memory)
    expect([read(heap, 1, 5_000), read(other, 1, 5_000)]).toEqual([false, false])
    expect([read(heap, 1, 5_000), read(other, 1, 5_000)]).toEqual([true, true])
    expect([read(heap, 2, 5_000), heap.kept.hold(keyOf(1), 5_001)]).toEqual([false, undefined])
    expect([heap.bytesInUse, heap.bytesPeak]).toEqual([0, 0])
    expect(heap.kept.bytes).toBeGreaterThan(5_000)
  })

  test('who fills a block is alone with it, and one that is not filled goes', () => {
    const heap = heapOf(32)
    read(heap, 1, 5_000)
    const before = heap.kept.bytes
    const block = heap.kept.hold(keyOf(1), 5_000)!
    expect([block.isFilled, heap.kept.hold(keyOf(1), 5_000)]).toEqual([false, undefined])
    heap.kept.release(block)
    expect(heap.kept.bytes).toBe(before)
    expect([1, 2, 3].map(() => read(heap, 1, 5_000))).toEqual([false, false, true])
  })

  test('gives back what nobody holds when memory is asked for, and only then', () => {
    const heap = heapOf(32)
    const numbers = Array.from({ length: 7 }, (_, number) => number)
    for (const number of [...numbers, ...numbers]) read(heap, number, MIB)
    expect(numbers.map((number) => read(heap, number, MIB))).toEqual(numbers.map(() => true))
    const held = heap.kept.hold(keyOf(3), MIB)!
    const small = heap.allocate(MIB)
    expect(numbers.map((number) => read(heap, number, MIB))).toEqual(numbers.map(() => true))
    const large: Address[] = []
    expect(() => {
      for (;;) large.push(heap.allocate(MIB, 'table'))
    }).toThrow('out of memory')
    expect(large.length).toBeGreaterThan(24)
    expect(isMarked(heap, held, MIB, 3)).toBe(true)
    heap.kept.release(held)
    large.push(heap.allocate(MIB, 'table'))
    expect(read(heap, 3, MIB)).toBe(false)
    for (const block of [small, ...large]) heap.free(block)
    expect(heap.bytesInUse).toBe(0)
    heap.inspect()
  })

  test('keeps a part of what goes round in more than there is room for', () => {
    const heap = heapOf(32)
    const round = (): number => {
      let found = 0
      for (let number = 0; number < 20; number++) if (read(heap, number, MIB)) found++
      return found
    }
    const rounds = Array.from({ length: 6 }, round)
    expect(rounds.slice(0, 2)).toEqual([0, 0])
    for (const found of rounds.slice(2)) expect(found).toBeGreaterThanOrEqual(6)
    expect(heap.kept.bytes).toBeLessThanOrEqual(8 * MIB)
    // What nobody asks for any more makes room.
    for (let again = 0; again < 20; again++) {
      for (let number = 100; number < 104; number++) read(heap, number, MIB)
    }
    expect([100, 101, 102, 103].map((number) => read(heap, number, MIB))).not.toContain(false)
  })

  test('any blocks, held and asked for in any order, hold what was written', () => {
    const command = fc.record({
      kind: fc.constantFrom('read', 'read', 'read', 'hold', 'release', 'allocate', 'free'),
      number: fc.nat({ max: 60 }),
      size: fc.integer({ min: 1, max: 1_500_000 }),
    })
    // A key has its size for good, as a file's page has.
    const bytesOf = (number: number): number => 4_096 + ((number * 7_919) % 97) * 8_192
    fc.assert(
      fc.property(fc.array(command, { maxLength: 400, size: 'max' }), (commands) => {
        const heap = heapOf(16)
        const held: { readonly block: KeptBlock; readonly number: number }[] = []
        const taken: { readonly at: Address; readonly bytes: number }[] = []
        for (const { kind, number, size } of commands) {
          if (kind === 'read') read(heap, number, bytesOf(number))
          else if (kind === 'hold') {
            const block = heap.kept.hold(keyOf(number), bytesOf(number))
            if (block?.isFilled === true) held.push({ block, number })
            else if (block !== undefined) heap.kept.release(block)
          } else if (kind === 'release') {
            const last = held.splice(number % Math.max(1, held.length), 1)[0]
            if (last === undefined) continue
            expect(isMarked(heap, last.block, bytesOf(last.number), last.number)).toBe(true)
            heap.kept.release(last.block)
          } else if (kind === 'allocate') {
            try {
              const at = heap.allocate(size)
              heap.fill(at, 255, size)
              taken.push({ at, bytes: size })
            } catch (error) {
              expect(error).toMatchObject({ code: 'OUT_OF_MEMORY' })
            }
          } else {
            const [block] = taken.splice(number % Math.max(1, taken.length), 1)
            if (block === undefined) continue
            const { at, bytes } = block
            expect(isFilledWith(heap, at, bytes, 255)).toBe(true)
            heap.free(at)
          }
        }
        for (const { block } of held) heap.kept.release(block)
        for (const { at } of taken) heap.free(at)
        expect(heap.bytesInUse).toBe(0)
        heap.inspect()
      }),
      { numRuns: 30 },
    )
  })
})

test('a small memory keeps nothing', () => {
  const heap = new Heap(Heap.createMemory(8 * MIB), 'plain')
  expect([1, 2, 3].map(() => read(heap, 1, 5_000))).toEqual([false, false, false])
  expect(heap.kept.bytes).toBe(0)
})
