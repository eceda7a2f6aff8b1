import type { Schema as ArrowSchema } from 'apache-arrow'
import { fieldOfArrow } from '../../../data/arrow/arrow-type.ts'
import type { FileEntry, FilePart } from '../../../plan/catalog/catalog.ts'
import type { ScanRequest, ScanUnit } from '../../scan/source.ts'
import type { FileInspection, Format } from '../format.ts'
import type { IpcLayout } from '../../../data/arrow/ipc-messages.ts'
import { arrow } from '../../../data/arrow/library.ts'
import { readLayout } from './messages.ts'
import { openArrowReader } from './reader.ts'

/** Arrow IPC files (Feather version 2) and streams. */
export const arrowFormat: Format = {
  inspect: async (file) => inspectArrow(file),
  planUnits: planArrowUnits,
  openReader: openArrowReader,
}

/** Columns of Arrow's Null type, or of a file without rows. */
function untypedColumns(schema: ArrowSchema, parts: readonly FilePart[]): ReadonlySet<number> {
  const isEmpty = parts.every(({ rows }) => rows === 0)
  return new Set(
    schema.fields.flatMap(({ typeId }, at) => (isEmpty || typeId === arrow.Type.Null ? [at] : [])),
  )
}

function inspectArrow(file: FileEntry): FileInspection {
  const layout = readLayout(file)
  const columns = layout.schema.fields.map((field) => fieldOfArrow(field))
  const parts = partsOf(layout)
  return {
    columns,
    inferred: false,
    untyped: untypedColumns(layout.schema, parts),
    options: {},
    rows: parts.reduce((sum, part) => sum + part.rows, 0),
    exact: true,
    parts,
    statistics: columns.map(() => undefined),
  }
}

/** One part a record batch, or one for the file when its dictionaries change on the way. */
function partsOf(layout: IpcLayout): readonly FilePart[] {
  const batches = layout.messages
    .filter(({ kind }) => kind === 'batch')
    .map(({ rows, start, end }) => ({ rows, bytes: end - start, statistics: [] }))
  if (layout.isSplittable || batches.length === 0) return batches
  const total = (key: 'rows' | 'bytes'): number => batches.reduce((sum, part) => sum + part[key], 0)
  return [{ rows: total('rows'), bytes: total('bytes'), statistics: [] }]
}

function planArrowUnits(request: ScanRequest): readonly ScanUnit[] {
  return request.source.files.flatMap((file, index) =>
    file.parts.map(({ rows }, part) => ({ file: index, part, start: 0, end: rows, rows })),
  )
}
