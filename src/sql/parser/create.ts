import type {
  CreateModelStatement,
  CreateSchemaStatement,
  CreateViewStatement,
  Statement,
} from '../ast/statement.ts'
import { parseCreateIndex } from './create-index.ts'
import type { CreateHead } from './create-head.ts'
import { parseCreateType } from './enum-type.ts'
import { parseCreateTable } from './create-table.ts'
import type { TokenCursor } from './cursor.ts'
import { parenthesizedList } from './cursor.ts'
import { parseName, parseQualifiedName } from './name.ts'
import { parseOptions } from './option.ts'
import { parseCreateFunction, type StatementParser } from './routine.ts'
import { parseCreateMacro } from './routine-changes.ts'
import { parseCreateStoredView } from './stored-view.ts'
import { parseCreateSequence } from './sequence.ts'

/**
 * CREATE (TABLE | VIEW | SCHEMA | INDEX | SEQUENCE | TYPE | MODEL | FUNCTION | PROCEDURE | MACRO) ...; undefined for other
 * objects. `statement`: reads any statement.
 */
export function parseCreate(
  cursor: TokenCursor,
  statement: StatementParser,
): Statement | undefined {
  let distance = 1
  const orReplace = cursor.ahead(1, 'or') && cursor.ahead(2, 'replace')
  if (orReplace) distance += 2
  const temporary = cursor.ahead(distance, 'temporary') || cursor.ahead(distance, 'temp')
  if (temporary) distance += 1
  const object = cursor.peek(distance)
  if (object.kind !== 'word') return undefined
  const { start } = cursor.current
  const head = { start, orReplace, temporary }
  const take = (): void => {
    for (let index = 0; index <= distance; index += 1) cursor.advance()
  }
  switch (object.text) {
    case 'table':
      take()
      return parseCreateTable(cursor, head)
    case 'view':
      take()
      return parseCreateView(cursor, head)
    case 'materialized':
      if (distance > 1 || !cursor.ahead(2, 'view')) return undefined
      take()
      cursor.advance()
      return parseCreateStoredView(cursor, start)
    case 'sequence':
      if (orReplace) return undefined
      take()
      return parseCreateSequence(cursor, head)
    case 'model':
      if (temporary) return undefined
      take()
      return parseCreateModel(cursor, head)
    case 'schema':
      if (distance > 1) return undefined
      take()
      return parseCreateSchema(cursor, start)
    case 'type':
      if (distance > 1) return undefined
      take()
      return parseCreateType(cursor, start)
    case 'function':
    case 'procedure':
      if (temporary) return undefined
      take()
      return parseCreateFunction(cursor, head, object.text, statement)
    case 'macro':
      take()
      return parseCreateMacro(cursor, head)
    case 'unique':
    case 'index':
      if (distance > 1) return undefined
      return parseCreateIndex(cursor)
    default:
      return undefined
  }
}

/** (IF NOT EXISTS)? name ('(' columns ')')? AS query */
function parseCreateView(cursor: TokenCursor, head: CreateHead): CreateViewStatement {
  const ifNotExists = cursor.acceptAll('if', 'not', 'exists')
  const name = parseQualifiedName(cursor)
  const columns = cursor.at('(') ? parenthesizedList(cursor, parseName) : []
  if (cursor.at('with')) throw cursor.unsupported('WITH options of a view')
  cursor.expect('as')
  const { start } = cursor.current
  const query = cursor.productions.query(cursor)
  if (cursor.selectInto !== undefined) {
    const message = 'views must not contain SELECT INTO'
    throw cursor.grammarError(message, cursor.selectInto.span)
  }
  const queryText = cursor.text.slice(start, cursor.lastEnd)
  if (cursor.at('with')) throw cursor.unsupported('WITH CHECK OPTION')
  const span = cursor.spanFrom(head.start)
  const { orReplace, temporary } = head
  return {
    kind: 'create-view',
    name,
    columns,
    orReplace,
    ifNotExists,
    temporary,
    query,
    queryText,
    span,
  }
}

/** Extension: MODEL (IF NOT EXISTS)? name (WITH options)? AS query */
function parseCreateModel(cursor: TokenCursor, head: CreateHead): CreateModelStatement {
  const ifNotExists = cursor.acceptAll('if', 'not', 'exists')
  const name = parseQualifiedName(cursor)
  const options = cursor.accept('with') ? parseOptions(cursor) : []
  cursor.expect('as')
  const query = cursor.productions.query(cursor)
  const span = cursor.spanFrom(head.start)
  const { orReplace } = head
  return { kind: 'create-model', name, ifNotExists, orReplace, options, query, span }
}

/** SCHEMA (IF NOT EXISTS)? ColId */
function parseCreateSchema(cursor: TokenCursor, start: number): CreateSchemaStatement {
  const ifNotExists = cursor.acceptAll('if', 'not', 'exists')
  if (cursor.at('authorization')) throw cursor.unsupported('CREATE SCHEMA AUTHORIZATION')
  const name = parseName(cursor)
  if (cursor.at('authorization')) throw cursor.unsupported('CREATE SCHEMA AUTHORIZATION')
  if (cursor.at('create')) throw cursor.unsupported('objects in CREATE SCHEMA')
  return { kind: 'create-schema', name, ifNotExists, span: cursor.spanFrom(start) }
}
