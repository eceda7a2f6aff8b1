import { QueryError } from '../../base/errors.ts'

const encoder = new TextEncoder()

const BACKSLASH = 0x5c
const BAD_BYTEA = 'invalid input syntax for type bytea'

/** A bytea in hex or in the escape format. */
export function parseBytes(source: string): Uint8Array {
  return source.startsWith('\\x') ? parseHex(source.slice(2)) : parseEscaped(source)
}

function parseHex(digits: string): Uint8Array {
  const clean = digits.replaceAll(/\s/g, '')
  const wrong = /[^0-9a-f]/i.exec(clean)
  if (wrong !== null) {
    const message = `invalid hexadecimal digit: "${wrong[0]}"`
    throw new QueryError('INVALID_PARAMETER_VALUE', message)
  }
  if (clean.length % 2 !== 0) {
    throw new QueryError(
      'INVALID_PARAMETER_VALUE',
      'invalid hexadecimal data: odd number of digits',
    )
  }
  const bytes = new Uint8Array(clean.length / 2)
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = (digitOf(clean.charCodeAt(2 * i)) << 4) | digitOf(clean.charCodeAt(2 * i + 1))
  }
  return bytes
}

/** Of a hexadecimal digit. */
function digitOf(code: number): number {
  return code <= 0x39 ? code - 0x30 : (code | 0x20) - 0x57
}

function parseEscaped(source: string): Uint8Array {
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
