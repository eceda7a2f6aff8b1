import { QueryError } from '../../../base/errors.ts'
import { bool, text, type DataType } from '../../../data/types/data-type.ts'
import type { FileEntry, FileOptions } from '../../../plan/catalog/catalog.ts'
import { Slices } from '../../filesystems/slices.ts'
import { SAMPLE_ROWS_DEFAULT } from '../text/dialect.ts'
import type { FileInspection, FormatOptions } from '../format.ts'
import { InferredType, typeOfText } from '../infer-type.ts'
import { growingSample, SAMPLE_BYTES_ASKED_MAX, SAMPLE_BYTES_MAX, type Sample } from '../sample.ts'
import { syntaxFault } from './syntax-fault.ts'
import { sampleObjects, type SampleObject, type SampleObjects } from './sample-objects.ts'

/**
 * Finds out the columns of a JSON file from its first `sampleRowsMax` objects (20480, at most
 * 1 MiB; so many as are asked for): the keys in the order they appear, bool, int8, numeric, float8 or text. Strings stay text, nested
 * values are their JSON text. Objects may lie on one line each, or anywhere, or in one array.
 */
export async function inspectJson(
  file: FileEntry,
  options: FormatOptions,
): Promise<FileInspection> {
  const { fileOptions, declared } = options
  const { sample, objects, isLines } = await sampleOf(file, fileOptions)
  const types = await typesOf(objects)
  const columns =
    declared ?? Array.from(types, ([name, type]) => ({ name, type: type ?? text, nullable: true }))
  if (columns.length === 0) {
    if (objects.length === 0) refuseMalformed(file, sample)
    const none = sample.complete ? 'has no JSON objects' : 'has no JSON object in its first 16 MiB'
    const what = objects.length === 0 ? none : 'has only empty JSON objects'
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
    inferred: true,
    untyped: new Set(
      declared === undefined
        ? [...types.values()].flatMap((type, at) => (type === undefined ? [at] : []))
        : [],
    ),
    options: {
      ...fileOptions,
      jsonShape: fileOptions.jsonShape ?? (isLines ? 'lines' : 'values'),
      compression: sample.compression,
      isInferred: declared === undefined,
    },
    rows,
    exact: false,
    parts: [{ rows, bytes: file.bytes, statistics: [] }],
    statistics: columns.map(() => undefined),
  }
}

const FOUND_CHARACTERS_MAX = 20

/** Says where the first object of a file is malformed, if that is why none was found. Errors: BAD_FILE. */
function refuseMalformed({ location }: FileEntry, { text: source, complete }: Sample): void {
  const start = source.search(/[^\s[]/)
  if (source[start] !== '{') return
  const fault = syntaxFault(source, start)
  // What is cut off may well go on as it should.
  if (fault === undefined || (!complete && fault.at === source.length)) return
  const before = source.slice(0, fault.at).split('\n')
  const place = `line ${before.length}, character ${(before.at(-1)?.length ?? 0) + 1}`
  const next = source.slice(fault.at, fault.at + FOUND_CHARACTERS_MAX)
  throw new QueryError('BAD_FILE', `malformed JSON object (file "${location}", ${place})`, {
    file: location,
    row: 1,
    expected: fault.expected,
    found: next === '' ? 'the end of the file' : JSON.stringify(next),
  })
}

interface Shown extends SampleObjects {
  readonly sample: Sample
}

async function sampleOf(file: FileEntry, options: FileOptions): Promise<Shown> {
  const { compression, sampleRowsMax } = options
  const bytesMax = sampleRowsMax === undefined ? SAMPLE_BYTES_MAX : SAMPLE_BYTES_ASKED_MAX
  const objectsMax = sampleRowsMax ?? SAMPLE_ROWS_DEFAULT
  const objectsWanted = sampleRowsMax ?? 1
  let shown: Shown | undefined
  const look = async (sample: Sample): Promise<boolean> => {
    shown = { sample, ...(await sampleObjects(sample.text, objectsMax)) }
    return shown.objects.length >= objectsWanted
  }
  const sample = await growingSample(file, compression, bytesMax, look)
  if (shown?.sample !== sample) await look(sample)
  return shown!
}

/** About as many characters as the object takes: quotes, colons, commas and braces counted. */
function characterCount(object: SampleObject): number {
  let count = 2
  for (const [key, value] of object) count += key.length + value.length + 4
  return count
}

/** Keys in the order they appear; undefined: all values are null. */
async function typesOf(
  objects: readonly SampleObject[],
): Promise<ReadonlyMap<string, DataType | undefined>> {
  const slices = new Slices()
  const columns = new Map<string, InferredType>()
  for (const object of objects) {
    for (const [key, source] of object) {
      let column = columns.get(key)
      if (column === undefined) columns.set(key, (column = new InferredType()))
      // Nothing is wider than text.
      if (column.type?.kind === 'text') continue
      const own = typeOf(source)
      if (own !== undefined) column.add(source, own)
    }
    await slices.pause()
  }
  return new Map([...columns].map(([key, { type }]) => [key, type]))
}

function typeOf(source: string): DataType | undefined {
  if (source === 'null') return undefined
  if (source === 'true' || source === 'false') return bool
  if (!/^[-\d]/.test(source)) return text
  return typeOfText(source)
}
