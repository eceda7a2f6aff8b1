import { isAscii } from './bounds.ts'
import { characterClass, setHas } from './character-set.ts'
import { eachCode, TextBuilder } from './characters.ts'

/**
 * Case by character, as towupper and towlower do: a letter whose other case is more than one
 * character (the German sharp s) stays as it is.
 */
export function upperText(source: string): string {
  return isAscii(source) ? source.toUpperCase() : mapLetters(source, upperOf)
}

export function lowerText(source: string): string {
  return isAscii(source) ? source.toLowerCase() : mapLetters(source, lowerOf)
}

/** Each word with its first letter in upper case, the rest in lower case. */
export function capitalize(source: string): string {
  let inside = false
  return mapLetters(source, (code) => {
    const mapped = inside ? lowerOf(code) : upperOf(code)
    inside = isLetterOrDigit(code)
    return mapped
  })
}

function isLetterOrDigit(code: number): boolean {
  if (code < 128) {
    return (code >= 48 && code < 58) || (code >= 65 && code < 91) || (code >= 97 && code < 123)
  }
  return setHas(characterClass('alnum'), code)
}

/** Code points of the basic plane, of which the other case is kept once it was looked up. */
const KEPT = 0x10000
const uppers = new Int32Array(KEPT)
const lowers = new Int32Array(KEPT)

/** The letter's upper case as one code point; itself where there is none. */
export function upperOf(code: number): number {
  if (code < 128) return code >= 97 && code <= 122 ? code - 32 : code
  const known = uppers[code] ?? 0
  if (known > 0) return known
  const found = findUpper(code)
  if (code < KEPT) uppers[code] = found
  return found
}

function findUpper(code: number): number {
  // Greek letters with iota subscript: their single upper case is the title case.
  if (code >= 0x1f80 && code <= 0x1faf && (code & 8) === 0) return code + 8
  if (code === 0x1fb3 || code === 0x1fc3 || code === 0x1ff3) return code + 9
  return single(String.fromCodePoint(code).toUpperCase(), code)
}

/** The letter's lower case as one code point; itself where there is none. */
export function lowerOf(code: number): number {
  if (code < 128) return code >= 65 && code <= 90 ? code + 32 : code
  const known = lowers[code] ?? 0
  if (known > 0) return known
  const found = code === 0x130 ? 0x69 : single(String.fromCodePoint(code).toLowerCase(), code)
  if (code < KEPT) lowers[code] = found
  return found
}

/** The mapped letter if it is one code point, and one that PostgreSQL 15's Unicode knows as a letter. */
function single(mapped: string, code: number): number {
  const other = mapped.codePointAt(0) ?? code
  if (other === code || mapped.length !== (other > 0xffff ? 2 : 1)) return code
  const letters = characterClass('alpha')
  return setHas(letters, code) && setHas(letters, other) ? other : code
}

function mapLetters(source: string, map: (code: number) => number): string {
  const result = new TextBuilder()
  eachCode(source, (code) => result.addCode(map(code)))
  return result.finish()
}
