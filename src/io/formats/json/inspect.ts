import { QueryError } from '../../../base/errors.ts'
import { bool, float8, int8, text, type DataType } from '../../../data/types/data-type.ts'
import type { Schema } from '../../../data/types/schema.ts'
import type { FileEntry } from '../../../plan/catalog/catalog.ts'
import { SAMPLE_ROWS_DEFAULT } from '../csv/dialect.ts'
import type { FileInspection, FormatOptions } from '../format.ts'
import { typeOfText, widerType } from '../infer-type.ts'
import { readSample } from '../sample.ts'
import { sampleObjects, type SampleObject } from './sample-objects.ts'

/**
 * Finds out the columns of a JSON file from its first `sampleRowsMax` objects (20480, at most
 * 1 MiB): the keys in the order they appear, bool, int8, float8 or text. Strings stay text, nested
 * values are their JSON text. Objects may lie on one line each, or anywhere, or in one array.
 */
export async function inspectJson(
  file: FileEntry,
  options: FormatOptions,
): Promise<FileInspection> {
  const { fileOptions, declared } = options
  const sample = await readSample(file, fileOptions.compression)
  const objectsMax = fileOptions.sampleRowsMax ?? SAMPLE_ROWS_DEFAULT
  const { objects, isLines } = sampleObjects(sample.text, objectsMax)
  const columns = declared ?? inferColumns(objects)
  if (columns.length === 0) {
    const what = objects.length === 0 ? 'has no JSON objects' : 'has only empty JSON objects'
    throw new QueryError('BAD_FILE', `file "${file.location}" ${what}: its columns are unknown`, {
      file: file.location,
      expected: 'objects, one a line or in an array',
      hint: 'Declare the columns.',
    })
  }
  const characters = objects.reduce((sum, object) => sum + characterCount(object), 0)
  const share = Math.min(1, Math.max(1, characters) / Math.max(1, sample.text.length))
  const rows = sample.complete
    ? objects.length
    : Math.round((objects.length * file.bytes) / (sample.bytes * share))
  return {
    columns,
    inferred: declared === undefined,
    options: {
      ...fileOptions,
      jsonShape: fileOptions.jsonShape ?? (isLines ? 'lines' : 'values'),
      compression: sample.compression,
    },
    rows,
    exact: false,
    parts: [{ rows, bytes: file.bytes, statistics: [] }],
    statistics: columns.map(() => undefined),
  }
}

/** About as many characters as the object takes: quotes, colons, commas and braces counted. */
function characterCount(object: SampleObject): number {
  let count = 2
  for (const [key, value] of object) count += key.length + value.length + 4
  return count
}

function inferColumns(objects: readonly SampleObject[]): Schema {
  const types = new Map<string, DataType | undefined>()
  for (const object of objects) {
    for (const [key, source] of object) types.set(key, widerType(types.get(key), typeOf(source)))
  }
  return Array.from(types, ([name, type]) => ({ name, type: type ?? text, nullable: true }))
}

function typeOf(source: string): DataType | undefined {
  if (source === 'null') return undefined
  if (source === 'true' || source === 'false') return bool
  if (!/^[-\d]/.test(source)) return text
  const type = typeOfText(source)
  return type.kind === 'int8' ? int8 : float8
}
