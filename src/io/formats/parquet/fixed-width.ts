import type { ValueBounds } from '../../../data/types/value-bounds.ts'
import { UUID_BYTES } from '../../../data/types/uuid.ts'
import { unreachable } from '../../../base/assert.ts'
import { badPage, type DecodeContext, type PlaceInFile } from './context.ts'
import { ENCODING, type DataPage, type PageBody } from './pages.ts'
import { decodeText } from './text.ts'

/** What the values of a column of fixed width become. */
export interface FixedTarget {
  /** Bytes of a decoded value: 1 to 16. */
  readonly bytes: number
  /** What every value must lie in; undefined for floats. Fits `bytes`. */
  readonly bounds: ValueBounds | undefined
}

/** PLAIN values in memory: stored width and, for variable width, offsets. */
interface Stored {
  readonly at: number
  readonly width: number
  readonly offsets: number
}

const INT32 = { min: -(2n ** 31n), max: 2n ** 31n - 1n }

/** Decodes `count` values of a page (not dictionary codes) to `target`. */
export function decodeFixedWidth(
  ctx: DecodeContext,
  page: DataPage,
  body: PageBody,
  count: number,
  to: FixedTarget,
  target: number,
  place: PlaceInFile,
): void {
  const stored = storedValues(ctx, page, body, count, to, place)
  if (convert(ctx, stored, count, to, target, place)) return
  throw badPage(place, 'a value lies outside the bounds that the file gives', {
    expected: to.bounds === undefined ? 'a number' : `${to.bounds.min} to ${to.bounds.max}`,
  })
}

function storedValues(
  ctx: DecodeContext,
  page: DataPage,
  body: PageBody,
  count: number,
  to: FixedTarget,
  place: PlaceInFile,
): Stored {
  const { physical, width } = place.column
  switch (page.encoding) {
    case ENCODING.plainDictionary:
    case ENCODING.plain: {
      if (physical === 'bytes') return textValues(ctx, page, body, count, place)
      expectBytes(body, count * width, place)
      return { at: body.start, width, offsets: 0 }
    }
    case ENCODING.byteStreamSplit: {
      expectBytes(body, count * width, place)
      const at = ctx.values.ensure(count * width)
      ctx.call('parquetByteStreamSplit', body.start, width, count, at)
      return { at, width, offsets: 0 }
    }
    case ENCODING.deltaBinaryPacked:
      return deltaValues(ctx, body, count, to, place)
    case ENCODING.deltaLengthByteArray:
    case ENCODING.deltaByteArray:
      return textValues(ctx, page, body, count, place)
    default:
      throw badPage(place, `a page of encoding ${page.encoding} in a column of ${physical}`)
  }
}

function expectBytes(body: PageBody, bytes: number, place: PlaceInFile): void {
  const there = body.end - body.start
  if (there >= bytes) return
  throw badPage(place, 'a page ends within its values', {
    expected: `${bytes} bytes`,
    found: `${there}`,
  })
}

function textValues(
  ctx: DecodeContext,
  page: DataPage,
  body: PageBody,
  count: number,
  place: PlaceInFile,
): Stored {
  const { at, offsets } = decodeText(ctx, page, body, count, place)
  return { at, width: place.column.width, offsets }
}

function deltaValues(
  ctx: DecodeContext,
  body: PageBody,
  count: number,
  to: FixedTarget,
  place: PlaceInFile,
): Stored {
  const { physical, conversion } = place.column
  const malformed = badPage(place, 'a DELTA_BINARY_PACKED page is not well-formed', {
    expected: `${count} values`,
  })
  if (physical !== 'int32' && physical !== 'int64') throw malformed
  const at = ctx.values.ensure(count * 8)
  const { bounds } = to
  // Close bounds let 64-bit values be decoded as 32 bits: the kernel says when that proves nothing.
  const close =
    conversion.kind === 'integer' &&
    bounds !== undefined &&
    within(bounds, INT32) &&
    bounds.max - bounds.min < 2n ** 31n
  if (physical === 'int32' || close) {
    const exact = physical === 'int64' ? 1 : 0
    const end = ctx.callAddress(
      'parquetDelta32',
      body.start,
      body.end,
      count,
      at,
      ctx.delta.at,
      exact,
    )
    if (end === 0) throw malformed
    if (end !== 1) return { at, width: 4, offsets: 0 }
  }
  const end = ctx.callAddress('parquetDelta64', body.start, body.end, count, at, ctx.delta.at)
  if (end === 0) throw malformed
  if (physical === 'int64') return { at, width: 8, offsets: 0 }
  // Deltas of unsigned 32-bit numbers, as some writers make them: the low halves are the values.
  ctx.call('parquetNarrow64', at, count, at, 4, INT32.min, INT32.max)
  return { at, width: 4, offsets: 0 }
}

function within(inner: ValueBounds, outer: ValueBounds): boolean {
  return inner.min >= outer.min && inner.max <= outer.max
}

function clamp(value: bigint, bounds: ValueBounds): bigint {
  if (value < bounds.min) return bounds.min
  return value > bounds.max ? bounds.max : value
}

/** Whether all values were in bounds. */
function convert(
  ctx: DecodeContext,
  stored: Stored,
  count: number,
  to: FixedTarget,
  target: number,
  place: PlaceInFile,
): boolean {
  const { conversion } = place.column
  switch (conversion.kind) {
    case 'integer':
      return storeIntegers(ctx, stored, count, to, target)
    case 'unsigned32': {
      const at = ctx.wide.ensure(count * 8)
      ctx.call('parquetUnsigned32', stored.at, count, at)
      return storeIntegers(ctx, { at, width: 8, offsets: 0 }, count, to, target)
    }
    case 'unsigned64':
      if (to.bytes < 16) return storeIntegers(ctx, stored, count, to, target)
      ctx.call('parquetUnsigned64', stored.at, count, target)
      return true
    case 'scaled': {
      const at = widened(ctx, stored, count)
      const fits = ctx.call('parquetScaleUp', at, count, BigInt(conversion.factor)) === 1
      return fits && storeIntegers(ctx, { at, width: 8, offsets: 0 }, count, to, target)
    }
    case 'nanoseconds': {
      const at = widened(ctx, stored, count)
      ctx.call('parquetNanosToMicros', at, count)
      return storeIntegers(ctx, { at, width: 8, offsets: 0 }, count, to, target)
    }
    case 'int96': {
      const at = ctx.wide.ensure(count * 8)
      ctx.call('parquetInt96', stored.at, count, at)
      return storeIntegers(ctx, { at, width: 8, offsets: 0 }, count, to, target)
    }
    case 'float':
      ctx.call('copy', target, stored.at, count * stored.width)
      return true
    case 'half-float':
      ctx.call('parquetHalfFloats', stored.at, count, target)
      return true
    case 'big-endian':
      return bigEndian(ctx, stored, count, to, target)
    case 'uuid':
      return uuids(ctx, stored, count, target)
    case 'boolean':
    case 'text':
    case 'bytes':
      throw badPage(place, `values of kind ${conversion.kind} have no fixed width`)
    default:
      return unreachable(conversion)
  }
}

/** Big-endian integers whose topmost bit is turned, see data/types/uuid.ts. */
function uuids(ctx: DecodeContext, stored: Stored, count: number, target: number): boolean {
  // 16 bytes each, one after another, whatever the encoding was.
  const { u32 } = ctx.env.heap
  const word = stored.offsets >>> 2
  const [first, last] = stored.offsets === 0 ? [0, 0] : [u32[word] ?? 0, u32[word + count] ?? 0]
  if (stored.offsets !== 0 && last - first !== count * UUID_BYTES) return false
  ctx.call('parquetUuids', stored.at + first, count, target)
  return true
}

function widened(ctx: DecodeContext, stored: Stored, count: number): number {
  const at = ctx.wide.ensure(count * 8)
  if (stored.width === 8) ctx.call('copy', at, stored.at, count * 8)
  else ctx.call('parquetNarrow32', stored.at, count, at, 8, -2_147_483_648, 2_147_483_647)
  return at
}

function storeIntegers(
  ctx: DecodeContext,
  stored: Stored,
  count: number,
  to: FixedTarget,
  target: number,
): boolean {
  const { bytes, bounds } = to
  if (bounds === undefined) return false
  if (bytes === 16) {
    ctx.call('parquetWiden128', stored.at, stored.width, count, target)
    return true
  }
  if (stored.width === 4) {
    const low = Number(clamp(bounds.min, INT32))
    const high = Number(clamp(bounds.max, INT32))
    return ctx.call('parquetNarrow32', stored.at, count, target, bytes, low, high) === 1
  }
  const { min, max } = bounds
  return ctx.call('parquetNarrow64', stored.at, count, target, bytes, min, max) === 1
}

function bigEndian(
  ctx: DecodeContext,
  stored: Stored,
  count: number,
  to: FixedTarget,
  target: number,
): boolean {
  const wide = to.bytes === 16 ? 16 : 8
  const at = wide === 16 ? target : ctx.wide.ensure(count * 8)
  const fits =
    stored.offsets === 0
      ? ctx.call('parquetFixedDecimals', stored.at, stored.width, count, at, wide)
      : ctx.call('parquetVariableDecimals', stored.at, stored.offsets, count, at, wide)
  if (fits !== 1 || to.bounds === undefined) return false
  if (wide === 8) return storeIntegers(ctx, { at, width: 8, offsets: 0 }, count, to, target)
  const { min, max } = to.bounds
  const limit = max > -min ? max : -min
  const low = BigInt.asIntN(64, limit)
  return ctx.call('parquetWithin128', target, count, low, BigInt.asIntN(64, limit >> 64n)) === 1
}
