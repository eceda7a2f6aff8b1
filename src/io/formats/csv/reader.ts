import { address, type Address, type Chunk } from '../../../data/vectors/vector.ts'
import type { FileEntry } from '../../../plan/catalog/catalog.ts'
import type { ReaderEnvironment, ScanRequest, ScanUnit, UnitReader } from '../../scan/source.ts'
import type { ByteSource } from '../byte-source.ts'
import { Scratch } from '../scratch.ts'
import { fileColumns, withPartitions } from '../with-partitions.ts'
import { bordersWithin, firstRecordAt } from './borders.ts'
import { planByteRanges } from '../text/byte-ranges.ts'
import { openColumns, type ColumnParsers, type RowForm } from '../text/columns.ts'
import { NEWLINE, RECORD_BYTES_MAX } from '../text/dialect.ts'
import { notUtf8 } from '../text/faults.ts'
import { isSplittable, openTextSource } from '../text/source.ts'
import { csvDialect } from './dialect.ts'
import { malformedRecord, misplacedQuote, placeOf, recordTooLong, unclosedQuote } from './faults.ts'
import type { CsvScan } from './scan.ts'

/** Bytes indexed and parsed at a time: the text, its index and the values stay in the L2 cache. */
const CHUNK_BYTES = 524_288
/** Read behind a unit's end at first, for the record that begins before it. */
const TAIL_BYTES = 16_384
const CHUNK_ROWS_MAX = 65_536
const BOM = [0xef, 0xbb, 0xbf]

interface Scratches {
  readonly buffer: Scratch
  readonly positions: Scratch
  readonly pairs: Scratch
  readonly out: Scratch
}

/** What stage 1 says of a chunk; the words of the kernel's `out`. */
interface Index {
  readonly count: number
  readonly newlines: number
  readonly quotes: number
  readonly stray: boolean
  readonly plain: boolean
  readonly insideAtEnd: boolean
  readonly end: number
}

/** Reads byte ranges of CSV files: see UnitReader. */
export function openCsvReader(request: ScanRequest, env: ReaderEnvironment): UnitReader {
  const { source } = request
  const { heap } = env
  const dialect = csvDialect(source.options)
  const { columns, wanted } = fileColumns(request)
  const parsers = openColumns(env, dialect, columns, wanted)
  const scratches: Scratches = {
    buffer: new Scratch(heap),
    positions: new Scratch(heap),
    pairs: new Scratch(heap),
    out: new Scratch(heap),
  }
  let open: { readonly file: number; readonly source: ByteSource } | undefined
  const sourceOf = (file: number, entry: FileEntry): ByteSource => {
    if (open?.file === file && isSplittable(dialect)) return open.source
    open?.source.close()
    open = { file, source: openTextSource(entry, dialect, env) }
    return open.source
  }
  return withPartitions(request, env, {
    read(unit) {
      const file = source.files[unit.file]!
      const scan: CsvScan = {
        env,
        file,
        dialect,
        columnNames: columns.map((column) => column.name),
        source: sourceOf(unit.file, file),
        bufferOffset: 0,
        buffer: scratches.buffer.ensure(CHUNK_BYTES + TAIL_BYTES),
        locate: (at) => placeOf(scan, at),
      }
      return readUnit(scan, scratches, parsers, unit)
    },
    close() {
      open?.source.close()
      parsers.release()
      for (const scratch of Object.values(scratches)) scratch.release()
    },
  })
}

function* readUnit(
  scan: CsvScan,
  scratches: Scratches,
  parsers: ColumnParsers,
  unit: ScanUnit,
): Iterable<Chunk> {
  const { kernels } = scan.env
  scan.bufferOffset = firstRecordAt(scan, unit.start)
  let skipRows = unit.start === 0 && scan.dialect.header ? 1 : 0
  let carried = 0
  let capacity = CHUNK_BYTES + TAIL_BYTES
  while (scan.bufferOffset < unit.end) {
    const filled = fill(scan, carried, capacity, unit.end)
    if (filled.end === scan.buffer) return
    const index = indexChunk(scan, scratches, filled.end)
    if (index.count === 0 && !filled.atEnd) {
      carried = filled.end - scan.buffer
      if (carried >= RECORD_BYTES_MAX) throw recordTooLong(scan, index.insideAtEnd)
      if (carried > capacity / 2) {
        capacity *= 2
        scan.buffer = scratches.buffer.grow(capacity, carried)
      }
      continue
    }
    if (filled.atEnd && index.insideAtEnd) throw unclosedQuote(scan, index.end)
    checkText(scan, index)
    const form = rowForm(scan, scratches, index, parsers.columnCount)
    const rows = rowsBefore(scan, form, unit.end)
    checkBorders(scan, unit, endOfRow(scan, form, rows - 1, parsers.columnCount))
    for (let row = skipRows; row < rows; row += CHUNK_ROWS_MAX) {
      yield parsers.parse(scan, form, row, Math.min(CHUNK_ROWS_MAX, rows - row))
    }
    if (rows < form.rows || filled.atEnd) return
    skipRows = Math.max(0, skipRows - rows)
    carried = filled.end - index.end
    kernels.call('copy', scan.buffer, index.end, carried)
    scan.bufferOffset += index.end - scan.buffer
  }
}

/** Reads on behind the carried bytes; a last line without a newline gets one. */
function fill(
  scan: CsvScan,
  carried: number,
  capacity: number,
  unitEnd: number,
): { readonly end: number; readonly atEnd: boolean } {
  const { u8 } = scan.env.heap
  const offset = scan.bufferOffset + carried
  // One byte stays free for the newline. A long record is read in steps that grow with it.
  const room = capacity - carried - 1
  const behind = Math.max(TAIL_BYTES, carried)
  const wanted = Math.min(room, Math.max(unitEnd - offset, 0) + behind)
  const got = scan.source.read(u8, scan.buffer + carried, wanted, offset)
  let start = scan.buffer + carried
  let end = start + got
  if (offset === 0 && BOM.every((byte, at) => u8[scan.buffer + at] === byte && at < got)) {
    u8.copyWithin(start, start + BOM.length, end)
    end -= BOM.length
    scan.bufferOffset += BOM.length
  }
  const atEnd = got < wanted
  if (atEnd && end > scan.buffer && u8[end - 1] !== NEWLINE) u8[end++] = NEWLINE
  return { end, atEnd }
}

function indexChunk(scan: CsvScan, scratches: Scratches, end: number): Index {
  const { heap, kernels } = scan.env
  const positions = positionsOf(scratches, end - scan.buffer)
  const out = scratches.out.ensure(64)
  heap.view.setUint32(positions - 4, scan.buffer - 1, true)
  const { delimiter, quote } = scan.dialect
  const count = kernels.call('csvIndex', scan.buffer, end, delimiter, quote, positions, out)
  const word = (at: number): number => heap.view.getUint32(out + 4 * at, true)
  return {
    count,
    newlines: word(0),
    quotes: word(1),
    stray: (word(2) & 1) !== 0,
    plain: (word(2) & 2) === 0,
    insideAtEnd: word(3) === 1,
    end: word(4),
  }
}

/** The entry before the first position is the byte before the chunk. */
function positionsOf(scratches: Scratches, bytes: number): Address {
  return address(scratches.positions.ensure(4 * bytes + 192) + 64)
}

function checkText(scan: CsvScan, index: Index): void {
  if (!index.plain) {
    const bad = scan.env.kernels.call('findInvalidUtf8', scan.buffer, index.end) >>> 0
    if (bad !== 0) throw notUtf8(scan, bad)
  }
  if (index.stray) {
    const fault = misplacedQuote(scan, index.end)
    if (fault !== undefined) throw fault
  }
}

/** Where the fields of each record lie; throws BAD_FILE for a record with another number of them. */
function rowForm(scan: CsvScan, scratches: Scratches, index: Index, columns: number): RowForm {
  const { heap, kernels } = scan.env
  const { positions: block, out } = scratches
  const positions = address(block.ensure(0) + 64)
  const { count, newlines: rows } = index
  if (count === rows * columns) {
    const returns = kernels.call('csvShape', positions, columns, rows)
    if (returns === 0) return { position: positions, columnStep: 4, rowStep: 4 * columns, rows }
  }
  const pairs = scratches.pairs.ensure(8 * count + 64)
  const words = out.ensure(64)
  const taken = kernels.call('csvRecords', positions, count, columns, pairs, words)
  const found = heap.view.getUint32(words + 4, true)
  if (found !== 0) {
    throw malformedRecord(scan, heap.view.getUint32(words + 8, true), columns, found)
  }
  return { position: address(pairs + 4), columnStep: 8, rowStep: 8 * columns, rows: taken }
}

/** How many of the records begin before a file offset. */
function rowsBefore(scan: CsvScan, form: RowForm, offset: number): number {
  const limit = scan.buffer + (offset - scan.bufferOffset)
  const startOf = (row: number): number =>
    scan.env.heap.view.getUint32(form.position - 4 + row * form.rowStep, true) + 1
  let low = 0
  let high = form.rows
  if (high > 0 && startOf(high - 1) < limit) return high
  while (low < high) {
    const middle = (low + high) >>> 1
    if (startOf(middle) < limit) low = middle + 1
    else high = middle
  }
  return low
}

/** File offset behind the newline of a record; of none for a row before the first. */
function endOfRow(scan: CsvScan, form: RowForm, row: number, columns: number): number {
  if (row < 0) return 0
  const { heap } = scan.env
  const { position, rowStep, columnStep } = form
  let at = heap.view.getUint32(position + row * rowStep + (columns - 1) * columnStep, true)
  // The last field ends before a carriage return or a quote.
  while (heap.u8[at] !== NEWLINE) at++
  return scan.bufferOffset + (at + 1 - scan.buffer)
}

/** A unit that begins inside a long record which is read here must not have taken it for several. */
function checkBorders(scan: CsvScan, unit: ScanUnit, recordEnd: number): void {
  for (const border of bordersWithin(unit, recordEnd)) {
    if (firstRecordAt(scan, border) < recordEnd) throw recordTooLong(scan, true)
  }
}

/** Units of a CSV file: byte ranges, or the whole of one that is read from its beginning only. */
export function planCsvUnits(request: ScanRequest): readonly ScanUnit[] {
  return planByteRanges(request, !isSplittable(csvDialect(request.source.options)))
}
