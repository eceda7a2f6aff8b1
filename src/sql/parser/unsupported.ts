import type { UnsupportedStatement } from '../ast/statement.ts'
import type { TokenCursor } from './cursor.ts'

/** First words of PostgreSQL's other statements; those with an object name it in the second. */
const plainStatements: ReadonlySet<string> = new Set([
  'cluster',
  'commit',
  'do',
  'grant',
  'listen',
  'load',
  'notify',
  'reassign',
  'reindex',
  'revoke',
  'rollback',
  'set',
  'unlisten',
])

const objectStatements: ReadonlySet<string> = new Set([
  'alter',
  'comment',
  'create',
  'drop',
  'export',
  'import',
  'security',
])

/** Words that stand between the first word and the kind of object. */
const fillers: ReadonlySet<string> = new Set([
  'or',
  'replace',
  'on',
  'temp',
  'temporary',
  'local',
  'global',
  'unlogged',
  'recursive',
  'if',
  'not',
  'exists',
])

/** Two words that name one kind of object. */
const pairedObjects: ReadonlySet<string> = new Set([
  'access method',
  'default privileges',
  'event trigger',
  'external table',
  'foreign data',
  'foreign schema',
  'foreign table',
  'large object',
  'materialized view',
  'operator class',
  'operator family',
  'text search',
  'unique index',
  'user mapping',
])

/** Recognizes a statement that is not offered and skips to its end; undefined for anything else. */
export function parseUnsupported(cursor: TokenCursor): UnsupportedStatement | undefined {
  const { kind, text, start } = cursor.current
  if (kind !== 'word') return undefined
  const plain = plainStatements.has(text)
  if (!plain && !objectStatements.has(text)) return undefined
  cursor.advance()
  const object = plain ? undefined : objectWords(cursor)
  if (!plain && object === undefined) throw cursor.syntaxError()
  const words = object === undefined ? text : `${text} ${object}`
  skipStatement(cursor)
  return { kind: 'unsupported', what: words.toUpperCase(), span: cursor.spanFrom(start) }
}

function objectWords(cursor: TokenCursor): string | undefined {
  while (cursor.atAny(fillers)) cursor.advance()
  if (cursor.current.kind !== 'word') return undefined
  const first = cursor.advance().text
  const pair = `${first} ${cursor.current.text}`
  if (!pairedObjects.has(pair)) return first
  cursor.advance()
  return pair
}

function skipStatement(cursor: TokenCursor): void {
  let depth = 0
  while (!cursor.atEnd() && !(depth === 0 && cursor.at(';'))) {
    if (cursor.at('(')) depth += 1
    else if (cursor.at(')') && depth > 0) depth -= 1
    cursor.advance()
  }
}

const suggestions = [
  'select',
  'insert',
  'create',
  'drop',
  'explain',
  'values',
  'with',
  'show',
  'describe',
  'begin',
  'commit',
  'rollback',
  'delete',
  'update',
  'set',
]

/** `did you mean SELECT?` for a first word that is one or two edits away from a statement's. */
export function suggestStatement(cursor: TokenCursor): string | undefined {
  if (cursor.current.kind !== 'word') return undefined
  const word = cursor.current.text
  if (word.length < 3 || word.length > 12) return undefined
  const near = suggestions.find((candidate) => editDistance(word, candidate) <= 2)
  return near === undefined ? undefined : `did you mean ${near.toUpperCase()}?`
}

/** Levenshtein distance, for short words. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = previous[j - 1]! + (a.charAt(i - 1) === b.charAt(j - 1) ? 0 : 1)
      row.push(Math.min(replaced, previous[j]! + 1, row[j - 1]! + 1))
    }
    previous = row
  }
  return previous[b.length]!
}
