import { spend } from '../../base/budget.ts'
import { QueryError } from '../../base/errors.ts'
import { bytea, text } from '../../data/types/data-type.ts'
import { checkedDigit, ODD_DIGITS, parseEscaped } from '../../data/types/parse-bytes.ts'
import { scalar } from '../define.ts'
import type { ScalarFunction } from '../function.ts'
import { checkBytes } from '../text/bounds.ts'
import { bytesOf, lettersOf } from './byte-letters.ts'
import { decodeForm, encodeForm } from './inline.ts'

/** A way to write bytes as a text, and to read them. */
interface Encoding {
  encode(bytes: Uint8Array): string
  decode(source: string): Uint8Array
}

const isBlank = (letter: string): boolean => ' \t\n\r'.includes(letter)

function fromHex(source: string): Uint8Array {
  const bytes: number[] = []
  for (let at = 0; at < source.length;) {
    spend(1)
    if (isBlank(source.charAt(at))) {
      at++
      continue
    }
    const high = checkedDigit(source, at)
    if (at + 1 >= source.length) throw new QueryError('INVALID_PARAMETER_VALUE', ODD_DIGITS)
    bytes.push((high << 4) | checkedDigit(source, at + 1))
    at += 2
  }
  return Uint8Array.from(bytes)
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
/** Bytes of a line of 76 letters. */
const LINE_BYTES = 57

function toBase64(bytes: Uint8Array): string {
  let out = ''
  for (let at = 0; at < bytes.length; at += 3) {
    if (at > 0 && at % LINE_BYTES === 0) out += '\n'
    const [first = 0, second, third] = bytes.subarray(at, at + 3)
    const group = (first << 16) | ((second ?? 0) << 8) | (third ?? 0)
    out += alphabet[group >> 18]! + alphabet[(group >> 12) & 63]!
    out += second === undefined ? '=' : alphabet[(group >> 6) & 63]!
    out += third === undefined ? '=' : alphabet[group & 63]!
  }
  return bytes.length > 0 && bytes.length % LINE_BYTES === 0 ? `${out}\n` : out
}

/** As PostgreSQL's pg_base64_decode has it: what follows the padding is read by fours, too. */
function fromBase64(source: string): Uint8Array {
  const bytes: number[] = []
  let bits = 0
  let count = 0
  let kept = 3
  for (const letter of source) {
    spend(1)
    if (isBlank(letter)) continue
    let digit = 0
    if (letter === '=') {
      if (kept === 3) {
        if (count < 2) throw wrong('unexpected "=" while decoding base64 sequence')
        kept = count - 1
      }
    } else {
      digit = alphabet.indexOf(letter)
      if (digit < 0) throw wrong(`invalid symbol "${letter}" found while decoding base64 sequence`)
    }
    bits = (bits << 6) | digit
    if (++count < 4) continue
    bytes.push(...[(bits >> 16) & 255, (bits >> 8) & 255, bits & 255].slice(0, kept))
    bits = 0
    count = 0
  }
  if (count === 0) return Uint8Array.from(bytes)
  throw new QueryError('INVALID_PARAMETER_VALUE', 'invalid base64 end sequence', {
    hint: 'Input data is missing padding, is truncated, or is otherwise corrupted.',
  })
}

function wrong(message: string): QueryError {
  return new QueryError('INVALID_PARAMETER_VALUE', message)
}

function toEscaped(bytes: Uint8Array): string {
  let out = ''
  for (const letter of lettersOf(bytes)) {
    const code = letter.charCodeAt(0)
    if (code === 0 || code >= 128) out += `\\${code.toString(8).padStart(3, '0')}`
    else out += letter === '\\' ? '\\\\' : letter
  }
  return out
}

const encodings: Readonly<Record<string, Encoding>> = {
  hex: {
    encode: (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(''),
    decode: fromHex,
  },
  base64: { encode: toBase64, decode: fromBase64 },
  escape: { encode: toEscaped, decode: parseEscaped },
}

function encodingNamed(name: string): Encoding {
  const known = name.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
  const encoding = Object.hasOwn(encodings, known) ? encodings[known] : undefined
  if (encoding !== undefined) return encoding
  throw wrong(`unrecognized encoding: "${name}"`)
}

/** Letters that a byte takes at most. */
const LETTERS_A_BYTE = 4

/** Bytes as texts, and back. */
export const encodingFunctions: readonly ScalarFunction[] = [
  scalar({
    name: 'encode',
    args: ['bytea', 'text'],
    returns: text,
    raises: true,
    doc: 'The bytes as a text in a format: hex, base64 or escape.',
    example: "encode('123\\000\\001', 'base64') -- MTIzAAE=",
    evaluate: ([bytes, format]) => {
      const { encode } = encodingNamed(String(format))
      checkBytes(bytesOf(bytes).length * LETTERS_A_BYTE)
      return encode(bytesOf(bytes))
    },
    inline: encodeForm,
  }),
  scalar({
    name: 'decode',
    args: ['text', 'text'],
    returns: bytea,
    raises: true,
    doc: 'The bytes that a text in a format stands for: hex, base64 or escape.',
    example: "decode('MTIzAAE=', 'base64') -- \\x3132330001",
    evaluate: ([source, format]) => encodingNamed(String(format)).decode(String(source)),
    inline: decodeForm,
  }),
]
