import { present } from '../base/assert.ts'
import { QueryError } from '../base/errors.ts'
import { sameType, typeName } from '../data/types/data-type.ts'
import type { Schema } from '../data/types/schema.ts'
import type { ColumnStatistics } from '../data/vectors/vector.ts'
import type { FileEntry, FileFormat, FileOptions, FileSource } from '../plan/catalog/catalog.ts'
import { resolveLocation } from './filesystems/locations.ts'
import { arrowFormat } from './formats/arrow/format.ts'
import { csvFormat } from './formats/csv/format.ts'
import type { FileInspection, Format } from './formats/format.ts'
import { widerType } from './formats/infer-type.ts'
import { jsonFormat } from './formats/json/format.ts'
import { parquetFormat } from './formats/parquet/format.ts'
import { mergeStatistics } from '../wasm/kernels/statistics.ts'
import { partitionFields, partitionStatistics } from './partition-columns.ts'
import { fileMayMatch } from './prune.ts'
import type {
  InspectedSource,
  ReaderEnvironment,
  ScanRequest,
  ScanUnit,
  UnitReader,
} from './source.ts'

export interface InspectOptions {
  /** Undefined: decided by the file's extension. */
  readonly format?: FileFormat | undefined
  /** Declared columns of the files, in order (partition columns excluded); undefined: found out. */
  readonly columns?: Schema | undefined
  readonly fileOptions?: FileOptions | undefined
  /** Folders, as absolute paths, under which files may be read. */
  readonly allowedRoots: readonly string[]
  readonly allowUrls: boolean
  readonly signal?: AbortSignal | undefined
}

/**
 * Looks at the files of a location (a path, a glob, a folder, a URL) and tells their schema and
 * statistics. The files of one location must have the same columns. Throws FILE_NOT_FOUND,
 * INSUFFICIENT_PRIVILEGE, BAD_FILE, QUERY_CANCELED; FEATURE_NOT_SUPPORTED for an unknown extension.
 */
export async function inspectLocation(
  location: string,
  options: InspectOptions,
): Promise<InspectedSource> {
  const { signal, allowedRoots, allowUrls } = options
  const wanted =
    options.format === undefined ? Object.values(extensions).flat() : extensions[options.format]
  const resolved = await resolveLocation(location, {
    allowedRoots,
    allowUrls,
    extensions: wanted,
    signal,
  })
  const format = options.format ?? commonFormat(location, resolved.files)
  const inspections: FileInspection[] = []
  for (const file of resolved.files) {
    if (signal?.aborted === true) {
      throw new QueryError('QUERY_CANCELED', 'canceling statement due to user request')
    }
    const [first] = inspections
    inspections.push(
      await formatOf(format).inspect(file, {
        // The first file decides the dialect of all of them.
        fileOptions: first?.options ?? { ...impliedOptions(file), ...options.fileOptions },
        declared: options.columns,
        signal,
      }),
    )
  }
  return combine(format, resolved.files, resolved.partitionColumns, inspections)
}

/** The pieces of the files to read, those that cannot hold a matching row left out. Pure. */
export function planUnits(request: ScanRequest): readonly ScanUnit[] {
  const { format, files } = request.source
  const units = formatOf(format).planUnits(request)
  return units.filter((unit) => fileMayMatch(request, present(files[unit.file], 'file of a unit')))
}

/** A reader for one thread; opens files as units ask for them. */
export function openReader(request: ScanRequest, env: ReaderEnvironment): UnitReader {
  return formatOf(request.source.format).openReader(request, env)
}

const formats: Readonly<Record<FileFormat, Format>> = {
  arrow: arrowFormat,
  csv: csvFormat,
  json: jsonFormat,
  parquet: parquetFormat,
}

/** What file names end in, by format; `.gz` may follow the text formats'. */
const extensions: Readonly<Record<FileFormat, readonly string[]>> = {
  parquet: ['.parquet', '.pq'],
  csv: ['.csv', '.tsv', '.csv.gz', '.tsv.gz'],
  json: ['.json', '.ndjson', '.jsonl', '.json.gz', '.ndjson.gz', '.jsonl.gz'],
  arrow: ['.arrow', '.feather', '.ipc', '.arrows'],
}

function formatOf(name: FileFormat): Format {
  return formats[name]
}

function commonFormat(location: string, files: readonly FileEntry[]): FileFormat {
  const found = new Map(files.map((file) => [formatByName(file.location), file]))
  const [first] = found.keys()
  if (found.size > 1) {
    const names = [...found.values()].map((file) => `"${file.location}"`)
    throw new QueryError('BAD_FILE', `"${location}" stands for files of several formats`, {
      found: names.slice(0, 2).join(' and '),
      hint: 'Give the format, or a pattern that matches only one kind of file.',
    })
  }
  if (first === undefined) {
    throw new QueryError('FEATURE_NOT_SUPPORTED', `unknown file format: "${location}"`, {
      expected: Object.values(extensions).flat().join(' '),
      hint: 'Give the format.',
    })
  }
  return first
}

/** The format that a file's name tells; undefined when it tells none. */
export function formatByName(location: string): FileFormat | undefined {
  const name = (
    /^https?:/i.test(location) ? location.replace(/[?#].*$/, '') : location
  ).toLowerCase()
  const entries = Object.entries(extensions) as [FileFormat, readonly string[]][]
  return entries.find(([, endings]) => endings.some((ending) => name.endsWith(ending)))?.[0]
}

function impliedOptions(file: FileEntry): FileOptions {
  return /\.tsv(?:\.gz)?$/i.test(file.location) ? { delimiter: '\t' } : {}
}

function combine(
  format: FileFormat,
  files: readonly FileEntry[],
  partitionColumns: readonly string[],
  inspections: readonly FileInspection[],
): InspectedSource {
  const columns = commonColumns(files, inspections)
  const partitions = partitionFields(partitionColumns, files)
  const rows = inspections.map((inspection) => inspection.rows)
  const total = rows.reduce((sum, count) => sum + count, 0)
  const statistics: (ColumnStatistics | undefined)[] = [
    ...columns.map((_, at) => columnStatistics(inspections, at)),
    ...partitions.map((field, at) => partitionStatistics(field, at, files, rows)),
  ]
  const source: FileSource = {
    kind: 'files',
    format,
    files: files.map((file, at) => ({ ...file, parts: inspections[at]?.parts ?? [] })),
    options: inspections[0]?.options ?? {},
    partitionColumns,
  }
  const exact = inspections.every((inspection) => inspection.exact)
  return {
    source,
    columns: [...columns, ...partitions],
    statistics: { rows: total, exact, columns: statistics },
  }
}

function columnStatistics(
  inspections: readonly FileInspection[],
  at: number,
): ColumnStatistics | undefined {
  return inspections
    .map((inspection) => inspection.statistics[at])
    .reduce((left, right) =>
      left === undefined || right === undefined ? undefined : mergeStatistics(left, right),
    )
}

/** The columns of all files: the same names in the same order, and types that agree. */
function commonColumns(
  files: readonly FileEntry[],
  inspections: readonly FileInspection[],
): Schema {
  const [first, ...rest] = inspections
  let columns = first?.columns ?? []
  rest.forEach((inspection, index) => {
    columns = agreeing(files[0]!, columns, files[index + 1]!, inspection)
  })
  return columns
}

function agreeing(
  firstFile: FileEntry,
  columns: Schema,
  file: FileEntry,
  inspection: FileInspection,
): Schema {
  const differs = (column: string, expected: string, found: string): QueryError =>
    new QueryError(
      'BAD_FILE',
      `files "${firstFile.location}" and "${file.location}" differ in column "${column}"`,
      { file: file.location, column, expected, found },
    )
  const others = inspection.columns
  const missing = columns[others.length]
  if (missing !== undefined)
    throw differs(missing.name, `column "${missing.name}"`, 'no such column')
  const extra = others[columns.length]
  if (extra !== undefined) throw differs(extra.name, 'no such column', `column "${extra.name}"`)
  return columns.map((field, at) => {
    const other = others[at]!
    if (other.name !== field.name) {
      throw differs(field.name, `column "${field.name}"`, `column "${other.name}"`)
    }
    const nullable = field.nullable || other.nullable
    if (sameType(field.type, other.type)) return { ...field, nullable }
    const type = inspection.inferred ? widerType(field.type, other.type) : undefined
    if (type === undefined) throw differs(field.name, typeName(field.type), typeName(other.type))
    return { ...field, type, nullable }
  })
}
