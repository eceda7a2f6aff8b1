import { QueryError } from '../../base/errors.ts'
import { text } from '../../data/types/data-type.ts'
import { scalar } from '../define.ts'
import type { ScalarFunction } from '../function.ts'
import { byteLength } from './bounds.ts'
import { isPairAt, offsetOf } from './characters.ts'
import { kernelForm } from '../kernel-forms.ts'
import { storeForm } from './inline.ts'

/** The first characters. */
export function cut(whole: string, most: number): string {
  return whole.slice(0, offsetOf(whole, most))
}

/** A text as varchar(n) keeps it: only blanks may be cut off. Throws STRING_TOO_LONG. */
export function storable(whole: string, most: number): string {
  const end = offsetOf(whole, most)
  if (/^ *$/.test(whole.slice(end))) return whole.slice(0, end)
  const message = `value too long for type character varying(${most})`
  throw new QueryError('STRING_TOO_LONG', message)
}

/** Bytes of a name. */
const NAME_BYTES_MAX = 63

/** The first characters whose bytes a name has room for. */
export function cutName(whole: string): string {
  let end = Math.min(whole.length, NAME_BYTES_MAX)
  while (byteLength(whole.slice(0, end)) > NAME_BYTES_MAX) end--
  return end > 0 && end < whole.length && isPairAt(whole, end - 1)
    ? whole.slice(0, end - 1)
    : whole.slice(0, end)
}

/** What storing in varchar(n) does. */
export const limitFunctions: readonly ScalarFunction[] = [
  scalar({
    name: 'store_varchar',
    args: ['text', 'int4'],
    returns: text,
    raises: true,
    doc: 'The text for a column of varchar(n): longer than that by more than spaces is an error.',
    example: "store_varchar('ab  ', 2) -- ab",
    evaluate: ([source, count]) => storable(String(source), Number(count)),
    inline: storeForm,
  }),
  scalar({
    name: 'cut_name',
    args: ['text'],
    returns: text,
    doc: 'A cast to name: as many characters as 63 bytes have room for.',
    example: "length(cut_name(repeat('a', 70))) -- 63",
    evaluate: ([source]) => cutName(String(source)),
    inline: kernelForm('textName'),
  }),
]
