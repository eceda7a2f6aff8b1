import { address, type Address, type Chunk } from '../../../data/vectors/vector.ts'
import type { Schema } from '../../../data/types/schema.ts'
import type { ReaderEnvironment, ScanRequest, ScanUnit, UnitReader } from '../../scan/source.ts'
import { Scratch } from '../scratch.ts'
import { planByteRanges } from '../text/byte-ranges.ts'
import { openColumns } from '../text/columns.ts'
import { NEWLINE, RECORD_BYTES_MAX, standsAsJson, type TextDialect } from '../text/dialect.ts'
import { fault, notUtf8 } from '../text/faults.ts'
import type { Place } from '../text/scan.ts'
import { openTextSource } from '../text/source.ts'
import { firstLineAt } from '../text/windows.ts'
import { fileColumns, withPartitions } from '../with-partitions.ts'
import { placeFaults, statusFault } from './faults.ts'
import type { JsonScan } from './scan.ts'

const CHUNK_BYTES = 524_288
const TAIL_BYTES = 16_384
/** Bytes of field positions at a time. */
const PAIRS_BYTES = 2_097_152
const ROWS_MIN = 256
const ROWS_MAX = 16_384
const OUT_BYTES = 64
const BOM = [0xef, 0xbb, 0xbf]

/** Reads newline-delimited JSON, or objects anywhere in a file: see UnitReader. */
export function openJsonReader(request: ScanRequest, env: ReaderEnvironment): UnitReader {
  const { source } = request
  const { heap } = env
  const { columns, wanted } = fileColumns(request)
  const fields = wanted.map((position) => columns[position]!)
  const dialect: TextDialect = {
    quote: 34,
    nullStrings: [''],
    compression: source.options.compression ?? 'none',
    isInferred: source.options.isInferred ?? false,
    lineEnd: 'newline',
    isJson: true,
  }
  const parsers = openColumns(
    env,
    dialect,
    fields,
    fields.map((_, at) => at),
  )
  const rowsMax = rowsAtATime(fields.length)
  const bufferScratch = new Scratch(heap)
  const side = new Scratch(heap)
  const blocks = new Scratch(heap)
  const keyList = keysOf(columns, wanted, dialect)
  const keyListBytes = keyList.reduce(
    (bytes, { name, written }) => bytes + KEY_BYTES + name.length + written.length,
    12,
  )
  const keysBytes = Math.ceil(keyListBytes / 64) * 64
  const block = blocks.ensure(OUT_BYTES + keysBytes + 8 * fields.length * rowsMax)
  const keys = address(block + OUT_BYTES)
  writeKeys(env, keys, keyList, { slots: fields.length, isStrict: dialect.isInferred })
  return withPartitions(request, env, {
    *read(unit) {
      const file = source.files[unit.file]!
      const scan: JsonScan = {
        env,
        file,
        dialect,
        columnNames: fields.map(({ name }) => name),
        source: openTextSource(file, dialect, env),
        bufferOffset: 0,
        buffer: bufferScratch.ensure(CHUNK_BYTES + TAIL_BYTES),
        locate: (at): Place => placeFaults(scan, at),
        isLines: source.options.jsonShape !== 'values',
        parsers,
        keys,
        columnCount: fields.length,
        rowsMax,
        pairs: address(block + OUT_BYTES + keysBytes),
        side,
        out: block,
        bufferScratch,
        rowsBefore: 0,
        rows: 0,
        isArray: false,
        unitOffset: 0,
      }
      try {
        yield* readUnit(scan, unit)
      } finally {
        scan.source.close()
      }
    },
    close() {
      parsers.release()
      for (const scratch of [bufferScratch, side, blocks]) scratch.release()
    },
  })
}

function rowsAtATime(fields: number): number {
  const rows = Math.floor(PAIRS_BYTES / (8 * Math.max(1, fields)))
  return Math.max(ROWS_MIN, Math.min(ROWS_MAX, rows))
}

interface Key {
  readonly name: Uint8Array
  /** As it stands in most files: with quotes and a colon, without needless escapes or blanks. */
  readonly written: Uint8Array
  /** Place of its value in a record, and whether strings keep their quotes; -1: not wanted. */
  readonly slot: number
}

const KEY_BYTES = 20
/** Among the bits of a key's place: strings keep their quotes (assembly/json-keys.ts). */
const AS_IT_STANDS = 0x4000_0000
/** What such a key is never written as, so that it is looked at by itself. */
const NEVER_WRITTEN = new Uint8Array([0xff])

/** Every key of the files is known, wanted or not, so that a new one is told. */
function keysOf(columns: Schema, wanted: readonly number[], dialect: TextDialect): readonly Key[] {
  const encoder = new TextEncoder()
  return columns.map(({ name: text, type }, position) => {
    const name = encoder.encode(text)
    const slot = wanted.indexOf(position)
    if (slot >= 0 && standsAsJson(dialect, type)) {
      return { name, written: NEVER_WRITTEN, slot: slot | AS_IT_STANDS }
    }
    return { name, written: encoder.encode(`${JSON.stringify(text)}:`), slot }
  })
}

/** The list that the kernel reads (assembly/json.ts says how it lies), the names' bytes behind it. */
function writeKeys(
  { heap }: ReaderEnvironment,
  block: Address,
  keys: readonly Key[],
  { slots, isStrict }: { readonly slots: number; readonly isStrict: boolean },
): void {
  const { view, u8 } = heap
  ;[keys.length, slots, Number(isStrict)].forEach((word, at) =>
    view.setUint32(block + 4 * at, word, true),
  )
  let to = block + 12 + KEY_BYTES * keys.length
  const place = (entry: number, bytes: Uint8Array): void => {
    view.setUint32(entry, to, true)
    view.setUint32(entry + 4, bytes.length, true)
    u8.set(bytes, to)
    to += bytes.length
  }
  keys.forEach(({ name, written, slot }, index) => {
    const entry = block + 12 + KEY_BYTES * index
    place(entry, name)
    view.setInt32(entry + 8, slot, true)
    place(entry + 12, written)
  })
}

function* readUnit(scan: JsonScan, unit: ScanUnit): Iterable<Chunk> {
  const { kernels } = scan.env
  // No newline lies inside a JSON string, so any newline ends a record.
  scan.bufferOffset = firstLineAt(scan, unit.start)
  scan.unitOffset = scan.bufferOffset
  let carried = 0
  let capacity = CHUNK_BYTES + TAIL_BYTES
  while (scan.bufferOffset < unit.end) {
    const filled = fill(scan, carried, capacity, unit.end)
    const start = skipOpening(scan)
    // What was carried over holds no newline, so that a long line is searched once.
    const whole =
      scan.isLines && !filled.atEnd ? lastLineEnd(scan, carried, filled.end) : filled.end
    const limit = Math.min(scan.buffer + (unit.end - scan.bufferOffset), whole)
    const taken = yield* readRecords(scan, start, whole, limit, filled.atEnd)
    if (taken >= limit && unit.end - scan.bufferOffset <= taken - scan.buffer) return
    if (filled.atEnd) return checkClosing(scan, taken, filled.end)
    carried = filled.end - taken
    if (carried >= RECORD_BYTES_MAX) throw fault(scan, taken, 'JSON object is too long', {})
    kernels.call('copy', scan.buffer, taken, carried)
    scan.bufferOffset += taken - scan.buffer
    if (carried > capacity / 2) {
      capacity *= 2
      scan.buffer = scan.bufferScratch.grow(capacity, carried)
    }
  }
}

/** Chunks of the records in [start, end) that begin before the limit; returns what comes next. */
function* readRecords(
  scan: JsonScan,
  start: number,
  end: number,
  limit: number,
  atEnd: boolean,
): Generator<Chunk, number> {
  const { heap, kernels } = scan.env
  let at = start
  for (;;) {
    const sideBytes = 4 * (end - scan.buffer) + 1_024
    const side = scan.side.ensure(sideBytes)
    const lines = scan.isLines ? 1 : 0
    const { keys, pairs, rowsMax, out } = scan
    const args = [at, end, limit, lines, keys, pairs, rowsMax, side, side + sideBytes, out] as const
    scan.rows = kernels.call('jsonRecords', ...args)
    const word = (index: number): number => heap.view.getUint32(out + 4 * index, true)
    const [status, where, next, sideEnd] = [word(0), word(1), word(2), word(3)]
    const invalid = kernels.call('findInvalidUtf8', at, next) >>> 0
    if (invalid !== 0) throw notUtf8(scan, invalid)
    if (scan.rows > 0) {
      const form = {
        position: address(pairs + 4),
        columnStep: 8,
        rowStep: 8 * scan.columnCount,
        rows: scan.rows,
        textBytes: next - at + (sideEnd - side),
      }
      yield scan.parsers.parse(scan, form, 0, scan.rows)
    }
    const failure = statusFault(scan, status, where, scan.isLines || atEnd)
    if (failure !== undefined) throw failure
    scan.rowsBefore += scan.rows
    at = next
    if (status !== 0 || scan.rows < rowsMax) return at
  }
}

function fill(
  scan: JsonScan,
  carried: number,
  capacity: number,
  unitEnd: number,
): { readonly end: number; readonly atEnd: boolean } {
  const { u8 } = scan.env.heap
  const offset = scan.bufferOffset + carried
  // A long record is read in steps that grow with it.
  const behind = Math.max(TAIL_BYTES, carried)
  const wanted = Math.min(capacity - carried - 1, Math.max(unitEnd - offset, 0) + behind)
  const got = scan.source.read(u8, scan.buffer + carried, wanted, offset)
  let end = scan.buffer + carried + got
  const atEnd = got < wanted
  if (atEnd && end > scan.buffer && u8[end - 1] !== NEWLINE) u8[end++] = NEWLINE
  return { end, atEnd }
}

/** At the beginning of a file: behind a byte order mark and, for objects in an array, its bracket. */
function skipOpening(scan: JsonScan): number {
  const { u8 } = scan.env.heap
  let at: number = scan.buffer
  if (scan.bufferOffset > 0 || scan.rowsBefore > 0) return at
  if (BOM.every((byte, index) => u8[at + index] === byte)) at += BOM.length
  if (scan.isLines) return at
  while (isBlank(u8[at])) at++
  if (u8[at] !== OPENING) return at
  scan.isArray = true
  return at + 1
}

const OPENING = 91
const CLOSING = 93

function isBlank(byte: number | undefined): boolean {
  return byte === 32 || byte === 9 || byte === 13 || byte === NEWLINE
}

/** Behind the last record only blanks may follow, and the closing bracket of an array. */
function checkClosing(scan: JsonScan, from: number, end: number): void {
  const { u8 } = scan.env.heap
  let at = from
  while (at < end && isBlank(u8[at])) at++
  if (u8[at] === CLOSING && at < end && scan.isArray) at++
  else if (scan.isArray) {
    throw fault(scan, at, 'unexpected end of an array of JSON objects', { expected: '"]"' })
  }
  while (at < end && isBlank(u8[at])) at++
  if (at < end) throw fault(scan, at, 'unexpected text behind the last JSON object', {})
}

/** Behind the last newline of the buffer, its first bytes left out; its beginning for none. */
function lastLineEnd(scan: JsonScan, leftOut: number, end: number): number {
  const { u8 } = scan.env.heap
  const start = scan.buffer + leftOut
  let at = end
  while (at > start && u8[at - 1] !== NEWLINE) at--
  return at > start ? at : scan.buffer
}

/** Units of a JSON file: byte ranges of lines, or the whole of any other file. */
export function planJsonUnits(request: ScanRequest): readonly ScanUnit[] {
  const { options } = request.source
  return planByteRanges(request, options.compression === 'gzip' || options.jsonShape === 'values')
}
