import { QueryError } from '../../../base/errors.ts'
import { arrow } from '../../../data/arrow/library.ts'
import type { ReaderEnvironment } from '../../scan/source.ts'
import { ZSTD_WORKSPACE_BYTES } from '../parquet/context.ts'
import { decodeLz4Frame } from './lz4-frame.ts'

/** Bytes that one compressed buffer may become. */
const BUFFER_BYTES_MAX = 1_073_741_824

/** What a byte can become at most: a block of 128 KiB takes four bytes, a match of 255 one. */
const ZSTD_RATIO_MAX = 32_768
const LZ4_RATIO_MAX = 256

/** Makes apache-arrow decompress zstd and LZ4 buffers on this thread. */
export function registerCodecs(env: ReaderEnvironment): void {
  const { CompressionType, compressionRegistry } = arrow
  compressionRegistry.set(CompressionType.ZSTD, {
    decode: (source) => decodeZstd(env, source, decodedBytes(source, ZSTD_RATIO_MAX)),
  })
  compressionRegistry.set(CompressionType.LZ4_FRAME, {
    decode: (source) => decodeLz4Frame(source, decodedBytes(source, LZ4_RATIO_MAX)),
  })
}

/** The decoded length: Arrow writes it in the eight bytes in front of the compressed ones. */
function decodedBytes(source: Uint8Array, ratioMax: number): number {
  if (source.byteOffset < 8) throw malformed()
  const view = new DataView(source.buffer, source.byteOffset - 8, 8)
  const bytes = view.getBigInt64(0, true)
  if (bytes < 0n || bytes > BigInt(BUFFER_BYTES_MAX)) throw malformed()
  // Memory is taken only for what so many bytes can become.
  if (bytes > BigInt(source.length * ratioMax)) throw malformed()
  return Number(bytes)
}

function decodeZstd(env: ReaderEnvironment, source: Uint8Array, bytes: number): Uint8Array {
  const { heap, kernels } = env
  const block = heap.allocate(ZSTD_WORKSPACE_BYTES)
  const input = heap.allocate(source.length)
  const output = heap.allocate(bytes)
  try {
    heap.u8.set(source, input)
    const written = kernels.call('zstdDecode', input, source.length, output, bytes, block)
    if (written !== bytes) throw malformed()
    return heap.u8.slice(output, output + bytes)
  } finally {
    for (const used of [block, input, output]) heap.free(used)
  }
}

function malformed(): QueryError {
  return new QueryError('BAD_FILE', 'malformed Arrow data: a compressed buffer is broken')
}
