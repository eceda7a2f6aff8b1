import { layOutRow, type RowField, type RowLayout } from '../../compile/model/row-layout.ts'
import { Arena } from '../../data/arenas/arena.ts'
import type { ArrayType } from '../../data/types/data-type.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { WideNumerics } from '../../data/vectors/numeric-slots.ts'
import { address } from '../../data/vectors/vector.ts'
import type { ColumnId } from '../../plan/logical/expression.ts'
import type { ThreadEnvironment } from '../jobs/thread.ts'
import { fieldWriter } from '../rows/write-field.ts'
import { kernelValues, type GroupRows, type KernelValues } from './kernel-values.ts'

/** Makes arrays of elements that TypeScript gives, those of many groups at once. */
export class StagedElements {
  readonly #env: ThreadEnvironment
  readonly #layout: RowLayout
  readonly #kernels: KernelValues
  readonly #elements: Scalar[] = []
  readonly #ends: number[] = []

  private constructor(env: ThreadEnvironment, layout: RowLayout, kernels: KernelValues) {
    this.#env = env
    this.#layout = layout
    this.#kernels = kernels
  }

  /** Undefined where kernels do not write elements of the type. */
  static of(
    env: ThreadEnvironment,
    scratch: Arena,
    { element }: ArrayType,
    target: RowField,
    keeper: WideNumerics,
  ): StagedElements | undefined {
    const layout = layOutRow(0, [{ id: 0 as ColumnId, type: element, nullable: true }])
    const making = { made: 'array', layout, args: layout.fields, target } as const
    const kernels = kernelValues(env, scratch, making, keeper)
    return kernels && new StagedElements(env, layout, kernels)
  }

  /** Takes the elements of the next group's array; of none NULL is made. */
  take(elements: readonly Scalar[]): void {
    for (const element of elements) this.#elements.push(element)
    this.#ends.push(this.#elements.length)
  }

  /** Makes the arrays of the groups for which elements were taken, and forgets these; false where kernels cannot. */
  make(groups: GroupRows): boolean {
    const { heap } = this.#env
    const { rowBytes, fields } = this.#layout
    const count = this.#elements.length
    const scratch = new Arena(heap)
    try {
      const rows = scratch.allocate(Math.max(1, count) * rowBytes)
      const list = scratch.allocate(Math.max(1, count) * 4)
      const ends = scratch.allocate(this.#ends.length * 4)
      const write = fieldWriter(heap, fields[0]!, new WideNumerics(scratch))
      this.#elements.forEach((element, at) => {
        const row = address(rows + at * rowBytes)
        write(row, element)
        heap.u32[(list >>> 2) + at] = row
      })
      heap.u32.set(this.#ends, ends >>> 2)
      this.#elements.length = this.#ends.length = 0
      return this.#kernels.make({ list, ends, first: 0 }, groups)
    } finally {
      scratch.release()
    }
  }
}
