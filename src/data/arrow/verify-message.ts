import { notSupported, QueryError } from '../../base/errors.ts'
import { countAt, Flatbuffer, type FlatTable } from './flatbuffer.ts'

/** What a message's metadata says, once all of it has been checked. */
export interface VerifiedMessage {
  readonly kind: 'schema' | 'batch' | 'dictionary'
  /** Of a batch; 0 for the others. */
  readonly rows: number
  readonly bodyBytes: number
}

/** Numbers of the MessageHeader and Type unions (Message.fbs, Schema.fbs). */
const HEADER = { schema: 1, dictionary: 2, batch: 3 } as const
const TYPE = { timestamp: 10, union: 14, runEndEncoded: 22 } as const
const TYPES_MAX = 24
const VERSION_V4 = 3
const VERSION_V5 = 4
const BIG_ENDIAN = 1
const DEPTH_MAX = 64
const ROWS_MAX = 16_777_216
const STRUCT_BYTES = 16
const BLOCK_BYTES = 24
/** Buffers of a body lie apart; some writers let equal ones share their bytes. */
const SHARED_BUFFERS_MAX = 4

/**
 * Checks the metadata of an Arrow IPC message before a library reads it: every table, vector and
 * string against the message, every buffer against the body. `compression` in the metadata of old
 * writers, big-endian data and types that the library does not have are FEATURE_NOT_SUPPORTED,
 * anything else that is wrong BAD_FILE.
 */
export function verifyMessage(metadata: Uint8Array): VerifiedMessage {
  const buffer = new Flatbuffer(metadata)
  const message = buffer.root()
  const version = message.short(0)
  if (version < VERSION_V4 || version > VERSION_V5) {
    throw notSupported(`Arrow data of metadata version ${version + 1}`)
  }
  const bodyBytes = message.count(3)
  verifyPairs(message, 4)
  const header = message.table(2)
  if (header === undefined) throw wrong('the header of a message')
  switch (message.byte(1)) {
    case HEADER.schema:
      verifySchema(header)
      return { kind: 'schema', rows: 0, bodyBytes }
    case HEADER.dictionary: {
      const data = header.table(1)
      header.count(0)
      if (data === undefined) throw wrong('a dictionary')
      verifyBatch(buffer, data, bodyBytes)
      return { kind: 'dictionary', rows: 0, bodyBytes }
    }
    case HEADER.batch:
      return { kind: 'batch', rows: verifyBatch(buffer, header, bodyBytes), bodyBytes }
    default:
      throw notSupported('Arrow messages other than schemas, dictionaries and record batches')
  }
}

/** Checks what is read of a file's footer: its schema, and how many record batches it lists. */
export function verifyFooter(footer: Uint8Array): { readonly batches: number } {
  const table = new Flatbuffer(footer).root()
  const schema = table.table(1)
  if (schema === undefined) throw wrong('the footer')
  verifySchema(schema)
  return { batches: table.vector(3, BLOCK_BYTES).length }
}

/** Keys and values; one key of old writers says that the buffers are compressed. */
function verifyPairs(table: FlatTable, field: number): void {
  for (const pair of table.tables(field)) {
    pair.text(1)
    const key = pair.text(0)
    if (key === 'ARROW:experimental_compression') {
      throw notSupported('Arrow data compressed as before format version 1.0')
    }
  }
}

/** A Schema table, of a message or of a file's footer. */
function verifySchema(schema: FlatTable): void {
  if (schema.short(0) === BIG_ENDIAN) throw notSupported('big-endian Arrow data')
  verifyPairs(schema, 2)
  schema.vector(3, 8)
  for (const field of schema.tables(1)) verifyField(field, 0)
}

function verifyField(field: FlatTable, depth: number): void {
  if (depth > DEPTH_MAX) throw wrong('the nesting of a field')
  const type = field.byte(2)
  if (type === TYPE.runEndEncoded) throw notSupported('run-end encoded Arrow data')
  if (type < 1 || type > TYPES_MAX) throw notSupported(`Arrow type number ${type}`)
  field.text(0)
  const details = field.table(3)
  if (details === undefined) throw wrong('the type of a field')
  if (type === TYPE.timestamp) details.text(1)
  if (type === TYPE.union) details.vector(1, 4)
  field.table(4)?.table(1)
  verifyPairs(field, 6)
  for (const child of field.tables(5)) verifyField(child, depth + 1)
}

/** A RecordBatch table: its lengths, and its buffers against the body. Gives the rows. */
function verifyBatch(buffer: Flatbuffer, batch: FlatTable, bodyBytes: number): number {
  const rows = batch.count(0)
  if (rows > ROWS_MAX) throw wrong('the rows of a record batch')
  const nodes = batch.vector(1, STRUCT_BYTES)
  for (let index = 0; index < nodes.length; index++) {
    const length = countAt(buffer, nodes.start + STRUCT_BYTES * index)
    if (length > ROWS_MAX) throw wrong('the length of a column')
  }
  const buffers = batch.vector(2, STRUCT_BYTES)
  let total = 0
  for (let index = 0; index < buffers.length; index++) {
    const at = buffers.start + STRUCT_BYTES * index
    const [offset, bytes] = [countAt(buffer, at), countAt(buffer, at + 8)]
    if (offset + bytes > bodyBytes) throw wrong('the place of a buffer')
    total += bytes
  }
  if (total > SHARED_BUFFERS_MAX * bodyBytes) throw wrong('the length of a buffer')
  const compression = batch.table(3)
  if (compression !== undefined && compression.byte(0) > 1) {
    throw notSupported(`Arrow compression number ${compression.byte(0)}`)
  }
  const views = batch.vector(4, 8)
  for (let index = 0; index < views.length; index++) {
    if (countAt(buffer, views.start + 8 * index) > buffers.length) throw wrong('a count of buffers')
  }
  claimNulls(buffer, nodes, buffers)
  return rows
}

/**
 * Whether a column has NULLs is told by its bitmap, never by its null count: the library leaves out
 * the bitmap of a column that claims none, so every column is made to claim one. Readers look at the
 * bitmap itself.
 */
function claimNulls(
  { view }: Flatbuffer,
  nodes: { readonly start: number; readonly length: number },
  buffers: { readonly length: number },
): void {
  if (buffers.length === 0) return
  for (let index = 0; index < nodes.length; index++) {
    view.setBigInt64(nodes.start + STRUCT_BYTES * index + 8, 1n, true)
  }
}

function wrong(what: string): QueryError {
  return new QueryError('BAD_FILE', `malformed Arrow data: ${what} is wrong`)
}
