import type {
  AlterAction,
  AlteredKind,
  AlterSchemaStatement,
  AlterStatement,
  AlterTypeStatement,
  WholeAction,
} from '../ast/definition.ts'
import type { AlterFunctionStatement } from '../ast/routine.ts'
import { parseAlterType } from './enum-type.ts'
import { parseTableActions } from './alter-table.ts'
import type { TokenCursor } from './cursor.ts'
import { parseName, parseQualifiedName } from './name.ts'
import { parseRole } from './role.ts'
import { parseAlterFunction, routineKind } from './routine-changes.ts'
import { parseSequenceOptions } from './sequence.ts'

/** What stands behind the name of a relation of each kind. */
const kinds: Readonly<
  Record<AlteredKind, (cursor: TokenCursor) => readonly AlterAction[] | undefined>
> = {
  table: parseTableActions,
  view: (cursor) => parseTableActions(cursor),
  'materialized view': () => undefined,
  index: () => undefined,
  sequence: parseOptions,
}

function isAltered(word: string): word is AlteredKind {
  return Object.hasOwn(kinds, word)
}

/** ALTER (TABLE | MATERIALIZED? VIEW | INDEX | SEQUENCE) (IF EXISTS)? qualified_name actions | ALTER (SCHEMA | TYPE) ...; undefined for other objects */
export function parseAlter(
  cursor: TokenCursor,
): AlterStatement | AlterSchemaStatement | AlterTypeStatement | AlterFunctionStatement | undefined {
  const word = cursor.peek(1).text
  const ofRoutine = routineKind(word)
  if (ofRoutine !== undefined && ofRoutine !== 'macro') return parseAlterFunction(cursor, ofRoutine)
  if (word === 'schema') return parseAlterSchema(cursor)
  if (word === 'type') return parseAlterType(cursor)
  const isStored = word === 'materialized' && cursor.ahead(2, 'view')
  const altered = isStored ? 'materialized view' : word
  if (!isAltered(altered)) return undefined
  const { start } = cursor.expect('alter')
  cursor.advance()
  if (isStored) cursor.advance()
  const ifExists = cursor.acceptAll('if', 'exists')
  // There are no children to leave out.
  if (word === 'table') cursor.accept('only')
  const name = parseQualifiedName(cursor)
  const whole = parseWholeAction(cursor, altered)
  const actions = whole === undefined ? kinds[altered](cursor) : [whole]
  if (actions === undefined) throw cursor.unsupported(`this ALTER ${altered.toUpperCase()}`)
  const span = cursor.spanFrom(start)
  return { kind: 'alter', objectKind: altered, name, ifExists, actions, span }
}

/** ALTER SCHEMA name (RENAME TO name | OWNER TO role) */
function parseAlterSchema(cursor: TokenCursor): AlterSchemaStatement {
  const { start } = cursor.expect('alter')
  cursor.advance()
  const name = parseName(cursor)
  const action = parseWholeAction(cursor, 'schema')
  if (action?.kind !== 'rename' && action?.kind !== 'owner') {
    throw cursor.syntaxError('RENAME TO or OWNER TO')
  }
  return { kind: 'alter-schema', name, action, span: cursor.spanFrom(start) }
}

/** SeqOptElem+ */
function parseOptions(cursor: TokenCursor): readonly AlterAction[] {
  const { start } = cursor.current
  const options = parseSequenceOptions(cursor)
  if (options.length === 0) throw cursor.syntaxError('what to alter')
  return [{ kind: 'sequence-options', options, span: cursor.spanFrom(start) }]
}

/** RENAME ... TO name | SET SCHEMA name | OWNER TO role: what every kind of relation can be told, alone */
function parseWholeAction(
  cursor: TokenCursor,
  of: AlteredKind | 'schema',
): WholeAction | undefined {
  const { start } = cursor.current
  if (cursor.accept('rename')) return parseRename(cursor, of, start)
  if (cursor.acceptAll('set', 'schema')) {
    return { kind: 'set-schema', schema: parseName(cursor), span: cursor.spanFrom(start) }
  }
  if (!cursor.acceptAll('owner', 'to')) return undefined
  return { kind: 'owner', role: parseRole(cursor), span: cursor.spanFrom(start) }
}

/** TO name | CONSTRAINT name TO name | COLUMN? name TO name */
function parseRename(cursor: TokenCursor, of: AlteredKind | 'schema', start: number): WholeAction {
  if (cursor.accept('to')) {
    return { kind: 'rename', newName: parseName(cursor), span: cursor.spanFrom(start) }
  }
  if (of !== 'table' && of !== 'view' && of !== 'materialized view') throw cursor.syntaxError('TO')
  const isConstraint = of === 'table' && cursor.accept('constraint')
  if (!isConstraint) cursor.accept('column')
  const part = parseName(cursor)
  cursor.expect('to')
  const newName = parseName(cursor)
  const kind = isConstraint ? 'rename-constraint' : 'rename-column'
  return { kind, part, newName, span: cursor.spanFrom(start) }
}
