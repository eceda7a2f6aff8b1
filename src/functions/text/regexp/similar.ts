import { QueryError } from '../../../base/errors.ts'

/** What stands between the three parts of a pattern that are set off by escaped double quotes. */
const separators = ['){1,1}?(', '){1,1}(?:']

/**
 * The pattern of SIMILAR TO as a regular expression over the whole text. Two escaped double quotes
 * set off what `substring` is to give. Throws INVALID_ESCAPE.
 */
export function similarPattern(pattern: string, escape: string): string {
  if (escape.length > ((escape.codePointAt(0) ?? 0) > 0xffff ? 2 : 1)) {
    throw new QueryError('INVALID_ESCAPE', 'invalid escape string', {
      hint: 'Escape string must be empty or one character.',
    })
  }
  let result = '^(?:'
  let quotes = 0
  let escaped = false
  let inBracket = false
  for (const letter of pattern) {
    if (escaped) {
      escaped = false
      if (letter === '"' && !inBracket) result += separator(quotes++)
      else result += `\\${letter}`
    } else if (letter === escape) escaped = true
    else if (inBracket) {
      result += letter === '\\' ? '\\\\' : letter
      inBracket = letter !== ']'
    } else {
      inBracket = letter === '['
      result += translated(letter)
    }
  }
  return `${result})$`
}

function separator(quotes: number): string {
  const text = separators[quotes]
  if (text !== undefined) return text
  throw new QueryError(
    'INVALID_USE_OF_ESCAPE_CHARACTER',
    'SQL regular expression may not contain more than two escape-double-quote separators',
  )
}

function translated(letter: string): string {
  switch (letter) {
    case '%':
      return '.*'
    case '_':
      return '.'
    case '(':
      return '(?:'
    case '\\':
    case '.':
    case '^':
    case '$':
      return `\\${letter}`
    default:
      return letter
  }
}
