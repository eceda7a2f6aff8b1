import type { DropFunctionStatement } from '../ast/routine.ts'
import type { DropStatement } from '../ast/statement.ts'
import type { TokenCursor } from './cursor.ts'
import { commaList } from './cursor.ts'
import { parseQualifiedName } from './name.ts'
import { parseDropFunction, routineKind } from './routine-changes.ts'

const objectKinds: ReadonlyMap<string, DropStatement['objectKind']> = new Map([
  ['table', 'table'],
  ['view', 'view'],
  ['model', 'model'],
  ['schema', 'schema'],
  ['index', 'index'],
  ['sequence', 'sequence'],
  ['type', 'type'],
])

/** DROP (TABLE | MATERIALIZED? VIEW | MODEL | SCHEMA | INDEX | SEQUENCE | TYPE) (IF EXISTS)? names (CASCADE | RESTRICT)? */
export function parseDrop(cursor: TokenCursor): DropStatement | DropFunctionStatement | undefined {
  const ofRoutines = routineKind(cursor.peek(1).text)
  if (ofRoutines !== undefined) return parseDropFunction(cursor, ofRoutines)
  const isStored = cursor.ahead(1, 'materialized') && cursor.ahead(2, 'view')
  const objectKind = isStored ? 'materialized view' : objectKinds.get(cursor.peek(1).text)
  if (objectKind === undefined) return undefined
  const { start } = cursor.expect('drop')
  cursor.advance()
  if (isStored) cursor.advance()
  if (objectKind === 'index') cursor.accept('concurrently')
  const ifExists = cursor.acceptAll('if', 'exists')
  const names = commaList(cursor, parseQualifiedName)
  const cascade = cursor.accept('cascade')
  if (!cascade) cursor.accept('restrict')
  return { kind: 'drop', objectKind, names, ifExists, cascade, span: cursor.spanFrom(start) }
}
