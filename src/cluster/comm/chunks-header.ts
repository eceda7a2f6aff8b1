import {
  arrayOf,
  isPlainKind,
  isRangeName,
  plainType,
  recordOf,
  type DataType,
  type RecordField,
} from '../../data/types/data-type.ts'
import { protocolViolation } from '../../base/protocol-violation.ts'
import { mayHaveLayout } from '../../data/chunks/buffer-checks.ts'
import {
  bufferBytes,
  type ChunkHeader,
  type ChunksHeader,
  type VectorHeader,
} from '../../data/chunks/chunk-layout.ts'
import {
  isTypeKind,
  layoutBytes,
  type ColumnStatistics,
  type Layout,
} from '../../data/vectors/vector.ts'
import {
  receivedArray,
  receivedInteger,
  receivedObject,
  receivedString,
  type Received,
} from './checks.ts'

const ROWS_MAX = 2 ** 31
const CHUNKS_MAX = 1 << 20
const COLUMNS_MAX = 65_536
const NAME_LENGTH_MAX = 65_536
const LABELS_MAX = 1 << 22
/** Each chunk may have some of its own. */
const DICTIONARIES_MAX = 1 << 22
const BYTES_MAX = 2 ** 32

/** Checks a received header, and that its bytes are what its vectors take. */
export function parseChunksHeader(value: unknown): ChunksHeader {
  const header = receivedObject(value, 'a header')
  const dictionaries = receivedArray(header['dictionaries'], DICTIONARIES_MAX, 'dictionaries').map(
    parseDictionary,
  )
  const chunks = receivedArray(header['chunks'], CHUNKS_MAX, 'chunks').map((chunk) =>
    parseChunk(receivedObject(chunk, 'a chunk'), dictionaries.length),
  )
  const bytes = receivedInteger(header['bytes'], 0, BYTES_MAX, 'bytes')
  const vectors = [...dictionaries, ...chunks.flatMap((chunk) => chunk.columns)]
  const expected = vectors.reduce((sum, vector) => {
    const { validityBytes, offsetsBytes, valuesBytes, wideBytes } = bufferBytes(vector)
    return sum + validityBytes + offsetsBytes + valuesBytes + wideBytes
  }, 0)
  if (expected !== bytes) throw protocolViolation('a header whose bytes do not add up')
  return { dictionaries, chunks, bytes }
}

function parseChunk(chunk: Received, dictionaries: number): ChunkHeader {
  const rows = receivedInteger(chunk['rows'], 0, ROWS_MAX, 'rows')
  const columns = receivedArray(chunk['columns'], COLUMNS_MAX, 'columns').map((column) =>
    parseVector(column, dictionaries),
  )
  if (columns.some((column) => column.length !== rows)) {
    throw protocolViolation('a column with another number of rows than its chunk')
  }
  const { statistics } = chunk
  if (statistics === undefined) return { rows, columns, statistics }
  const entries = receivedArray(statistics, COLUMNS_MAX, 'statistics').map(parseStatistics)
  if (entries.length !== columns.length && columns.length > 0) {
    throw protocolViolation('statistics of other columns than the chunk has')
  }
  return { rows, columns, statistics: entries }
}

function parseDictionary(value: unknown): VectorHeader {
  const dictionary = parseVector(value, 0)
  if (dictionary.layout !== 'utf8') throw protocolViolation('a dictionary that is not text')
  return dictionary
}

function parseVector(value: unknown, dictionaries: number): VectorHeader {
  const vector = receivedObject(value, 'a vector')
  const layout = receivedString(vector['layout'], 20, 'a layout')
  if (!Object.hasOwn(layoutBytes, layout)) throw protocolViolation('an unknown layout')
  const first = layout.startsWith('dict') ? 0 : -1
  const type = parseType(receivedObject(vector['type'], 'a type'))
  if (!mayHaveLayout(type, layout as Layout)) throw protocolViolation('a layout of another type')
  return {
    type,
    layout: layout as Layout,
    length: receivedInteger(vector['length'], 0, ROWS_MAX, 'a length'),
    hasValidity: vector['hasValidity'] === true,
    textBytes: receivedInteger(vector['textBytes'], 0, BYTES_MAX, 'textBytes'),
    wideBytes: receivedInteger(vector['wideBytes'], 0, BYTES_MAX, 'wideBytes'),
    dictionary: receivedInteger(
      vector['dictionary'],
      first,
      first < 0 ? -1 : dictionaries - 1,
      'a dictionary',
    ),
  }
}

function parseType(type: Received): DataType {
  const kind = receivedString(type['kind'], 20, 'the kind of a type')
  if (kind === 'array') {
    const element = parseType(receivedObject(type['element'], 'the type of elements'))
    if (element.kind === 'array') throw protocolViolation('an array of arrays')
    return arrayOf(element)
  }
  if (kind === 'record') {
    const fields = receivedArray(type['fields'], COLUMNS_MAX, 'the fields of a row')
    const { name, id } = type
    return recordOf(
      fields.map(parseField),
      name === undefined ? undefined : receivedString(name, NAME_LENGTH_MAX, 'the name of a type'),
      id === undefined ? undefined : receivedInteger(id, 0, 2 ** 32, 'the id of a type'),
    )
  }
  if (kind === 'enum') return parseEnum(type)
  if (kind === 'range' || kind === 'multirange') {
    const of = receivedString(type['of'], 20, 'the name of a range')
    if (!isRangeName(of)) throw protocolViolation('an unknown range')
    return { kind, of }
  }
  if (kind !== 'decimal') {
    if (!isTypeKind(kind) || !isPlainKind(kind)) throw protocolViolation('an unknown type')
    return plainType(kind)
  }
  const precision = receivedInteger(type['precision'], 1, 38, 'a precision')
  return { kind, precision, scale: receivedInteger(type['scale'], 0, precision, 'a scale') }
}

function parseEnum({ id, name, labels }: Received): DataType {
  return {
    kind: 'enum',
    id: receivedInteger(id, 0, 2 ** 32, 'the id of a type'),
    name: receivedString(name, NAME_LENGTH_MAX, 'the name of a type'),
    labels: receivedArray(labels, LABELS_MAX, 'the labels of an enum').map((one) => {
      const { code, label } = receivedObject(one, 'a label')
      return {
        code: receivedInteger(code, -(2 ** 31), 2 ** 31 - 1, 'the code of a label'),
        label: receivedString(label, NAME_LENGTH_MAX, 'a label'),
      }
    }),
  }
}

function parseField(value: unknown): RecordField {
  const field = receivedObject(value, 'a field')
  return {
    name: receivedString(field['name'], NAME_LENGTH_MAX, 'the name of a field'),
    type: parseType(receivedObject(field['type'], 'the type of a field')),
  }
}

function parseStatistics(value: unknown): ColumnStatistics {
  const { min, max, nullCount, distinct, ascending } = receivedObject(value, 'statistics')
  return {
    min: typeof min === 'bigint' ? min : undefined,
    max: typeof max === 'bigint' ? max : undefined,
    nullCount: receivedInteger(nullCount, 0, ROWS_MAX, 'nullCount'),
    distinct: typeof distinct === 'number' ? distinct : undefined,
    ascending: ascending === true,
  }
}
