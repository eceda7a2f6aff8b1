import { notSupported } from '../base/errors.ts'
import type { Schema } from '../data/types/schema.ts'
import type { FileFormat, FileOptions } from '../plan/catalog/catalog.ts'
import type { Format } from './formats/format.ts'
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
 * statistics. Throws FILE_NOT_FOUND, INSUFFICIENT_PRIVILEGE, BAD_FILE, QUERY_CANCELED.
 */
export async function inspectLocation(
  location: string,
  _options: InspectOptions,
): Promise<InspectedSource> {
  throw notSupported(`files at ${location}`)
}

/** The pieces of the files to read, those that cannot hold a matching row left out. Pure. */
export function planUnits(request: ScanRequest): readonly ScanUnit[] {
  return formatOf(request.source.format).planUnits(request)
}

/** A reader for one thread; opens files as units ask for them. */
export function openReader(request: ScanRequest, env: ReaderEnvironment): UnitReader {
  return formatOf(request.source.format).openReader(request, env)
}

const formats: Readonly<Partial<Record<FileFormat, Format>>> = {}

function formatOf(name: FileFormat): Format {
  const format = formats[name]
  if (format === undefined) throw notSupported(`the file format ${name}`)
  return format
}
