import type { Identifier, TypeName } from '../ast/expression.ts'
import type { TokenCursor } from './cursor.ts'
import { commaList } from './cursor.ts'
import { isTypeOrFunctionName, parseLabel, takeIdentifier } from './name.ts'

/** What a type written with keywords of its own becomes. */
interface BuiltInType {
  readonly name: string
  readonly modifiers: boolean
}

const simpleTypes: ReadonlyMap<string, BuiltInType> = new Map([
  ['int', { name: 'int4', modifiers: false }],
  ['integer', { name: 'int4', modifiers: false }],
  ['smallint', { name: 'int2', modifiers: false }],
  ['bigint', { name: 'int8', modifiers: false }],
  ['real', { name: 'float4', modifiers: false }],
  ['boolean', { name: 'bool', modifiers: false }],
  ['decimal', { name: 'numeric', modifiers: true }],
  ['dec', { name: 'numeric', modifiers: true }],
  ['numeric', { name: 'numeric', modifiers: true }],
])

/** Words that begin a type of the grammar's own: ConstTypename. */
const builtInTypeWords: ReadonlySet<string> = new Set([
  ...simpleTypes.keys(),
  'float',
  'double',
  'bit',
  'character',
  'char',
  'varchar',
  'national',
  'nchar',
  'time',
  'timestamp',
  'interval',
])

/** Whether a type of the grammar's own begins here: `double` only before `precision`. */
export function atBuiltInType(cursor: TokenCursor): boolean {
  if (cursor.current.kind !== 'word' || !builtInTypeWords.has(cursor.current.text)) return false
  return !cursor.at('double') || cursor.ahead(1, 'precision')
}

/** Typename: SimpleTypename ('[' Iconst? ']')* | SimpleTypename ARRAY ('[' Iconst ']')? */
export function parseTypeName(cursor: TokenCursor): TypeName {
  if (cursor.at('setof')) throw cursor.unsupported('SETOF')
  const type = parseSimpleType(cursor)
  let dimensions = 0
  if (cursor.accept('array')) {
    dimensions = 1
    if (cursor.accept('[')) {
      parseInteger(cursor)
      cursor.expect(']')
    }
  }
  while (dimensions === 0 || cursor.at('[')) {
    if (!cursor.at('[')) break
    cursor.advance()
    if (!cursor.at(']')) parseInteger(cursor)
    cursor.expect(']')
    dimensions += 1
  }
  if (dimensions === 0) return type
  return { ...type, arrayDimensions: dimensions, span: cursor.spanFrom(type.span.start) }
}

/** SimpleTypename; in a constant (`literal`) char and bit have no length of 1 by default. */
export function parseSimpleType(cursor: TokenCursor, literal = false): TypeName {
  if (atBuiltInType(cursor)) return parseBuiltInType(cursor, literal)
  return parseGenericType(cursor)
}

/** GenericType: type_function_name attrs? ('(' modifiers ')')? */
function parseGenericType(cursor: TokenCursor): TypeName {
  const start = cursor.current.start
  if (!isTypeOrFunctionName(cursor.current)) throw cursor.syntaxError('a type name')
  const parts = [takeIdentifier(cursor)]
  while (cursor.accept('.')) parts.push(parseLabel(cursor))
  const modifiers = cursor.at('(') ? parseModifiers(cursor) : []
  return typeName(cursor, start, typeNameOf(parts), modifiers)
}

/** The parts of a type's name joined by dots, without the schema pg_catalog. */
export function typeNameOf(parts: readonly Identifier[]): string {
  const names = parts.map((part) => part.text)
  if (names.length > 1 && names[0] === 'pg_catalog') names.shift()
  return names.join('.')
}

function parseBuiltInType(cursor: TokenCursor, literal: boolean): TypeName {
  const token = cursor.advance()
  const { start, text } = token
  const simple = simpleTypes.get(text)
  if (simple !== undefined) {
    const modifiers = simple.modifiers && cursor.at('(') ? parseModifiers(cursor) : []
    return typeName(cursor, start, simple.name, modifiers)
  }
  switch (text) {
    case 'float':
      return parseFloat(cursor, start)
    case 'double':
      cursor.expect('precision')
      return typeName(cursor, start, 'float8', [])
    case 'bit':
      return parseBit(cursor, start, literal)
    case 'time':
    case 'timestamp':
      return parseTime(cursor, start, text)
    case 'interval':
      return parseInterval(cursor, start)
    default:
      return parseCharacter(cursor, start, text, literal)
  }
}

/** FLOAT ('(' Iconst ')')? */
function parseFloat(cursor: TokenCursor, start: number): TypeName {
  if (!cursor.accept('(')) return typeName(cursor, start, 'float8', [])
  const token = cursor.current
  const bits = parseInteger(cursor)
  cursor.expect(')')
  if (bits < 1 || bits > 53) {
    const [side, bound] = bits < 1 ? ['at least', '1 bit'] : ['less than', '54 bits']
    throw cursor.grammarError(`precision for type float must be ${side} ${bound}`, token)
  }
  return typeName(cursor, start, bits <= 24 ? 'float4' : 'float8', [])
}

/** BIT VARYING? ('(' modifiers ')')? */
function parseBit(cursor: TokenCursor, start: number, literal: boolean): TypeName {
  const name = cursor.accept('varying') ? 'varbit' : 'bit'
  if (cursor.at('(')) return typeName(cursor, start, name, parseModifiers(cursor))
  return typeName(cursor, start, name, name === 'bit' && !literal ? [1] : [])
}

/** (CHARACTER | CHAR | NATIONAL CHARACTER | NCHAR) VARYING? | VARCHAR, each with ('(' Iconst ')')? */
function parseCharacter(
  cursor: TokenCursor,
  start: number,
  word: string,
  literal: boolean,
): TypeName {
  if (word === 'national' && !cursor.accept('character')) cursor.expect('char')
  const varying = word === 'varchar' || cursor.accept('varying')
  const name = varying ? 'varchar' : 'bpchar'
  if (cursor.accept('(')) {
    const length = parseInteger(cursor)
    cursor.expect(')')
    return typeName(cursor, start, name, [length])
  }
  return typeName(cursor, start, name, varying || literal ? [] : [1])
}

/** (TIME | TIMESTAMP) ('(' Iconst ')')? ((WITH | WITHOUT) TIME ZONE)? */
function parseTime(cursor: TokenCursor, start: number, word: string): TypeName {
  const modifiers: number[] = []
  if (cursor.accept('(')) {
    modifiers.push(parseInteger(cursor))
    cursor.expect(')')
  }
  const zoned = cursor.acceptAll('with', 'time', 'zone')
  if (!zoned && cursor.accept('without')) cursor.expectAll('time', 'zone')
  return typeName(cursor, start, zoned ? `${word}tz` : word, modifiers)
}

/** INTERVAL (interval_fields | '(' Iconst ')')? */
function parseInterval(cursor: TokenCursor, start: number): TypeName {
  if (cursor.at('(')) return typeName(cursor, start, 'interval', [parsePrecision(cursor)])
  const { fields, precision } = parseIntervalFields(cursor)
  const type = typeName(cursor, start, 'interval', precision === undefined ? [] : [precision])
  return fields === undefined ? type : { ...type, fields }
}

export interface IntervalFields {
  readonly fields: string | undefined
  readonly precision: number | undefined
}

const fieldsAfter: ReadonlyMap<string, readonly string[]> = new Map([
  ['year', ['month']],
  ['month', []],
  ['day', ['hour', 'minute', 'second']],
  ['hour', ['minute', 'second']],
  ['minute', ['second']],
  ['second', []],
])

/** opt_interval: YEAR | YEAR TO MONTH | DAY TO SECOND ('(' Iconst ')')? | ... */
export function parseIntervalFields(cursor: TokenCursor): IntervalFields {
  const ends = cursor.current.kind === 'word' ? fieldsAfter.get(cursor.current.text) : undefined
  if (ends === undefined) return { fields: undefined, precision: undefined }
  const first = cursor.advance().text
  let last = first
  if (ends.length > 0 && cursor.at('to')) {
    cursor.advance()
    if (!ends.some((field) => cursor.at(field))) {
      throw cursor.syntaxError(ends.map((field) => field.toUpperCase()).join(' or '))
    }
    last = cursor.advance().text
  }
  const fields = first === last ? first : `${first} to ${last}`
  const precision = last === 'second' && cursor.at('(') ? parsePrecision(cursor) : undefined
  return { fields, precision }
}

/** '(' Iconst ')' */
export function parsePrecision(cursor: TokenCursor): number {
  cursor.expect('(')
  const precision = parseInteger(cursor)
  cursor.expect(')')
  return precision
}

/** Iconst */
export function parseInteger(cursor: TokenCursor): number {
  const { kind, text } = cursor.current
  const value = Number(text)
  if (kind !== 'number' || !/^\d+$/.test(text) || value > 0x7fff_ffff) {
    throw cursor.syntaxError('a whole number')
  }
  cursor.advance()
  return value
}

/** '(' expr_list ')', where only whole numbers are of use to any type here. */
function parseModifiers(cursor: TokenCursor): number[] {
  cursor.expect('(')
  const modifiers = commaList(cursor, (c) => {
    const negative = c.accept('-')
    if (!negative) c.accept('+')
    const { kind } = c.current
    // PostgreSQL's grammar takes any expression here and refuses all but constants later.
    if (kind === 'string' || kind === 'word' || kind === 'quoted') {
      throw c.unsupported('a type modifier that is not a whole number')
    }
    return negative ? -parseInteger(c) : parseInteger(c)
  })
  cursor.expect(')')
  return modifiers
}

function typeName(
  cursor: TokenCursor,
  start: number,
  name: string,
  modifiers: readonly number[],
): TypeName {
  return { name, modifiers, arrayDimensions: 0, span: cursor.spanFrom(start) }
}
