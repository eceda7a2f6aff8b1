import { describe, expect, test } from 'vitest'
import { present } from '../../../src/base/assert.ts'
import type { Random } from '../../../src/base/world.ts'
import { Arena } from '../../../src/data/arenas/arena.ts'
import { Heap } from '../../../src/data/arenas/heap.ts'
import { loadKernels, type Kernels } from '../../../src/wasm/kernels/loader.ts'

const called = new Set<string>()
const declared = new Set<string>()

/** The kernel library over a heap; what is called counts as tried by {@link conformance}. */
export function watchedKernels(over: Heap): Kernels {
  const kernels = loadKernels(over)
  return {
    exports: kernels.exports,
    call(name, ...args) {
      called.add(name)
      return kernels.call(name, ...args)
    },
  }
}

export const heap = new Heap(Heap.createMemory(1 << 28))
export const kernels = watchedKernels(heap)
export const arena = new Arena(heap)

/** Declares tests that run these kernels and their references over the same inputs. */
export function conformance(names: readonly string[], define: () => void): void {
  for (const name of names) declared.add(name)
  describe(names.join(', '), () => {
    define()
    test('each was called', () => {
      expect(names.filter((name) => !called.has(name))).toEqual([])
    })
  })
}

/** The kernels that {@link conformance} knows. */
export function checkedKernels(): ReadonlySet<string> {
  return declared
}

/** Calls a kernel whose name or arguments are made as the test runs. */
export function call(name: string, ...args: readonly (number | bigint)[]): number {
  called.add(name)
  return Number(present(kernels.exports[name], name)(...args))
}

/** A block with the bytes, and garbage behind them that must not matter. */
export function place(bytes: ArrayLike<number>): number {
  const at = arena.allocate(bytes.length + 64)
  heap.u8.set(bytes, at)
  heap.u8.fill(0xa5, at + bytes.length, at + bytes.length + 64)
  return at
}

/** A block of garbage to write to. */
export function space(bytes: number): number {
  const at = arena.allocate(bytes + 64)
  heap.u8.fill(0x5a, at, at + bytes + 64)
  return at
}

/** A block of zeros. */
export function zeros(bytes: number): number {
  return arena.allocateZeroed(bytes + 64)
}

export function bytesAt(at: number, count: number): Uint8Array {
  return heap.u8.slice(at, at + count)
}

export function integers(at: number, bytes: number, count: number, signed = true): bigint[] {
  return Array.from({ length: count }, (_, i) => {
    let value = 0n
    for (let k = bytes - 1; k >= 0; k--)
      value = (value << 8n) | BigInt(heap.u8[at + i * bytes + k] ?? 0)
    return signed ? BigInt.asIntN(bytes * 8, value) : value
  })
}

export function words(at: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => heap.view.getUint32(at + 4 * index, true))
}

export function placeIntegers(values: readonly (number | bigint)[], bytes: number): number {
  const at = space(values.length * bytes)
  values.forEach((value, index) => putInteger(at + index * bytes, value, bytes))
  return at
}

export function putInteger(at: number, value: number | bigint, bytes: number): void {
  const bits = BigInt.asUintN(8 * bytes, BigInt(value))
  for (let k = 0; k < bytes; k++) heap.u8[at + k] = Number((bits >> BigInt(8 * k)) & 255n)
}

/** A bitmap; the bits behind its end are garbage. */
export function placeBits(bits: readonly boolean[]): number {
  const at = space(Math.ceil(bits.length / 8))
  bits.forEach((bit, index) => {
    const mask = 1 << (index & 7)
    const byte = heap.u8[at + (index >> 3)] ?? 0
    heap.u8[at + (index >> 3)] = bit ? byte | mask : byte & ~mask
  })
  return at
}

export function bitsAt(at: number, count: number): boolean[] {
  return Array.from(
    { length: count },
    (_, index) => ((heap.u8[at + (index >> 3)] ?? 0) & (1 << (index & 7))) !== 0,
  )
}

/** Text in the heap as kernels take it: the address in the low 32 bits, the length above. */
export function placeText(text: string): bigint {
  const bytes = Buffer.from(text)
  return (BigInt(bytes.length) << 32n) | BigInt(place(bytes))
}

export function textAt(view: number | bigint): string {
  const bits = BigInt.asUintN(64, BigInt(view))
  return Buffer.from(bytesAt(Number(bits & 0xffff_ffffn), Number(bits >> 32n))).toString()
}

export function below(random: Random, limit: number): number {
  return Math.floor(random.next() * limit)
}

export function pick<T>(random: Random, items: readonly T[]): T {
  return items[below(random, items.length)]!
}

/** Random bits; often few of them, so that small numbers and edges come. */
export function wide(random: Random, bits: number): bigint {
  let value = 0n
  for (let i = 0; i < 8; i++) value = (value << 16n) | BigInt(below(random, 65_536))
  return BigInt.asUintN(bits, value)
}

/** A signed number of so many bits: edges, small and any ones. */
export function signed(random: Random, bits: number): bigint {
  const edges = [0n, 1n, -1n, 2n ** BigInt(bits - 1) - 1n, -(2n ** BigInt(bits - 1))]
  const shape = random.next()
  if (shape < 0.2) return pick(random, edges)
  return BigInt.asIntN(bits, wide(random, shape < 0.5 ? Math.min(bits, 6) : bits) - 20n)
}

const pieces = ['', 'a', 'ab', 'b', 'é', '日本', '😀', ' ', '%', '_', 'abc', 'longer than a word ']

export function randomText(random: Random, piecesMax = 5): string {
  return Array.from({ length: below(random, piecesMax + 1) }, () => pick(random, pieces)).join('')
}
