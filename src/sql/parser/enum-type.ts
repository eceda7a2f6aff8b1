import type {
  AlterTypeAction,
  AlterTypeStatement,
  CreateCompositeStatement,
  CreateEnumStatement,
  LabelPlace,
} from '../ast/definition.ts'
import type { TokenCursor } from './cursor.ts'
import { commaList } from './cursor.ts'
import { parseName, parseQualifiedName } from './name.ts'
import { parseAttributeChange, parseAttributes } from './composite-type.ts'
import { parseLabelText } from './primary.ts'

/** qualified_name AS (ENUM '(' (string (',' string)*)? ')' | attributes) */
export function parseCreateType(
  cursor: TokenCursor,
  start: number,
): CreateEnumStatement | CreateCompositeStatement {
  const name = parseQualifiedName(cursor)
  if (cursor.at('as') && cursor.ahead(1, '(')) {
    cursor.advance()
    const attributes = parseAttributes(cursor)
    return { kind: 'create-composite', name, attributes, span: cursor.spanFrom(start) }
  }
  if (!cursor.at('as') || !cursor.ahead(1, 'enum')) {
    throw cursor.unsupported('CREATE TYPE of other types than enums and rows')
  }
  cursor.expectAll('as', 'enum')
  cursor.expect('(')
  const labels = cursor.at(')') ? [] : commaList(cursor, parseLabelText)
  cursor.expect(')')
  return { kind: 'create-enum', name, labels, span: cursor.spanFrom(start) }
}

/** ALTER TYPE qualified_name action */
export function parseAlterType(cursor: TokenCursor): AlterTypeStatement {
  const { start } = cursor.expect('alter')
  cursor.advance()
  const name = parseQualifiedName(cursor)
  const action = parseAction(cursor)
  return { kind: 'alter-type', name, action, span: cursor.spanFrom(start) }
}

/**
 * ADD VALUE (IF NOT EXISTS)? string ((BEFORE | AFTER) string)? | RENAME VALUE string TO string | RENAME TO name |
 * SET SCHEMA name | what changes attributes
 */
function parseAction(cursor: TokenCursor): AlterTypeAction {
  const attributes = parseAttributeChange(cursor)
  if (attributes !== undefined) return attributes
  if (cursor.acceptAll('add', 'value')) {
    const ifNotExists = cursor.acceptAll('if', 'not', 'exists')
    const label = parseLabelText(cursor)
    return { kind: 'add-value', label, ifNotExists, place: parsePlace(cursor) }
  }
  if (cursor.acceptAll('rename', 'value')) {
    const from = parseLabelText(cursor)
    cursor.expect('to')
    return { kind: 'rename-value', from, to: parseLabelText(cursor) }
  }
  if (cursor.acceptAll('rename', 'to')) return { kind: 'rename', newName: parseName(cursor) }
  if (cursor.acceptAll('set', 'schema')) return { kind: 'set-schema', schema: parseName(cursor) }
  throw cursor.unsupported('this ALTER TYPE')
}

/** ((BEFORE | AFTER) string)? */
function parsePlace(cursor: TokenCursor): LabelPlace | undefined {
  if (cursor.accept('before')) return { side: 'before', neighbour: parseLabelText(cursor) }
  if (cursor.accept('after')) return { side: 'after', neighbour: parseLabelText(cursor) }
  return undefined
}
