import type { Locale } from '../../data/types/datetime/locale.ts'
import { parseScalar } from '../../data/types/parse-scalar.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import type { Field } from '../../data/types/schema.ts'
import { CopiedText } from './copied-text.ts'
import { csvFields, textFields, type FieldSplitter, type ForcedFields } from './fields.ts'
import type { KeptValue } from './kept-values.ts'
import { LineReader, type CopiedLine } from './line-reader.ts'
import type { CopyForm } from './options.ts'
import { copyFault, placedFault, shownText } from './record.ts'

/** Reads rows of what a COPY is given. */
export interface RowReader {
  /** The rows that are whole with these bytes. Errors: those of the format and of values, with their place. */
  push(bytes: Uint8Array): Iterable<readonly Scalar[]>
  /** The rows that are left when no bytes come any more. */
  end(): Iterable<readonly Scalar[]>
}

/** What is read: the name of the table, and the columns that are given. */
export interface CopyTarget {
  readonly table: string
  readonly columns: readonly Field[]
  /** What each of them keeps of a value. */
  readonly kept: readonly KeptValue[]
  readonly forced: ForcedFields
  /** How texts of dates and times are read. */
  readonly locale: Locale
}

/** Rows of the formats text and csv. */
export class TextRows implements RowReader {
  readonly #target: CopyTarget
  readonly #form: CopyForm
  readonly #lines: LineReader
  readonly #text = new CopiedText()
  readonly #split: FieldSplitter
  readonly #parsers: readonly FieldParser[]
  #isHeader: boolean

  constructor(form: CopyForm, target: CopyTarget) {
    this.#target = target
    this.#form = form
    this.#lines = new LineReader(form)
    this.#split = form.format === 'csv' ? csvFields(form, target.forced) : textFields(form)
    this.#parsers = target.columns.map((column, at) => parserOf(column, target, at))
    this.#isHeader = form.header !== 'none'
  }

  *push(bytes: Uint8Array): Iterable<readonly Scalar[]> {
    if (this.#lines.isOver) return
    const text = this.#placed(() => this.#text.push(bytes))
    if (text !== undefined) yield* this.#rows(text, false)
  }

  *end(): Iterable<readonly Scalar[]> {
    if (this.#lines.isOver) return
    yield* this.#rows(
      this.#placed(() => this.#text.end()),
      true,
    )
  }

  *#rows(text: string, atEnd: boolean): Iterable<readonly Scalar[]> {
    const { fault } = this.#text
    const goesOn = fault !== undefined ? 'without newline' : atEnd ? 'no' : 'anyhow'
    const lines = this.#lines.lines(text, goesOn)
    for (;;) {
      const step = this.#placed(() => lines.next())
      if (step.done === true) {
        this.#text.leave(text.slice(step.value))
        if (fault === undefined || this.#lines.isOver) return
        throw placedFault(fault, `COPY ${this.#target.table}, line ${this.#lines.line + 1}`)
      }
      if (this.#isHeader) this.#readHeader(step.value)
      else yield this.#row(step.value)
    }
  }

  /** What cannot be read has the place of its line only. */
  #placed<T>(read: () => T): T {
    try {
      return read()
    } catch (error) {
      throw placedFault(error, `COPY ${this.#target.table}, line ${this.#lines.line}`)
    }
  }

  #inLine({ line, text }: CopiedLine): string {
    return `COPY ${this.#target.table}, line ${line}: "${shownText(text)}"`
  }

  #row(line: CopiedLine): readonly Scalar[] {
    const { columns } = this.#target
    const fields = this.#fields(line)
    if (fields.length > columns.length) {
      const message = 'extra data after last expected column'
      throw copyFault(message, { context: this.#inLine(line) })
    }
    const parsers = this.#parsers
    const row: Scalar[] = []
    for (let at = 0; at < fields.length; at++) {
      const field = fields[at]!
      if (field === null) {
        row.push(null)
        continue
      }
      try {
        row.push(parsers[at]!(field))
      } catch (error) {
        throw placedFault(error, this.#inField(line, at, field))
      }
    }
    const missing = columns[fields.length]
    if (missing === undefined) return row
    const message = `missing data for column "${missing.name}"`
    throw copyFault(message, { context: this.#inLine(line) })
  }

  #inField({ line }: CopiedLine, at: number, field: string): string {
    const { table, columns } = this.#target
    return `COPY ${table}, line ${line}, column ${columns[at]!.name}: "${shownText(field)}"`
  }

  #fields(line: CopiedLine): readonly (string | null)[] {
    try {
      return this.#split(line)
    } catch (error) {
      throw placedFault(error, this.#inLine(line))
    }
  }

  /** Errors: BAD_FILE where HEADER MATCH wants other names. */
  #readHeader(line: CopiedLine): void {
    this.#isHeader = false
    if (this.#form.header !== 'match') return
    const names = this.#fields(line)
    const { columns, table } = this.#target
    const context = `COPY ${table}, line ${line.line}: "${shownText(line.text)}"`
    if (names.length !== columns.length) {
      const message = `wrong number of fields in header line: got ${names.length}, expected ${columns.length}`
      throw copyFault(message, { context })
    }
    names.forEach((name, at) => {
      const expected = columns[at]!.name
      if (name === expected) return
      const got = name === null ? `null value ("${this.#form.nullText}")` : `"${name}"`
      const message = `column name mismatch in header line field ${at + 1}: got ${got}, expected "${expected}"`
      throw copyFault(message, { context })
    })
  }
}

/** Reads the value of a column from its text. */
type FieldParser = (text: string) => Scalar

function parserOf({ type }: Field, { kept, locale }: CopyTarget, at: number): FieldParser {
  const keep = kept[at]!
  return type.kind === 'text' ? keep : (text) => keep(parseScalar(text, type, locale))
}
