import type { ForeignKeyConstraint, ReferenceAction } from '../ast/definition.ts'
import type { Identifier } from '../ast/expression.ts'
import type { TokenCursor } from './cursor.ts'
import { parenthesizedList } from './cursor.ts'
import { parseName, parseQualifiedName } from './name.ts'

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
    onUpdate: actions.get('update') ?? 'no action',
    onDelete: actions.get('delete') ?? 'no action',
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
function parseActions(cursor: TokenCursor): ReadonlyMap<'update' | 'delete', ReferenceAction> {
  const actions = new Map<'update' | 'delete', ReferenceAction>()
  while (cursor.at('on')) {
    const event = cursor.ahead(1, 'update') ? 'update' : 'delete'
    if (actions.has(event)) throw cursor.syntaxError('another part of the constraint')
    cursor.advance()
    cursor.expect(event)
    actions.set(event, parseAction(cursor))
  }
  return actions
}

/** NO ACTION | RESTRICT */
function parseAction(cursor: TokenCursor): ReferenceAction {
  if (cursor.at('cascade')) throw cursor.unsupported('CASCADE of a foreign key')
  if (cursor.at('set')) throw cursor.unsupported('SET NULL and SET DEFAULT of a foreign key')
  if (cursor.accept('restrict')) return 'restrict'
  cursor.expectAll('no', 'action')
  return 'no action'
}
