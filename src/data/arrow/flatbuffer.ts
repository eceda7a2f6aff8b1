import { QueryError } from '../../base/errors.ts'
import { textOfUtf8 } from '../../base/utf8.ts'

/** Tables, strings and vectors that one buffer may be walked through, for each byte that it has. */
const VISITED_PER_BYTE_MAX = 16
const VISITED_MIN = 65_536

/**
 * A flatbuffer (flatbuffers.dev, "FlatBuffer Internals") of others, read with every offset and length
 * checked against the buffer. Parts may be referred to more than once, so what is walked through is
 * counted: a buffer of n bytes costs O(n). Throws BAD_FILE.
 */
export class Flatbuffer {
  readonly view: DataView
  readonly #bytes: Uint8Array
  #left: number

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#left = VISITED_MIN + VISITED_PER_BYTE_MAX * bytes.length
  }

  root(): FlatTable {
    return this.table(this.offsetAt(0))
  }

  table(at: number): FlatTable {
    this.expect(at, 4)
    const slots = at - this.view.getInt32(at, true)
    this.expect(slots, 4)
    const slotsBytes = this.view.getUint16(slots, true)
    const bytes = this.view.getUint16(slots + 2, true)
    if (slotsBytes < 4 || slotsBytes % 2 !== 0 || bytes < 4 || slotsBytes > 32_767) throw broken()
    this.expect(slots, slotsBytes)
    this.expect(at, bytes)
    this.visit(1)
    return new FlatTable(this, { at, bytes, slots, slotsBytes })
  }

  /** Where the reference at a position leads. */
  offsetAt(at: number): number {
    this.expect(at, 4)
    return at + this.view.getUint32(at, true)
  }

  /** The position of a vector's first member, and how many there are. */
  vector(at: number, memberBytes: number): { readonly start: number; readonly length: number } {
    this.expect(at, 4)
    const length = this.view.getUint32(at, true)
    this.expect(at + 4, length * memberBytes)
    this.visit(length * memberBytes)
    return { start: at + 4, length }
  }

  text(at: number): string {
    const { start, length } = this.vector(at, 1)
    return textOfUtf8(this.#bytes.slice(start, start + length))
  }

  expect(at: number, bytes: number): void {
    if (at < 0 || at + bytes > this.#bytes.length) throw broken()
  }

  visit(count: number): void {
    this.#left -= count
    if (this.#left < 0) throw broken()
  }
}

interface Extent {
  readonly at: number
  readonly bytes: number
  readonly slots: number
  readonly slotsBytes: number
}

/** A table of a flatbuffer; fields are named by their number in the schema, from 0. */
export class FlatTable {
  readonly #buffer: Flatbuffer
  readonly #extent: Extent

  constructor(buffer: Flatbuffer, extent: Extent) {
    this.#buffer = buffer
    this.#extent = extent
  }

  byte(field: number): number {
    const at = this.#fieldAt(field, 1)
    return at === undefined ? 0 : this.#buffer.view.getUint8(at)
  }

  short(field: number): number {
    const at = this.#fieldAt(field, 2)
    return at === undefined ? 0 : this.#buffer.view.getInt16(at, true)
  }

  /** A 64-bit number; BAD_FILE where it is negative or beyond 2^53. */
  count(field: number): number {
    const at = this.#fieldAt(field, 8)
    return at === undefined ? 0 : countAt(this.#buffer, at)
  }

  table(field: number): FlatTable | undefined {
    const at = this.#fieldAt(field, 4)
    return at === undefined ? undefined : this.#buffer.table(this.#buffer.offsetAt(at))
  }

  text(field: number): string | undefined {
    const at = this.#fieldAt(field, 4)
    return at === undefined ? undefined : this.#buffer.text(this.#buffer.offsetAt(at))
  }

  tables(field: number): readonly FlatTable[] {
    const { start, length } = this.vector(field, 4)
    return Array.from({ length }, (_, index) =>
      this.#buffer.table(this.#buffer.offsetAt(start + 4 * index)),
    )
  }

  /** A vector of members of a fixed number of bytes; empty where there is none. */
  vector(field: number, memberBytes: number): { readonly start: number; readonly length: number } {
    const at = this.#fieldAt(field, 4)
    if (at === undefined) return { start: 0, length: 0 }
    return this.#buffer.vector(this.#buffer.offsetAt(at), memberBytes)
  }

  #fieldAt(field: number, bytes: number): number | undefined {
    const { at, slots, slotsBytes, bytes: tableBytes } = this.#extent
    const slot = 4 + 2 * field
    if (slot >= slotsBytes) return undefined
    const offset = this.#buffer.view.getUint16(slots + slot, true)
    if (offset === 0) return undefined
    if (offset + bytes > tableBytes) throw broken()
    return at + offset
  }
}

/** The 64-bit number at a position; BAD_FILE where it is negative or beyond 2^53. */
export function countAt({ view }: Flatbuffer, at: number): number {
  const value = Number(view.getBigInt64(at, true))
  if (value < 0 || !Number.isSafeInteger(value)) throw broken()
  return value
}

function broken(): QueryError {
  return new QueryError('BAD_FILE', 'malformed Arrow data: the metadata of a message is wrong')
}
