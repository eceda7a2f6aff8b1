import { QueryError } from '../../base/errors.ts'
import { bool, bytea, int4, int8 } from '../../data/types/data-type.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { scalar } from '../define.ts'
import type { ScalarFunction } from '../function.ts'
import { bitLengthForm } from '../text/inline.ts'
import { escapeOf, matchesLike } from '../text/like.ts'
import { overlay, trim } from '../text/pieces.ts'
import { bytesOf, bytesOfLetters, lettersOf } from './byte-letters.ts'
import {
  bitCountForm,
  bitForm,
  byteForm,
  bytesLikeForm,
  bytesOverlayForm,
  bytesPositionForm,
  bytesTrimForm,
  withBitForm,
  withByteForm,
} from './inline.ts'

/** The index of one of so many bits or bytes. Throws ARRAY_SUBSCRIPT_ERROR. */
export function checkedIndex(index: Scalar | undefined, count: number): number {
  const at = Number(index)
  if (at >= 0 && at < count) return at
  const message = `index ${String(index)} out of valid range, 0..${count - 1}`
  throw new QueryError('ARRAY_SUBSCRIPT_ERROR', message)
}

/** Throws INVALID_PARAMETER_VALUE for what is neither 0 nor 1. */
export function checkedBit(value: Scalar | undefined): boolean {
  const bit = Number(value)
  if (bit === 0 || bit === 1) return bit === 1
  throw new QueryError('INVALID_PARAMETER_VALUE', 'new bit must be 0 or 1')
}

const BITS_A_BYTE = 8

function bitOf([value, index]: readonly Scalar[]): number {
  const bytes = bytesOf(value)
  const at = checkedIndex(index, bytes.length * BITS_A_BYTE)
  return (bytes[Math.floor(at / BITS_A_BYTE)]! >> (at % BITS_A_BYTE)) & 1
}

function withBit([value, index, bit]: readonly Scalar[]): Uint8Array {
  const bytes = bytesOf(value).slice()
  const at = checkedIndex(index, bytes.length * BITS_A_BYTE)
  const place = Math.floor(at / BITS_A_BYTE)
  const mask = 1 << (at % BITS_A_BYTE)
  const old = bytes[place]!
  bytes[place] = checkedBit(bit) ? old | mask : old & ~mask
  return bytes
}

function withByte([value, index, byte]: readonly Scalar[]): Uint8Array {
  const bytes = bytesOf(value).slice()
  bytes[checkedIndex(index, bytes.length)] = Number(byte)
  return bytes
}

/** How many bits are 1. */
export function countedBits(bytes: Uint8Array): number {
  let count = 0
  for (const byte of bytes) {
    for (let rest = byte; rest !== 0; rest &= rest - 1) count++
  }
  return count
}

const single: readonly ScalarFunction[] = [
  scalar({
    name: 'get_bit',
    args: ['bytea', 'int8'],
    returns: int4,
    raises: true,
    doc: 'A bit by its number from 0 on; within a byte the lowest is the first.',
    example: "get_bit('\\x1234567890'::bytea, 30) -- 1",
    evaluate: bitOf,
    inline: bitForm,
  }),
  scalar({
    name: 'get_byte',
    args: ['bytea', 'int4'],
    returns: int4,
    raises: true,
    doc: 'A byte by its number from 0 on.',
    example: "get_byte('\\x1234567890'::bytea, 4) -- 144",
    evaluate: ([bytes, at]) => bytesOf(bytes)[checkedIndex(at, bytesOf(bytes).length)] ?? 0,
    inline: byteForm,
  }),
  scalar({
    name: 'set_bit',
    args: ['bytea', 'int8', 'int4'],
    returns: bytea,
    raises: true,
    doc: 'The bytes with one bit set to 0 or 1.',
    example: "set_bit('\\x1234567890'::bytea, 30, 0) -- \\x1234563890",
    evaluate: withBit,
    inline: withBitForm,
  }),
  scalar({
    name: 'set_byte',
    args: ['bytea', 'int4', 'int4'],
    returns: bytea,
    raises: true,
    doc: 'The bytes with one of them set to a number.',
    example: "set_byte('\\x1234567890'::bytea, 4, 64) -- \\x1234567840",
    evaluate: withByte,
    inline: withByteForm,
  }),
  scalar({
    name: 'bit_count',
    args: ['bytea'],
    returns: int8,
    doc: 'How many bits are 1.',
    example: "bit_count('\\x1234567890'::bytea) -- 15",
    evaluate: ([bytes]) => BigInt(countedBits(bytesOf(bytes))),
    inline: bitCountForm,
  }),
  scalar({
    name: 'bit_length',
    args: ['bytea'],
    returns: int4,
    doc: 'Length in bits.',
    example: "bit_length('\\x123456'::bytea) -- 24",
    evaluate: ([bytes]) => bytesOf(bytes).length * BITS_A_BYTE,
    inline: bitLengthForm,
  }),
]

const trims = (
  [
    ['btrim', 3, 'both ends', '\\x345678'],
    ['ltrim', 1, 'the start', '\\x34567890'],
    ['rtrim', 2, 'the end', '\\x9012345678'],
  ] as const
).map(([name, sides, where, result]) =>
  scalar({
    name,
    args: ['bytea', 'bytea'],
    returns: bytea,
    doc: `The bytes without those of a set at ${where}.`,
    example: `${name}('\\x9012345678${'90'}'::bytea, '\\x1290'::bytea) -- ${result}`,
    evaluate: ([bytes, set]) =>
      bytesOfLetters(trim(lettersOf(bytes), lettersOf(set), (sides & 1) !== 0, (sides & 2) !== 0)),
    inline: bytesTrimForm(sides),
  }),
)

const overlays = ([3, 4] as const).map((count) =>
  scalar({
    name: 'overlay',
    args: count === 3 ? ['bytea', 'bytea', 'int4'] : ['bytea', 'bytea', 'int4', 'int4'],
    returns: bytea,
    raises: true,
    doc: 'The bytes with a part, from a position on, replaced by others.',
    example: `overlay('\\x1234567890'::bytea, '\\x0203'::bytea, 2${
      count === 3 ? ') -- \\x1202037890' : ', 3) -- \\x12020390'
    }`,
    evaluate: ([whole = null, piece = null, ...rest]) =>
      bytesOfLetters(overlay([lettersOf(whole), lettersOf(piece), ...rest])),
    inline: bytesOverlayForm,
  }),
)

const likes = (
  [
    ['~~', false],
    ['!~~', true],
    ['like', false],
    ['not_like', true],
  ] as const
).flatMap(([name, negated]) => {
  const isOperator = name.endsWith('~~')
  const doc = `Whether the bytes ${negated ? 'do not match' : 'match'} the pattern, by bytes.`
  const matches = (args: readonly Scalar[]): boolean => {
    const letters = args.map(lettersOf)
    return matchesLike(letters[0] ?? '', letters[1] ?? '', escapeOf(letters)) !== negated
  }
  const own = { name, returns: bool, raises: true, doc, evaluate: matches }
  const written = isOperator
    ? `bytea 'heddle' ${negated ? 'not ' : ''}like bytea 'h%e'`
    : `${name}(bytea 'heddle', bytea 'h%e')`
  const plain = scalar({
    ...own,
    args: ['bytea', 'bytea'],
    example: `${written} -- ${negated ? 'f' : 't'}`,
    inline: bytesLikeForm(negated),
  })
  if (!isOperator) return [plain]
  const escaped = scalar({
    ...own,
    args: ['bytea', 'bytea', 'bytea'],
    example: `bytea 'a%' ${negated ? 'not ' : ''}like bytea 'a#%' escape bytea '#' -- ${negated ? 'f' : 't'}`,
  })
  return [plain, escaped]
})

/** Functions on parts of bytes. */
export const bytePartFunctions: readonly ScalarFunction[] = [
  ...single,
  ...trims,
  ...overlays,
  ...likes,
  scalar({
    name: 'position',
    args: ['bytea', 'bytea'],
    returns: int4,
    doc: 'Position (from 1) of some bytes in others, 0 where they do not occur.',
    example: "position('\\x5678'::bytea in '\\x1234567890'::bytea) -- 3",
    evaluate: ([bytes, part]) => lettersOf(bytes).indexOf(lettersOf(part)) + 1,
    inline: bytesPositionForm,
  }),
]
