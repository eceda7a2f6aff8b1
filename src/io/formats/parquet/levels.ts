import { notSupported } from '../../../base/errors.ts'
import type { Heap } from '../../../data/arenas/heap.ts'
import { Scratch } from '../scratch.ts'
import { badPage, type DecodeContext, type PlaceInFile } from './context.ts'
import type { ListLevels } from './nesting.ts'
import { ENCODING, type DataPage, type PageBody } from './pages.ts'

/** The levels of slots, one byte each (see assembly/parquet-lists.ts), that were read and not yet used. */
export class SlotLevels {
  readonly #heap: Heap
  readonly #bytes: Scratch
  #start = 0
  #end = 0

  constructor(heap: Heap) {
    this.#heap = heap
    this.#bytes = new Scratch(heap)
  }

  /** How many slots there are. */
  get count(): number {
    return this.#end - this.#start
  }

  /** Where the first of them lie. */
  get at(): number {
    return this.#bytes.at + this.#start
  }

  /** Where so many more go. */
  append(count: number): number {
    // What was used makes room for others once it is the larger part.
    if (this.#start * 2 > this.#end) {
      this.#heap.u8.copyWithin(this.#bytes.at, this.at, this.#bytes.at + this.#end)
      this.#end -= this.#start
      this.#start = 0
    }
    const at = this.#bytes.grow(this.#end + count, this.#end) + this.#end
    this.#end += count
    return at
  }

  definition(slot: number): number {
    return this.#heap.u8[this.at + slot]! >> 1
  }

  /** Whether the slot goes on with the list before it. */
  isWithin(slot: number): boolean {
    return (this.#heap.u8[this.at + slot]! & 1) === 1
  }

  /** Leaves out the first slots. */
  drop(count: number): void {
    this.#start += count
  }

  clear(): void {
    this.#start = this.#end = 0
  }

  free(): void {
    this.#bytes.release()
  }
}

/** What the levels of a page say: the number of its values, and where these begin. */
export interface PageLevels {
  readonly valid: number
  readonly valuesAt: number
}

/** Definition levels of a plain column -> the page's bitmap in `ctx.levels`. */
export function readLevels(
  ctx: DecodeContext,
  page: DataPage,
  body: PageBody,
  place: PlaceInFile,
): PageLevels {
  if (!place.column.nullable) return { valid: page.rows, valuesAt: body.start }
  const { definition, valuesAt } = rangesOf(ctx, page, body, false, place)
  const bitmap = ctx.levels.ensure(Math.ceil(page.rows / 8) + 64)
  const valid = ctx.call('parquetBitmap', definition.start, definition.end, page.rows, bitmap)
  if (valid < 0) throw malformed(page, 'definition', place)
  return { valid, valuesAt }
}

/** The levels of a list's page -> `slots`, and the bitmap of its slots in `ctx.levels`. */
export function readListLevels(
  ctx: DecodeContext,
  page: DataPage,
  body: PageBody,
  { max }: ListLevels,
  slots: SlotLevels,
  place: PlaceInFile,
): PageLevels {
  const { repetition, definition, valuesAt } = rangesOf(ctx, page, body, true, place)
  const count = page.rows
  const within = ctx.codes.ensure(count + 64)
  const defined = ctx.values.ensure(count + 64)
  decode(ctx, page, repetition, 1, within, 'repetition', place)
  decode(ctx, page, definition, max, defined, 'definition', place)
  const bitmap = ctx.levels.ensure(Math.ceil(count / 8) + 64)
  const levels = slots.append(count)
  const valid = ctx.call('parquetListLevels', within, defined, count, max, levels, bitmap)
  return { valid, valuesAt }
}

interface Range {
  readonly start: number
  readonly end: number
}

/** Where the levels lie: before the values, or in pages of the second version before what is compressed. */
function rangesOf(
  ctx: DecodeContext,
  page: DataPage,
  body: PageBody,
  isRepeated: boolean,
  place: PlaceInFile,
): { readonly repetition: Range; readonly definition: Range; readonly valuesAt: number } {
  if (page.kind === 'data-v2') {
    const start = page.body + page.repetitionBytes
    return {
      repetition: { start: page.body, end: start },
      definition: { start, end: start + page.definitionBytes },
      valuesAt: body.start,
    }
  }
  const none = { start: body.start, end: body.start }
  const repetition = isRepeated
    ? prefixed(ctx, body.start, body.end, page.repetitionEncoding, 'repetition', place)
    : none
  const from = repetition.end
  const definition = prefixed(ctx, from, body.end, page.levelEncoding, 'definition', place)
  return { repetition, definition, valuesAt: definition.end }
}

type LevelKind = 'repetition' | 'definition'

/** Levels behind their length in bytes. */
function prefixed(
  ctx: DecodeContext,
  from: number,
  bodyEnd: number,
  encoding: number,
  kind: LevelKind,
  place: PlaceInFile,
): Range {
  if (encoding !== ENCODING.rle) {
    throw notSupported(`Parquet ${kind} levels of encoding ${encoding}`)
  }
  const bytes = bodyEnd - from < 4 ? -1 : ctx.env.heap.view.getUint32(from, true)
  const start = from + 4
  if (bytes < 0 || bytes > bodyEnd - start) {
    throw badPage(place, `its ${kind} levels go past the page`)
  }
  return { start, end: start + bytes }
}

/** Levels from 0 to `max`, a byte each. */
function decode(
  ctx: DecodeContext,
  page: DataPage,
  { start, end }: Range,
  max: number,
  target: number,
  kind: LevelKind,
  place: PlaceInFile,
): void {
  const bits = 32 - Math.clz32(max)
  const count = page.rows
  if (ctx.call('parquetCodes', start, end, bits, count, target, 1) < 0) {
    throw malformed(page, kind, place)
  }
  if (ctx.call('parquetCodesBelow', target, 1, count, max + 1) !== 1) {
    throw badPage(place, `a ${kind} level above ${max}`)
  }
}

function malformed(page: DataPage, kind: LevelKind, place: PlaceInFile): Error {
  const expected = `${page.rows} levels`
  return badPage(place, `its ${kind} levels are not well-formed`, { expected })
}
