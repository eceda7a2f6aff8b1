import { present } from '../base/assert.ts'
import { QueryError } from '../base/errors.ts'
import type { DataType } from '../data/types/data-type.ts'
import type { Schema } from '../data/types/schema.ts'
import type { ColumnStatistics } from '../data/vectors/vector.ts'
import type {
  FileEntry,
  FileFormat,
  FileLayout,
  FileOptions,
  FileSource,
} from '../plan/catalog/catalog.ts'
import { nullStatistics, openLayoutReader, partsInTable } from './file-layouts.ts'
import { resolveLocation, type ResolvedLocation } from './filesystems/locations.ts'
import { arrowFormat } from './formats/arrow/format.ts'
import { csvFormat } from './formats/csv/format.ts'
import type { FileInspection, Format } from './formats/format.ts'
import { jsonFormat } from './formats/json/format.ts'
import { parquetFormat } from './formats/parquet/format.ts'
import { KeptInspections } from './kept-inspections.ts'
import { mergeStatistics } from '../wasm/kernels/statistics.ts'
import { partitionFields, partitionStatistics } from './scan/partition-columns.ts'
import { fileMayMatch } from './scan/prune.ts'
import { Slices } from './filesystems/slices.ts'
import { tableColumnsOf } from './table-columns.ts'
import { readsAsIs } from './widen-type.ts'
import type {
  InspectedSource,
  ReaderEnvironment,
  ScanRequest,
  ScanUnit,
  UnitReader,
} from './scan/source.ts'

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
 * statistics. The files of one location may differ in columns: see tableColumnsOf. Throws FILE_NOT_FOUND,
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
  // As the footers, which are believed as long: where nothing is declared, nothing but the files says what is found.
  const isKept =
    format === 'parquet' && options.columns === undefined && options.fileOptions === undefined
  const known = isKept ? kept.find(location, resolved.files) : undefined
  if (known !== undefined) return known
  const inspected = combine(format, resolved, await inspect(format, resolved, options), options)
  if (isKept) kept.keep(location, inspected)
  return inspected
}

const kept = new KeptInspections()

async function inspect(
  format: FileFormat,
  { files }: ResolvedLocation,
  options: InspectOptions,
): Promise<readonly FileInspection[]> {
  const { signal } = options
  const inspections: FileInspection[] = []
  const slices = new Slices()
  for (const file of files) {
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
    await slices.pause()
  }
  return inspections
}

/** The pieces of the files to read, those that cannot hold a matching row left out. Pure. */
export function planUnits(request: ScanRequest): readonly ScanUnit[] {
  const { format, files, partitionColumns } = request.source
  const plan = formatOf(format).planUnits
  if (partitionColumns.length === 0) return plan(request)
  const kept = files.flatMap((file, at) => (fileMayMatch(request, file) ? [{ file, at }] : []))
  const source = { ...request.source, files: kept.map(({ file }) => file) }
  return plan({ ...request, source }).map((unit) => ({
    ...unit,
    file: present(kept[unit.file], 'file of a unit').at,
  }))
}

/** A reader for one thread; opens files as units ask for them. */
export function openReader(request: ScanRequest, env: ReaderEnvironment): UnitReader {
  const open = formatOf(request.source.format).openReader
  return request.source.layouts === undefined
    ? open(request, env)
    : openLayoutReader(request, env, open)
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

const formatsByEnding = (Object.entries(extensions) as [FileFormat, readonly string[]][]).flatMap(
  ([format, endings]) => endings.map((ending) => [ending, format] as const),
)

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
  return formatsByEnding.find(([ending]) => name.endsWith(ending))?.[1]
}

function impliedOptions(file: FileEntry): FileOptions {
  return /\.tsv(?:\.gz)?$/i.test(file.location) ? { delimiter: '\t' } : {}
}

function combine(
  format: FileFormat,
  { files, partitionColumns }: ResolvedLocation,
  inspections: readonly FileInspection[],
  options: InspectOptions,
): InspectedSource {
  const { columns, layouts, layoutOf } = tableColumnsOf(files, inspections, {
    partitionColumns,
    byName: options.fileOptions?.unionByName !== false,
    declared: options.columns,
    isKeyed: format === 'json',
  })
  const types = columns.map(({ type }) => type)
  const partitions = partitionFields(partitionColumns, files)
  const rows = inspections.map((inspection) => inspection.rows)
  const total = rows.reduce((sum, count) => sum + count, 0)
  const statistics: (ColumnStatistics | undefined)[] = [
    ...columns.map(({ type }, at) =>
      columnStatistics(inspections, layouts, layoutOf, { type, at }),
    ),
    ...partitions.map((field, at) => partitionStatistics(field, at, files, rows)),
  ]
  const source: FileSource = {
    kind: 'files',
    format,
    files: files.map((file, at): FileEntry => {
      const layout = layoutOf[at]
      const parts = inspections[at]?.parts ?? []
      if (layout === undefined) return { ...file, parts }
      const known = present(layouts[layout], 'layout of a file')
      return { ...file, parts: partsInTable(parts, known, types), layout }
    }),
    options: inspections[0]?.options ?? {},
    partitionColumns,
    ...(layouts.length > 0 && { layouts }),
  }
  const exact = inspections.every((inspection) => inspection.exact)
  return {
    source,
    columns: [...columns, ...partitions],
    statistics: { rows: total, exact, columns: statistics },
  }
}

/** What all files together say of one column of the table. */
function columnStatistics(
  inspections: readonly FileInspection[],
  layouts: readonly FileLayout[],
  layoutOf: readonly (number | undefined)[],
  column: { readonly type: DataType; readonly at: number },
): ColumnStatistics | undefined {
  let merged: ColumnStatistics | undefined
  let bounded = true
  for (const [index, { statistics, columns, rows }] of inspections.entries()) {
    if (rows === 0) continue
    const layout = layouts[layoutOf[index] ?? -1]
    const position = layout === undefined ? column.at : layout.positions[column.at]
    const own = position === undefined ? undefined : columns[position]
    const known = position === undefined ? nullStatistics(rows) : statistics[position]
    if (known === undefined) return undefined
    if (own !== undefined && !readsAsIs(own.type, column.type)) return undefined
    // Without bounds, and not all NULL, any value may be in the file.
    bounded &&= known.min !== undefined || known.nullCount === rows
    merged = merged === undefined ? known : mergeStatistics(merged, known)
  }
  if (merged === undefined || bounded) return merged
  return { ...merged, min: undefined, max: undefined, ascending: false }
}
