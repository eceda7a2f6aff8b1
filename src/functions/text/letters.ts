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

/** The letter's upper case as one code point; itself where there is none. */
export function upperOf(code: number): number {
  if (code < 128) return code >= 97 && code <= 122 ? code - 32 : code
  // Greek letters with iota subscript: their single upper case is the title case.
  if (code >= 0x1f80 && code <= 0x1faf && (code & 8) === 0) return code + 8
  if (code === 0x1fb3 || code === 0x1fc3 || code === 0x1ff3) return code + 9
  return single(String.fromCodePoint(code).toUpperCase(), code)
}

/** The letter's lower case as one code point; itself where there is none. */
export function lowerOf(code: number): number {
  if (code < 128) return code >= 65 && code <= 90 ? code + 32 : code
  if (code === 0x130) return 0x69
  return single(String.fromCodePoint(code).toLowerCase(), code)
}

/** The mapped letter if it is one code point, and one that PostgreSQL 15's Unicode knows as a letter. */
function single(mapped: string, code: number): number {
  const other = mapped.codePointAt(0) ?? code
  if (other === code || mapped.length !== (other > 0xffff ? 2 : 1)) return code
  const letters = characterClass('alpha')
  return setHas(letters, code) && setHas(letters, other) ? other : code
}

// eslint-disable-next-line no-control-regex
const ascii = /^[\u0000-\u007f]*$/

export function isAscii(source: string): boolean {
  return ascii.test(source)
}

function mapLetters(source: string, map: (code: number) => number): string {
  const result = new TextBuilder()
  eachCode(source, (code) => result.addCode(map(code)))
  return result.finish()
}
