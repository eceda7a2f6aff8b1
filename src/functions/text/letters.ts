/**
 * Case by character, as towupper and towlower do: a letter whose other case is more than one
 * character (the German sharp s) stays as it is.
 */
export function upperText(source: string): string {
  return mapLetters(source, (letter) => letter.toUpperCase())
}

export function lowerText(source: string): string {
  return mapLetters(source, (letter) => letter.toLowerCase())
}

export function isLetterOrDigit(letter: string): boolean {
  return /[\p{L}\p{N}]/u.test(letter)
}

// eslint-disable-next-line no-control-regex
const ascii = /^[\u0000-\u007f]*$/

function mapLetters(source: string, map: (letter: string) => string): string {
  if (ascii.test(source)) return map(source)
  let result = ''
  for (const letter of source) {
    const mapped = map(letter)
    result += codePoints(mapped) === 1 ? mapped : letter
  }
  return result
}

function codePoints(text: string): number {
  return text.length < 2 ? text.length : [...text].length
}
