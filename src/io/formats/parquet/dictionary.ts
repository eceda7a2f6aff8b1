import { bytea, text as textType } from '../../../data/types/data-type.ts'
import { address, NO_ADDRESS, type Vector } from '../../../data/vectors/vector.ts'
import { badPage, type DecodeContext, type PlaceInFile } from './context.ts'
import { decodeFixedWidth, type FixedTarget } from './fixed-width.ts'
import type { DataPage, PageBody } from './pages.ts'
import type { Scratch } from '../scratch.ts'
import { decodeText } from './text.ts'

/** The dictionary of one column chunk. */
export interface Dictionary {
  /** Narrowed values, or the bytes of texts. */
  readonly values: Scratch
  /** Texts only: `size + 1` offsets. */
  readonly offsets: Scratch
  size: number
  /** Texts whose codes are kept: what the columns' vectors refer to. */
  vector: Vector | undefined
}

const DICTIONARY_ENTRIES_MAX = 268_435_456

/** Decodes a dictionary page; `coded` when the column's vectors will hold codes. */
export function readDictionary(
  ctx: DecodeContext,
  dictionary: Dictionary,
  page: DataPage,
  body: PageBody,
  target: FixedTarget,
  coded: boolean,
  place: PlaceInFile,
): void {
  const count = page.rows
  if (count > DICTIONARY_ENTRIES_MAX) throw badPage(place, `a dictionary of ${count} entries`)
  dictionary.size = count
  const { kind } = place.column.conversion
  if (kind !== 'text' && kind !== 'bytes') {
    const at = dictionary.values.ensure(count * target.bytes + 64)
    decodeFixedWidth(ctx, page, body, count, target, at, place)
    return
  }
  const text = decodeText(ctx, page, body, count, place)
  const first = ctx.env.heap.u32[text.offsets >>> 2] ?? 0
  const values = dictionary.values.ensure(text.bytes + 64)
  // One entry more: a column of NULLs alone has an empty dictionary, yet its slots hold code 0.
  const offsets = dictionary.offsets.ensure((count + 2) * 4)
  ctx.call('copy', values, text.at + first, text.bytes)
  ctx.call('parquetMoveOffsets', text.offsets, count + 1, -first | 0, offsets)
  ctx.env.heap.u32[(offsets >>> 2) + count + 1] = text.bytes
  if (!coded) return
  dictionary.vector = {
    type: kind === 'bytes' ? bytea : textType,
    layout: 'utf8',
    length: Math.max(count, 1),
    validity: NO_ADDRESS,
    values: address(values),
    offsets: address(offsets),
    dictionary: undefined,
  }
}
