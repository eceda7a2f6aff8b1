import { present } from '../../base/assert.ts'
import { contextWords } from '../../compile/model/context.ts'
import type { DenseKey } from '../../compile/model/shapes.ts'
import { DENSE_RANGE_SLOTS_MAX, DENSE_SLOTS_MAX } from '../../compile/shape/dense-keys.ts'
import type { Arena } from '../../data/arenas/arena.ts'
import { NO_ADDRESS, type Address, type Vector } from '../../data/vectors/vector.ts'
import type { PipelineJob } from '../jobs/jobs.ts'
import type { ThreadEnvironment } from '../jobs/thread.ts'
import type { PageWriter } from '../rows/page-writer.ts'
import type { Instance } from './run-state.ts'

/** The directory through which groups are found whose keys are few and countable. */
export class DenseDirectory {
  readonly #env: ThreadEnvironment
  readonly #job: PipelineJob
  readonly #work: Arena
  /** Of the table whose groups are found. */
  readonly #writer: PageWriter | undefined
  #identity: readonly number[] = []
  #directory: Address = NO_ADDRESS
  #isBound = false

  constructor(
    env: ThreadEnvironment,
    job: PipelineJob,
    work: Arena,
    writer: PageWriter | undefined,
  ) {
    this.#env = env
    this.#job = job
    this.#work = work
    this.#writer = writer
  }

  /** The groups of the bound chunk are found through it. */
  get isBound(): boolean {
    return this.#isBound
  }

  /** The step of each key's code in the dense directory, in bytes, if the groups fit one. */
  strides(
    keys: readonly DenseKey[] | undefined,
    vectors: readonly Vector[],
  ): readonly number[] | undefined {
    if (keys === undefined) return undefined
    let slots = 1
    const strides = keys.map((key) => {
      const stride = slots * 4
      if (key.kind === 'range') slots *= key.slots
      else {
        const dictionary = vectors[key.place.index]?.dictionary
        slots *= present(dictionary, 'dictionary of a dense key').length + (key.nullable ? 1 : 0)
      }
      return stride
    })
    if (slots > this.#slotsMax(keys)) return undefined
    const dictionaries = keys.flatMap((key) =>
      key.kind === 'range'
        ? []
        : [vectors[key.place.index]?.dictionary?.values ?? 0, key.nullable ? 1 : 0],
    )
    this.#prepare([...strides, ...dictionaries, slots], slots)
    return strides
  }

  /** As many as pay: clearing and reading a large directory must be less than hashing the rows. */
  #slotsMax(keys: readonly DenseKey[]): number {
    const { input } = this.#job
    if (input.kind !== 'chunks' || keys.some(({ kind }) => kind !== 'range')) return DENSE_SLOTS_MAX
    const rows = input.chunks.reduce((total, chunk) => total + chunk.rows, 0)
    return Math.min(DENSE_RANGE_SLOTS_MAX, Math.max(DENSE_SLOTS_MAX, rows * 2))
  }

  /** A directory for these dictionaries, empty unless they are the last chunk's. */
  #prepare(identity: readonly number[], slots: number): void {
    const isFile = this.#job.input.kind === 'units'
    const same =
      !isFile &&
      identity.length === this.#identity.length &&
      identity.every((part, index) => part === this.#identity[index])
    if (same) return
    this.leave()
    if (this.#directory === NO_ADDRESS || slots > DENSE_SLOTS_MAX) {
      this.#directory = this.#work.allocate(Math.max(DENSE_SLOTS_MAX, slots) * 4)
    }
    this.#env.kernels.call('fill', this.#directory, 0, slots * 4)
    this.#identity = identity
  }

  /** Rows go without it: it knew all groups, an emptied table makes some of them again. */
  leave(): void {
    this.#isBound = false
    const writer = this.#writer
    if (writer?.emptied === true) writer.repeats = true
  }

  /** Tells an instance where the directory is, and how keys are numbered in it. */
  bind(instance: Instance, strides: readonly number[], keys: readonly DenseKey[]): void {
    this.#isBound = true
    const { u32, view } = this.#env.heap
    u32[(instance.context + contextWords.denseDirectory) >>> 2] = this.#directory
    for (const { offset, binding } of instance.loaded.compiled.bindings) {
      const at = instance.context + offset
      if (binding.kind === 'dense-stride') {
        u32[at >>> 2] = present(strides[binding.key], 'stride of a key')
      } else if (binding.kind === 'dense-base') {
        const key = present(keys[binding.key], 'dense key')
        view.setBigInt64(at, key.kind === 'range' ? key.min : 0n, true)
      }
    }
  }
}
