import { typeName } from '../../data/types/data-type.ts'
import { ByteWriter } from '../../data/vectors/byte-writer.ts'
import type { Cells, CellWriter } from '../../data/vectors/cells.ts'
import type { QueryResult, ResultColumn } from '../../engine/result.ts'
import type { AnswerFormat } from '../api/query-request.ts'
import { csvCells, writeCsvField } from './csv-cells.ts'
import { jsonCells } from './json-cells.ts'

const PIECE_BYTES = 32_768

/** Writes a result piece by piece, so that a large one never stands in memory as a whole. */
export function* answer(result: QueryResult, format: AnswerFormat): Iterable<Uint8Array> {
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

function* jsonAnswer(result: QueryResult): Iterable<Uint8Array> {
  const out = new ByteWriter(2 * PIECE_BYTES)
  const columns = result.columns.map(({ name, type }) => ({ name, type: typeName(type) }))
  out.text(`{"columns":${JSON.stringify(columns)},"rows":[`)
  let first = true
  yield* rowPieces(result, out, jsonCells, (writers, row) => {
    if (!first) out.byte(0x2c)
    first = false
    out.byte(0x5b)
    writers.forEach((write, index) => {
      if (index > 0) out.byte(0x2c)
      write(out, row)
    })
    out.byte(0x5d)
  })
  const { command, rowCount } = result
  out.text(`],"rowCount":${rowCount},"command":${JSON.stringify(command)}}\n`)
  yield out.take()
}

function* ndjsonAnswer(result: QueryResult): Iterable<Uint8Array> {
  const out = new ByteWriter(2 * PIECE_BYTES)
  const names = result.columns.map(({ name }, index) =>
    Buffer.from(`${index > 0 ? ',' : ''}${JSON.stringify(name)}:`),
  )
  yield* rowPieces(result, out, jsonCells, (writers, row) => {
    out.byte(0x7b)
    writers.forEach((write, index) => {
      const name = names[index]!
      out.copy(name, 0, name.length)
      write(out, row)
    })
    out.ascii('}\n')
  })
  if (out.at > 0) yield out.take()
}

/** RFC 4180; NULL is an empty field, an empty string is `""`. */
function* csvAnswer(result: QueryResult): Iterable<Uint8Array> {
  const out = new ByteWriter(2 * PIECE_BYTES)
  result.columns.forEach(({ name }, index) => {
    if (index > 0) out.byte(0x2c)
    writeCsvField(out, () => out.text(name))
  })
  out.ascii('\r\n')
  yield* rowPieces(result, out, csvCells, (writers, row) => {
    writers.forEach((write, index) => {
      if (index > 0) out.byte(0x2c)
      write(out, row)
    })
    out.ascii('\r\n')
  })
  yield out.take()
}

/** Writes every row, and gives what was written whenever it is enough for a piece. */
function* rowPieces(
  result: QueryResult,
  out: ByteWriter,
  cellWriter: (cells: Cells, column: ResultColumn) => CellWriter,
  writeRow: (writers: readonly CellWriter[], row: number) => void,
): Iterable<Uint8Array> {
  for (const { columns, rowCount } of result.pieces()) {
    const writers = columns.map((cells, index) => cellWriter(cells, result.columns[index]!))
    for (let row = 0; row < rowCount; row++) {
      writeRow(writers, row)
      if (out.at >= PIECE_BYTES) yield out.take()
    }
  }
}
