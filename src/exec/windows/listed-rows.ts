import { present } from '../../base/assert.ts'
import type { WindowArgument } from '../../compile/model/pipeline.ts'
import type { RowField, RowLayout } from '../../compile/model/row-layout.ts'
import type { Heap } from '../../data/arenas/heap.ts'
import type { FrameRows, WindowRows } from '../../functions/window-function.ts'
import type { RowMemory } from './row-memory.ts'

/** Rows in order, and where partitions and groups of peers begin and end among them. */
export class ListedRows {
  readonly heap: Heap
  readonly layout: RowLayout
  readonly count: number
  /** Where the addresses of the rows are listed, and their marks. */
  readonly list: number
  readonly marks: number
  readonly #list: number
  readonly #marks: Uint8Array
  readonly #memory: RowMemory
  #partitionStarts: Int32Array | undefined
  #partitionEnds: Int32Array | undefined
  #peerStarts: Int32Array | undefined
  #peerEnds: Int32Array | undefined
  #groups: Int32Array | undefined

  /** `list` and `marks` as the kernels write them; what is found out of the rows is kept in `memory`. */
  constructor(
    heap: Heap,
    layout: RowLayout,
    count: number,
    { list, marks }: { readonly list: number; readonly marks: number },
    memory: RowMemory,
  ) {
    this.heap = heap
    this.layout = layout
    this.count = count
    this.list = list
    this.marks = marks
    this.#list = list >>> 2
    this.#marks = heap.u8.subarray(marks, marks + count)
    this.#memory = memory
  }

  /** The address of a row. */
  at(row: number): number {
    return this.heap.u32[this.#list + row] ?? 0
  }

  field(position: number): RowField {
    return present(this.layout.fields[position], 'field of a window')
  }

  get partitionStarts(): Int32Array {
    this.#partitionStarts ??= this.#starts(2)
    return this.#partitionStarts
  }

  get partitionEnds(): Int32Array {
    this.#partitionEnds ??= this.#ends(2)
    return this.#partitionEnds
  }

  get peerStarts(): Int32Array {
    this.#peerStarts ??= this.#starts(1)
    return this.#peerStarts
  }

  get peerEnds(): Int32Array {
    this.#peerEnds ??= this.#ends(1)
    return this.#peerEnds
  }

  /** How many groups of peers come before a row's own in its partition. */
  get groups(): Int32Array {
    this.#groups ??= this.#counted()
    return this.#groups
  }

  /** By row, where what a mark of at least so much begins has begun. */
  #starts(mark: number): Int32Array {
    const starts = this.#memory.words(this.count)
    let start = 0
    for (let row = 0; row < this.count; row++) {
      if (this.#marks[row]! >= mark) start = row
      starts[row] = start
    }
    return starts
  }

  #ends(mark: number): Int32Array {
    const ends = this.#memory.words(this.count)
    let end = this.count
    for (let row = this.count - 1; row >= 0; row--) {
      ends[row] = end
      if (this.#marks[row]! >= mark) end = row
    }
    return ends
  }

  #counted(): Int32Array {
    const groups = this.#memory.words(this.count)
    let group = 0
    for (let row = 0; row < this.count; row++) {
      const mark = this.#marks[row]!
      if (mark === 2) group = 0
      else if (mark === 1) group++
      groups[row] = group
    }
    return groups
  }
}

/** The rows as one call sees them: with its arguments and its frame. */
export function rowsOfCall(
  rows: ListedRows,
  args: readonly WindowArgument[],
  frame: () => FrameRows,
): WindowRows {
  const { i32, u8 } = rows.heap
  const readers = args.map((arg) => {
    if ('value' in arg) return () => arg.value
    const { lanes, validOffset } = rows.field(arg.field)
    const { offset } = present(lanes[0], 'lane of an argument')
    return (row: number): number | undefined => {
      const at = rows.at(row)
      if (validOffset !== undefined && u8[at + validOffset] === 0) return undefined
      return i32[(at + offset) >>> 2]
    }
  })
  return {
    get partitionStarts() {
      return rows.partitionStarts
    },
    get partitionEnds() {
      return rows.partitionEnds
    },
    get peerStarts() {
      return rows.peerStarts
    },
    get peerEnds() {
      return rows.peerEnds
    },
    get groups() {
      return rows.groups
    },
    get frame() {
      return frame()
    },
    integer: (argument, row) => present(readers[argument], 'argument of a window function')(row),
  }
}
