import { open, type FileHandle } from 'node:fs/promises'
import { once } from 'node:events'
import { createGunzip } from 'node:zlib'
import { QueryError } from '../../base/errors.ts'
import { textOfUtf8 } from '../../base/utf8.ts'
import type { FileEntry } from '../../plan/catalog/catalog.ts'

/** Bytes of text that are looked at first to find out a file's schema. */
export const SAMPLE_BYTES = 1_048_576
/** How far a sample grows until it holds one record; then the record is too long for readers too. */
export const SAMPLE_BYTES_MAX = 16_777_216
/** How far a sample grows for `sample_rows_max` rows. */
export const SAMPLE_BYTES_ASKED_MAX = 134_217_728

/** The beginning of a text file. */
export interface Sample {
  readonly text: string
  /** Whether the text is all there is. */
  readonly complete: boolean
  /** Bytes of `text` in the file, compressed where the file is. */
  readonly bytes: number
  readonly compression: 'none' | 'gzip'
}

const GZIP_MAGIC = [0x1f, 0x8b]
const PIECE_BYTES = 65_536

/**
 * Reads the first `bytesMax` bytes of a file's text, and no more of a compressed file than they take.
 * `compression` undefined: told by the first bytes; a file whose name says gzip must be one.
 */
export async function readSample(
  file: FileEntry,
  compression: 'none' | 'gzip' | undefined,
  bytesMax: number,
): Promise<Sample> {
  const handle = await open(file.path, 'r').catch((cause: unknown) => {
    throw new QueryError('FILE_NOT_FOUND', `could not open file "${file.location}" for reading`, {
      file: file.location,
      cause,
    })
  })
  try {
    const magic = await pieceAt(handle, 0, GZIP_MAGIC.length)
    const isGzip = GZIP_MAGIC.every((byte, at) => magic[at] === byte)
    if (compression === undefined && !isGzip && isNamedGzip(file)) throw notGzip(file)
    const kind = compression ?? (isGzip ? 'gzip' : 'none')
    if (kind === 'gzip') return await inflate(file, handle, bytesMax)
    const bytes = await pieceAt(handle, 0, Math.min(bytesMax, file.bytes))
    const complete = bytes.length === file.bytes
    return { text: decode(bytes), complete, bytes: bytes.length, compression: kind }
  } finally {
    await handle.close()
  }
}

/**
 * Samples from small to large until one holds enough. `enough` looks at a sample and tells; a complete
 * sample, or one of `bytesMax` bytes, is the last.
 */
export async function growingSample(
  file: FileEntry,
  compression: 'none' | 'gzip' | undefined,
  bytesMax: number,
  enough: (sample: Sample) => Promise<boolean>,
): Promise<Sample> {
  for (let bytes = SAMPLE_BYTES; ; bytes *= 4) {
    const sample = await readSample(file, compression, Math.min(bytes, bytesMax))
    if (sample.complete || bytes >= bytesMax || (await enough(sample))) return sample
  }
}

async function pieceAt(handle: FileHandle, offset: number, bytes: number): Promise<Uint8Array> {
  const buffer = new Uint8Array(bytes)
  let done = 0
  while (done < bytes) {
    const { bytesRead } = await handle.read(buffer, done, bytes - done, offset + done)
    if (bytesRead === 0) break
    done += bytesRead
  }
  return buffer.subarray(0, done)
}

/** Inflates piece by piece, on a thread of the runtime's, until there is enough text. */
async function inflate(file: FileEntry, handle: FileHandle, bytesMax: number): Promise<Sample> {
  const gunzip = createGunzip({ chunkSize: PIECE_BYTES })
  const pieces: Uint8Array[] = []
  const state: { bytes: number; failure: unknown } = { bytes: 0, failure: undefined }
  const isFull = (): boolean => state.bytes >= bytesMax
  gunzip.on('error', (error) => (state.failure = error))
  gunzip.on('data', (piece: Uint8Array) => {
    pieces.push(piece)
    state.bytes += piece.length
    if (isFull()) gunzip.pause()
  })
  let offset = 0
  while (!isFull() && offset < file.bytes && state.failure === undefined) {
    const piece = await pieceAt(handle, offset, PIECE_BYTES)
    if (piece.length === 0) break
    offset += piece.length
    await written(gunzip, piece, isFull)
  }
  const complete = offset >= file.bytes && !isFull()
  if (complete && state.failure === undefined) {
    gunzip.end()
    await once(gunzip, 'close').catch((error: unknown) => (state.failure = error))
  }
  gunzip.destroy()
  // What was inflated before the fault is looked at; the reader reports the fault where it is.
  if (state.failure !== undefined && state.bytes === 0) {
    throw notGzip(file, state.failure)
  }
  const text = Buffer.concat(pieces).subarray(0, bytesMax)
  return { text: decode(text), complete, bytes: Math.max(1, offset), compression: 'gzip' }
}

/** A damaged file must not pass for text. An empty one is an empty file. */
function isNamedGzip({ location, bytes }: FileEntry): boolean {
  return bytes > 0 && /\.gz$/i.test(location)
}

function notGzip(file: FileEntry, cause?: unknown): QueryError {
  return new QueryError('BAD_FILE', `file "${file.location}" is not a valid gzip file`, {
    file: file.location,
    hint: "compression = 'none' reads a file as it is.",
    cause,
  })
}

/** Resolves once a piece is taken, the output is full, or the stream has failed. */
async function written(
  gunzip: ReturnType<typeof createGunzip>,
  piece: Uint8Array,
  isFull: () => boolean,
): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      gunzip.off('data', check)
      gunzip.off('error', done)
      resolve()
    }
    const check = (): void => {
      if (isFull()) done()
    }
    gunzip.on('data', check)
    gunzip.on('error', done)
    gunzip.write(piece, done)
  })
}

/** Bytes that are not UTF-8 become U+FFFD here; the reader reports them. Drops a byte order mark. */
function decode(bytes: Uint8Array): string {
  return textOfUtf8(bytes).replace(/^\uFEFF/, '')
}
