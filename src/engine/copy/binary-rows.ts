import type { QueryError } from '../../base/errors.ts'
import { decodeBinary } from '../../data/binary/decode-binary.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import type { Field } from '../../data/types/schema.ts'
import { copyFault, placedFault } from './record.ts'
import type { CopyTarget, RowReader } from './text-rows.ts'

/** How every binary COPY begins. */
export const BINARY_SIGNATURE = Uint8Array.from('PGCOPY\n\u00ff\r\n\0', (c) => c.charCodeAt(0))

/** The signature, the flags and the length of what extends the head. */
const HEAD_BYTES = BINARY_SIGNATURE.length + 8
/** Flags that a reader must know; of those only the one of rows with oids was ever given out. */
const CRITICAL_FLAGS = 0xffff_0000
const OIDS_FLAG = 0x0001_0000
const FIELD_BYTES_MAX = 1_073_741_823

/** Rows of the binary format. */
export class BinaryRows implements RowReader {
  readonly #target: CopyTarget
  #bytes: Buffer = Buffer.alloc(0)
  #waiting: Uint8Array[] = []
  #waitingBytes = 0
  #at = 0
  #line = 0
  /** Bytes of the head's extension that are still to come; undefined before the head. */
  #headBytes: number | undefined
  #isOver = false

  constructor(target: CopyTarget) {
    this.#target = target
  }

  *push(bytes: Uint8Array): Iterable<readonly Scalar[]> {
    if (this.#isOver) {
      if (bytes.length > 0) throw copyFault('received copy data after EOF marker', this.#context())
      return
    }
    this.#waiting.push(bytes)
    this.#waitingBytes += bytes.length
    // What is not whole is looked at again when there is as much more of it.
    if (this.#waitingBytes < this.#bytes.length - this.#at) return
    this.#gather()
    yield* this.#rows()
  }

  *end(): Iterable<readonly Scalar[]> {
    this.#gather()
    yield* this.#rows()
    if (this.#isOver) return
    if (this.#headBytes === undefined) throw this.#badHead()
    // As PostgreSQL, which takes the end of a file for the end of its rows.
    if (this.#at === this.#bytes.length) return
    throw copyFault('unexpected EOF in COPY data', this.#context())
  }

  #gather(): void {
    this.#bytes = Buffer.concat([this.#bytes.subarray(this.#at), ...this.#waiting])
    this.#at = 0
    this.#waiting = []
    this.#waitingBytes = 0
  }

  *#rows(): Iterable<readonly Scalar[]> {
    if (!this.#readHead()) return
    for (;;) {
      const row = this.#row()
      if (row === undefined) return
      yield row
    }
  }

  /** Whether the head is behind us. Errors: BAD_FILE. */
  #readHead(): boolean {
    if (this.#headBytes === undefined) {
      if (this.#bytes.length < HEAD_BYTES) return false
      const isSigned = BINARY_SIGNATURE.every((byte, at) => this.#bytes[at] === byte)
      if (!isSigned) throw this.#badHead()
      const flags = this.#bytes.readUInt32BE(BINARY_SIGNATURE.length)
      if ((flags & OIDS_FLAG) !== 0) {
        throw copyFault('invalid COPY file header (WITH OIDS)', this.#context())
      }
      if ((flags & CRITICAL_FLAGS) !== 0) {
        throw copyFault('unrecognized critical flags in COPY file header', this.#context())
      }
      const extension = this.#bytes.readInt32BE(BINARY_SIGNATURE.length + 4)
      if (extension < 0) {
        throw copyFault('invalid COPY file header (missing length)', this.#context())
      }
      this.#headBytes = extension
      this.#at = HEAD_BYTES
    }
    const skipped = Math.min(this.#headBytes, this.#bytes.length - this.#at)
    this.#headBytes -= skipped
    this.#at += skipped
    return this.#headBytes === 0
  }

  #badHead(): QueryError {
    return copyFault('COPY file signature not recognized', {})
  }

  #context(column?: Field): { readonly context: string } {
    const { table } = this.#target
    const place = column === undefined ? '' : `, column ${column.name}`
    return { context: `COPY ${table}, line ${this.#line}${place}` }
  }

  /** The next row; undefined where it is not whole, or there is none. */
  #row(): readonly Scalar[] | undefined {
    if (this.#isOver) return undefined
    const { columns } = this.#target
    const bytes = this.#bytes
    let at = this.#at
    if (at + 2 > bytes.length) return undefined
    const count = bytes.readInt16BE(at)
    at += 2
    this.#line++
    if (count === -1) return this.#finish(at)
    if (count !== columns.length) {
      const message = `row field count is ${count}, expected ${columns.length}`
      throw copyFault(message, this.#context())
    }
    const bounds: number[] = []
    for (const column of columns) {
      if (at + 4 > bytes.length) return this.#again()
      const length = bytes.readInt32BE(at)
      if (length < -1 || length > FIELD_BYTES_MAX) {
        throw copyFault('invalid field size', this.#context(column))
      }
      at += 4
      if (at + Math.max(0, length) > bytes.length) return this.#again()
      bounds.push(at, length)
      at += Math.max(0, length)
    }
    this.#at = at
    return columns.map((_, i) => this.#field(i, bounds[2 * i]!, bounds[2 * i + 1]!))
  }

  #again(): undefined {
    this.#line--
    return undefined
  }

  #finish(at: number): undefined {
    this.#isOver = true
    if (at < this.#bytes.length) {
      throw copyFault('received copy data after EOF marker', this.#context())
    }
    return undefined
  }

  #field(at: number, start: number, length: number): Scalar {
    if (length === -1) return null
    const column = this.#target.columns[at]!
    try {
      // What is kept must not hold on to what it was read from.
      const value = decodeBinary(this.#bytes.subarray(start, start + length), column.type)
      return value === null ? value : this.#target.kept[at]!(value)
    } catch (error) {
      throw placedFault(error, this.#context(column).context)
    }
  }
}
