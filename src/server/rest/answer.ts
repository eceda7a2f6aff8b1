import { typeName } from '../../data/types/data-type.ts'
import { ByteWriter } from '../../data/vectors/byte-writer.ts'
import type { Cells, CellWriter } from '../../data/vectors/cells.ts'
import { longValues, type LongValue } from '../../data/vectors/long-values.ts'
import type { QueryResult, ResultColumn } from '../../engine/results/result.ts'
import type { AnswerFormat } from '../api/query-request.ts'
import { csvCells, csvParts, writeCsvField } from './csv-cells.ts'
import { jsonCells, jsonParts } from './json-cells.ts'

const PIECE_BYTES = 32_768

/** Writes a result piece by piece, so that a large one never stands in memory as a whole. */
export async function* answer(
  result: QueryResult,
  format: AnswerFormat,
): AsyncIterable<Uint8Array> {
  switch (format) {
    case 'json':
      return yield* jsonAnswer(result)
    case 'ndjson':
      return yield* ndjsonAnswer(result)
    case 'csv':
      return yield* csvAnswer(result)
    case 'arrow':
      return yield* result.ipcPieces()
  }
}

async function* jsonAnswer(result: QueryResult): AsyncIterable<Uint8Array> {
  const out = new ByteWriter(2 * PIECE_BYTES)
  const columns = result.columns.map(({ name, type }) => ({ name, type: typeName(type) }))
  out.text(`{"columns":${JSON.stringify(columns)},"rows":[`)
  let first = true
  yield* rowPieces(result, out, {
    cells: jsonCells,
    parts: jsonParts,
    begin() {
      if (!first) out.byte(0x2c)
      first = false
      out.byte(0x5b)
    },
    before(index) {
      if (index > 0) out.byte(0x2c)
    },
    end: () => out.byte(0x5d),
  })
  const { command, rowCount } = result
  out.text(`],"rowCount":${rowCount},"command":${JSON.stringify(command)}}\n`)
  yield out.take()
}

async function* ndjsonAnswer(result: QueryResult): AsyncIterable<Uint8Array> {
  const out = new ByteWriter(2 * PIECE_BYTES)
  const names = result.columns.map(({ name }, index) =>
    Buffer.from(`${index > 0 ? ',' : ''}${JSON.stringify(name)}:`),
  )
  yield* rowPieces(result, out, {
    cells: jsonCells,
    parts: jsonParts,
    begin: () => out.byte(0x7b),
    before(index) {
      const name = names[index]!
      out.copy(name, 0, name.length)
    },
    end: () => out.ascii('}\n'),
  })
  if (out.at > 0) yield out.take()
}

/** RFC 4180; NULL is an empty field, an empty string is `""`. */
async function* csvAnswer(result: QueryResult): AsyncIterable<Uint8Array> {
  const out = new ByteWriter(2 * PIECE_BYTES)
  result.columns.forEach(({ name }, index) => {
    if (index > 0) out.byte(0x2c)
    writeCsvField(out, () => out.text(name))
  })
  out.ascii('\r\n')
  yield* rowPieces(result, out, {
    cells: csvCells,
    parts: csvParts,
    begin() {},
    before(index) {
      if (index > 0) out.byte(0x2c)
    },
    end: () => out.ascii('\r\n'),
  })
  yield out.take()
}

/** How a row is written: its cells, and what stands around them. */
interface RowForm {
  cells(cells: Cells, column: ResultColumn): CellWriter
  /** A long cell, giving back after each part. */
  parts(out: ByteWriter, value: LongValue): Iterable<void>
  begin(): void
  before(index: number): void
  end(): void
}

/** Writes every row as it comes, and gives what was written whenever it is enough for a piece. */
async function* rowPieces(
  result: QueryResult,
  out: ByteWriter,
  form: RowForm,
): AsyncIterable<Uint8Array> {
  do yield* piecesNow(result, out, form)
  while (result.isPartial && (await result.more()))
}

function* piecesNow(result: QueryResult, out: ByteWriter, form: RowForm): Iterable<Uint8Array> {
  for (const { columns, rowCount } of result.pieces()) {
    const writers = columns.map((cells, index) => form.cells(cells, result.columns[index]!))
    const long = columns.map(longValues)
    const someLong = long.some((values) => values !== undefined)
    for (let row = 0; row < rowCount; row++) {
      form.begin()
      for (const [index, write] of writers.entries()) {
        form.before(index)
        const value = someLong ? long[index]?.(row) : undefined
        if (value === undefined) write(out, row)
        else for (const _part of form.parts(out, value)) yield out.take()
      }
      form.end()
      if (out.at >= PIECE_BYTES) yield out.take()
    }
  }
}
