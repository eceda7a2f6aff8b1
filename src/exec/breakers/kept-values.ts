import { spend } from '../../base/budget.ts'
import { listCells, type RowField } from '../../compile/model/row-layout.ts'
import { Arena } from '../../data/arenas/arena.ts'
import { text, type DataType } from '../../data/types/data-type.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { WideNumerics } from '../../data/vectors/numeric-slots.ts'
import {
  compareOrdered,
  comparer,
  finishRows,
  rowsForm,
  wantedOrder,
  type TypedRows,
  type ValueOrder,
} from '../../functions/aggregates/collect.ts'
import type { CollectedForm, CollectedRows, FoldedForm } from '../../functions/aggregate-form.ts'
import type { KeptField, Page } from '../jobs/jobs.ts'
import type { Steps } from '../jobs/steps.ts'
import type { ThreadEnvironment } from '../jobs/thread.ts'
import { copyBytes } from '../rows/copy-bytes.ts'
import { Folder, listPages } from '../rows/kept-lists.ts'
import { fieldReader } from '../rows/row-values.ts'
import { fieldWriter } from '../rows/write-field.ts'
import { SORT_ENTRY_BYTES, sortRows } from '../sort/sort-rows.ts'

/** Groups of which the values are made in one step. */
const GROUPS_A_STEP = 256
/** So few rows are sorted in TypeScript; more by the kernels, which take longer to begin. */
const SORTED_HERE_MAX = 32
/** What looking at a row costs, in steps of a budget. */
const ROW_STEPS = 4

/**
 * Makes the values of aggregates that keep rows, for the groups of a page. A thread's share may be given up and
 * begun anew with its memory gone: the lists stay as they are, so that values can be made again.
 */
export function* valueSteps(
  env: ThreadEnvironment,
  arena: Arena,
  rowBytes: number,
  fields: readonly KeptField[],
  page: Page,
): Steps<void> {
  const wide = new WideNumerics(arena)
  for (const item of fields) {
    const value = valueMaker(env, item)
    const write = fieldWriter(env.heap, resultField(item.field), wide)
    const cells = item.field.lanes[listCells.first]?.offset ?? 0
    for (let row = 0; row < page.rows; row++) {
      const group = page.address + row * rowBytes
      write(group, value(group + cells))
      if (row % GROUPS_A_STEP === GROUPS_A_STEP - 1) yield
    }
  }
}

/** Where the value goes: the lanes behind the cells of the list. */
function resultField(field: RowField): RowField {
  return { ...field, state: undefined, lanes: field.lanes.slice(listCells.count) }
}

/** Makes the value of a list from the address of its cells. */
function valueMaker(env: ThreadEnvironment, item: KeptField): (cells: number) => Scalar {
  const { heap } = env
  if (item.folds) {
    const folder = new Folder(heap, item)
    return (cells) => folder.finish(cells)
  }
  const { kept, layout } = item
  const lists = new ListReader(env, item, {
    types: layout.fields.map(({ type }) => type),
    args: kept.args,
    order: kept.order,
    distinct: kept.distinct,
    result: item.field.type,
    constants: kept.constants,
  })
  return (cells) => lists.value(listPages(heap, cells, layout.rowBytes))
}

/** Reads the lists of one aggregate. */
class ListReader {
  readonly #env: ThreadEnvironment
  readonly #item: KeptField
  readonly #typed: TypedRows
  readonly #order: readonly ValueOrder[]
  readonly #form: CollectedForm | FoldedForm
  readonly #readers: readonly ((row: number) => Scalar)[]
  readonly #types: readonly DataType[]
  readonly #compare: CollectedRows['compare']

  constructor(env: ThreadEnvironment, item: KeptField, typed: TypedRows) {
    this.#env = env
    this.#item = item
    this.#typed = typed
    this.#order = wantedOrder(typed)
    this.#form = rowsForm(item.kept.fn)
    this.#readers = item.layout.fields.map((field) => fieldReader(env.heap, field))
    this.#types = typed.types.slice(0, typed.args)
    this.#compare = comparer(typed)
  }

  value(pages: readonly Page[]): Scalar {
    const scratch = new Arena(this.#env.heap)
    try {
      const count = pages.reduce((total, { rows }) => total + rows, 0)
      spend(ROW_STEPS * count)
      const all = this.#places(scratch, pages, count)
      const places = this.#typed.distinct ? this.#distinct(all) : all
      return finishRows(this.#form, this.#rowsAt(places))
    } finally {
      scratch.release()
    }
  }

  #rowsAt({ count, at }: Places): CollectedRows {
    const { heap } = this.#env
    const { fields } = this.#item.layout
    return {
      count,
      types: this.#types,
      result: this.#typed.result,
      value: (row, arg) => this.#readers[arg]!(at(row)),
      direct: (arg) =>
        this.#typed.constants[arg] ?? (count === 0 ? undefined : this.#readers[arg]!(at(0))),
      copyBytes: (row, arg, target, place) => copyBytes(heap, fields[arg]!, at(row), target, place),
      compare: this.#compare,
    }
  }

  /** The rows in the order that is wanted. */
  #places(scratch: Arena, pages: readonly Page[], count: number): Places {
    const { rowBytes } = this.#item.layout
    if (this.#order.length === 0 || count < 2) return { count, at: placesOf(pages, rowBytes) }
    if (count <= SORTED_HERE_MAX) return this.#sortedHere(pages, count)
    const { heap } = this.#env
    const keys = this.#order
    const shape = { layout: this.#item.layout, values: [], keys, limitRows: undefined }
    const { entries } = sortRows(this.#env, scratch, shape, pages)
    return {
      count,
      at: (row) => heap.u32[(entries + row * SORT_ENTRY_BYTES + ENTRY_ROW_AT) >>> 2] ?? 0,
    }
  }

  #sortedHere(pages: readonly Page[], count: number): Places {
    const at = placesOf(pages, this.#item.layout.rowBytes)
    const rows = Array.from({ length: count }, (_, row) => {
      const place = at(row)
      return { place, keys: this.#order.map(({ field }) => this.#readers[field]!(place)) }
    })
    rows.sort((left, right) => {
      for (const [index, by] of this.#order.entries()) {
        const type = this.#typed.types[by.field] ?? text
        const way = compareOrdered(left.keys[index]!, right.keys[index]!, type, by)
        if (way !== 0) return way
      }
      return 0
    })
    return { count, at: (row) => rows[row]?.place ?? 0 }
  }

  /** Of rows that have the same arguments, which lie together, the first. */
  #distinct({ count, at }: Places): Places {
    const kept: number[] = []
    const ascending = { descending: false, nullsFirst: false }
    let last: readonly Scalar[] | undefined
    for (let row = 0; row < count; row++) {
      const place = at(row)
      const values = this.#types.map((_, arg) => this.#readers[arg]!(place))
      const before = last
      const same =
        before !== undefined &&
        values.every((v, i) => compareOrdered(v, before[i]!, this.#types[i]!, ascending) === 0)
      if (!same) kept.push(place)
      last = values
    }
    return { count: kept.length, at: (row) => kept[row] ?? 0 }
  }
}

/** Where the row's address is in an entry of a sorted list. */
const ENTRY_ROW_AT = 8

/** Rows by their number, and where each lies. */
interface Places {
  readonly count: number
  readonly at: (row: number) => number
}

/** The places of rows that are read mostly one after another. */
function placesOf(pages: readonly Page[], rowBytes: number): (row: number) => number {
  const starts: number[] = []
  let before = 0
  for (const { rows } of pages) {
    starts.push(before)
    before += rows
  }
  let page = 0
  return (row) => {
    while (page > 0 && row < (starts[page] ?? 0)) page--
    while (page + 1 < starts.length && row >= (starts[page + 1] ?? 0)) page++
    return (pages[page]?.address ?? 0) + (row - (starts[page] ?? 0)) * rowBytes
  }
}
