import { type ClassName, CODE_POINT_MAX } from '../character-set.ts'
import type { PatternCursor } from './cursor.ts'
import { patternError } from './errors.ts'
import type { PlaceName } from './tree.ts'

export type Escape =
  | { readonly kind: 'character'; readonly code: number }
  | { readonly kind: 'class'; readonly name: ClassName; readonly negative: boolean }
  | { readonly kind: 'place'; readonly name: PlaceName }
  | { readonly kind: 'back'; readonly group: number }

/** Beyond Unicode, PostgreSQL takes code points that no text has. */
const WIDE_CODE_MAX = 0x7fff_fffe

const characters = new Map([
  ['a', 7],
  ['b', 8],
  ['B', 92],
  ['e', 27],
  ['f', 12],
  ['n', 10],
  ['r', 13],
  ['t', 9],
  ['v', 11],
])

const classes = new Map<string, ClassName>([
  ['d', 'digit'],
  ['s', 'space'],
  ['w', 'word'],
])

const places = new Map<string, PlaceName>([
  ['A', 'text-start'],
  ['Z', 'text-end'],
  ['m', 'word-start'],
  ['M', 'word-end'],
  ['y', 'word-edge'],
  ['Y', 'word-inside'],
])

/** Reads what is behind a backslash in an advanced expression. */
export function readEscape(cursor: PatternCursor): Escape {
  if (cursor.atEnd) throw patternError('escape')
  const start = cursor.at
  const code = cursor.take()
  const letter = String.fromCodePoint(code)
  if (!/[a-z0-9]/i.test(letter)) return { kind: 'character', code }
  const character = characters.get(letter)
  if (character !== undefined) return { kind: 'character', code: character }
  const name = classes.get(letter) ?? classes.get(letter.toLowerCase())
  if (name !== undefined) return { kind: 'class', name, negative: !classes.has(letter) }
  const place = places.get(letter)
  if (place !== undefined) return { kind: 'place', name: place }
  if (/\d/.test(letter)) return readDigits(cursor, start)
  return { kind: 'character', code: readCode(cursor, letter) }
}

function readCode(cursor: PatternCursor, letter: string): number {
  switch (letter) {
    case 'c':
      if (cursor.atEnd) throw patternError('escape')
      return cursor.take() & 0o37
    case 'u':
      return hexadecimal(cursor, 4, 4)
    case 'U':
      return hexadecimal(cursor, 8, 8)
    case 'x':
      return hexadecimal(cursor, 1, 255)
    default:
      throw patternError('escape')
  }
}

function hexadecimal(cursor: PatternCursor, least: number, most: number): number {
  const digits = digitsHere(cursor, /[0-9a-f]*/iy, most)
  if (digits.length < least) throw patternError('escape')
  // As 32 bits: of longer numbers the last eight digits count.
  const code = Number.parseInt(digits.slice(-8), 16)
  if (code > WIDE_CODE_MAX) throw patternError('escape')
  return code
}

function digitsHere(cursor: PatternCursor, pattern: RegExp, most: number): string {
  pattern.lastIndex = cursor.at
  const digits = (pattern.exec(cursor.text)?.[0] ?? '').slice(0, most)
  cursor.at += digits.length
  return digits
}

/** A back reference if it is one digit or the number of a group; else a code in octal. */
function readDigits(cursor: PatternCursor, start: number): Escape {
  cursor.at = start
  if (!cursor.sees('0')) {
    const digits = digitsHere(cursor, /[0-9]*/y, 255)
    const number = Number(digits)
    if (digits.length === 1 || (number > 0 && number <= cursor.groups)) {
      return { kind: 'back', group: number }
    }
    cursor.at = start
  }
  let digits = digitsHere(cursor, /[0-7]*/y, 3)
  if (digits === '') throw patternError('escape')
  if (Number.parseInt(digits, 8) > 0xff) {
    digits = digits.slice(0, -1)
    cursor.at--
  }
  return { kind: 'character', code: Number.parseInt(digits, 8) }
}

/** Whether a text can have the character at all. */
export function isCharacter(code: number): boolean {
  return code > 0 && code <= CODE_POINT_MAX
}
