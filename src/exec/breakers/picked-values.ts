import { present } from '../../base/assert.ts'
import { spend } from '../../base/budget.ts'
import {
  laneBytes,
  layOutRow,
  type RowField,
  type RowLayout,
} from '../../compile/model/row-layout.ts'
import { Arena } from '../../data/arenas/arena.ts'
import { sameType, type DataType } from '../../data/types/data-type.ts'
import type { WideNumerics } from '../../data/vectors/numeric-slots.ts'
import { address, type Address } from '../../data/vectors/vector.ts'
import type { Picked } from '../../functions/aggregate-form.ts'
import { rowsForm } from '../../functions/aggregates/collect.ts'
import type { ColumnId } from '../../plan/logical/expression.ts'
import type { CollectedField } from '../jobs/jobs.ts'
import type { ThreadEnvironment } from '../jobs/thread.ts'
import { sortKeysBytes, writeSortKeys } from '../sort/sort-keys.ts'
import { kernelValues, type GroupRows, type KernelValues } from './kernel-values.ts'
import type { ListedBatch } from './listed-groups.ts'

/** Elements of arrays that are found before the arrays are made of them. */
const ELEMENTS_AT_ONCE = 65_536
/** What finding a value costs, in steps of a budget. */
const PICK_STEPS = 4

type Fractions = Extract<Picked, { readonly what: 'fractions' }>

const ways = { floats: 1, intervals: 2 } as const

/** Finds values among the sorted rows of groups, by kernels. */
export interface PickedValues {
  /** Makes the values of groups; false where TypeScript has to. Throws what is wrong with the arguments. */
  make(rows: ListedBatch, groups: GroupRows): boolean
  /** The places, ascending, that are looked at of so many rows; undefined: any may be. */
  places?(rows: number): readonly number[] | undefined
}

/** Undefined where the aggregate is none of these, or TypeScript has to make its values. */
export function pickedValues(
  env: ThreadEnvironment,
  scratch: Arena,
  item: CollectedField,
  target: RowField,
  keeper: WideNumerics,
): PickedValues | undefined {
  const form = rowsForm(item.kept.fn)
  const picked = form.kind === 'collected' ? form.picked : undefined
  switch (picked?.what) {
    case undefined:
      return undefined
    case 'mode':
      return { make: (rows, groups) => pickMode(env, item, rows, targetIn(groups, target), groups) }
    case 'rank':
      return ranks(env, scratch, item, target)
    case 'fractions':
      if (item.kept.constants[0] === undefined) return undefined
      if (!picked.several) return new OneFraction(env, scratch, item, picked, target)
      return SeveralFractions.of(env, scratch, item, picked, target, keeper)
  }
}

/** Where values go, as the kernels take it: the first row, the rows' bytes, a lane, a mark. */
type Target = readonly [number, number, number, number]

function targetIn(
  { address: first, rowBytes }: Pick<GroupRows, 'address' | 'rowBytes'>,
  { lanes, validOffset }: RowField,
): Target {
  const { offset } = present(lanes[0], 'lane of a value')
  return [first, rowBytes, offset, present(validOffset, 'field that may be NULL')]
}

/** How long the values of a field are, and where rows have them. */
function placeOf({ lanes }: RowField): readonly [bytes: number, offset: number] {
  const bytes = lanes.reduce((sum, { type }) => sum + laneBytes(type), 0)
  return [bytes, present(lanes[0], 'lane of a value').offset]
}

function pickMode(
  { kernels }: ThreadEnvironment,
  { layout }: CollectedField,
  { list, marks, ends, first }: ListedBatch,
  target: Target,
  { rows }: GroupRows,
): boolean {
  const place = placeOf(present(layout.fields[0], 'values'))
  kernels.call('pickMode', ...place, list, marks ?? 0, ends, first, rows, ...target)
  return true
}

/**
 * What is wanted is described as what rows are sorted by: they must be of the same types. It is the first
 * arguments, one a key; where the keys are, behind them or further on, is not said by that.
 */
function ranks(
  env: ThreadEnvironment,
  scratch: Arena,
  { layout, kept }: CollectedField,
  target: RowField,
): PickedValues | undefined {
  const typeOf = (field: number): DataType => present(layout.fields[field], 'field').type
  const { order } = kept
  if (!order.every(({ field }, at) => sameType(typeOf(field), typeOf(at)))) return undefined
  const wanted = order.map((key, at) => ({ ...key, field: at }))
  const sort = { layout, values: [], keys: [...order, ...wanted], limitRows: undefined }
  const keys = scratch.allocateZeroed(sortKeysBytes(sort))
  writeSortKeys(env.heap, sort, keys)
  return {
    make: ({ list, marks, ends, first }, groups) => {
      const given = [keys, order.length, list, marks ?? 0, ends, first, groups.rows] as const
      env.kernels.call('pickRank', ...given, ...targetIn(groups, target))
      return true
    },
  }
}

/** Calls the kernel that finds values at fractions. */
class FractionPicker {
  readonly #env: ThreadEnvironment
  readonly #scratch: Arena
  readonly #item: CollectedField
  readonly #picked: Fractions
  #known: readonly (number | undefined)[] | undefined
  #at = 0

  constructor(env: ThreadEnvironment, scratch: Arena, item: CollectedField, picked: Fractions) {
    this.#env = env
    this.#scratch = scratch
    this.#item = item
    this.#picked = picked
  }

  /** How many fractions there are; undefined where they are none that kernels know. Throws what is wrong with them. */
  count(): number | undefined {
    this.#known ??= this.#picked.fractions(this.#item.kept.constants[0] ?? null)
    if (this.#known !== undefined && this.#at === 0) {
      const { f64 } = this.#env.heap
      this.#at = this.#scratch.allocate(Math.max(1, this.#known.length) * 8)
      this.#known.forEach((fraction, index) => {
        f64[(this.#at >>> 3) + index] = fraction ?? Number.NaN
      })
    }
    return this.#known?.length
  }

  places(rows: number): readonly number[] | undefined {
    if (this.count() === undefined) return undefined
    const fractions = (this.#known ?? []).filter((fraction) => fraction !== undefined)
    const { between } = this.#picked
    const wanted = fractions.flatMap((fraction) => {
      if (between === undefined) return [Math.max(0, Math.ceil(fraction * rows) - 1)]
      const place = fraction * (rows - 1)
      return [Math.floor(place), Math.ceil(place)]
    })
    return wanted.toSorted((a, b) => a - b)
  }

  pick(list: Address, ends: Address, first: number, groups: number, target: Target): boolean {
    const count = this.count() ?? 0
    spend(PICK_STEPS * groups * count)
    const { between } = this.#picked
    const place = placeOf(present(this.#item.layout.fields[1], 'values'))
    const rows = [list, ends, first, groups] as const
    const how = between === undefined ? 0 : ways[between]
    const { kernels } = this.#env
    return kernels.call('pickFractions', how, ...place, ...rows, this.#at, count, ...target) !== 0
  }
}

class OneFraction implements PickedValues {
  readonly #picker: FractionPicker
  readonly #target: RowField

  constructor(
    env: ThreadEnvironment,
    scratch: Arena,
    item: CollectedField,
    picked: Fractions,
    target: RowField,
  ) {
    this.#picker = new FractionPicker(env, scratch, item, picked)
    this.#target = target
  }

  places(rows: number): readonly number[] | undefined {
    return this.#picker.places(rows)
  }

  make({ list, ends, first }: ListedBatch, groups: GroupRows): boolean {
    if (this.#picker.count() === undefined) return false
    return this.#picker.pick(list, ends, first, groups.rows, targetIn(groups, this.#target))
  }
}

/** Elements are found group by group, as rows of which kernels make arrays. */
class SeveralFractions implements PickedValues {
  readonly #env: ThreadEnvironment
  readonly #picker: FractionPicker
  readonly #layout: RowLayout
  readonly #arrays: KernelValues

  private constructor(
    env: ThreadEnvironment,
    picker: FractionPicker,
    layout: RowLayout,
    arrays: KernelValues,
  ) {
    this.#env = env
    this.#picker = picker
    this.#layout = layout
    this.#arrays = arrays
  }

  /** Undefined where kernels do not write elements of the type. */
  static of(
    env: ThreadEnvironment,
    scratch: Arena,
    item: CollectedField,
    picked: Fractions,
    target: RowField,
    keeper: WideNumerics,
  ): SeveralFractions | undefined {
    if (target.type.kind !== 'array') return undefined
    const type = target.type.element
    const layout = layOutRow(0, [{ id: 0 as ColumnId, type, nullable: true }])
    const making = { made: 'array', layout, args: layout.fields, target } as const
    const arrays = kernelValues(env, scratch, making, keeper)
    const picker = new FractionPicker(env, scratch, item, picked)
    return arrays && new SeveralFractions(env, picker, layout, arrays)
  }

  places(rows: number): readonly number[] | undefined {
    return this.#picker.places(rows)
  }

  make({ list, ends, first }: ListedBatch, groups: GroupRows): boolean {
    const { u32 } = this.#env.heap
    const endOf = (group: number): number =>
      group === 0 ? first : (u32[(ends >>> 2) + group - 1] ?? 0)
    // Of no rows nobody asks for fractions, be they right or wrong.
    const count = endOf(groups.rows) === first ? 1 : this.#picker.count()
    if (count === undefined) return false
    const size = Math.max(1, Math.floor(ELEMENTS_AT_ONCE / count))
    for (let from = 0; from < groups.rows; from += size) {
      const rows = Math.min(size, groups.rows - from)
      const start = endOf(from)
      const part = {
        list: address(list + (start - first) * 4),
        ends: address(ends + from * 4),
        first: start,
      }
      const page = { ...groups, address: address(groups.address + from * groups.rowBytes), rows }
      if (!this.#makePart(part, page, count)) return false
    }
    return true
  }

  #makePart(
    { list, ends, first }: Omit<ListedBatch, 'marks'>,
    groups: GroupRows,
    count: number,
  ): boolean {
    const { heap } = this.#env
    const { u32 } = heap
    const { rowBytes, fields } = this.#layout
    const scratch = new Arena(heap)
    try {
      const most = groups.rows * count
      const rows = scratch.allocate(most * rowBytes)
      const target = targetIn({ address: rows, rowBytes }, present(fields[0], 'element'))
      if (u32[(ends >>> 2) + groups.rows - 1] !== first) {
        if (!this.#picker.pick(list, ends, first, groups.rows, target)) return false
      }
      const [made, madeEnds] = [scratch.allocate(most * 4), scratch.allocate(groups.rows * 4)]
      let [taken, before] = [0, first]
      for (let group = 0; group < groups.rows; group++) {
        const end = u32[(ends >>> 2) + group]!
        // A group without rows has no array.
        const elements = end === before ? 0 : count
        for (let at = 0; at < elements; at++) {
          u32[(made >>> 2) + taken++] = rows + (group * count + at) * rowBytes
        }
        u32[(madeEnds >>> 2) + group] = taken
        before = end
      }
      return this.#arrays.make({ list: made, ends: madeEnds, first: 0 }, groups)
    } finally {
      scratch.release()
    }
  }
}
