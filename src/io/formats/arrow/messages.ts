import { Message, MessageHeader, MetadataVersion, type Schema as ArrowSchema } from 'apache-arrow'
import { QueryError } from '../../../base/errors.ts'
import { guarded } from '../../../data/arrow/from-arrow.ts'
import type { FileEntry } from '../../../plan/catalog/catalog.ts'
import { openFile, type ByteSource } from '../byte-source.ts'

/** One message of an Arrow IPC stream and where it lies in the file, its prefix included. */
export interface IpcMessage {
  readonly kind: 'dictionary' | 'batch'
  readonly start: number
  readonly end: number
  readonly rows: number
}

export interface IpcLayout {
  readonly schema: ArrowSchema
  /** The schema's message, as it begins a stream. */
  readonly schemaBytes: Uint8Array
  readonly messages: readonly IpcMessage[]
  /** Whether every dictionary comes before every batch, so that batches can be read one by one. */
  readonly isSplittable: boolean
}

const FILE_MAGIC = 'ARROW1'
const FILE_MAGIC_BYTES = 8
/** Length of the footer and the closing magic word. */
const FOOTER_END_BYTES = 10
/** The Message table in front of a footer's schema. */
const MESSAGE_BYTES = 32
const CONTINUATION = 0xffffffff
/** Metadata of one message: a column takes some 40 bytes. */
const METADATA_BYTES_MAX = 16_777_216
const ROWS_MAX = 16_777_216

/**
 * Walks the messages of an IPC file or stream, metadata only. A file is a stream between magic words
 * with a footer, from which only the schema is taken: some writers leave it out of the stream.
 * Throws BAD_FILE.
 */
export function readLayout(file: FileEntry): IpcLayout {
  const source = openFile(file)
  try {
    return guarded(() => walk(file, source))
  } finally {
    source.close()
  }
}

function walk(file: FileEntry, source: ByteSource): IpcLayout {
  const magic = new TextDecoder().decode(readAt(file, source, 0, Math.min(6, file.bytes)))
  const footer = magic === FILE_MAGIC ? readFooter(file, source) : undefined
  const streamEnd = footer?.start ?? file.bytes
  const messages: IpcMessage[] = []
  let schemaBytes = footer === undefined ? undefined : schemaMessage(file, footer.bytes)
  let at = footer === undefined ? 0 : FILE_MAGIC_BYTES
  for (;;) {
    const found = messageAt(file, source, at, streamEnd)
    if (found === undefined) break
    const { message, end } = found
    if (message.isSchema()) {
      schemaBytes ??= readAt(file, source, at, end - at)
    } else if (message.isRecordBatch()) {
      const rows = message.header().length
      if (!(rows >= 0 && rows <= ROWS_MAX)) throw malformed(file, 'the rows of a record batch')
      messages.push({ kind: 'batch', start: at, end, rows })
    } else if (message.isDictionaryBatch()) {
      messages.push({ kind: 'dictionary', start: at, end, rows: 0 })
    } else throw malformed(file, 'a message')
    at = end
  }
  const schema = schemaBytes === undefined ? undefined : schemaOf(schemaBytes)
  if (schema === undefined || schemaBytes === undefined) throw malformed(file, 'the schema')
  const firstBatch = messages.findIndex(({ kind }) => kind === 'batch')
  const lastDictionary = messages.findLastIndex(({ kind }) => kind === 'dictionary')
  const isSplittable = firstBatch < 0 || lastDictionary < firstBatch
  return { schema, schemaBytes, messages, isSplittable }
}

/** The message at an offset; undefined at the end of the stream. */
function messageAt(
  file: FileEntry,
  source: ByteSource,
  at: number,
  streamEnd: number,
): { readonly message: Message; readonly end: number } | undefined {
  if (at + 8 > streamEnd) return undefined
  const prefix = new DataView(readAt(file, source, at, 8).buffer)
  // Streams from before format version 5 have no continuation word.
  const isMarked = prefix.getUint32(0, true) === CONTINUATION
  const length = prefix.getUint32(isMarked ? 4 : 0, true)
  if (length === 0) return undefined
  const from = at + (isMarked ? 8 : 4)
  if (length > METADATA_BYTES_MAX || from + length > streamEnd) {
    throw malformed(file, 'the length of a message')
  }
  const message = Message.decode(readAt(file, source, from, length))
  const end = from + length + message.bodyLength
  if (!(message.bodyLength >= 0 && end <= streamEnd)) {
    throw malformed(file, 'the length of a message')
  }
  return { message, end }
}

function readFooter(
  file: FileEntry,
  source: ByteSource,
): { readonly start: number; readonly bytes: Uint8Array } {
  if (file.bytes < FILE_MAGIC_BYTES + FOOTER_END_BYTES) throw malformed(file, 'the length')
  const tail = readAt(file, source, file.bytes - FOOTER_END_BYTES, FOOTER_END_BYTES)
  const length = new DataView(tail.buffer).getInt32(0, true)
  const start = file.bytes - FOOTER_END_BYTES - length
  const isEnd = new TextDecoder().decode(tail.subarray(4)) === FILE_MAGIC
  if (!isEnd || length < 8 || length > METADATA_BYTES_MAX || start < FILE_MAGIC_BYTES) {
    throw malformed(file, 'the footer')
  }
  return { start, bytes: readAt(file, source, start, length) }
}

/**
 * A message whose header is the schema table of a footer (Schema.fbs, File.fbs): a Message table of
 * twelve bytes is put in front of the footer, as references in flatbuffers are relative.
 */
function schemaMessage(file: FileEntry, footer: Uint8Array): Uint8Array {
  const view = new DataView(footer.buffer, footer.byteOffset, footer.byteLength)
  const table = view.getUint32(0, true)
  if (table + 4 > footer.length) throw malformed(file, 'the footer')
  const fields = table - view.getInt32(table, true)
  if (fields < 0 || fields + 8 > footer.length) throw malformed(file, 'the footer')
  // The second field of a footer is its schema.
  const slot = table + view.getUint16(fields + 6, true)
  if (slot === table || slot + 4 > footer.length) throw malformed(file, 'the footer')
  const schemaAt = slot + view.getUint32(slot, true)
  if (schemaAt >= footer.length) throw malformed(file, 'the footer')
  const metadataBytes = Math.ceil((MESSAGE_BYTES + footer.length) / 8) * 8
  const message = new Uint8Array(8 + metadataBytes)
  const head = new DataView(message.buffer)
  head.setUint32(0, CONTINUATION, true)
  head.setUint32(4, metadataBytes, true)
  head.setUint32(8, 16, true)
  // The table's field offsets: version, type of the header, header, body length (left out).
  ;[12, 12, 8, 10, 4, 0].forEach((word, index) => head.setUint16(12 + 2 * index, word, true))
  head.setInt32(24, 12, true)
  head.setUint32(28, MESSAGE_BYTES + schemaAt - 20, true)
  head.setInt16(32, MetadataVersion.V5, true)
  head.setUint8(34, MessageHeader.Schema)
  message.set(footer, 8 + MESSAGE_BYTES)
  return message
}

function schemaOf(message: Uint8Array): ArrowSchema | undefined {
  const isMarked =
    new DataView(message.buffer, message.byteOffset).getUint32(0, true) === CONTINUATION
  const decoded = Message.decode(message.subarray(isMarked ? 8 : 4))
  return decoded.isSchema() ? decoded.header() : undefined
}

export function readAt(
  file: FileEntry,
  source: ByteSource,
  offset: number,
  bytes: number,
): Uint8Array {
  const buffer = new Uint8Array(bytes)
  if (source.read(buffer, 0, bytes, offset) < bytes) throw malformed(file, 'the length')
  return buffer
}

export function malformed(file: FileEntry, what: string): QueryError {
  return new QueryError(
    'BAD_FILE',
    `file "${file.location}" is not valid Arrow: ${what} is wrong`,
    {
      file: file.location,
    },
  )
}
