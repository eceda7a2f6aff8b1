import { typeName, type DataType } from '../../data/types/data-type.ts'
import { formatScalar } from '../../data/types/format-scalar.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import type { QueryResult } from '../../engine/result.ts'
import type { AnswerFormat } from '../api/query-request.ts'

/** Writes a result piece by piece, so that a large one never stands in memory as one string. */
export function* answer(result: QueryResult, format: AnswerFormat): Iterable<string | Uint8Array> {
  switch (format) {
    case 'json':
      return yield* jsonAnswer(result)
    case 'ndjson':
      return yield* ndjsonAnswer(result)
    case 'csv':
      return yield* csvAnswer(result)
    case 'arrow':
      yield result.toIpc()
  }
}

function* jsonAnswer(result: QueryResult): Iterable<string> {
  const columns = result.columns.map(({ name, type }) => ({ name, type: typeName(type) }))
  const { command, rowCount } = result
  yield `{"columns":${JSON.stringify(columns)},"rows":[`
  let first = true
  for (const rows of jsonRows(result)) {
    for (const row of rows) {
      yield `${first ? '' : ','}${row}`
      first = false
    }
  }
  yield `],"rowCount":${rowCount},"command":${JSON.stringify(command)}}\n`
}

function* ndjsonAnswer(result: QueryResult): Iterable<string> {
  const names = result.columns.map(({ name }) => JSON.stringify(name))
  const writers = result.columns.map(({ type }) => jsonWriter(type))
  for (const batch of result.batches()) {
    const columns = writers.map((_, index) => batch.column(index))
    for (let row = 0; row < batch.rowCount; row++) {
      const fields = writers.map(
        (write, index) => `${names[index]}:${write(columns[index]?.[row] ?? null)}`,
      )
      yield `{${fields.join(',')}}\n`
    }
  }
}

function* jsonRows(result: QueryResult): Iterable<readonly string[]> {
  const writers = result.columns.map(({ type }) => jsonWriter(type))
  for (const batch of result.batches()) {
    const columns = writers.map((_, index) => batch.column(index))
    yield Array.from({ length: batch.rowCount }, (_, row) => {
      const cells = writers.map((write, index) => write(columns[index]?.[row] ?? null))
      return `[${cells.join(',')}]`
    })
  }
}

/** Numbers that a JSON reader takes exactly stay numbers; the rest is text, which loses nothing. */
function jsonWriter(type: DataType): (value: Scalar) => string {
  return (value) => {
    if (value === null) return 'null'
    switch (type.kind) {
      case 'bool':
      case 'int2':
      case 'int4':
        return String(value)
      case 'int8': {
        const exact = BigInt(Number(value)) === value && Number.isSafeInteger(Number(value))
        return exact ? String(value) : `"${String(value)}"`
      }
      case 'float4':
      case 'float8':
        return Number.isFinite(value) ? formatScalar(value, type) : `"${formatScalar(value, type)}"`
      default:
        return JSON.stringify(formatScalar(value, type))
    }
  }
}

/** RFC 4180; NULL is an empty field, an empty string is `""`. */
function* csvAnswer(result: QueryResult): Iterable<string> {
  yield `${result.columns.map(({ name }) => csvField(name)).join(',')}\r\n`
  for (const batch of result.batches()) {
    for (const row of batch.texts()) yield `${row.map(csvField).join(',')}\r\n`
  }
}

function csvField(text: string | null): string {
  if (text === null) return ''
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
