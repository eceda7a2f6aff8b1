import type { ConflictTarget, ConflictUpdate, OnConflictClause } from '../ast/statement.ts'
import { parseAssignment, parseCondition } from './assignments.ts'
import type { TokenCursor } from './cursor.ts'
import { commaList, parenthesizedList } from './cursor.ts'
import { parseName } from './name.ts'

/** ON CONFLICT conflict_target? DO (NOTHING | UPDATE SET set_clause_list where_clause?) */
export function parseOnConflict(cursor: TokenCursor): OnConflictClause | undefined {
  const { start } = cursor.current
  if (!cursor.acceptAll('on', 'conflict')) return undefined
  const target = parseConflictTarget(cursor)
  cursor.expect('do')
  if (cursor.accept('nothing')) {
    return { target, update: undefined, span: cursor.spanFrom(start) }
  }
  const update = parseUpdateOfConflict(cursor)
  const span = cursor.spanFrom(start)
  if (target !== undefined) return { target, update, span }
  throw cursor.grammarError(
    'ON CONFLICT DO UPDATE requires inference specification or constraint name',
    span,
    'For example, ON CONFLICT (column_name).',
  )
}

function parseUpdateOfConflict(cursor: TokenCursor): ConflictUpdate {
  cursor.expect('update')
  cursor.expect('set')
  const assignments = commaList(cursor, parseAssignment)
  return { assignments, where: parseCondition(cursor) }
}

/** '(' column (',' column)* ')' | ON CONSTRAINT name */
function parseConflictTarget(cursor: TokenCursor): ConflictTarget | undefined {
  if (cursor.acceptAll('on', 'constraint')) {
    return { kind: 'constraint', name: parseName(cursor) }
  }
  if (!cursor.at('(')) return undefined
  const columns = parenthesizedList(cursor, (c) => {
    if (c.at('(')) throw c.unsupported('expressions in ON CONFLICT')
    const name = parseName(c)
    if (!c.at(',') && !c.at(')')) throw c.unsupported('expressions in ON CONFLICT')
    return name
  })
  if (cursor.at('where')) throw cursor.unsupported('ON CONFLICT over a partial index')
  return { kind: 'columns', columns }
}
