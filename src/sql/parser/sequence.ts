import type { CreateSequenceStatement, IdentityClause, SequenceOption } from '../ast/definition.ts'
import type { CreateHead } from './create-head.ts'
import type { TokenCursor } from './cursor.ts'
import { parseQualifiedName } from './name.ts'
import { parseTypeName } from './type-name.ts'

/** (IF NOT EXISTS)? qualified_name SeqOptElem* */
export function parseCreateSequence(
  cursor: TokenCursor,
  { start, temporary }: CreateHead,
): CreateSequenceStatement {
  const ifNotExists = cursor.acceptAll('if', 'not', 'exists')
  const name = parseQualifiedName(cursor)
  const options = parseSequenceOptions(cursor)
  const span = cursor.spanFrom(start)
  return { kind: 'create-sequence', name, ifNotExists, temporary, options, span }
}

/** SeqOptElem* */
export function parseSequenceOptions(cursor: TokenCursor): readonly SequenceOption[] {
  const options: SequenceOption[] = []
  for (;;) {
    const option = parseSequenceOption(cursor)
    if (option === undefined) return options
    options.push(option)
  }
}

/**
 * AS Typename | INCREMENT BY? n | (MINVALUE | MAXVALUE) n | NO (MINVALUE | MAXVALUE | CYCLE) | START WITH? n |
 * RESTART (WITH? n)? | CACHE n | CYCLE | OWNED BY (name | NONE)
 */
export function parseSequenceOption(cursor: TokenCursor): SequenceOption | undefined {
  const { start } = cursor.current
  const said = parseSaid(cursor)
  return said && { ...said, span: cursor.spanFrom(start) }
}

type Unplaced<Option> = Option extends unknown ? Omit<Option, 'span'> : never

function parseSaid(cursor: TokenCursor): Unplaced<SequenceOption> | undefined {
  if (cursor.accept('as')) return { kind: 'as', type: parseTypeName(cursor) }
  if (cursor.accept('minvalue')) return { kind: 'min', value: parseSigned(cursor) }
  if (cursor.accept('maxvalue')) return { kind: 'max', value: parseSigned(cursor) }
  if (cursor.acceptAll('no', 'minvalue')) return { kind: 'min', value: undefined }
  if (cursor.acceptAll('no', 'maxvalue')) return { kind: 'max', value: undefined }
  if (cursor.acceptAll('no', 'cycle')) return { kind: 'cycle', value: false }
  if (cursor.accept('cycle')) return { kind: 'cycle', value: true }
  if (cursor.accept('cache')) return { kind: 'cache', value: parseSigned(cursor) }
  if (cursor.accept('increment')) {
    cursor.accept('by')
    return { kind: 'increment', value: parseSigned(cursor) }
  }
  if (cursor.accept('start')) {
    cursor.accept('with')
    return { kind: 'start', value: parseSigned(cursor) }
  }
  if (cursor.accept('restart')) {
    const given = cursor.accept('with') || atNumber(cursor)
    return { kind: 'restart', value: given ? parseSigned(cursor) : undefined }
  }
  if (!cursor.acceptAll('owned', 'by')) return undefined
  const column = cursor.accept('none') ? undefined : parseQualifiedName(cursor)
  return { kind: 'owned', column }
}

function atNumber(cursor: TokenCursor): boolean {
  return cursor.current.kind === 'number' || cursor.at('-') || cursor.at('+')
}

/** NumericOnly, as written */
function parseSigned(cursor: TokenCursor): string {
  const negative = cursor.accept('-')
  if (!negative) cursor.accept('+')
  if (cursor.current.kind !== 'number') throw cursor.syntaxError('a number')
  return `${negative ? '-' : ''}${cursor.advance().text}`
}

/** GENERATED (ALWAYS | BY DEFAULT) AS IDENTITY ('(' SeqOptElem+ ')')?; behind AS, the words before are read */
export function parseIdentity(cursor: TokenCursor, always: boolean, start: number): IdentityClause {
  cursor.expect('identity')
  let options: readonly SequenceOption[] = []
  if (cursor.accept('(')) {
    options = parseSequenceOptions(cursor)
    cursor.expect(')')
  }
  return { kind: 'identity', always, options, span: cursor.spanFrom(start) }
}

/** ALWAYS | BY DEFAULT: whether it is ALWAYS */
export function parseGenerationWhen(cursor: TokenCursor): boolean {
  if (cursor.accept('always')) return true
  cursor.expectAll('by', 'default')
  return false
}
