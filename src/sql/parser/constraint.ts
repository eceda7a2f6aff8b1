import type { Identifier } from '../ast/expression.ts'
import type {
  CheckConstraint,
  ColumnConstraint,
  DefaultClause,
  KeyConstraint,
  NullConstraint,
  TableConstraint,
} from '../ast/statement.ts'
import type { GeneratedClause } from '../ast/definition.ts'
import type { TokenCursor } from './cursor.ts'
import { parenthesizedList } from './cursor.ts'
import { parseForeignKey } from './foreign-key.ts'
import { parseName } from './name.ts'
import { parseGenerationWhen, parseIdentity } from './sequence.ts'

const tableConstraintWords: ReadonlySet<string> = new Set([
  'constraint',
  'primary',
  'unique',
  'check',
  'foreign',
  'exclude',
])

export function atTableConstraint(cursor: TokenCursor): boolean {
  return cursor.atAny(tableConstraintWords)
}

/** (CONSTRAINT name)? (PRIMARY KEY | UNIQUE) '(' names ')' | CHECK ... | FOREIGN KEY ... */
export function parseTableConstraint(cursor: TokenCursor): TableConstraint {
  const { start } = cursor.current
  const name = cursor.accept('constraint') ? parseName(cursor) : undefined
  const constraint = parseNamed(cursor, name, undefined, start)
  if (constraint === undefined) throw cursor.syntaxError('a constraint')
  parseDeferral(cursor)
  return constraint
}

/** ((CONSTRAINT name)? (NOT? NULL | DEFAULT b_expr | PRIMARY KEY | UNIQUE | CHECK ... | ...))* */
export function parseColumnConstraints(
  cursor: TokenCursor,
  column: Identifier,
): readonly ColumnConstraint[] {
  const constraints: ColumnConstraint[] = []
  for (;;) {
    const { start } = cursor.current
    const name = cursor.accept('constraint') ? parseName(cursor) : undefined
    const constraint =
      parseNull(cursor, start) ??
      parseDefault(cursor, start) ??
      parseGenerated(cursor, start) ??
      parseNamed(cursor, name, column, start)
    if (constraint === undefined) {
      if (name !== undefined) throw cursor.syntaxError('a constraint')
      return constraints
    }
    constraints.push(constraint)
    parseDeferral(cursor)
  }
}

/** NOT? NULL */
function parseNull(cursor: TokenCursor, start: number): NullConstraint | undefined {
  const notNull = cursor.at('not') && cursor.ahead(1, 'null')
  if (notNull) cursor.advance()
  if (!cursor.accept('null')) return undefined
  return { kind: 'null', notNull, span: cursor.spanFrom(start) }
}

/** DEFAULT b_expr, or another production */
export function parseDefault(
  cursor: TokenCursor,
  start: number,
  expression = cursor.productions.restrictedExpression,
): DefaultClause | undefined {
  if (!cursor.accept('default')) return undefined
  const from = cursor.current.start
  const value = expression(cursor)
  const valueText = cursor.text.slice(from, cursor.lastEnd)
  return { kind: 'default', value, valueText, span: cursor.spanFrom(start) }
}

/** GENERATED (ALWAYS | BY DEFAULT) AS (IDENTITY ... | '(' a_expr ')' STORED) */
function parseGenerated(cursor: TokenCursor, start: number): ColumnConstraint | undefined {
  if (!cursor.accept('generated')) return undefined
  const always = parseGenerationWhen(cursor)
  cursor.expect('as')
  if (cursor.at('(')) return parseStored(cursor, always, start)
  return parseIdentity(cursor, always, start)
}

/** '(' a_expr ')' STORED */
function parseStored(cursor: TokenCursor, always: boolean, start: number): GeneratedClause {
  const place = cursor.expect('(')
  const from = cursor.current.start
  const value = cursor.productions.expression(cursor)
  const valueText = cursor.text.slice(from, cursor.lastEnd)
  cursor.expect(')')
  cursor.expect('stored')
  const span = cursor.spanFrom(start)
  if (!always) {
    const message = 'for a generated column, GENERATED ALWAYS must be specified'
    throw cursor.grammarError(message, { start: place.start, end: place.end })
  }
  return { kind: 'generated', value, valueText, span }
}

/** `column` is undefined where the constraint is the table's and names its columns. */
function parseNamed(
  cursor: TokenCursor,
  name: Identifier | undefined,
  column: Identifier | undefined,
  start: number,
): TableConstraint | undefined {
  if (cursor.at('check')) return parseCheck(cursor, name, start)
  if (cursor.at('primary') || cursor.at('unique')) return parseKey(cursor, name, column, start)
  if (cursor.at(column === undefined ? 'foreign' : 'references')) {
    return parseForeignKey(cursor, name, column, start)
  }
  refuseConstraint(cursor)
  return undefined
}

/** CHECK '(' a_expr ')' (NO INHERIT)?; there is no inheritance to say no to */
function parseCheck(
  cursor: TokenCursor,
  name: Identifier | undefined,
  start: number,
): CheckConstraint {
  cursor.expectAll('check', '(')
  const from = cursor.current.start
  const condition = cursor.productions.expression(cursor)
  const conditionText = cursor.text.slice(from, cursor.lastEnd)
  cursor.expect(')')
  cursor.acceptAll('no', 'inherit')
  if (cursor.ahead(1, 'valid')) throw cursor.unsupported('NOT VALID')
  return { kind: 'check', name, condition, conditionText, span: cursor.spanFrom(start) }
}

/** (PRIMARY KEY | UNIQUE (NULLS NOT? DISTINCT)?) '(' names ')' */
function parseKey(
  cursor: TokenCursor,
  name: Identifier | undefined,
  column: Identifier | undefined,
  start: number,
): KeyConstraint {
  const primary = cursor.accept('primary')
  cursor.expect(primary ? 'key' : 'unique')
  const nullsDistinct = primary || parseNullsDistinct(cursor)
  if (cursor.at('using')) throw cursor.unsupported('a constraint USING INDEX')
  const columns = column === undefined ? parenthesizedList(cursor, parseName) : [column]
  if (cursor.at('include')) throw cursor.unsupported('INCLUDE in a constraint')
  if (cursor.at('with')) throw cursor.unsupported('WITH options of a constraint')
  if (cursor.at('using')) throw cursor.unsupported('USING INDEX TABLESPACE')
  return { kind: 'key', name, primary, columns, nullsDistinct, span: cursor.spanFrom(start) }
}

/** (NULLS NOT? DISTINCT)?: whether NULLs are distinct from each other */
export function parseNullsDistinct(cursor: TokenCursor): boolean {
  if (!cursor.accept('nulls')) return true
  const distinct = !cursor.accept('not')
  cursor.expect('distinct')
  return distinct
}

function refuseConstraint(cursor: TokenCursor): void {
  if (cursor.at('exclude')) throw cursor.unsupported('EXCLUDE')
  if (cursor.at('collate')) throw cursor.unsupported('COLLATE of a column')
  if (cursor.at('storage')) throw cursor.unsupported('STORAGE of a column')
  if (cursor.at('compression')) throw cursor.unsupported('COMPRESSION of a column')
}

/** (NOT DEFERRABLE | INITIALLY IMMEDIATE)*, which say how every constraint is checked here */
function parseDeferral(cursor: TokenCursor): void {
  for (;;) {
    if (cursor.at('deferrable')) throw cursor.unsupported('DEFERRABLE constraints')
    if (cursor.at('not') && cursor.ahead(1, 'valid')) throw cursor.unsupported('NOT VALID')
    if (cursor.at('initially') && cursor.ahead(1, 'deferred')) {
      throw cursor.unsupported('INITIALLY DEFERRED constraints')
    }
    const usual =
      cursor.acceptAll('not', 'deferrable') || cursor.acceptAll('initially', 'immediate')
    if (!usual) return
  }
}
