import { QueryError } from '../../base/errors.ts'
import { bytea, int4, text, type DataType } from '../../data/types/data-type.ts'
import { formatScalar } from '../../data/types/format-scalar.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { castScalar } from '../cast-scalar.ts'
import { aliases, scalar } from '../define.ts'
import type { ScalarFunction } from '../function.ts'
import { byteLength, checkBytes, checkJoined } from './bounds.ts'
import { characterCount, TextBuilder } from './characters.ts'
import { kernelForm } from '../kernel-forms.ts'
import {
  bitLengthForm,
  byteLengthForm,
  characterForm,
  concatenateForm,
  hexForm,
  initcapForm,
  lowerForm,
  md5Form,
  quotedForm,
  quotedOrNullForm,
  upperForm,
} from './inline.ts'
import { capitalize, lowerText, upperText } from './letters.ts'
import {
  concatenateAnyForm,
  concatForm,
  concatWithSeparatorForm,
  joinsInline,
} from './join-forms.ts'
import { md5 } from './md5.ts'
import { replaceAll } from './pieces.ts'

const encoder = new TextEncoder()

const cases: readonly ScalarFunction[] = [
  scalar({
    name: 'upper',
    args: ['text'],
    returns: text,
    doc: 'The text in upper case.',
    example: "upper('tom') -- TOM",
    evaluate: ([source]) => upperText(String(source)),
    inline: upperForm,
  }),
  scalar({
    name: 'lower',
    args: ['text'],
    returns: text,
    doc: 'The text in lower case.',
    example: "lower('TOM') -- tom",
    evaluate: ([source]) => lowerText(String(source)),
    inline: lowerForm,
  }),
  scalar({
    name: 'initcap',
    args: ['text'],
    returns: text,
    doc: 'Each word with its first letter in upper case, the rest in lower case.',
    example: "initcap('hi THOMAS') -- Hi Thomas",
    evaluate: ([source]) => capitalize(String(source)),
    inline: initcapForm,
  }),
]

const lengths: readonly ScalarFunction[] = [
  scalar({
    name: 'length',
    args: ['text'],
    returns: int4,
    doc: 'Length in characters.',
    example: "length('jose') -- 4",
    evaluate: ([source]) => characterCount(String(source)),
    inline: kernelForm('textLength'),
  }),
  ...['length', 'octet_length'].map((name) =>
    scalar({
      name,
      args: ['bytea'],
      returns: int4,
      doc: 'Length in bytes.',
      example: `${name}(bytea '\\x0102') -- 2`,
      evaluate: ([source]) => (source as Uint8Array).length,
      inline: byteLengthForm,
    }),
  ),
  scalar({
    name: 'bit_length',
    args: ['text'],
    returns: int4,
    doc: 'Length in bits.',
    example: "bit_length('jose') -- 32",
    evaluate: ([source]) => byteLength(String(source)) * 8,
    inline: bitLengthForm,
  }),
]

const textLength = lengths.filter(({ id }) => id === 'length(text)')

/** A value's text as concat shows it: booleans as t and f. */
function shown(value: NonNullable<Scalar>, type: DataType): string {
  return formatScalar(value, type)
}

function joined(args: readonly Scalar[], types: readonly DataType[], separator: string): string {
  const result = new TextBuilder()
  let isFirst = true
  args.forEach((value, index) => {
    if (value === null) return
    if (!isFirst) result.add(separator)
    isFirst = false
    result.add(shown(value, types[index] ?? text))
  })
  return result.finish()
}

/** One text behind the other. Throws PROGRAM_LIMIT_EXCEEDED if that is too long. */
function concatenated(left: string, right: string): string {
  checkJoined(left, right)
  return left + right
}

function joinedBytes(left: Uint8Array, right: Uint8Array): Uint8Array {
  checkBytes(left.length + right.length)
  const result = new Uint8Array(left.length + right.length)
  result.set(left)
  result.set(right, left.length)
  return result
}

function cast(value: Scalar | undefined, type: DataType | undefined): string {
  if (value === undefined || value === null || type === undefined) return ''
  return String(castScalar(value, type, text))
}

const joins: readonly ScalarFunction[] = [
  scalar({
    name: '||',
    args: ['text', 'text'],
    returns: text,
    doc: 'One text behind the other.',
    example: "'hed' || 'dle' -- heddle",
    evaluate: ([left, right]) => concatenated(String(left), String(right)),
    inline: concatenateForm,
  }),
  scalar({
    name: '||',
    args: ['text', 'any'],
    writesArguments: 'text',
    returns: text,
    doc: 'A text and the text form of another value.',
    example: "'n = ' || 42 -- n = 42",
    evaluate: ([left, right], types) => concatenated(String(left), cast(right, types[1])),
    inline: concatenateAnyForm,
    inlineFor: joinsInline,
  }),
  scalar({
    name: '||',
    args: ['any', 'text'],
    writesArguments: 'text',
    returns: text,
    doc: 'The text form of a value and a text.',
    example: "42 || '%' -- 42%",
    evaluate: ([left, right], types) => concatenated(cast(left, types[0]), String(right)),
    inline: concatenateAnyForm,
    inlineFor: joinsInline,
  }),
  scalar({
    name: '||',
    args: ['bytea', 'bytea'],
    returns: bytea,
    doc: 'Some bytes behind others.',
    example: "bytea '\\x01' || bytea '\\x02' -- \\x0102",
    evaluate: ([left, right]) => joinedBytes(left as Uint8Array, right as Uint8Array),
    inline: concatenateForm,
  }),
  scalar({
    name: 'concat',
    nullResult: 'never',
    args: ['any'],
    variadic: true,
    writesArguments: 'text',
    returns: text,
    nulls: 'called',
    doc: 'The text forms of all values that are not NULL, one behind the other.',
    example: "concat('a', NULL, 1, true) -- a1t",
    evaluate: (args, types) => joined(args, types, ''),
    inline: concatForm,
    inlineFor: joinsInline,
    isDear: true,
  }),
  scalar({
    name: 'concat_ws',
    args: ['text', 'any'],
    variadic: true,
    writesArguments: 'text',
    returns: text,
    nulls: 'called',
    doc: 'The text forms of all values that are not NULL, with a separator between them.',
    example: "concat_ws(', ', 'a', NULL, 1) -- a, 1",
    evaluate: ([separator = null, ...values], types) =>
      separator === null ? null : joined(values, types.slice(1), String(separator)),
    inline: concatWithSeparatorForm,
    inlineFor: joinsInline,
    isDear: true,
  }),
]

function character(code: number): string {
  if (code === 0) {
    throw new QueryError('PROGRAM_LIMIT_EXCEEDED', 'null character not permitted')
  }
  if (code < 0) {
    throw new QueryError('INVALID_PARAMETER_VALUE', 'character number must be positive')
  }
  if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) {
    const what =
      code > 0x10ffff
        ? 'requested character too large for encoding'
        : 'requested character not valid for encoding'
    throw new QueryError('PROGRAM_LIMIT_EXCEEDED', `${what}: ${code}`)
  }
  return String.fromCodePoint(code)
}

/** A text as a literal of SQL. */
export function quoted(source: string): string {
  const doubled = replaceAll(source, "'", "''")
  if (!doubled.includes('\\')) return `'${doubled}'`
  return `E'${replaceAll(doubled, '\\', '\\\\')}'`
}

/** PostgreSQL has the text of any value quoted. */
const asText = (): readonly DataType[] => [text]

const codes: readonly ScalarFunction[] = [
  scalar({
    name: 'ascii',
    args: ['text'],
    returns: int4,
    doc: 'Code point of the first character, 0 for an empty text.',
    example: "ascii('x') -- 120",
    evaluate: ([source]) => String(source).codePointAt(0) ?? 0,
    inline: kernelForm('textCode'),
  }),
  scalar({
    name: 'chr',
    args: ['int4'],
    returns: text,
    raises: true,
    doc: 'The character with a code point.',
    example: 'chr(65) -- A',
    evaluate: ([code]) => character(Number(code)),
    inline: characterForm,
  }),
  scalar({
    name: 'md5',
    args: ['text'],
    returns: text,
    doc: 'MD5 digest in hexadecimal.',
    example: "md5('abc') -- 900150983cd24fb0d6963f7d28e17f72",
    evaluate: ([source]) => md5(encoder.encode(String(source))),
    inline: md5Form,
  }),
  scalar({
    name: 'md5',
    args: ['bytea'],
    returns: text,
    doc: 'MD5 digest in hexadecimal.',
    example: "md5(bytea '\\x616263') -- 900150983cd24fb0d6963f7d28e17f72",
    evaluate: ([source]) => md5(source as Uint8Array),
    inline: md5Form,
  }),
  ...(
    [
      ['int4', 32],
      ['int8', 64],
    ] as const
  ).map(([kind, bits]) =>
    scalar({
      name: 'to_hex',
      args: [kind],
      returns: text,
      doc: 'The number in hexadecimal, negative ones in two’s complement.',
      example: 'to_hex(255) -- ff',
      evaluate: ([value]) => BigInt.asUintN(bits, BigInt(value as bigint)).toString(16),
      inline: hexForm,
    }),
  ),
  ...(['text', 'any'] as const).flatMap((kind) => [
    scalar({
      name: 'quote_literal',
      args: [kind],
      ...(kind === 'any' ? { settle: asText } : {}),
      returns: text,
      raises: kind === 'any',
      doc: 'The text of a value as a string literal of SQL.',
      example:
        kind === 'any' ? "quote_literal(4.50) -- '4.50'" : "quote_literal('it''s') -- 'it''s'",
      evaluate: ([source]) => quoted(String(source)),
      inline: quotedForm,
    }),
    scalar({
      name: 'quote_nullable',
      nullResult: 'never',
      args: [kind],
      ...(kind === 'any' ? { settle: asText } : {}),
      returns: text,
      nulls: 'called',
      raises: kind === 'any',
      doc: 'The text of a value as a string literal of SQL, or NULL as a word.',
      example: kind === 'any' ? "quote_nullable(4) -- '4'" : 'quote_nullable(NULL) -- NULL',
      evaluate: ([source = null]) => (source === null ? 'NULL' : quoted(String(source))),
      inline: quotedOrNullForm,
    }),
  ]),
]

/** Functions on whole texts. */
export const textFunctions: readonly ScalarFunction[] = [
  ...cases,
  ...lengths,
  ...aliases(textLength, 'char_length', 'character_length'),
  ...joins,
  ...codes,
]
