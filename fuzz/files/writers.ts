import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { DuckDBConnection } from '@duckdb/node-api'
import { Float64, Int32, Table, tableToIPC, Utf8, vectorFromArray, type Vector } from 'apache-arrow'
import { SAMPLE_ROWS_DEFAULT } from '#heddle/io/formats/text/dialect.js'
import { SAMPLE_BYTES } from '#heddle/io/formats/sample.js'
import type { Chooser } from '../chooser.ts'
import { queryOf, textsOf, type ColumnKind, type TestTable, type TextRows } from './tables.ts'

/** A well-formed file of a random table. */
export interface WrittenFile {
  readonly extension: string
  readonly bytes: Uint8Array
  /** Whether any damage to the content must be noticed, as checksums are in the format. */
  readonly isChecked: boolean
  /** Bytes in front of those that describe the others: damage there leaves the number of rows. */
  readonly bodyBytes: number
  /** Rows that are surely looked at to find out the columns' types; undefined: the file tells them. */
  readonly sampledRows?: number
}

type Write = (
  connection: DuckDBConnection,
  table: TestTable,
  choose: Chooser,
  folder: string,
) => Promise<WrittenFile>

const codecs = ['uncompressed', 'snappy', 'gzip', 'zstd', 'lz4_raw', 'brotli']

const parquet: Write = async (connection, table, choose, folder) => {
  const path = join(folder, 'written.parquet')
  const options = [
    'format parquet',
    `codec ${choose.pick(codecs)}`,
    `row_group_size ${choose.pick([2_048, 122_880])}`,
    `parquet_version ${choose.pick(['v1', 'v2'])}`,
    ...(choose.chance(0.3) ? ['dictionary_size_limit 1'] : []),
  ]
  await connection.run(`copy (${queryOf(table)}) to '${path}' (${options.join(', ')})`)
  const bytes = new Uint8Array(readFileSync(path))
  const footer = new DataView(bytes.buffer).getUint32(bytes.length - 8, true)
  const bodyBytes = bytes.length - 8 - footer
  return { extension: 'parquet', bytes, isChecked: false, bodyBytes }
}

const csv: Write = async (connection, table, choose) => {
  const rows = await rowsOf(connection, table)
  const delimiter = choose.pick([',', ';', '\t', '|'])
  const end = choose.pick(['\n', '\r\n'])
  const all = choose.chance(0.2)
  const field = (text: string | null): string => {
    if (text === null) return ''
    const must = text === '' || /[",;\t|\r\n]/.test(text)
    return must || all ? `"${text.replaceAll('"', '""')}"` : text
  }
  const header = table.columns.map(({ name }) => name)
  const lines = [header, ...rows].map((row) => row.map(field).join(delimiter) + end)
  return { ...text(lines.join(''), 'csv', choose), sampledRows: sampledRows(lines.slice(1)) }
}

/** What JSON has words of its own for. */
const plainKinds = new Set<ColumnKind>(['integer', 'number', 'float', 'decimal', 'boolean'])

const json: Write = async (connection, table, choose) => {
  const rows = await rowsOf(connection, table)
  const value = (cell: string | null, at: number): string => {
    if (cell === null) return 'null'
    const { kind } = table.columns[at]!
    return plainKinds.has(kind) ? cell : JSON.stringify(cell)
  }
  const objects = rows.map((row) => {
    const members = row.map(
      (cell, at) => `${JSON.stringify(table.columns[at]!.name)}: ${value(cell, at)}`,
    )
    return `{${members.join(', ')}}`
  })
  const content = choose.chance(0.7) ? `${objects.join('\n')}\n` : `[${objects.join(',\n')}]`
  return { ...text(content, 'json', choose), sampledRows: sampledRows(objects) }
}

const arrow: Write = async (connection, table, choose) => {
  const rows = await rowsOf(connection, table)
  const vectors = table.columns.map(({ name, kind }, at): readonly [string, Vector] => {
    const cells = rows.map((row) => row[at] ?? null)
    if (kind === 'float') {
      return [
        name,
        vectorFromArray(
          cells.map((cell) => cell && Number(cell)),
          new Float64(),
        ),
      ]
    }
    const small = kind === 'integer' && cells.every((cell) => Math.abs(Number(cell)) < 2 ** 31)
    if (small)
      return [
        name,
        vectorFromArray(
          cells.map((cell) => cell && Number(cell)),
          new Int32(),
        ),
      ]
    // Left to itself the library makes a dictionary.
    return [name, choose.chance(0.5) ? vectorFromArray(cells, new Utf8()) : vectorFromArray(cells)]
  })
  const kind = choose.pick(['file', 'stream'] as const)
  const bytes = tableToIPC(new Table(Object.fromEntries(vectors)), kind)
  return { extension: kind === 'file' ? 'arrow' : 'arrows', bytes, isChecked: false, bodyBytes: 0 }
}

const writers: readonly Write[] = [parquet, parquet, csv, json, arrow]

/** Writes a table in a random format. */
export function writeRandom(
  connection: DuckDBConnection,
  table: TestTable,
  choose: Chooser,
  folder: string,
): Promise<WrittenFile> {
  return choose.pick(writers)(connection, table, choose, folder)
}

function rowsOf(connection: DuckDBConnection, table: TestTable): Promise<TextRows> {
  return textsOf(connection, `(${queryOf(table)})`, table.columns)
}

/** How many rows from the first on stand whole in the part of a file that is looked at. */
function sampledRows(lines: readonly string[]): number {
  let bytes = SAMPLE_MARGIN_BYTES
  const behind = lines.findIndex((line, index) => {
    bytes += Buffer.byteLength(line) + 1
    return index >= SAMPLE_ROWS_DEFAULT || bytes > SAMPLE_BYTES
  })
  return behind < 0 ? lines.length : behind
}

/** What a header and brackets take at most. */
const SAMPLE_MARGIN_BYTES = 256

function text(content: string, extension: string, choose: Chooser): WrittenFile {
  const bytes = new TextEncoder().encode(content)
  if (choose.chance(0.6)) return { extension, bytes, isChecked: false, bodyBytes: 0 }
  const packed = new Uint8Array(gzipSync(bytes, { level: choose.pick([0, 1, 9]) }))
  return { extension: `${extension}.gz`, bytes: packed, isChecked: true, bodyBytes: 0 }
}
