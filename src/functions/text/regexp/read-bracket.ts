import {
  characterClass,
  type CharacterSet,
  type ClassName,
  complement,
  isClassName,
  setOfRanges,
  union,
} from '../character-set.ts'
import { lowerOf, upperOf } from '../letters.ts'
import { collatingElement } from './collating-names.ts'
import type { PatternCursor } from './cursor.ts'
import { patternError } from './errors.ts'
import { isCharacter, readEscape } from './read-escape.ts'

const NEWLINE: CharacterSet = [10, 10]

/** Ranges longer than this are not looked through for the other case of their letters. */
const CASED_RANGE_MAX = 100_000

/** The set of one character, or of both its cases. */
export function setOfCharacter(code: number, ignoreCase: boolean): CharacterSet {
  if (!isCharacter(code)) return []
  return ignoreCase ? setOfRange(code, code, true) : [code, code]
}

function setOfRange(first: number, last: number, ignoreCase: boolean): CharacterSet {
  const ranges: [number, number][] = [[first, Math.min(last, 0x10ffff)]]
  if (ignoreCase) {
    const end = Math.min(last, first + CASED_RANGE_MAX, 0x10ffff)
    for (let code = first; code <= end; code++) {
      for (const other of [lowerOf(code), upperOf(code)]) {
        if (other !== code) ranges.push([other, other])
      }
    }
  }
  return setOfRanges(ranges)
}

/** A class; without regard to case, upper and lower are any letter. */
export function setOfClass(name: ClassName, ignoreCase: boolean): CharacterSet {
  const cased = name === 'upper' || name === 'lower'
  return characterClass(cased && ignoreCase ? 'alpha' : name)
}

/** Reads a bracket expression; the opening bracket is behind the cursor. */
export function readBracket(cursor: PatternCursor): CharacterSet {
  const negative = cursor.accept('^')
  const sets: CharacterSet[] = []
  let first = true
  while (first || !cursor.sees(']')) {
    if (cursor.atEnd) throw patternError('bracket')
    sets.push(readPart(cursor, first))
    first = false
  }
  cursor.accept(']')
  const set = union(...sets)
  if (!negative) return set
  return complement(cursor.options.newlineStops ? union(set, NEWLINE) : set)
}

/** One end of a range, or something that is a set by itself. */
type Part = { readonly code: number; readonly literal?: boolean } | { readonly set: CharacterSet }

function readPart(cursor: PatternCursor, first: boolean): CharacterSet {
  const { ignoreCase } = cursor.options
  if (!first && isRangeMark(cursor)) throw patternError('range')
  const start = readElement(cursor)
  if ('set' in start) return start.set
  if (!isRangeMark(cursor)) return setOfCharacter(start.code, ignoreCase)
  cursor.accept('-')
  if (cursor.atEnd) throw patternError('bracket')
  const end = readElement(cursor)
  if ('set' in end) throw patternError('range')
  if (start.code > end.code) throw patternError('range')
  return setOfRange(Math.max(1, start.code), end.code, ignoreCase)
}

/** A hyphen stands for itself before the closing bracket. */
function isRangeMark(cursor: PatternCursor): boolean {
  return cursor.sees('-') && !cursor.sees('-]')
}

function readElement(cursor: PatternCursor): Part {
  if (cursor.isAdvanced && cursor.accept('\\')) return readEscaped(cursor)
  if (cursor.sees('[') && cursor.at + 1 >= cursor.text.length) throw patternError('bracket')
  if (cursor.accept('[.')) return { code: readCollating(cursor, '.') }
  if (cursor.accept('[=')) {
    const code = readCollating(cursor, '=')
    return { set: setOfCharacter(code, cursor.options.ignoreCase) }
  }
  if (cursor.accept('[:')) {
    const name = readName(cursor, ':')
    if (!isClassName(name)) throw patternError('class')
    return { set: setOfClass(name, cursor.options.ignoreCase) }
  }
  return { code: cursor.take() }
}

function readEscaped(cursor: PatternCursor): Part {
  const escape = readEscape(cursor)
  if (escape.kind === 'character') return { code: escape.code }
  if (escape.kind !== 'class') throw patternError('escape')
  const set = setOfClass(escape.name, cursor.options.ignoreCase)
  return { set: escape.negative ? complement(set) : set }
}

function readName(cursor: PatternCursor, mark: string): string {
  const end = cursor.text.indexOf(`${mark}]`, cursor.at)
  if (end < 0) throw patternError('bracket')
  const name = cursor.text.slice(cursor.at, end)
  cursor.at = end + 2
  return name
}

function readCollating(cursor: PatternCursor, mark: string): number {
  const code = collatingElement(readName(cursor, mark))
  if (code === undefined) throw patternError('collating')
  return code
}
