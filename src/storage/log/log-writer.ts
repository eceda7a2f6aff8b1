import { assert } from '../../base/assert.ts'
import { QueryError } from '../../base/errors.ts'
import type { LogDisk, LogFile } from './disk.ts'
import {
  FORMAT_VERSION,
  FRAME_BYTES,
  frameBytes,
  HEAD_BYTES_MAX,
  SEGMENT_HEADER_BYTES,
  writeFrameHeader,
  writeSegmentHeader,
} from './frames.ts'
import { logError } from './log-errors.ts'

/** One record on its way into the log. */
export interface LogRecord {
  readonly head: Uint8Array
  readonly bodyBytes: number
  /** The bytes of the body in pieces, each of which is copied before the next is asked for. */
  readonly body: Iterable<Uint8Array>
  /** Told where the body is about to lie. */
  readonly placed?: (place: BodyPlace) => void
}

export interface BodyPlace {
  readonly segment: number
  readonly offset: number
}

/** Records that are kept together or not at all: a reader takes what comes before the last one for nothing without it. */
export interface LogEntry {
  /** Made when they are written; empty where there is nothing to keep, but its place among the others. */
  records(): Iterable<LogRecord>
  /** Called in the order of the entries when they are on the disk, or with an error when they will never be. */
  done(error?: unknown): void
}

/** Where a log goes on. */
export interface LogEnd {
  readonly segment: number
  readonly record: number
}

/** The name of a file of the log. */
export function segmentName(segment: number): string {
  return `log-${String(segment).padStart(10, '0')}`
}

/** What goes to disk at once; a copy, so that small pieces go together. */
const BUFFER_BYTES = 1_048_576

/**
 * Appends records to the newest file of the log. All entries that wait are written together and synced once; they fail
 * together, too, as what was decided after an entry may build on it.
 */
export class LogWriter {
  readonly #disk: LogDisk
  readonly #buffer = new Uint8Array(BUFFER_BYTES)
  #waiting: LogEntry[] = []
  #file: LogFile
  #segment: number
  /** Of the next record. */
  #record: number
  /** Where the buffer's first byte goes. */
  #at = SEGMENT_HEADER_BYTES
  #filled = 0
  #synced = SEGMENT_HEADER_BYTES
  #work: Promise<void> = Promise.resolve()
  /** Whether what waits is about to be written. */
  #isComing = false
  #broken: QueryError | undefined

  private constructor(disk: LogDisk, file: LogFile, { segment, record }: LogEnd) {
    this.#disk = disk
    this.#file = file
    this.#segment = segment
    this.#record = record
  }

  /** A new file of the log, on the disk with its name when it resolves. */
  static async begin(disk: LogDisk, end: LogEnd): Promise<LogWriter> {
    return new LogWriter(disk, await makeSegment(disk, end), end)
  }

  get segment(): number {
    return this.#segment
  }

  /** The number of the next record. */
  get record(): number {
    return this.#record
  }

  /** What is on the disk of the newest file, its header aside. */
  get bytes(): number {
    return this.#synced - SEGMENT_HEADER_BYTES
  }

  /** Adds an entry behind all others; see {@link LogEntry.done}. */
  append(entry: LogEntry): void {
    if (this.#broken !== undefined) return entry.done(this.#broken)
    this.#waiting.push(entry)
    if (this.#isComing) return
    this.#isComing = true
    this.#work = this.#work.then(() => this.#writeWaiting())
  }

  /** Does something between the writing of entries: what was written before is on the disk. */
  between<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#work.then(() => this.#writeWaiting()).then(work)
    this.#work = result.then(
      () => {},
      () => {},
    )
    return result
  }

  /** Goes on in a new file; to be called within {@link between}. */
  async nextSegment(): Promise<void> {
    if (this.#broken !== undefined) throw this.#broken
    const end = { segment: this.#segment + 1, record: this.#record }
    const file = await makeSegment(this.#disk, end)
    await this.#file.close()
    this.#file = file
    this.#segment = end.segment
    this.#at = SEGMENT_HEADER_BYTES
    this.#synced = SEGMENT_HEADER_BYTES
    this.#filled = 0
  }

  /** Nothing comes any more; what waits is written. */
  async close(): Promise<void> {
    await this.between(async () => {
      this.#broken ??= new QueryError('ADMIN_SHUTDOWN', 'the data folder was closed')
      await this.#file.close()
    })
  }

  async #writeWaiting(): Promise<void> {
    this.#isComing = false
    while (this.#waiting.length > 0) {
      const entries = this.#waiting
      this.#waiting = []
      if (this.#broken !== undefined) {
        for (const entry of entries) entry.done(this.#broken)
        continue
      }
      const before = this.#record
      try {
        for (const entry of entries) {
          for (const record of entry.records()) await this.#write(record)
        }
        if (this.#record > before) {
          await this.#flush()
          await this.#sync()
        }
      } catch (error) {
        await this.#failed(entries, error, before)
        continue
      }
      for (const entry of entries) entry.done()
    }
  }

  /** Nothing of what waits will be there: it may build on what failed. */
  async #failed(entries: readonly LogEntry[], error: unknown, record: number): Promise<void> {
    const name = segmentName(this.#segment)
    const reason = logError(error, 'write', this.#disk.pathOf(name))
    this.#record = record
    this.#at = this.#synced
    this.#filled = 0
    try {
      await this.#file.truncate(this.#synced)
      await this.#sync()
    } catch {
      this.#broken ??= broken(reason)
    }
    const all = [...entries, ...this.#waiting]
    this.#waiting = []
    for (const entry of all) entry.done(reason)
  }

  /** After a sync that failed nobody knows what is on the disk: the system may have let go of what it did not write. */
  async #sync(): Promise<void> {
    try {
      await this.#file.sync()
    } catch (error) {
      this.#broken = broken(error)
      throw error
    }
    this.#synced = this.#at
  }

  async #write({ head, bodyBytes, body, placed }: LogRecord): Promise<void> {
    assert(head.length <= HEAD_BYTES_MAX, 'a record whose head can be read at once')
    const frame = {
      headBytes: head.length,
      bodyBytes,
      record: this.#record,
      syncedBytes: this.#synced,
    }
    const offset = this.#at + this.#filled + FRAME_BYTES + head.length
    placed?.({ segment: this.#segment, offset })
    await this.#add(writeFrameHeader(frame, head))
    await this.#add(head)
    let left = bodyBytes
    for (const piece of body) {
      left -= piece.length
      await this.#add(piece)
    }
    assert(left === 0, 'a body of the announced length')
    await this.#add(new Uint8Array(frameBytes(frame) - FRAME_BYTES - head.length - bodyBytes))
    this.#record++
  }

  async #add(bytes: Uint8Array): Promise<void> {
    for (let from = 0; from < bytes.length;) {
      const length = Math.min(bytes.length - from, BUFFER_BYTES - this.#filled)
      this.#buffer.set(bytes.subarray(from, from + length), this.#filled)
      from += length
      this.#filled += length
      if (this.#filled === BUFFER_BYTES) await this.#flush()
    }
  }

  async #flush(): Promise<void> {
    if (this.#filled === 0) return
    await this.#file.write(this.#buffer.subarray(0, this.#filled), this.#at)
    this.#at += this.#filled
    this.#filled = 0
  }
}

async function makeSegment(disk: LogDisk, { segment, record }: LogEnd): Promise<LogFile> {
  const name = segmentName(segment)
  try {
    const file = await disk.create(name)
    const header = { version: FORMAT_VERSION, segment, firstRecord: record }
    await file.write(writeSegmentHeader(header), 0)
    await file.sync()
    disk.syncNames()
    return file
  } catch (error) {
    throw logError(error, 'write', disk.pathOf(name))
  }
}

function broken(cause: unknown): QueryError {
  const message = 'the data folder takes no more changes: what was written last may not be there'
  return new QueryError('IO_ERROR', message, {
    hint: 'Open the folder again when the disk is well.',
    cause,
  })
}
