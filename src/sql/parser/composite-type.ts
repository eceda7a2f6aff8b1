import type { AlterTypeAction, AttributeAction, AttributeDefinition } from '../ast/definition.ts'
import { commaList, type TokenCursor } from './cursor.ts'
import { parseName } from './name.ts'
import { parseTypeName } from './type-name.ts'

/** '(' (name type_name (',' name type_name)*)? ')' */
export function parseAttributes(cursor: TokenCursor): readonly AttributeDefinition[] {
  cursor.expect('(')
  const attributes = cursor.at(')') ? [] : commaList(cursor, parseAttribute)
  cursor.expect(')')
  return attributes
}

/** name type_name */
function parseAttribute(cursor: TokenCursor): AttributeDefinition {
  const name = parseName(cursor)
  const type = parseTypeName(cursor)
  if (cursor.at('collate')) throw cursor.unsupported('COLLATE of an attribute')
  return { name, type }
}

/** RENAME ATTRIBUTE name TO name behavior? | attribute_action (',' attribute_action)*; undefined for what is neither */
export function parseAttributeChange(cursor: TokenCursor): AlterTypeAction | undefined {
  if (cursor.acceptAll('rename', 'attribute')) {
    const from = parseName(cursor)
    cursor.expect('to')
    const to = parseName(cursor)
    parseBehavior(cursor)
    return { kind: 'rename-attribute', from, to }
  }
  const isAction = ['add', 'drop', 'alter'].some((word) => cursor.at(word))
  if (!isAction || !cursor.ahead(1, 'attribute')) return undefined
  return { kind: 'attributes', actions: commaList(cursor, parseAction) }
}

/**
 * ADD ATTRIBUTE name type_name behavior? | DROP ATTRIBUTE (IF EXISTS)? name behavior? |
 * ALTER ATTRIBUTE name (SET DATA)? TYPE type_name behavior?
 */
function parseAction(cursor: TokenCursor): AttributeAction {
  const action = parseBareAction(cursor)
  parseBehavior(cursor)
  return action
}

function parseBareAction(cursor: TokenCursor): AttributeAction {
  if (cursor.acceptAll('add', 'attribute')) {
    return { kind: 'add', attribute: parseAttribute(cursor) }
  }
  if (cursor.acceptAll('drop', 'attribute')) {
    const ifExists = cursor.acceptAll('if', 'exists')
    return { kind: 'drop', name: parseName(cursor), ifExists }
  }
  cursor.expectAll('alter', 'attribute')
  const name = parseName(cursor)
  cursor.acceptAll('set', 'data')
  cursor.expect('type')
  return { kind: 'type', attribute: { name, type: parseTypeName(cursor) } }
}

/** CASCADE | RESTRICT, which say what becomes of tables that are made OF a type: there are none. */
function parseBehavior(cursor: TokenCursor): void {
  if (!cursor.accept('cascade')) cursor.accept('restrict')
}
