import { present } from '../../base/assert.ts'
import type { RowField } from '../../compile/model/row-layout.ts'
import { Arena } from '../../data/arenas/arena.ts'
import type { DataType } from '../../data/types/data-type.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import type { WideNumerics } from '../../data/vectors/numeric-slots.ts'
import { comparer, finishRows, rowsForm } from '../../functions/aggregates/collect.ts'
import type { CollectedForm, CollectedRows, FoldedForm } from '../../functions/aggregate-form.ts'
import type { CollectedField } from '../jobs/jobs.ts'
import type { Steps } from '../jobs/steps.ts'
import type { ThreadEnvironment } from '../jobs/thread.ts'
import { copyBytes } from '../rows/copy-bytes.ts'
import { fieldReader } from '../rows/row-values.ts'
import { fieldWriter } from '../rows/write-field.ts'
import { kernelValues, type GroupRows } from './kernel-values.ts'
import { ListedGroups, typedRows, type ListedBatch } from './listed-groups.ts'
import { pickedValues } from './picked-values.ts'

/**
 * Makes the values of an aggregate that keeps rows, for groups that lie one after another: the rows of many
 * groups are listed and put in order at once, each group's by itself.
 */
export function* collectedSteps(
  env: ThreadEnvironment,
  item: CollectedField,
  groups: GroupRows,
  target: RowField,
  keeper: WideNumerics,
): Steps<void> {
  const scratch = new Arena(env.heap)
  try {
    const lists = new ListedGroups(env, scratch, item, groups)
    const maker = new ValueMaker(env, item, target, keeper)
    const form = rowsForm(item.kept.fn)
    const made = form.kind === 'collected' ? form.made : undefined
    const { layout, kept } = item
    const args = layout.fields.slice(0, kept.args)
    const making = made && { made, layout, args, target }
    const kernels = making && kernelValues(env, scratch, making, keeper)
    const picks = pickedValues(env, scratch, item, target, keeper)
    const { needsMarks } = maker
    const wanted = { needsMarks, places: (rows: number) => picks?.places?.(rows) }
    for (let first = 0; first < groups.rows;) {
      const behind = lists.batchEnd(first)
      const batch = new Arena(env.heap)
      try {
        const rows = lists.list(batch, first, behind, wanted)
        if (kept.distinct && rows.marks !== undefined) keepDistinct(env, rows, behind - first)
        const page = { ...groups, address: lists.address(first), rows: behind - first }
        const isMade = kernels?.make(rows, page) === true || picks?.make(rows, page) === true
        if (!isMade) maker.makeAll(rows, page)
      } finally {
        batch.release()
      }
      first = behind
      yield
    }
  } finally {
    scratch.release()
  }
}

/** Of rows that are the same, which lie together, the first of each group. */
function keepDistinct({ heap }: ThreadEnvironment, rows: ListedBatch, groups: number): void {
  const { u32, u8 } = heap
  const [list, ends] = [rows.list >>> 2, rows.ends >>> 2]
  const marks = present(rows.marks, 'marks of rows')
  let [row, kept] = [0, 0]
  for (let group = 0; group < groups; group++) {
    const end = u32[ends + group]! - rows.first
    for (const first = row; row < end; row++) {
      if (row > first && u8[marks + row] === 0) continue
      u32[list + kept] = u32[list + row]!
      u8[marks + kept++] = 1
    }
    u32[ends + group] = rows.first + kept
  }
}

/** Makes the value of each group's rows: {@link CollectedRows} of one group after the other. */
class ValueMaker implements CollectedRows {
  readonly #env: ThreadEnvironment
  readonly #item: CollectedField
  readonly #form: CollectedForm | FoldedForm
  readonly #readers: readonly ((row: number) => Scalar)[]
  readonly #write: (group: number, value: Scalar) => void
  readonly types: readonly DataType[]
  readonly result: DataType
  readonly compare: CollectedRows['compare']
  readonly needsMarks: boolean
  count = 0
  #list = 0
  #marks = 0

  constructor(
    env: ThreadEnvironment,
    item: CollectedField,
    target: RowField,
    keeper: WideNumerics,
  ) {
    this.#env = env
    this.#item = item
    this.#form = rowsForm(item.kept.fn)
    this.#readers = item.layout.fields.map((field) => fieldReader(env.heap, field))
    this.#write = fieldWriter(env.heap, target, keeper)
    const typed = typedRows(item)
    this.types = typed.types.slice(0, typed.args)
    this.result = typed.result
    this.compare = comparer(typed)
    const { distinct } = item.kept
    const picked = this.#form.kind === 'collected' ? this.#form.picked : undefined
    this.needsMarks = distinct || picked?.what === 'mode' || picked?.what === 'rank'
  }

  makeAll(rows: ListedBatch, page: GroupRows): void {
    for (let group = 0; group < page.rows; group++) {
      this.#take(rows, group)
      this.#write(page.address + group * page.rowBytes, finishRows(this.#form, this))
    }
  }

  /** Becomes the rows of a group of a batch. */
  #take(rows: ListedBatch, group: number): void {
    const { u32 } = this.#env.heap
    const ends = rows.ends >>> 2
    const from = group === 0 ? 0 : u32[ends + group - 1]! - rows.first
    this.count = u32[ends + group]! - rows.first - from
    this.#list = (rows.list >>> 2) + from
    this.#marks = (rows.marks ?? 0) + from
  }

  value(row: number, arg: number): Scalar {
    return this.#readers[arg]!(this.#at(row))
  }

  direct(arg: number): Scalar | undefined {
    const known = this.#item.kept.constants[arg]
    return known !== undefined || this.count === 0 ? known : this.value(0, arg)
  }

  copyBytes(row: number, arg: number, target: Uint8Array, at: number): number | undefined {
    return copyBytes(this.#env.heap, this.#item.layout.fields[arg]!, this.#at(row), target, at)
  }

  startsAnew(row: number): boolean {
    return row === 0 || this.#env.heap.u8[this.#marks + row] !== 0
  }

  /** The address of a row. */
  #at(row: number): number {
    return this.#env.heap.u32[this.#list + row] ?? 0
  }
}
