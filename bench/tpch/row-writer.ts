import { closeSync, openSync, writeSync } from 'node:fs'

const BUFFER_BYTES = 4 * 1_048_576
const ROW_BYTES_MAX = 4_096
const MS_PER_DAY = 86_400_000
const FIELD_SEPARATOR = 44
const NEWLINE = 10
const QUOTE = 34

/** Writes rows of a CSV file straight into bytes, field by field. */
export class RowWriter {
  readonly #file: number
  readonly #buffer = Buffer.allocUnsafe(BUFFER_BYTES)
  readonly #dates = new Map<number, Buffer>()
  #at = 0
  #fields = 0

  constructor(path: string, header: readonly string[]) {
    this.#file = openSync(path, 'w')
    for (const name of header) this.text(name)
    this.endRow()
  }

  integer(value: number): this {
    this.#separate()
    this.#at += this.#buffer.write(String(value), this.#at, 'latin1')
    return this
  }

  /** A decimal of two places, given in hundredths. */
  cents(value: number): this {
    const absolute = Math.abs(value)
    const sign = value < 0 ? '-' : ''
    const cents = String(absolute % 100).padStart(2, '0')
    return this.text(`${sign}${Math.floor(absolute / 100)}.${cents}`)
  }

  /** Text without separators, quotes or newlines. */
  text(value: string): this {
    this.#separate()
    this.#at += this.#buffer.write(value, this.#at, 'latin1')
    return this
  }

  /** Bytes that may hold separators. */
  quoted(value: Uint8Array): this {
    this.#separate()
    this.#buffer[this.#at++] = QUOTE
    this.#buffer.set(value, this.#at)
    this.#at += value.length
    this.#buffer[this.#at++] = QUOTE
    return this
  }

  /** Days since 1970-01-01. */
  date(days: number): this {
    let bytes = this.#dates.get(days)
    if (bytes === undefined) {
      bytes = Buffer.from(new Date(days * MS_PER_DAY).toISOString().slice(0, 10), 'latin1')
      this.#dates.set(days, bytes)
    }
    this.#separate()
    this.#buffer.set(bytes, this.#at)
    this.#at += bytes.length
    return this
  }

  endRow(): void {
    this.#buffer[this.#at++] = NEWLINE
    this.#fields = 0
    if (this.#at > BUFFER_BYTES - ROW_BYTES_MAX) this.#flush()
  }

  close(): void {
    this.#flush()
    closeSync(this.#file)
  }

  #separate(): void {
    if (this.#fields++ > 0) this.#buffer[this.#at++] = FIELD_SEPARATOR
  }

  #flush(): void {
    writeSync(this.#file, this.#buffer, 0, this.#at)
    this.#at = 0
  }
}
