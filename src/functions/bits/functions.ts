import { QueryError } from '../../base/errors.ts'
import { bit, int4, int8, varbit } from '../../data/types/data-type.ts'
import { BITS_MAX, tooManyBits } from '../../data/types/catalogue/bits.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { checkedBit } from '../bytes/parts.ts'
import { scalar } from '../define.ts'
import type { ScalarFunction } from '../function.ts'
import { tooLong } from '../text/bounds.ts'
import { byteLengthForm, concatenateForm, overlayForm, substringForm } from '../text/inline.ts'
import { overlay, substring } from '../text/pieces.ts'
import {
  combineForm,
  complementForm,
  countForm,
  cutForm,
  digitForm,
  octetsForm,
  positionForm,
  ofNumberForm,
  resizeForm,
  shiftForm,
  storedForm,
  withDigitForm,
  type combinations,
} from './inline.ts'

const pairs = {
  and: (left: boolean, right: boolean) => left && right,
  or: (left: boolean, right: boolean) => left || right,
  xor: (left: boolean, right: boolean) => left !== right,
} as const

/** Two bit strings of one length, digit by digit. Throws STRING_LENGTH_MISMATCH. */
export function combined(
  left: string,
  right: string,
  operation: keyof typeof combinations,
): string {
  if (left.length !== right.length) {
    const message = `cannot ${operation.toUpperCase()} bit strings of different sizes`
    throw new QueryError('STRING_LENGTH_MISMATCH', message)
  }
  const pair = pairs[operation]
  return Array.from(left, (digit, at) => (pair(digit === '1', right[at] === '1') ? '1' : '0')).join(
    '',
  )
}

function shifted(bits: string, by: number): string {
  const away = Math.min(bits.length, Math.abs(by))
  const zeros = '0'.repeat(away)
  return by >= 0 ? bits.slice(away) + zeros : zeros + bits.slice(0, bits.length - away)
}

const operators: readonly ScalarFunction[] = [
  ...(
    [
      ['&', 'and', "B'1100' & B'1010' -- 1000"],
      ['|', 'or', "B'1100' | B'1010' -- 1110"],
      ['#', 'xor', "B'1100' # B'1010' -- 0110"],
    ] as const
  ).map(([name, operation, example]) =>
    scalar({
      name,
      args: ['bit', 'bit'],
      returns: bit,
      raises: true,
      doc: `Bits of the same length: ${operation === 'xor' ? 'exclusive or' : operation}.`,
      example,
      evaluate: ([left, right]) => combined(String(left), String(right), operation),
      inline: combineForm(operation),
    }),
  ),
  scalar({
    name: '~',
    args: ['bit'],
    returns: bit,
    doc: 'Every bit turned.',
    example: "~ B'100' -- 011",
    evaluate: ([bits]) => String(bits).replaceAll(/./g, (digit) => (digit === '1' ? '0' : '1')),
    inline: complementForm,
  }),
  ...(['<<', '>>'] as const).map((name) =>
    scalar({
      name,
      args: ['bit', 'int4'],
      returns: bit,
      doc: `Shifted to the ${name === '<<' ? 'left' : 'right'}; zeros come in.`,
      example: `B'1101' ${name} 1 -- ${name === '<<' ? '1010' : '0110'}`,
      evaluate: ([bits, by]) => shifted(String(bits), name === '<<' ? Number(by) : -Number(by)),
      inline: shiftForm(name === '>>'),
    }),
  ),
  scalar({
    name: '||',
    args: ['varbit', 'varbit'],
    returns: varbit,
    raises: true,
    doc: 'Some bits behind others.',
    example: "B'10' || B'01' -- 1001",
    evaluate: ([left, right]) => {
      const joined = String(left) + String(right)
      if (joined.length > BITS_MAX) throw tooManyBits()
      return joined
    },
    inline: concatenateForm,
  }),
]

const BITS_A_BYTE = 8

const lengths: readonly ScalarFunction[] = [
  ...['length', 'bit_length'].map((name) =>
    scalar({
      name,
      args: ['bit'],
      returns: int4,
      doc: 'Length in bits.',
      example: `${name}(B'10001') -- 5`,
      evaluate: ([bits]) => String(bits).length,
      inline: byteLengthForm,
    }),
  ),
  scalar({
    name: 'octet_length',
    args: ['bit'],
    returns: int4,
    doc: 'Length in bytes.',
    example: "octet_length(B'1000100001') -- 2",
    evaluate: ([bits]) => Math.ceil(String(bits).length / BITS_A_BYTE),
    inline: octetsForm,
  }),
  scalar({
    name: 'bit_count',
    args: ['bit'],
    returns: int8,
    doc: 'How many bits are 1.',
    example: "bit_count(B'10111') -- 4",
    evaluate: ([bits]) => BigInt(String(bits).replaceAll('0', '').length),
    inline: countForm,
  }),
]

function checkedPlace(bits: string, at: Scalar | undefined): number {
  const place = Number(at)
  if (place >= 0 && place < bits.length) return place
  const message = `bit index ${place} out of valid range (0..${bits.length - 1})`
  throw new QueryError('ARRAY_SUBSCRIPT_ERROR', message)
}

function withDigit([value, at, digit]: readonly Scalar[]): string {
  const bits = String(value)
  const place = checkedPlace(bits, at)
  return `${bits.slice(0, place)}${checkedBit(digit) ? '1' : '0'}${bits.slice(place + 1)}`
}

const parts: readonly ScalarFunction[] = [
  ...([2, 3] as const).map((count) =>
    scalar({
      name: 'substring',
      args: (['bit', 'int4', 'int4'] as const).slice(0, count),
      returns: bit,
      raises: count === 3,
      doc:
        count === 2 ? 'The bits from a position (from 1) on.' : 'So many bits from a position on.',
      example:
        count === 2 ? "substring(B'110010', 3) -- 0010" : "substring(B'110010', 2, 3) -- 100",
      evaluate: substring,
      inline: substringForm,
    }),
  ),
  ...([3, 4] as const).map((count) =>
    scalar({
      name: 'overlay',
      args: (['bit', 'bit', 'int4', 'int4'] as const).slice(0, count),
      returns: bit,
      raises: true,
      doc: 'The bits with a part, from a position on, replaced by others.',
      example:
        count === 3
          ? "overlay(B'0101' placing B'11' from 2) -- 0111"
          : "overlay(B'0101' placing B'11' from 2 for 1) -- 01101",
      evaluate: overlay,
      inline: overlayForm,
    }),
  ),
  scalar({
    name: 'position',
    args: ['bit', 'bit'],
    returns: int4,
    doc: 'Position (from 1) of some bits in others, 0 where they do not occur.',
    example: "position(B'010' in B'000001101011') -- 8",
    evaluate: ([bits, part]) => (bits === '' ? 0 : String(bits).indexOf(String(part)) + 1),
    inline: positionForm,
  }),
  scalar({
    name: 'get_bit',
    args: ['bit', 'int4'],
    returns: int4,
    raises: true,
    doc: 'A bit by its number from 0 on, the leftmost first.',
    example: "get_bit(B'101010', 1) -- 0",
    evaluate: ([bits, at]) => Number(String(bits)[checkedPlace(String(bits), at)]),
    inline: digitForm,
  }),
  scalar({
    name: 'set_bit',
    args: ['bit', 'int4', 'int4'],
    returns: bit,
    raises: true,
    doc: 'The bits with one of them set to 0 or 1.',
    example: "set_bit(B'101010', 0, 0) -- 001010",
    evaluate: withDigit,
    inline: withDigitForm,
  }),
]

/** How many bits there are to be: none where less than none is asked for. Throws PROGRAM_LIMIT_EXCEEDED. */
function checkedLength(wanted: Scalar | undefined): number {
  if (Number(wanted) > BITS_MAX) throw tooLong()
  return Math.max(0, Number(wanted))
}

/** The last bits of an integer, its sign before them. */
function bitsOfInteger([value, wanted]: readonly Scalar[]): string {
  const count = checkedLength(wanted)
  const number = BigInt(value as number | bigint)
  const known = BigInt.asUintN(64, number).toString(2).padStart(64, '0')
  return known.slice(64 - Math.min(count, 64)).padStart(count, number < 0n ? '1' : '0')
}

/** Bits as a column of bit(n), or of bit varying(n), keeps them. Throws STRING_LENGTH_MISMATCH and STRING_TOO_LONG. */
export function storableBits(bits: string, most: number, isExact: boolean): string {
  if (isExact && bits.length !== most) {
    const message = `bit string length ${bits.length} does not match type bit(${most})`
    throw new QueryError('STRING_LENGTH_MISMATCH', message)
  }
  if (bits.length <= most) return bits
  throw new QueryError('STRING_TOO_LONG', `bit string too long for type bit varying(${most})`)
}

/** What declared lengths do. */
const limits: readonly ScalarFunction[] = [
  ...(['int4', 'int8'] as const).map((kind) =>
    scalar({
      name: 'bits_of_integer',
      args: [kind, 'int4'],
      returns: bit,
      raises: true,
      doc: 'A cast of an integer to bit(n): its last bits, with its sign before them.',
      example: 'bits_of_integer(44, 10) -- 0000101100',
      evaluate: bitsOfInteger,
      inline: ofNumberForm,
    }),
  ),
  scalar({
    name: 'pad_bits',
    args: ['bit', 'int4'],
    returns: bit,
    raises: true,
    doc: 'A cast to bit(n): what is longer is cut off, zeros make up what is missing.',
    example: "pad_bits(B'101', 5) -- 10100",
    evaluate([bits, wanted]) {
      const length = checkedLength(wanted)
      return String(bits).slice(0, length).padEnd(length, '0')
    },
    inline: resizeForm,
  }),
  scalar({
    name: 'cut_bits',
    args: ['varbit', 'int4'],
    returns: varbit,
    doc: 'A cast to bit varying(n): what is longer is cut off.',
    example: "cut_bits(B'10111', 3) -- 101",
    evaluate: ([bits, most]) => String(bits).slice(0, Number(most)),
    inline: cutForm,
  }),
  scalar({
    name: 'store_bit',
    args: ['bit', 'int4'],
    returns: bit,
    raises: true,
    doc: 'The bits for a column of bit(n), which has exactly so many.',
    example: "store_bit(B'101', 3) -- 101",
    evaluate: ([bits, wanted]) => storableBits(String(bits), Number(wanted), true),
    inline: storedForm(true),
  }),
  scalar({
    name: 'store_varbit',
    args: ['varbit', 'int4'],
    returns: varbit,
    raises: true,
    doc: 'The bits for a column of bit varying(n), which has no more.',
    example: "store_varbit(B'101', 4) -- 101",
    evaluate: ([bits, most]) => storableBits(String(bits), Number(most), false),
    inline: storedForm(false),
  }),
]

/** Functions of bit strings. */
export const bitFunctions: readonly ScalarFunction[] = [
  ...operators,
  ...lengths,
  ...parts,
  ...limits,
]
