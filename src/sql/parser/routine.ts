import { QueryError } from '../../base/errors.ts'
import type { RoutineBody, RoutineParameter, RoutineResult } from '../ast/routine.ts'
import type { CreateFunctionStatement } from '../ast/routine.ts'
import type { Statement } from '../ast/statement.ts'
import type { CreateHead } from './create-head.ts'
import { commaList, parenthesizedList, type TokenCursor } from './cursor.ts'
import { isTypeOrFunctionName, parseLabel, takeIdentifier } from './name.ts'
import { parseRoutineOptions } from './routine-options.ts'
import { atBuiltInType, parseTypeName } from './type-name.ts'
import type { QualifiedName } from '../ast/expression.ts'

export type StatementParser = (cursor: TokenCursor) => Statement

/** (FUNCTION | PROCEDURE) func_name '(' parameters ')' (RETURNS result)? options routine_body? */
export function parseCreateFunction(
  cursor: TokenCursor,
  { start, orReplace }: CreateHead,
  objectKind: CreateFunctionStatement['objectKind'],
  statement: StatementParser,
): CreateFunctionStatement {
  const name = parseRoutineName(cursor)
  const given = parseParameters(cursor)
  const { result, columns } = parseReturns(cursor, objectKind)
  const other = given.find(({ mode }) => mode === 'out' || mode === 'inout')
  if (columns.length > 0 && other !== undefined) {
    const message = "OUT and INOUT arguments aren't allowed in TABLE functions"
    throw new QueryError('SYNTAX_ERROR', message, { span: other.span })
  }
  const parameters = [...given, ...columns]
  const options = parseRoutineOptions(cursor)
  const body = parseBody(cursor, statement)
  const span = cursor.spanFrom(start)
  const head = { name, orReplace, parameters, options, body, span } as const
  return { kind: 'create-function', objectKind, returns: result, ...head }
}

/** func_name: type_function_name | ColId indirection */
export function parseRoutineName(cursor: TokenCursor): QualifiedName {
  const { current } = cursor
  const isQualified = cursor.ahead(1, '.')
  const isName = isTypeOrFunctionName(current) || (isQualified && current.kind === 'word')
  if (!isName) throw cursor.syntaxError('a name')
  const first = takeIdentifier(cursor)
  const parts = [first]
  while (cursor.accept('.')) parts.push(parseLabel(cursor))
  return { parts, span: cursor.spanFrom(first.span.start) }
}

/** '(' (parameter (',' parameter)*)? ')' */
export function parseParameters(
  cursor: TokenCursor,
  parse = parseParameter,
): readonly RoutineParameter[] {
  cursor.expect('(')
  const parameters = cursor.at(')') ? [] : commaList(cursor, parse)
  cursor.expect(')')
  return parameters
}

/** parameter_type ((DEFAULT | '=') a_expr)? */
function parseParameter(cursor: TokenCursor): RoutineParameter {
  const { start } = cursor.current
  const parameter = parseParameterType(cursor)
  const hasDefault = cursor.accept('default') || cursor.accept('=') || cursor.accept(':=')
  if (!hasDefault) return parameter
  const defaultText = expressionText(cursor)
  return { ...parameter, defaultText, span: cursor.spanFrom(start) }
}

/** (arg_class? param_name? | param_name arg_class) Typename */
export function parseParameterType(cursor: TokenCursor): RoutineParameter {
  const { start } = cursor.current
  const before = parseMode(cursor)
  const name = atParameterName(cursor) ? takeIdentifier(cursor) : undefined
  const mode = before ?? parseMode(cursor) ?? 'in'
  const type = parseTypeName(cursor)
  return { mode, name, type, defaultText: undefined, span: cursor.spanFrom(start) }
}

/** IN OUT? | OUT | INOUT | VARIADIC */
function parseMode(cursor: TokenCursor): RoutineParameter['mode'] | undefined {
  if (cursor.accept('in')) return cursor.accept('out') ? 'inout' : 'in'
  if (cursor.accept('out')) return 'out'
  if (cursor.accept('inout')) return 'inout'
  return cursor.accept('variadic') ? 'variadic' : undefined
}

const modes: ReadonlySet<string> = new Set(['in', 'out', 'inout', 'variadic'])

/** Whether a name is here, which a type or a mode follows. */
function atParameterName(cursor: TokenCursor): boolean {
  if (!isTypeOrFunctionName(cursor.current) || atBuiltInType(cursor)) return false
  const next = cursor.peek(1)
  if (next.kind === 'quoted') return true
  if (next.kind !== 'word') return false
  return next.keyword?.class !== 'reserved' || modes.has(next.text)
}

/** a_expr, as written. */
export function expressionText(cursor: TokenCursor): string {
  const { start } = cursor.current
  cursor.productions.expression(cursor)
  return cursor.text.slice(start, cursor.lastEnd)
}

interface Returns {
  readonly result: RoutineResult | undefined
  readonly columns: readonly RoutineParameter[]
}

/** RETURNS (SETOF? Typename | TABLE '(' (param_name Typename) (',' ...)* ')') */
function parseReturns(
  cursor: TokenCursor,
  objectKind: CreateFunctionStatement['objectKind'],
): Returns {
  const { start } = cursor.current
  const isSaid = objectKind === 'function' && cursor.at('returns') && !cursor.ahead(1, 'null')
  if (!isSaid) return { result: undefined, columns: [] }
  cursor.advance()
  if (cursor.accept('table')) {
    const columns = parenthesizedList(cursor, parseTableColumn)
    return { result: { type: undefined, isSet: true, span: cursor.spanFrom(start) }, columns }
  }
  const isSet = cursor.accept('setof')
  const type = parseTypeName(cursor)
  return { result: { type, isSet, span: cursor.spanFrom(start) }, columns: [] }
}

function parseTableColumn(cursor: TokenCursor): RoutineParameter {
  const { start } = cursor.current
  if (!isTypeOrFunctionName(cursor.current)) throw cursor.syntaxError('a name')
  const name = takeIdentifier(cursor)
  const type = parseTypeName(cursor)
  return { mode: 'table', name, type, defaultText: undefined, span: cursor.spanFrom(start) }
}

/** RETURN a_expr | BEGIN ATOMIC (stmt ';')* END */
function parseBody(cursor: TokenCursor, statement: StatementParser): RoutineBody | undefined {
  const { start } = cursor.current
  if (cursor.at('return')) {
    const text = parseReturn(cursor)
    return { style: 'return', text, span: cursor.spanFrom(start) }
  }
  if (!cursor.acceptAll('begin', 'atomic')) return undefined
  const texts: string[] = []
  while (!cursor.accept('end')) {
    if (cursor.accept(';')) continue
    const from = cursor.current.start
    if (cursor.at('return')) {
      texts.push(parseReturn(cursor))
    } else {
      cursor.nested(statement)
      texts.push(cursor.text.slice(from, cursor.lastEnd))
    }
    cursor.expect(';')
  }
  return { style: 'atomic', text: texts.join(';\n'), span: cursor.spanFrom(start) }
}

function parseReturn(cursor: TokenCursor): string {
  cursor.expect('return')
  return `SELECT ${expressionText(cursor)}`
}
