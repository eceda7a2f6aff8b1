import type { AlterAction, ColumnAction, ConstraintAction } from '../ast/definition.ts'
import type { Identifier } from '../ast/expression.ts'
import { atTableConstraint, parseDefault, parseTableConstraint } from './constraint.ts'
import { parseColumn } from './create-table.ts'
import type { TokenCursor } from './cursor.ts'
import { commaList } from './cursor.ts'
import { parseName } from './name.ts'
import { parseGenerationWhen, parseIdentity } from './sequence.ts'
import { parseTypeName } from './type-name.ts'

/** alter_table_cmd (',' alter_table_cmd)* */
export function parseTableActions(cursor: TokenCursor): readonly AlterAction[] {
  return commaList(cursor, parseTableAction)
}

function parseTableAction(cursor: TokenCursor): ColumnAction | ConstraintAction {
  const { start } = cursor.current
  if (cursor.accept('add')) return parseAdd(cursor, start)
  if (cursor.accept('drop')) return parseDropPart(cursor, start)
  if (cursor.accept('alter')) return parseAlterColumn(cursor, start)
  throw cursor.unsupported('this ALTER TABLE')
}

/** TableConstraint | COLUMN? (IF NOT EXISTS)? columnDef */
function parseAdd(
  cursor: TokenCursor,
  start: number,
): AlterAction & (ColumnAction | ConstraintAction) {
  if (atTableConstraint(cursor)) {
    const constraint = parseTableConstraint(cursor)
    return { kind: 'add-constraint', constraint, span: cursor.spanFrom(start) }
  }
  cursor.accept('column')
  const ifNotExists = cursor.acceptAll('if', 'not', 'exists')
  const definition = parseColumn(cursor)
  return { kind: 'add-column', definition, ifNotExists, span: cursor.spanFrom(start) }
}

/** (CONSTRAINT | COLUMN?) (IF EXISTS)? name (CASCADE | RESTRICT)? */
function parseDropPart(cursor: TokenCursor, start: number): ColumnAction | ConstraintAction {
  const isConstraint = cursor.accept('constraint')
  if (!isConstraint) cursor.accept('column')
  const ifExists = cursor.acceptAll('if', 'exists')
  const name = parseName(cursor)
  const cascade = cursor.accept('cascade')
  if (!cascade) cursor.accept('restrict')
  const span = cursor.spanFrom(start)
  return isConstraint
    ? { kind: 'drop-constraint', constraintName: name, ifExists, cascade, span }
    : { kind: 'drop-column', column: name, ifExists, cascade, span }
}

/**
 * COLUMN? name ((SET DATA)? TYPE Typename (USING a_expr)? | (SET | DROP) (DEFAULT | NOT NULL) |
 * ADD GENERATED ... | DROP (IDENTITY | EXPRESSION) (IF EXISTS)?)
 */
function parseAlterColumn(cursor: TokenCursor, start: number): ColumnAction {
  cursor.accept('column')
  const column = parseName(cursor)
  if (cursor.acceptAll('set', 'data') || cursor.at('type')) return parseType(cursor, column, start)
  if (cursor.accept('add')) {
    const from = cursor.expect('generated').start
    const always = parseGenerationWhen(cursor)
    cursor.expect('as')
    const identity = parseIdentity(cursor, always, from)
    return { kind: 'add-identity', column, identity, span: cursor.spanFrom(start) }
  }
  if (cursor.accept('drop')) return parseDropOfColumn(cursor, column, start)
  if (cursor.acceptAll('set', 'not', 'null')) {
    return { kind: 'column-null', column, notNull: true, span: cursor.spanFrom(start) }
  }
  if (!(cursor.at('set') && cursor.ahead(1, 'default'))) {
    throw cursor.unsupported('this ALTER COLUMN')
  }
  cursor.advance()
  const value = parseDefault(cursor, cursor.current.start, cursor.productions.expression)
  return { kind: 'column-default', column, value, span: cursor.spanFrom(start) }
}

function parseType(cursor: TokenCursor, column: Identifier, start: number): ColumnAction {
  cursor.expect('type')
  const type = parseTypeName(cursor)
  const using = cursor.accept('using') ? cursor.productions.expression(cursor) : undefined
  return { kind: 'column-type', column, type, using, span: cursor.spanFrom(start) }
}

function parseDropOfColumn(cursor: TokenCursor, column: Identifier, start: number): ColumnAction {
  if (cursor.accept('default')) {
    return { kind: 'column-default', column, value: undefined, span: cursor.spanFrom(start) }
  }
  if (cursor.acceptAll('not', 'null')) {
    return { kind: 'column-null', column, notNull: false, span: cursor.spanFrom(start) }
  }
  const isIdentity = cursor.accept('identity')
  if (!isIdentity) cursor.expect('expression')
  const ifExists = cursor.acceptAll('if', 'exists')
  const kind = isIdentity ? 'drop-identity' : 'drop-expression'
  return { kind, column, ifExists, span: cursor.spanFrom(start) }
}
