import { open } from 'node:fs/promises'
import { constants, gunzipSync } from 'node:zlib'
import { QueryError } from '../../base/errors.ts'
import type { FileEntry } from '../../plan/catalog/catalog.ts'

/** Bytes of a file (compressed ones, for gzip) that are looked at to find out its schema. */
const SAMPLE_BYTES_MAX = 1_048_576
const SAMPLE_COMPRESSED_BYTES_MAX = 262_144

/** The beginning of a text file. */
export interface Sample {
  readonly text: string
  /** Whether the text is all there is. */
  readonly complete: boolean
  /** Bytes of `text` in the file, compressed where the file is. */
  readonly bytes: number
}

const GZIP_MAGIC = [0x1f, 0x8b]

/** Reads the beginning of a file; `compression` undefined: told by the first bytes. */
export async function readSample(
  file: FileEntry,
  compression: 'none' | 'gzip' | undefined,
): Promise<Sample & { readonly compression: 'none' | 'gzip' }> {
  const bytes = await firstBytes(file, SAMPLE_BYTES_MAX)
  const isGzip = GZIP_MAGIC.every((byte, at) => bytes[at] === byte)
  const kind = compression ?? (isGzip ? 'gzip' : 'none')
  if (kind === 'none') {
    const complete = bytes.length === file.bytes
    return { text: decode(bytes), complete, bytes: bytes.length, compression: kind }
  }
  const piece = bytes.subarray(0, SAMPLE_COMPRESSED_BYTES_MAX)
  const complete = piece.length === file.bytes
  return { text: decode(inflate(file, piece)), complete, bytes: piece.length, compression: kind }
}

function inflate(file: FileEntry, piece: Uint8Array): Uint8Array {
  try {
    return gunzipSync(piece, {
      finishFlush: constants.Z_SYNC_FLUSH,
      maxOutputLength: SAMPLE_BYTES_MAX * 256,
    })
  } catch (cause) {
    throw new QueryError('BAD_FILE', `file "${file.location}" is not a valid gzip file`, {
      file: file.location,
      cause,
    })
  }
}

async function firstBytes(file: FileEntry, bytesMax: number): Promise<Uint8Array> {
  const handle = await open(file.path, 'r').catch((cause: unknown) => {
    throw new QueryError('FILE_NOT_FOUND', `could not open file "${file.location}" for reading`, {
      file: file.location,
      cause,
    })
  })
  try {
    const buffer = new Uint8Array(Math.min(bytesMax, file.bytes))
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

/** Bytes that are not UTF-8 become U+FFFD here; the reader reports them. Drops a byte order mark. */
function decode(bytes: Uint8Array): string {
  return new TextDecoder('utf-8').decode(bytes)
}
