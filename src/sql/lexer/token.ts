import type { Span } from '../../base/span.ts'
import {
  asLabelWords,
  columnWords,
  reservedWords,
  typeFunctionWords,
  unreservedWords,
} from '../generated/keywords.ts'

export type KeywordClass = 'reserved' | 'type-function' | 'column' | 'unreserved'

/**
 * `word` is an unquoted name or keyword, folded; `quoted` a quoted name; `symbol` is punctuation and
 * `operator` an operator of one or more characters. The text of `string`, `bits` and `hex` is the
 * value after escapes.
 */
export type TokenKind =
  | 'word'
  | 'quoted'
  | 'number'
  | 'string'
  | 'bits'
  | 'hex'
  | 'parameter'
  | 'operator'
  | 'symbol'
  | 'end'

export interface Token extends Span {
  readonly kind: TokenKind
  readonly text: string
  /** undefined for anything that is not a keyword of PostgreSQL 15. */
  readonly keyword: Keyword | undefined
}

export interface Keyword {
  readonly word: string
  readonly class: KeywordClass
  /** May label a column of a select list without AS. */
  readonly bareLabel: boolean
}

const keywords = keywordTable()

/** Looks up a word that is already folded to lower case. */
export function keywordOf(word: string): Keyword | undefined {
  return keywords.get(word)
}

function keywordTable(): ReadonlyMap<string, Keyword> {
  const split = (lines: readonly string[]): readonly string[] =>
    lines.flatMap((line) => line.split(' '))
  const needsAs = new Set(split(asLabelWords))
  const table = new Map<string, Keyword>()
  const add = (lines: readonly string[], keywordClass: KeywordClass): void => {
    for (const word of split(lines)) {
      table.set(word, { word, class: keywordClass, bareLabel: !needsAs.has(word) })
    }
  }
  add(reservedWords, 'reserved')
  add(typeFunctionWords, 'type-function')
  add(columnWords, 'column')
  add(unreservedWords, 'unreserved')
  return table
}
