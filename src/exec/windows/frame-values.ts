import type { Address } from '../../data/vectors/vector.ts'
import type { KernelValues } from '../breakers/kernel-values.ts'
import type { RowMemory } from './row-memory.ts'

/** Runs of rows, each by its first number and the one behind its last. */
export type Runs = readonly (readonly [number, number])[]

/** Makes the values of frames by kernels. */
export class FrameValues {
  readonly #kernels: KernelValues
  readonly #memory: RowMemory
  /** Where rows are, by their number. */
  readonly #addresses: Int32Array
  readonly #ends: Int32Array
  /** Room for the rows of a frame that do not lie in one run, or that kernels put in another order. */
  #listed: Int32Array | undefined

  constructor(kernels: KernelValues, addresses: Int32Array, memory: RowMemory) {
    this.#kernels = kernels
    this.#memory = memory
    this.#addresses = addresses
    this.#ends = memory.words(1)
  }

  /** Makes the value of runs of rows that of the row at an address; false where kernels cannot. */
  make(row: number, runs: Runs): boolean {
    const list = this.#listOf(runs)
    this.#ends[0] = runs.reduce((total, [from, to]) => total + to - from, 0)
    const ends = this.#ends.byteOffset as Address
    const page = { address: row as Address, rows: 1, rowBytes: 8 }
    return this.#kernels.make({ list, ends, first: 0 }, page)
  }

  #listOf(runs: Runs): Address {
    const [run, another] = runs
    if (another === undefined && !this.#kernels.reorders) {
      return (this.#addresses.byteOffset + (run?.[0] ?? 0) * 4) as Address
    }
    this.#listed ??= this.#memory.words(this.#addresses.length)
    let count = 0
    for (const [from, to] of runs) {
      this.#listed.set(this.#addresses.subarray(from, to), count)
      count += to - from
    }
    return this.#listed.byteOffset as Address
  }
}
