import { QueryError } from '../../base/errors.ts'
import { text } from '../../data/types/data-type.ts'
import { scalar } from '../define.ts'
import type { ScalarFunction } from '../function.ts'
import { offsetOf } from './characters.ts'
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
]
