import { QueryError } from '../../base/errors.ts'

const encoder = new TextEncoder()

const BACKSLASH = 0x5c
export const ODD_DIGITS = 'invalid hexadecimal data: odd number of digits'
const BAD_BYTEA = 'invalid input syntax for type bytea'

/** A bytea in hex or in the escape format. */
export function parseBytes(source: string): Uint8Array {
  return source.startsWith('\\x') ? parseHex(source.slice(2)) : parseEscaped(source)
}

/** Blanks may stand between two bytes, not within one. */
function parseHex(digits: string): Uint8Array {
  const bytes = new Uint8Array(digits.length >> 1)
  let length = 0
  for (let at = 0; at < digits.length; at += 2) {
    while (at < digits.length && ' \n\r\t'.includes(digits.charAt(at))) at++
    if (at === digits.length) break
    const high = checkedDigit(digits, at)
    if (at + 1 === digits.length) {
      throw new QueryError('INVALID_PARAMETER_VALUE', ODD_DIGITS)
    }
    bytes[length++] = (high << 4) | checkedDigit(digits, at + 1)
  }
  return bytes.slice(0, length)
}

/** The value of a hexadecimal digit. Throws INVALID_PARAMETER_VALUE. */
export function checkedDigit(digits: string, at: number): number {
  const code = digits.codePointAt(at) ?? 0
  const letter = String.fromCodePoint(code)
  if (/[0-9a-f]/i.test(letter)) return digitOf(code)
  const message = `invalid hexadecimal digit: "${letter}"`
  throw new QueryError('INVALID_PARAMETER_VALUE', message)
}

/** Of a hexadecimal digit. */
function digitOf(code: number): number {
  return code <= 0x39 ? code - 0x30 : (code | 0x20) - 0x57
}

/** Bytes with backslashes in front of octal digits. Throws INVALID_TEXT_REPRESENTATION. */
export function parseEscaped(source: string): Uint8Array {
  const bytes = encoder.encode(source)
  let length = 0
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!
    if (byte !== BACKSLASH) bytes[length++] = byte
    else if (bytes[at + 1] === BACKSLASH) bytes[length++] = bytes[++at]!
    else {
      const octal = /^[0-3][0-7]{2}$/.exec(String.fromCharCode(...bytes.subarray(at + 1, at + 4)))
      // Without the value, as it may be no text.
      if (octal === null) throw new QueryError('INVALID_TEXT_REPRESENTATION', BAD_BYTEA)
      bytes[length++] = Number.parseInt(octal[0], 8)
      at += 3
    }
  }
  return bytes.slice(0, length)
}
