import { QueryError } from '../../../base/errors.ts'
import { compareText } from '../compare-values.ts'
import type { TypeEntry } from './entry.ts'

/**
 * Bit strings: the text of their digits, which compares as PostgreSQL compares bits, that is by bytes that zeros fill up
 * and then by length.
 */
const ofBits = {
  wireBytes: -1,
  category: 'bits',
  form: 'text',
  layout: 'utf8',
  parse: parseBits,
  format: String,
  compare: (left, right) => compareText(String(left), String(right)),
} as const satisfies Partial<TypeEntry>

export const bitEntry: TypeEntry = {
  ...ofBits,
  sqlNames: ['bit'],
  oid: 1560,
  arrayOid: 1561,
  casts: { implicit: ['varbit'], explicit: ['int4', 'int8'] },
}

export const varbitEntry: TypeEntry = {
  ...ofBits,
  sqlNames: ['varbit'],
  oid: 1562,
  arrayOid: 1563,
  preferred: true,
  casts: { implicit: ['bit'] },
}

/** Bits that a value may have: PostgreSQL's bound of declared lengths. */
export const BITS_MAX = 83_886_080

const BITS_A_DIGIT = 4

/** Digits of base two, or behind an x of base sixteen. */
function parseBits(source: string): string {
  const isHex = /^x/i.test(source)
  const digits = /^[bx]/i.test(source) ? source.slice(1) : source
  const wrong = (isHex ? /[^0-9a-f]/iu : /[^01]/u).exec(digits)?.[0]
  if (wrong !== undefined) {
    const message = `"${wrong}" is not a valid ${isHex ? 'hexadecimal' : 'binary'} digit`
    throw new QueryError('INVALID_TEXT_REPRESENTATION', message)
  }
  if (digits.length * (isHex ? BITS_A_DIGIT : 1) > BITS_MAX) throw tooManyBits()
  return isHex ? digits.replaceAll(/./g, bitsOfDigit) : digits
}

/** The error of a value with more than {@link BITS_MAX} bits. */
export function tooManyBits(): QueryError {
  const message = `bit string length exceeds the maximum allowed (${BITS_MAX})`
  return new QueryError('PROGRAM_LIMIT_EXCEEDED', message)
}

function bitsOfDigit(digit: string): string {
  return Number.parseInt(digit, 16).toString(2).padStart(BITS_A_DIGIT, '0')
}
