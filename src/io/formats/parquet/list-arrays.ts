import type { ArrayType } from '../../../data/types/data-type.ts'
import type { Layout } from '../../../data/types/layout.ts'
import type { Vector } from '../../../data/vectors/vector.ts'
import {
  collected,
  COLUMN_BYTES,
  valueKindOf,
  writeValueColumn,
} from '../../../wasm/kernels/value-kinds.ts'
import { Scratch } from '../scratch.ts'
import { badPage, type DecodeContext, type PlaceInFile } from './context.ts'
import type { ListLevels } from './nesting.ts'

/** Slots as `parquetSlotRows` writes them. */
const SLOT_BYTES = 24
const VALID_AT = 16
/** An array takes so many bytes more than its elements. */
const LIST_BYTES = 64
/** Where `parquetLists` says what is wrong. */
const STATUS_SHIFT = 60n

/** How `parquetSlotRows` calls layouts; of those without a number no lists are made by kernels. */
const layouts: Readonly<Partial<Record<Layout, number>>> = {
  bit: 0,
  i8: 1,
  i16: 2,
  i32: 3,
  f32: 3,
  i64: 4,
  f64: 4,
  i128: 5,
  utf8: 6,
  dict8: 8,
  dict16: 9,
  dict32: 10,
}

/** Slots of lists: the elements from one on, their levels, and how many there are. */
export interface ListSlots {
  readonly elements: Vector
  readonly first: number
  readonly levels: number
  readonly count: number
}

/** Where arrays go: offsets, and a bitmap of zeros. */
export interface ArrayTarget {
  readonly bytes: Scratch
  readonly offsets: number
  readonly validity: number
  /** More are not made. */
  readonly bytesMax: number
}

/** Makes arrays of the slots of lists by kernels. */
export class ListArrays {
  readonly #ctx: DecodeContext
  readonly #column: Scratch
  readonly #rows: Scratch
  readonly #list: Scratch
  readonly #isKnown: boolean

  constructor(ctx: DecodeContext, { element }: ArrayType) {
    const { heap } = ctx.env
    this.#ctx = ctx
    this.#column = new Scratch(heap)
    this.#rows = new Scratch(heap)
    this.#list = new Scratch(heap)
    const kind = valueKindOf(element)
    this.#isKnown = kind !== undefined
    if (kind === undefined) return
    const places = element.kind === 'decimal' ? element.scale : 0
    const column = { kind, offset: 0, validOffset: VALID_AT, places }
    writeValueColumn(heap, this.#column.ensure(COLUMN_BYTES), column)
  }

  /**
   * Makes the arrays of the next `lists` lists, one behind the other; undefined where kernels do not, else how many
   * bytes they have. Throws BAD_FILE.
   */
  make(
    slots: ListSlots,
    lists: number,
    { present: there, filled }: ListLevels,
    target: ArrayTarget,
    place: PlaceInFile,
  ): number | undefined {
    const { elements, count } = slots
    const layout = layouts[elements.layout]
    if (!this.#isKnown || layout === undefined) return undefined
    const { call, env } = this.#ctx
    const rows = this.#rows.ensure(count * SLOT_BYTES)
    const list = this.#list.ensure(count * 4)
    const { offsets, values: texts } = elements.dictionary ?? elements
    const given = [layout, elements.values, offsets, texts, elements.validity] as const
    call('parquetSlotRows', ...given, slots.first, count, rows, list)
    const column = this.#column.at
    const most = call('collectBytes', collected.array, column, list, count) + lists * LIST_BYTES
    if (most > target.bytesMax) return undefined
    const bytes = target.bytes.ensure(most)
    const levels = [slots.levels, count, there, filled] as const
    const made = [column, list, ...levels, bytes, target.offsets, target.validity, lists] as const
    const result = env.kernels.call('parquetLists', ...made)
    const status = Number(BigInt.asUintN(64, result) >> STATUS_SHIFT)
    if (status === 1) throw badPage(place, 'a list without elements that goes on')
    if (status === 2) throw badPage(place, 'a list without elements within another one')
    return Number(result)
  }

  free(): void {
    for (const scratch of [this.#column, this.#rows, this.#list]) scratch.release()
  }
}
