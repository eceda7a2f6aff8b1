import { QueryError } from '../../base/errors.ts'
import type { Token } from '../lexer/token.ts'
import type { ForeignKeyConstraint, ReferenceAction } from '../ast/definition.ts'
import type { Identifier } from '../ast/expression.ts'
import type { TokenCursor } from './cursor.ts'
import { parenthesizedList } from './cursor.ts'
import { parseName, parseQualifiedName } from './name.ts'

type ReferenceEvent = 'update' | 'delete'

const noAction: ReferenceAction = { kind: 'no action', columns: [] }

/** (FOREIGN KEY '(' names ')')? REFERENCES table ('(' names ')')? (MATCH ...)? (ON (UPDATE | DELETE) action)* */
export function parseForeignKey(
  cursor: TokenCursor,
  name: Identifier | undefined,
  column: Identifier | undefined,
  start: number,
): ForeignKeyConstraint {
  if (column === undefined) cursor.expectAll('foreign', 'key')
  const columns = column === undefined ? parenthesizedList(cursor, parseName) : [column]
  cursor.expect('references')
  const target = parseQualifiedName(cursor)
  const targetColumns = cursor.at('(') ? parenthesizedList(cursor, parseName) : []
  const match = parseMatch(cursor)
  const actions = parseActions(cursor)
  return {
    kind: 'foreign-key',
    name,
    columns,
    target,
    targetColumns,
    match,
    onUpdate: actions.get('update') ?? noAction,
    onDelete: actions.get('delete') ?? noAction,
    span: cursor.spanFrom(start),
  }
}

/** (MATCH (FULL | SIMPLE))? */
function parseMatch(cursor: TokenCursor): 'simple' | 'full' {
  if (!cursor.accept('match')) return 'simple'
  if (cursor.at('partial')) throw cursor.unsupported('MATCH PARTIAL')
  if (cursor.accept('full')) return 'full'
  cursor.expect('simple')
  return 'simple'
}

/** (ON (UPDATE | DELETE) action)*, each event once */
function parseActions(cursor: TokenCursor): ReadonlyMap<ReferenceEvent, ReferenceAction> {
  const actions = new Map<ReferenceEvent, ReferenceAction>()
  while (cursor.at('on')) {
    const event = cursor.ahead(1, 'update') ? 'update' : 'delete'
    if (actions.has(event)) throw cursor.syntaxError('another part of the constraint')
    const on = cursor.advance()
    cursor.expect(event)
    actions.set(event, parseAction(cursor, event, on))
  }
  return actions
}

/** NO ACTION | RESTRICT | CASCADE | SET (NULL | DEFAULT) ('(' names ')')? */
function parseAction(cursor: TokenCursor, event: ReferenceEvent, on: Token): ReferenceAction {
  if (cursor.accept('restrict')) return { kind: 'restrict', columns: [] }
  if (cursor.accept('cascade')) return { kind: 'cascade', columns: [] }
  if (!cursor.accept('set')) {
    cursor.expectAll('no', 'action')
    return noAction
  }
  const isNull = cursor.accept('null')
  if (!isNull) cursor.expect('default')
  const kind = isNull ? 'set null' : 'set default'
  if (!cursor.at('(')) return { kind, columns: [] }
  const columns = parenthesizedList(cursor, parseName)
  if (event === 'delete') return { kind, columns }
  const message = `a column list with ${kind.toUpperCase()} is only supported for ON DELETE actions`
  const span = { start: on.start, end: cursor.lastEnd }
  throw new QueryError('FEATURE_NOT_SUPPORTED', message, { span })
}
