import { spend } from '../../base/budget.ts'
import { notSupported, QueryError } from '../../base/errors.ts'
import { decodeUtf8 } from '../../base/utf8.ts'
import { bytea, text } from '../../data/types/data-type.ts'
import { scalar } from '../define.ts'
import type { ScalarFunction } from '../function.ts'
import { bytesOf } from './byte-letters.ts'
import { upperHalves } from './charset-tables.ts'
import { convertForm, fromCharsetForm, toCharsetForm } from './charset-inline.ts'

/** Encodings by PostgreSQL's names, each with the other names that it has; blanks and case aside. */
const names: Readonly<Record<string, string>> = {
  UTF8: 'utf8 unicode',
  SQL_ASCII: 'sqlascii',
  LATIN1: 'latin1 iso88591',
  LATIN2: 'latin2 iso88592',
  LATIN3: 'latin3 iso88593',
  LATIN4: 'latin4 iso88594',
  LATIN5: 'latin5 iso88599',
  LATIN6: 'latin6 iso885910',
  LATIN7: 'latin7 iso885913',
  LATIN8: 'latin8 iso885914',
  LATIN9: 'latin9 iso885915',
  LATIN10: 'latin10 iso885916',
  ISO_8859_5: 'iso88595',
  ISO_8859_6: 'iso88596',
  ISO_8859_7: 'iso88597',
  ISO_8859_8: 'iso88598',
  KOI8R: 'koi8r koi8',
  KOI8U: 'koi8u',
  WIN866: 'win866 windows866 alt',
  WIN874: 'win874 windows874',
  WIN1250: 'win1250 windows1250',
  WIN1251: 'win1251 windows1251 win',
  WIN1252: 'win1252 windows1252',
  WIN1253: 'win1253 windows1253',
  WIN1254: 'win1254 windows1254',
  WIN1255: 'win1255 windows1255',
  WIN1256: 'win1256 windows1256',
  WIN1257: 'win1257 windows1257',
  WIN1258: 'win1258 windows1258 abc tcvn tcvn5712 vscii',
}

/** Those of several bytes a character but UTF-8, which Heddle does not read. */
const notOffered =
  'big5 eucjis2004 eucjp euccn euckr euctw gb18030 gbk johab mskanji muleinternal shiftjis ' +
  'shiftjis2004 sjis uhc win932 win936 win949 win950 windows932 windows936 windows949 windows950'

const byName: ReadonlyMap<string, string> = new Map(
  Object.entries(names).flatMap(([name, all]) => all.split(' ').map((each) => [each, name])),
)

function charsetNamed(given: string, what: string): string {
  const known = given.replaceAll(/[^A-Za-z0-9]/g, '').toLowerCase()
  const name = byName.get(known)
  if (name !== undefined) return name
  if (notOffered.split(' ').includes(known)) throw notSupported(`encoding ${given}`)
  const message = `invalid ${what} encoding name "${given}"`
  throw new QueryError('INVALID_PARAMETER_VALUE', message)
}

const hexOf = (bytes: Iterable<number>): string =>
  Array.from(bytes, (byte) => `0x${byte.toString(16).padStart(2, '0')}`).join(' ')

function noEquivalent(bytes: Iterable<number>, from: string, to: string): QueryError {
  const message = `character with byte sequence ${hexOf(bytes)} in encoding "${from}" has no equivalent in encoding "${to}"`
  return new QueryError('UNTRANSLATABLE_CHARACTER', message)
}

const HALF = 128
const DIGITS = 4

/** What a byte from 128 on means; 0: nothing. */
function codeOf(charset: string, byte: number): number {
  const table = upperHalves[charset]
  if (table === undefined) return byte
  const at = (byte - HALF) * DIGITS
  return Number.parseInt(table.slice(at, at + DIGITS), 16)
}

const inverses = new Map<string, ReadonlyMap<number, number>>()

/** The bytes of an encoding by what they mean. */
function inverseOf(charset: string): ReadonlyMap<number, number> {
  let known = inverses.get(charset)
  if (known === undefined) {
    const upper = Array.from({ length: HALF }, (_, at) => at + HALF)
    known = new Map(upper.map((byte) => [codeOf(charset, byte), byte] as const))
    inverses.set(charset, known)
  }
  return known
}

/** A zero byte is in no text, whatever its encoding. */
function checkZeros(bytes: Uint8Array, charset: string): void {
  if (!bytes.includes(0)) return
  const message = `invalid byte sequence for encoding "${charset}": 0x00`
  throw new QueryError('INVALID_ENCODING', message)
}

const encoder = new TextEncoder()

/** The text of bytes in an encoding. Errors: INVALID_ENCODING, UNTRANSLATABLE_CHARACTER. */
function textOfBytes(bytes: Uint8Array, charset: string): string {
  spend(bytes.length)
  if (charset === 'UTF8' || charset === 'SQL_ASCII') {
    checkZeros(bytes, 'UTF8')
    return decodeUtf8(bytes)
  }
  checkZeros(bytes, charset)
  let result = ''
  for (const byte of bytes) {
    const code = byte < HALF ? byte : codeOf(charset, byte)
    if (code === 0) throw noEquivalent([byte], charset, 'UTF8')
    result += String.fromCharCode(code)
  }
  return result
}

/** A text's bytes in an encoding. Throws UNTRANSLATABLE_CHARACTER. */
function bytesOfText(source: string, charset: string): Uint8Array {
  spend(source.length)
  if (charset === 'UTF8' || charset === 'SQL_ASCII') return encoder.encode(source)
  const inverse = inverseOf(charset)
  return Uint8Array.from(source, (letter) => {
    const code = letter.codePointAt(0) ?? 0
    const byte = code < HALF ? code : inverse.get(code)
    if (byte === undefined) throw noEquivalent(encoder.encode(letter), 'UTF8', charset)
    return byte
  })
}

/** Encodings between which PostgreSQL has conversions that do not go by way of UTF-8. */
const together: readonly ReadonlySet<string>[] = [
  new Set(['KOI8R', 'WIN1251', 'WIN866', 'ISO_8859_5']),
  new Set(['LATIN2', 'WIN1250']),
]

function converted(bytes: Uint8Array, from: string, to: string): Uint8Array {
  const isAny = [from, to].includes('SQL_ASCII')
  if (from === to || isAny) {
    if (from === 'UTF8') textOfBytes(bytes, from)
    else if (from !== 'SQL_ASCII') checkZeros(bytes, from)
    return bytes
  }
  if (from === 'UTF8') return bytesOfText(textOfBytes(bytes, from), to)
  if (to === 'UTF8') return encoder.encode(textOfBytes(bytes, from))
  if (together.some((set) => set.has(from) && set.has(to))) {
    throw notSupported(`conversion from ${from} to ${to}`)
  }
  const message = `default conversion function for encoding "${from}" to "${to}" does not exist`
  throw new QueryError('UNDEFINED_FUNCTION', message)
}

/** Texts in other encodings. */
export const charsetFunctions: readonly ScalarFunction[] = [
  scalar({
    name: 'convert_from',
    args: ['bytea', 'text'],
    returns: text,
    raises: true,
    doc: 'The text of bytes that are in an encoding.',
    example: "convert_from('\\x6dfc6e'::bytea, 'LATIN1') -- mün",
    evaluate: ([bytes, name]) => textOfBytes(bytesOf(bytes), charsetNamed(String(name), 'source')),
    inline: fromCharsetForm,
  }),
  scalar({
    name: 'convert_to',
    args: ['text', 'text'],
    returns: bytea,
    raises: true,
    doc: "A text's bytes in an encoding.",
    example: "convert_to('mün', 'LATIN1') -- \\x6dfc6e",
    evaluate: ([source, name]) =>
      bytesOfText(String(source), charsetNamed(String(name), 'destination')),
    inline: toCharsetForm,
  }),
  scalar({
    name: 'convert',
    args: ['bytea', 'text', 'text'],
    returns: bytea,
    raises: true,
    doc: 'The bytes of a text in one encoding as they are in another.',
    example: "convert('\\x6dfc6e'::bytea, 'LATIN1', 'UTF8') -- \\x6dc3bc6e",
    evaluate: ([bytes, from, to]) =>
      converted(
        bytesOf(bytes),
        charsetNamed(String(from), 'source'),
        charsetNamed(String(to), 'destination'),
      ),
    inline: convertForm,
  }),
]
