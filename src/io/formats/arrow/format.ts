import { fieldOfArrow } from '../../../data/arrow/arrow-type.ts'
import { QueryError } from '../../../base/errors.ts'
import { sameType, typeName } from '../../../data/types/data-type.ts'
import type { Schema } from '../../../data/types/schema.ts'
import type { FileEntry, FilePart } from '../../../plan/catalog/catalog.ts'
import type { ScanRequest, ScanUnit } from '../../source.ts'
import type { FileInspection, Format, FormatOptions } from '../format.ts'
import { readLayout, type IpcLayout } from './messages.ts'
import { openArrowReader } from './reader.ts'

/** Arrow IPC files (Feather version 2) and streams. */
export const arrowFormat: Format = {
  inspect: async (file, options) => inspectArrow(file, options),
  planUnits: planArrowUnits,
  openReader: openArrowReader,
}

function inspectArrow(file: FileEntry, options: FormatOptions): FileInspection {
  const layout = readLayout(file)
  const columns = layout.schema.fields.map((field) => fieldOfArrow(field))
  if (options.declared !== undefined) checkDeclared(file, columns, options.declared)
  const parts = partsOf(layout)
  return {
    columns,
    inferred: false,
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

function checkDeclared(file: FileEntry, columns: Schema, declared: Schema): void {
  declared.forEach((field, at) => {
    const found = columns[at]
    if (found?.name === field.name && sameType(found.type, field.type)) return
    throw new QueryError('BAD_FILE', `file "${file.location}" does not have the declared columns`, {
      file: file.location,
      column: field.name,
      expected: `${field.name} ${typeName(field.type)}`,
      found: found === undefined ? 'no such column' : `${found.name} ${typeName(found.type)}`,
    })
  })
}

function planArrowUnits(request: ScanRequest): readonly ScanUnit[] {
  return request.source.files.flatMap((file, index) =>
    file.parts.map(({ rows }, part) => ({ file: index, part, start: 0, end: rows, rows })),
  )
}
