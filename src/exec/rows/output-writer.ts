import { present } from '../../base/assert.ts'
import { outputWords } from '../../compile/wasm/sinks/emit-output.ts'
import type { OutputSink } from '../../compile/model/pipeline.ts'
import { address } from '../../data/arenas/address.ts'
import type { Arena } from '../../data/arenas/arena.ts'
import { WideNumerics } from '../../data/vectors/numeric-slots.ts'
import {
  layoutBytes,
  NO_ADDRESS,
  widestLayout,
  type Address,
  type Chunk,
  type Layout,
  type Vector,
} from '../../data/vectors/vector.ts'
import type { Kernels } from '../../wasm/kernels/loader.ts'

/** The first chunk is small, as most results are; each later one has so many times the rows. */
const CHUNK_ROWS_MIN = 128
const CHUNK_GROWTH = 8
/** Of many partitions each has few rows, and what is left empty of all of them is memory as well. */
const CHUNK_GROWTH_OF_PARTITIONS = 2
/** Of what is expected of a partition, what its first chunk has room for: filters may leave few rows of many. */
const EXPECTED_PART = 1 / 4
const CHUNK_ROWS_MAX = 65_536
/** Of columns of any layout, so many rows are whole blocks of 64 bytes. */
const ROWS_ALIGNED = 64
/** Room for fewer rows is not worth giving back. */
const SPARE_ROWS_MIN = 4_096
/** Rows of so many bytes are enough for a chunk, and so much text of one column. */
const CHUNK_BYTES_MAX = 8_388_608
/** Of a small memory less: whoever reads rows that waited in a file needs the room for a chunk at least. */
const CHUNK_PART_MAX = 1 / 64
const TEXT_SPARE = 1.0625
/** Before it is known how long texts are. */
const TEXT_BYTES_A_ROW = 16

/** One output partition: the chunk being written, in the layout that emitOutput fills. */
interface PartitionWriter {
  readonly block: Address
  /** What the next chunk's room grows from. */
  grownRows: number
  /** Rows that the chunk has room for. */
  capacityRows: number
  /** Rows of the same room before it, which other chunks have. */
  rowsBefore: number
  /** There is a chunk to write to. */
  isOpen: boolean
  readonly chunks: Chunk[]
}

/** Output chunks of one thread. */
export class OutputWriter {
  readonly #arena: Arena
  readonly #kernels: Kernels
  readonly #sink: OutputSink
  readonly #partitions: PartitionWriter[]
  readonly #wide: WideNumerics
  readonly #rowsFirst: number
  /** For a chunk's values of fixed width, and for the texts of each column. */
  readonly #bytesMax: number
  /** Positions of the columns that are texts. */
  readonly #textColumns: readonly number[]
  /** By column: what its texts took in the last chunk. */
  readonly #textBytes: number[]

  /** `rowsExpected`: about so many rows come, all partitions together. */
  constructor(arena: Arena, kernels: Kernels, sink: OutputSink, rowsExpected: number) {
    this.#arena = arena
    this.#kernels = kernels
    this.#sink = sink
    const isDivided = sink.partitions > 1 && Number.isFinite(rowsExpected)
    const expected = isDivided ? (rowsExpected / sink.partitions) * EXPECTED_PART : 0
    this.#rowsFirst = Math.max(CHUNK_ROWS_MIN, Math.ceil(expected))
    this.#bytesMax = Math.min(CHUNK_BYTES_MAX, arena.heap.bytesMax * CHUNK_PART_MAX)
    this.#textColumns = sink.columns.flatMap(({ type }, index) =>
      widestLayout(type) === 'utf8' ? [index] : [],
    )
    this.#textBytes = sink.columns.map(() => TEXT_BYTES_A_ROW)
    this.#wide = new WideNumerics(arena)
    const bytes = outputWords.columns + sink.columns.length * outputWords.columnBytes
    this.#partitions = Array.from({ length: sink.partitions }, () => ({
      block: arena.allocateZeroed(bytes),
      grownRows: 0,
      capacityRows: 0,
      rowsBefore: 0,
      isOpen: false,
      chunks: [],
    }))
  }

  /** Makes room for more rows in a partition's chunk; returns the address of its block. */
  reserve(partition: number, rows: number): Address {
    const writer = present(this.#partitions[partition], 'output partition')
    const isFull = this.#rows(writer) + rows > writer.capacityRows || this.#hasMuchText(writer)
    if (!writer.isOpen || isFull) {
      this.#close(writer)
      this.#open(writer, rows)
    }
    return writer.block
  }

  /** Makes room for `bytes` more bytes of text in the column whose block is at an address. */
  growText(columnBlock: number, bytes: number): void {
    const { u32 } = this.#arena.heap
    const word = columnBlock >>> 2
    const [start, cursor, end] = [u32[word] ?? 0, u32[word + 2] ?? 0, u32[word + 3] ?? 0]
    const grown = Math.max((end - start) * 2, cursor - start + bytes)
    const target = this.#arena.allocate(grown)
    this.#kernels.call('copy', target, start, cursor - start)
    u32[word] = target
    u32[word + 2] = target + cursor - start
    u32[word + 3] = target + grown
  }

  /** Copies the bytes behind a numeric of the chunk to memory that lives as long as it. */
  keepNumeric(slot: number): void {
    this.#wide.adopt(slot)
  }

  /** The chunks that were written since the last call, in one sequence; more may follow. */
  cut(): readonly Chunk[] {
    return this.#partitions.flatMap((writer) => {
      const rows = this.#rows(writer)
      this.#close(writer)
      const chunks = writer.chunks.splice(0)
      if (rows > 0 && this.#goOnBehind(writer, rows)) return chunks
      // The next may be as large as what was written last, which can be few rows of many.
      const rowsCut = chunks.reduce((total, chunk) => total + chunk.rows, 0)
      writer.grownRows = Math.ceil(rowsCut / this.#growth)
      return chunks
    })
  }

  /** The chunks of each partition that were written since the last cut; no more follow. */
  finish(): readonly (readonly Chunk[])[] {
    return this.#partitions.map((writer) => {
      const rows = this.#rows(writer)
      this.#close(writer)
      this.#giveSpare(writer, rows)
      return writer.chunks
    })
  }

  /**
   * Begins the next chunk in the room that the rows of the one just closed have left: threads take turns at few rows,
   * and each turn ends a chunk. False where too little is left.
   */
  #goOnBehind(writer: PartitionWriter, rows: number): boolean {
    const taken = Math.ceil(rows / ROWS_ALIGNED) * ROWS_ALIGNED
    if (writer.capacityRows - taken < CHUNK_ROWS_MIN) return false
    writer.capacityRows -= taken
    writer.rowsBefore += taken
    writer.isOpen = true
    const { u32 } = this.#arena.heap
    this.#sink.columns.forEach(({ type, nullable }, index) => {
      const word = this.#columnWord(writer, index)
      const layout = widestLayout(type)
      if (nullable) u32[word + 1] = u32[word + 1]! + taken
      if (layout !== 'utf8') {
        u32[word] = u32[word]! + taken * rowBytes(layout)
        return
      }
      const offsets = u32[word + 4]! + taken * 4
      u32[offsets >>> 2] = u32[word + 2]! - u32[word]!
      u32[word + 4] = offsets
    })
    return true
  }

  /** Gives back the end of a room of which the last chunk, of so many rows, has left much. */
  #giveSpare(writer: PartitionWriter, rows: number): void {
    const isRoom = writer.isOpen || rows > 0
    if (!isRoom || writer.capacityRows - rows < SPARE_ROWS_MIN) return
    const { rowsBefore } = writer
    const { u32 } = this.#arena.heap
    this.#sink.columns.forEach(({ type }, index) => {
      const word = this.#columnWord(writer, index)
      const layout = widestLayout(type)
      const values = u32[word]!
      if (layout === 'utf8') {
        this.#arena.shrink(address(values), u32[word + 2]! - values)
        const offsets = address(u32[word + 4]! - rowsBefore * 4)
        this.#arena.shrink(offsets, (rowsBefore + rows + 1) * 4)
      } else {
        const start = address(values - rowsBefore * rowBytes(layout))
        this.#arena.shrink(start, (rowsBefore + rows) * rowBytes(layout))
      }
    })
  }

  get #growth(): number {
    return this.#sink.partitions > 1 ? CHUNK_GROWTH_OF_PARTITIONS : CHUNK_GROWTH
  }

  #rows(writer: PartitionWriter): number {
    return this.#arena.heap.u32[writer.block >>> 2] ?? 0
  }

  #hasMuchText(writer: PartitionWriter): boolean {
    const { u32 } = this.#arena.heap
    return this.#textColumns.some((index) => {
      const word = this.#columnWord(writer, index)
      return (u32[word + 2] ?? 0) - (u32[word] ?? 0) > this.#bytesMax
    })
  }

  /** Rows that fit a chunk, as long as their texts are as those of the last one were. */
  get #rowsMax(): number {
    let bytes = 0
    this.#sink.columns.forEach(({ type }, index) => {
      const layout = widestLayout(type)
      bytes += layout === 'utf8' ? (this.#textBytes[index] ?? 0) + 4 : layoutBytes[layout]
    })
    return Math.min(CHUNK_ROWS_MAX, Math.ceil(this.#bytesMax / Math.max(1, bytes)))
  }

  #open(writer: PartitionWriter, rows: number): void {
    const wanted = Math.max(writer.grownRows * this.#growth, this.#rowsFirst)
    writer.capacityRows = Math.max(Math.min(wanted, this.#rowsMax), rows)
    writer.grownRows = writer.capacityRows
    writer.rowsBefore = 0
    writer.isOpen = true
    const { u32 } = this.#arena.heap
    const capacity = writer.capacityRows
    u32[writer.block >>> 2] = 0
    this.#sink.columns.forEach((column, index) => {
      const word = this.#columnWord(writer, index)
      const layout = widestLayout(column.type)
      // The packing of bytes to bits reads eight rows at once, which blocks' slack allows.
      if (column.nullable) u32[word + 1] = this.#arena.allocate(capacity)
      if (layout !== 'utf8') {
        u32[word] = this.#arena.allocate(rowBytes(layout) * capacity)
        return
      }
      const textBytes = Math.ceil(capacity * (this.#textBytes[index] ?? TEXT_BYTES_A_ROW))
      const text = this.#arena.allocate(textBytes)
      const offsets = this.#arena.allocate((capacity + 1) * 4)
      u32[offsets >>> 2] = 0
      u32[word] = text
      u32[word + 2] = text
      u32[word + 3] = text + textBytes
      u32[word + 4] = offsets
    })
  }

  #close(writer: PartitionWriter): void {
    const rows = this.#rows(writer)
    if (rows === 0) return
    writer.isOpen = false
    const columns = this.#sink.columns.map((column, index): Vector => {
      const { u32 } = this.#arena.heap
      const word = this.#columnWord(writer, index)
      const layout = widestLayout(column.type)
      const values = (u32[word] ?? 0) as Address
      if (layout === 'utf8') {
        // A little more, or every other chunk would be copied when it is nearly full.
        const before = u32[(u32[word + 4] ?? 0) >>> 2] ?? 0
        const written = ((u32[word + 2] ?? 0) - values - before) / rows
        this.#textBytes[index] = Math.max(TEXT_BYTES_A_ROW, Math.ceil(written * TEXT_SPARE))
      }
      return {
        type: column.type,
        layout,
        length: rows,
        validity: column.nullable ? this.#validity(u32[word + 1] ?? 0, rows) : NO_ADDRESS,
        values: layout === 'bit' ? this.#pack(values, rows).bits : values,
        offsets: layout === 'utf8' ? ((u32[word + 4] ?? 0) as Address) : NO_ADDRESS,
        dictionary: undefined,
      }
    })
    writer.chunks.push({ rows, columns, statistics: undefined })
    this.#arena.heap.u32[writer.block >>> 2] = 0
  }

  #columnWord(writer: PartitionWriter, index: number): number {
    return (writer.block + outputWords.columns + index * outputWords.columnBytes) >>> 2
  }

  #validity(bytes: number, rows: number): Address {
    const { bits, ones } = this.#pack(bytes, rows)
    return ones === rows ? NO_ADDRESS : bits
  }

  #pack(bytes: number, rows: number): { readonly bits: Address; readonly ones: number } {
    const bits = this.#arena.allocate(Math.ceil(rows / 8))
    const ones = this.#kernels.call('packBits', bytes, rows, bits)
    return { bits, ones }
  }
}

/** What a value takes while its chunk is written: what is a bit later is a byte. */
function rowBytes(layout: Exclude<Layout, 'utf8'>): number {
  return layout === 'bit' ? 1 : layoutBytes[layout]
}
