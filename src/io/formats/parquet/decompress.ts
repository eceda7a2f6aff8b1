import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { notSupported } from '../../../base/errors.ts'
import { badPage, type DecodeContext, type PlaceInFile } from './context.ts'

/** The codecs by their number in the CompressionCodec enum. */
const codecNames: readonly string[] = [
  'uncompressed',
  'snappy',
  'gzip',
  'LZO',
  'brotli',
  'LZ4 (Hadoop framing)',
  'zstd',
  'LZ4_RAW',
]

/** What a byte of each codec becomes at most; brotli knows no such bound. */
const ratiosMax: Readonly<Record<number, number>> = { 1: 22, 2: 1_033, 6: 32_768, 7: 256 }
const RATIO_SLACK_BYTES = 64

/** Memory is taken only for pages that so many bytes can become. */
export function expectPossible(
  codec: number,
  storedBytes: number,
  bytes: number,
  place: PlaceInFile,
): void {
  const most = (ratiosMax[codec] ?? Number.POSITIVE_INFINITY) * (storedBytes + RATIO_SLACK_BYTES)
  if (bytes <= most) return
  const expected = `at most ${most} bytes from ${storedBytes} of ${codecNames[codec]}`
  throw badPage(place, `a page of ${bytes} bytes`, { expected, found: `${bytes} bytes` })
}

/** Decompresses one page to exactly `bytes` bytes at `target`, which has 64 bytes of slack. */
export function decompress(
  ctx: DecodeContext,
  codec: number,
  stored: { readonly start: number; readonly end: number },
  target: number,
  bytes: number,
  place: PlaceInFile,
): void {
  const { start, end } = stored
  const decoded = run(ctx, codec, start, end - start, target, bytes)
  if (decoded === bytes) return
  const name = codecNames[codec] ?? `codec ${codec}`
  throw badPage(place, `a page cannot be decompressed (${name})`, { expected: `${bytes} bytes` })
}

function run(
  ctx: DecodeContext,
  codec: number,
  source: number,
  length: number,
  target: number,
  bytes: number,
): number {
  switch (codec) {
    case 1:
      return ctx.call('snappyDecode', source, length, target, bytes)
    case 2:
      return runZlib(ctx, gunzipSync, source, length, target, bytes)
    case 4:
      return runZlib(ctx, brotliDecompressSync, source, length, target, bytes)
    case 6:
      return ctx.call('zstdDecode', source, length, target, bytes, ctx.zstd.at)
    case 7:
      return ctx.call('lz4Decode', source, length, target, bytes, ctx.delta.at)
    default:
      throw notSupported(`Parquet pages compressed with ${codecNames[codec] ?? `codec ${codec}`}`)
  }
}

function runZlib(
  ctx: DecodeContext,
  inflate: (data: Uint8Array, options: { maxOutputLength: number }) => Uint8Array,
  source: number,
  length: number,
  target: number,
  bytes: number,
): number {
  const { u8 } = ctx.env.heap
  try {
    // zlib takes no shared memory, hence the copy (slice makes one that is not shared).
    const output = inflate(u8.slice(source, source + length), { maxOutputLength: bytes + 1 })
    if (output.length !== bytes) return -1
    u8.set(output, target)
    return bytes
  } catch {
    // Whatever zlib complains of, the page is at fault; the caller names it.
    return -1
  }
}
