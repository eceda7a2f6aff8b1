import { QueryError } from '../../base/errors.ts'
import { bpchar, int4 } from '../../data/types/data-type.ts'
import { scalar } from '../define.ts'
import type { ScalarFunction } from '../function.ts'
import { keyedTextLane, lane } from '../emit.ts'
import type { InlineForm } from '../inline.ts'
import { writerForm } from '../kernel-forms.ts'
import { present } from '../../base/assert.ts'
import { byteLength, checkBytes } from './bounds.ts'
import { paddedLengthForm } from './inline.ts'
import { offsetOf } from './characters.ts'

/** The text with blanks behind it, so that it has so many characters; what is longer is cut off. */
export function padded(text: string, characters: number): string {
  const known = offsetOf(text, characters)
  if (known < text.length) return text.slice(0, known)
  let length = 0
  for (const _ of text) length++
  const missing = Math.max(0, characters - length)
  checkBytes(text.length + missing)
  return text + ' '.repeat(missing)
}

/** A text as char(n) keeps it: only blanks may be cut off. Throws STRING_TOO_LONG. */
export function storablePadded(whole: string, most: number): string {
  const end = offsetOf(whole, most)
  if (/^ *$/.test(whole.slice(end))) return padded(whole, most)
  throw new QueryError('STRING_TOO_LONG', `value too long for type character(${most})`)
}

/** The length of the key, the NUL at its end, and blanks that a short text is filled up with. */
const PADDED_BYTES = 8n

/** The value of so many characters; `stores`: a column's. */
function paddedForm(stores: boolean): InlineForm {
  return writerForm(
    'paddedTo',
    ({ f }, [source, count]) => {
      // Key and text, each as long as what there is, and the blanks.
      f.get(lane(present(source, 'missing text')))
        .i64(32n)
        .op('i64.shr_u')
        .i64(2n)
        .op('i64.mul')
      f.get(lane(present(count, 'missing length')))
        .op('i64.extend_i32_u')
        .op('i64.add')
      f.i64(PADDED_BYTES).op('i64.add')
    },
    ({ f }, [source, count]) => {
      f.get(keyedTextLane(f, present(source, 'missing text')))
      f.get(lane(present(count, 'missing length'))).i32(stores ? 1 : 0)
    },
  )
}

/** Functions of char(n) of its own; others take what it says without the blanks, as text. */
export const paddedFunctions: readonly ScalarFunction[] = [
  scalar({
    name: 'pad_characters',
    args: ['bpchar', 'int4'],
    returns: bpchar,
    raises: true,
    doc: 'A cast to char(n): what is longer is cut off, blanks make up what is missing.',
    example: "pad_characters('abc'::bpchar, 2) -- ab",
    evaluate: ([source, count]) => padded(String(source), Number(count)),
    inline: paddedForm(false),
  }),
  scalar({
    name: 'store_bpchar',
    args: ['bpchar', 'int4'],
    returns: bpchar,
    raises: true,
    doc: 'The text for a column of char(n): longer than that by more than blanks is an error.',
    example: "store_bpchar('ab  '::bpchar, 2) -- ab",
    evaluate: ([source, count]) => storablePadded(String(source), Number(count)),
    inline: paddedForm(true),
  }),
  scalar({
    name: 'octet_length',
    args: ['bpchar'],
    returns: int4,
    doc: 'Length in bytes, blanks at the end too.',
    example: "octet_length('a'::char(3)) -- 3",
    evaluate: ([source]) => byteLength(String(source)),
    inline: paddedLengthForm,
  }),
]
