import type {
  CopiedQuery,
  CopyOption,
  CopyOptionValue,
  CopyPlace,
  CopyStatement,
} from '../ast/copy.ts'
import type { Identifier } from '../ast/expression.ts'
import { parseCondition } from './assignments.ts'
import type { TokenCursor } from './cursor.ts'
import { commaList, parenthesizedList } from './cursor.ts'
import { isLabel, parseLabel, parseName, parseNonReserved, parseQualifiedName } from './name.ts'
import { parseQueryAfterWith, parseWith } from './query.ts'

/**
 * COPY BINARY? qualified_name columns? (FROM | TO) place options where?
 * | COPY '(' PreparableStmt ')' TO place options
 */
export function parseCopy(cursor: TokenCursor): CopyStatement {
  const { start } = cursor.expect('copy')
  if (cursor.at('(')) {
    const source = parseCopiedQuery(cursor)
    cursor.expect('to')
    const place = parsePlace(cursor)
    const options = parseCopyOptions(cursor)
    const span = cursor.spanFrom(start)
    return { kind: 'copy', direction: 'to', source, place, options, where: undefined, span }
  }
  const binary = cursor.at('binary') ? [binaryOption(cursor)] : []
  const name = parseQualifiedName(cursor)
  const columns = cursor.at('(') ? parenthesizedList(cursor, parseName) : []
  const direction = cursor.accept('from') ? 'from' : 'to'
  if (direction === 'to') cursor.expect('to')
  const place = parsePlace(cursor)
  const delimiters = parseDelimiters(cursor)
  const options = [...binary, ...delimiters, ...parseCopyOptions(cursor)]
  const { start: whereStart } = cursor.current
  const where = parseCondition(cursor)
  if (where !== undefined && direction === 'to') {
    const message = 'WHERE clause not allowed with COPY TO'
    throw cursor.grammarError(message, { start: whereStart, end: whereStart + 'where'.length })
  }
  const source = { kind: 'table', name, columns } as const
  return { kind: 'copy', direction, source, place, options, where, span: cursor.spanFrom(start) }
}

function binaryOption(cursor: TokenCursor): CopyOption {
  const { start } = cursor.expect('binary')
  return { name: 'format', value: { kind: 'text', text: 'binary' }, span: cursor.spanFrom(start) }
}

/** '(' (SelectStmt | InsertStmt | UpdateStmt | DeleteStmt) ')' */
function parseCopiedQuery(cursor: TokenCursor): CopiedQuery {
  cursor.expect('(')
  const { start } = cursor.current
  const clause = cursor.at('with') ? parseWith(cursor) : undefined
  const leading = clause && { clause, start }
  const query = cursor.nested((c) => {
    if (c.atAny(changeWords)) return c.productions.change(c, leading)
    return clause === undefined ? c.productions.query(c) : parseQueryAfterWith(c, clause, start)
  })
  if (cursor.selectInto !== undefined) {
    throw cursor.unsupported('COPY (SELECT INTO)', start)
  }
  cursor.expect(')')
  return { kind: 'query', query }
}

const changeWords: ReadonlySet<string> = new Set(['insert', 'update', 'delete'])

/** PROGRAM? Sconst | STDIN | STDOUT, which mean the same */
function parsePlace(cursor: TokenCursor): CopyPlace {
  const { start } = cursor.current
  if (cursor.accept('stdin') || cursor.accept('stdout')) {
    return { kind: 'client', span: cursor.spanFrom(start) }
  }
  const kind = cursor.accept('program') ? 'program' : 'file'
  if (cursor.current.kind !== 'string') throw cursor.syntaxError('a file name, STDIN or STDOUT')
  const { text } = cursor.advance()
  return { kind, text, span: cursor.spanFrom(start) }
}

/** (USING? DELIMITERS Sconst)? */
function parseDelimiters(cursor: TokenCursor): readonly CopyOption[] {
  const { start } = cursor.current
  if (!cursor.acceptAll('using', 'delimiters') && !cursor.acceptAll('delimiters')) return []
  const text = parseString(cursor)
  return [{ name: 'delimiter', value: { kind: 'text', text }, span: cursor.spanFrom(start) }]
}

function parseString(cursor: TokenCursor): string {
  if (cursor.current.kind !== 'string') throw cursor.syntaxError('a string')
  return cursor.advance().text
}

/** WITH? ('(' option (',' option)* ')' | old option*) */
function parseCopyOptions(cursor: TokenCursor): readonly CopyOption[] {
  const said = cursor.accept('with')
  if (cursor.at('(')) return parenthesizedList(cursor, parseCopyOption)
  const loop = cursor.loop<CopyOption[]>()
  const options = loop.state ?? []
  while (loop.goesOn(options)) {
    const option = parseOldOption(cursor)
    if (option === undefined) break
    options.push(option)
  }
  loop.end()
  const isOver = cursor.atEnd() || cursor.at(';') || cursor.at('where')
  if (said && !isOver) throw cursor.syntaxError('an option of COPY')
  return options
}

/** ColLabel (Sconst | number | word | '*' | '(' names ')')? */
function parseCopyOption(cursor: TokenCursor): CopyOption {
  const { start } = cursor.current
  const name = parseLabel(cursor).text
  const value = parseOptionValue(cursor)
  return { name, value, span: cursor.spanFrom(start) }
}

const signs: ReadonlySet<string> = new Set(['+', '-'])

function parseOptionValue(cursor: TokenCursor): CopyOptionValue | undefined {
  const { kind } = cursor.current
  if (cursor.accept('*')) return { kind: 'all' }
  if (cursor.at('(')) return { kind: 'list', items: parenthesizedList(cursor, parseListed) }
  if (kind === 'string') return { kind: 'text', text: cursor.advance().text }
  if (kind === 'number' || cursor.atAny(signs)) {
    const sign = cursor.atAny(signs) && cursor.advance().text === '-' ? '-' : ''
    if (cursor.current.kind !== 'number') throw cursor.syntaxError('a number')
    return { kind: 'number', text: `${sign}${cursor.advance().text}` }
  }
  const isBoolean = cursor.at('true') || cursor.at('false') || cursor.at('on')
  if (isBoolean) return { kind: 'text', text: cursor.advance().text }
  if (!isLabel(cursor.current)) return undefined
  return { kind: 'text', text: parseNonReserved(cursor).text }
}

/** NonReservedWord | Sconst */
function parseListed(cursor: TokenCursor): Identifier {
  if (cursor.current.kind !== 'string') return parseNonReserved(cursor)
  const { text, start, end } = cursor.advance()
  return { text, quoted: true, span: { start, end } }
}

/** Options that take a string, with AS before it or without. */
const oldTexts: ReadonlySet<string> = new Set(['delimiter', 'null', 'quote', 'escape'])
/** Options of one word, as the options that they stand for. */
const oldWords: ReadonlyMap<string, readonly [name: string, text: string]> = new Map([
  ['binary', ['format', 'binary']],
  ['csv', ['format', 'csv']],
  ['header', ['header', 'true']],
  ['freeze', ['freeze', 'true']],
])

/** BINARY | CSV | HEADER | FREEZE | (DELIMITER | NULL | QUOTE | ESCAPE) AS? Sconst | ENCODING Sconst | FORCE ... */
function parseOldOption(cursor: TokenCursor): CopyOption | undefined {
  const { start, kind, text: word } = cursor.current
  if (kind !== 'word') return undefined
  const finish = (name: string, value: CopyOptionValue): CopyOption => {
    return { name, value, span: cursor.spanFrom(start) }
  }
  const one = oldWords.get(word)
  if (one !== undefined) {
    cursor.advance()
    return finish(one[0], { kind: 'text', text: one[1] })
  }
  if (oldTexts.has(word)) {
    cursor.advance()
    cursor.accept('as')
    return finish(word, { kind: 'text', text: parseString(cursor) })
  }
  if (cursor.accept('encoding')) return finish(word, { kind: 'text', text: parseString(cursor) })
  if (!cursor.accept('force')) return undefined
  const isQuote = cursor.accept('quote')
  const isNotNull = !isQuote && cursor.acceptAll('not', 'null')
  if (!isQuote && !isNotNull) cursor.expect('null')
  const name = isQuote ? 'force_quote' : isNotNull ? 'force_not_null' : 'force_null'
  if (isQuote && cursor.accept('*')) return finish(name, { kind: 'all' })
  return finish(name, { kind: 'list', items: commaList(cursor, parseName) })
}
