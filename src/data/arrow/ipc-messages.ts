import type { Schema as ArrowSchema } from 'apache-arrow'
import { QueryError } from '../../base/errors.ts'
import { textOfUtf8 } from '../../base/utf8.ts'
import { guarded } from './from-arrow.ts'
import { arrow } from './library.ts'
import { verifyFooter, verifyMessage, type VerifiedMessage } from './verify-message.ts'

/** Bytes of an Arrow IPC stream or file, wherever they lie. */
export interface IpcBytes {
  readonly length: number
  /** A copy of some bytes, which are all there. */
  read(offset: number, bytes: number): Uint8Array
}

/** One message of an Arrow IPC stream and where it lies, its prefix included. */
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
const FEATHER_MAGIC = 'FEA1'
const FILE_MAGIC_BYTES = 8
/** Length of the footer and the closing magic word. */
const FOOTER_END_BYTES = 10
/** The Message table in front of a footer's schema. */
const MESSAGE_BYTES = 32
const CONTINUATION = 0xffffffff
/** Metadata of one message: a column takes some 40 bytes. */
const METADATA_BYTES_MAX = 16_777_216

/**
 * Walks the messages of an IPC file or stream, metadata only, which is checked before a library reads
 * it. A file is a stream between magic words with a footer, from which the schema is taken (some
 * writers leave it out of the stream) and the number of batches. Throws BAD_FILE;
 * FEATURE_NOT_SUPPORTED for what verifyMessage does not let through.
 */
export function readIpcLayout(bytes: IpcBytes): IpcLayout {
  const magic = textOfUtf8(bytes.read(0, Math.min(6, bytes.length)))
  if (magic.startsWith(FEATHER_MAGIC)) {
    const message = 'not supported: Feather files of version 1'
    throw new QueryError('FEATURE_NOT_SUPPORTED', message, {
      hint: 'Write them again as version 2, which is the Arrow IPC file format.',
    })
  }
  const footer = magic === FILE_MAGIC ? readFooter(bytes) : undefined
  const streamEnd = footer?.start ?? bytes.length
  const messages: IpcMessage[] = []
  let schemaBytes = footer === undefined ? undefined : schemaMessage(footer.bytes)
  let at = footer === undefined ? 0 : FILE_MAGIC_BYTES
  for (;;) {
    const found = messageAt(bytes, at, streamEnd)
    if (found === undefined) break
    const { message, end } = found
    const { kind, rows } = message
    if (kind === 'schema') schemaBytes ??= bytes.read(at, end - at)
    else messages.push({ kind, start: at, end, rows })
    at = end
  }
  if (schemaBytes === undefined) throw malformed('the schema')
  const batches = messages.filter(({ kind }) => kind === 'batch').length
  if (footer !== undefined && footer.batches !== batches) throw malformed('the number of batches')
  const firstBatch = messages.findIndex(({ kind }) => kind === 'batch')
  const lastDictionary = messages.findLastIndex(({ kind }) => kind === 'dictionary')
  const isSplittable = firstBatch < 0 || lastDictionary < firstBatch
  return { schema: schemaOf(schemaBytes), schemaBytes, messages, isSplittable }
}

/** A message's bytes, checked once more as they are handed to a library. */
export function checkedMessage(message: Uint8Array): Uint8Array {
  const { from, metadataBytes } = prefixOf(message)
  if (from + metadataBytes > message.length) throw malformed('the length of a message')
  const { bodyBytes } = verifyMessage(message.subarray(from, from + metadataBytes))
  if (from + metadataBytes + bodyBytes > message.length) throw malformed('the length of a message')
  return message
}

/** Where a message's metadata begins and how long it is, from its first bytes. */
function prefixOf(start: Uint8Array): { readonly from: number; readonly metadataBytes: number } {
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength)
  // Streams from before format version 5 have no continuation word.
  const isMarked = view.getUint32(0, true) === CONTINUATION
  return { from: isMarked ? 8 : 4, metadataBytes: view.getUint32(isMarked ? 4 : 0, true) }
}

/** The message at an offset; undefined at the end of the stream. */
function messageAt(
  bytes: IpcBytes,
  at: number,
  streamEnd: number,
): { readonly message: VerifiedMessage; readonly end: number } | undefined {
  if (at + 8 > streamEnd) {
    // Four zero bytes end a stream too; anything else is the beginning of a message.
    const rest = bytes.read(at, Math.max(0, streamEnd - at))
    if (rest.some((byte) => byte !== 0)) throw malformed('the length of a message')
    return undefined
  }
  const { from, metadataBytes } = prefixOf(bytes.read(at, 8))
  if (metadataBytes === 0) return undefined
  const bodyAt = at + from + metadataBytes
  if (metadataBytes > METADATA_BYTES_MAX || bodyAt > streamEnd) {
    throw malformed('the length of a message')
  }
  const message = verifyMessage(bytes.read(at + from, metadataBytes))
  const end = bodyAt + message.bodyBytes
  if (end > streamEnd) throw malformed('the length of a message')
  return { message, end }
}

interface IpcFooter {
  readonly start: number
  readonly bytes: Uint8Array
  readonly batches: number
}

function readFooter(bytes: IpcBytes): IpcFooter {
  const { length: total } = bytes
  if (total < FILE_MAGIC_BYTES + FOOTER_END_BYTES) throw malformed('the length')
  const tail = bytes.read(total - FOOTER_END_BYTES, FOOTER_END_BYTES)
  const length = new DataView(tail.buffer, tail.byteOffset).getInt32(0, true)
  const start = total - FOOTER_END_BYTES - length
  const isEnd = textOfUtf8(tail.subarray(4)) === FILE_MAGIC
  if (!isEnd || length < 8 || length > METADATA_BYTES_MAX || start < FILE_MAGIC_BYTES) {
    throw malformed('the footer')
  }
  const footer = bytes.read(start, length)
  return { start, bytes: footer, ...verifyFooter(footer) }
}

/**
 * A message whose header is the schema table of a footer (Schema.fbs, File.fbs): a Message table of
 * twelve bytes is put in front of the footer, as references in flatbuffers are relative.
 */
function schemaMessage(footer: Uint8Array): Uint8Array {
  const view = new DataView(footer.buffer, footer.byteOffset, footer.byteLength)
  const table = view.getUint32(0, true)
  const fields = table - view.getInt32(table, true)
  // The second field of a footer is its schema; verifyFooter found it in its place.
  const slot = table + view.getUint16(fields + 6, true)
  const schemaAt = slot + view.getUint32(slot, true)
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
  head.setInt16(32, arrow.MetadataVersion.V5, true)
  head.setUint8(34, arrow.MessageHeader.Schema)
  message.set(footer, 8 + MESSAGE_BYTES)
  return message
}

function schemaOf(message: Uint8Array): ArrowSchema {
  const { from } = prefixOf(checkedMessage(message))
  return guarded(() => {
    const decoded = arrow.Message.decode(message.subarray(from))
    if (!decoded.isSchema()) throw malformed('the schema')
    return decoded.header()
  })
}

function malformed(what: string): QueryError {
  return new QueryError('BAD_FILE', `malformed Arrow data: ${what} is wrong`)
}
