import type { ExecuteStatement, PrepareStatement } from '../ast/prepared.ts'
import type { Statement } from '../ast/statement.ts'
import type { TokenCursor } from './cursor.ts'
import { commaList, parenthesizedList } from './cursor.ts'
import { parseName } from './name.ts'
import { startsQuery } from './parenthesized.ts'
import { parseTypeName } from './type-name.ts'

const changeWords: ReadonlySet<string> = new Set(['insert', 'update', 'delete'])

/** PREPARE name ('(' types ')')? AS PreparableStmt; `statement`: reads any statement. */
export function parsePrepare(
  cursor: TokenCursor,
  statement: (cursor: TokenCursor) => Statement,
): PrepareStatement {
  const { start } = cursor.expect('prepare')
  if (cursor.at('transaction') && cursor.peek(1).kind === 'string') {
    throw cursor.unsupported('PREPARE TRANSACTION', start)
  }
  const name = parseName(cursor)
  const types = cursor.at('(') ? parenthesizedList(cursor, parseTypeName) : []
  cursor.expect('as')
  const isPreparable = cursor.atAny(changeWords) || cursor.atAny(otherWords) || startsQuery(cursor)
  if (!isPreparable) throw cursor.syntaxError('a query, INSERT, UPDATE, DELETE or MERGE')
  const prepared = cursor.nested(statement)
  return { kind: 'prepare', name, types, statement: prepared, span: cursor.spanFrom(start) }
}

const otherWords: ReadonlySet<string> = new Set(['(', 'merge'])

/** EXECUTE name ('(' expr_list ')')? */
export function parseExecute(cursor: TokenCursor): ExecuteStatement {
  const { start } = cursor.expect('execute')
  const name = parseName(cursor)
  const args = parseArguments(cursor)
  return { kind: 'execute', name, args, span: cursor.spanFrom(start) }
}

function parseArguments(cursor: TokenCursor): ExecuteStatement['args'] {
  if (!cursor.accept('(')) return []
  const args = commaList(cursor, cursor.productions.expression)
  cursor.expect(')')
  return args
}
