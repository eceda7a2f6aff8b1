import type {
  AstExpression,
  AstFunction,
  OrderItem,
  QualifiedName,
  TypeName,
} from '../ast/expression.ts'
import type { TokenCursor } from './cursor.ts'
import { plainCall } from './call-node.ts'
import { parseLambdaCall } from './lambda.ts'
import { isTypeOrFunctionName, takeIdentifier } from './name.ts'
import { parseOptionalOrderBy, parseOrderBy } from './order-by.ts'
import { typeNameOf } from './type-name.ts'
import { parseOver } from './window.ts'

/**
 * func_application within_group_clause? filter_clause? over_clause?, after the name. Arguments
 * followed by a string are a literal: `numeric(10,2) '1.5'`.
 */
export function finishCall(cursor: TokenCursor, name: QualifiedName): AstExpression {
  const overElements = parseLambdaCall(cursor, name)
  if (overElements !== undefined) return overElements
  const call = parseApplication(cursor, name)
  if (cursor.current.kind === 'string') return literalWithModifiers(cursor, call)
  const withinGroup = parseWithinGroup(cursor, call)
  const filter = parseFilter(cursor)
  const outerNulls = parseNullTreatment(cursor)
  const over = cursor.at('over') ? parseOver(cursor) : undefined
  if (outerNulls !== undefined && over === undefined) throw cursor.syntaxError('OVER')
  const nulls = outerNulls ?? call.nulls
  const span = cursor.spanFrom(name.span.start)
  return { ...call, withinGroup, filter, over, nulls, span }
}

/** func_application: name '(' ('*' | (ALL | DISTINCT)? args sort_clause?)? ')' */
export function parseApplication(cursor: TokenCursor, name: QualifiedName): AstFunction {
  cursor.expect('(')
  cursor.enter()
  const { start } = name.span
  if (cursor.accept('*')) {
    cursor.expect(')')
    cursor.leave()
    return { ...plainCall(name, [], cursor.spanFrom(start)), star: true }
  }
  const distinct = cursor.accept('distinct')
  const quantified = distinct || cursor.accept('all')
  const args = cursor.at(')') && !quantified ? [] : parseArguments(cursor, !quantified)
  const orderBy = args.length > 0 ? parseOptionalOrderBy(cursor) : []
  const nulls = parseNullTreatment(cursor)
  cursor.expect(')')
  cursor.leave()
  return { ...plainCall(name, args, cursor.spanFrom(start)), distinct, orderBy, nulls }
}

/** func_arg_list, the last one possibly VARIADIC */
function parseArguments(cursor: TokenCursor, variadicAllowed: boolean): AstExpression[] {
  const args: AstExpression[] = []
  do {
    const { start } = cursor.current
    if (variadicAllowed && cursor.accept('variadic')) {
      const value = parseArgument(cursor)
      args.push({ kind: 'variadic-argument', value, span: cursor.spanFrom(start) })
      return args
    }
    args.push(parseArgument(cursor))
  } while (cursor.accept(','))
  return args
}

/** func_arg_expr: a_expr | param_name (':=' | '=>') a_expr */
function parseArgument(cursor: TokenCursor): AstExpression {
  const named = cursor.ahead(1, '=>') || cursor.ahead(1, ':=')
  if (!named) return cursor.productions.expression(cursor)
  const { start } = cursor.current
  if (!isTypeOrFunctionName(cursor.current)) throw cursor.syntaxError('a name')
  const name = takeIdentifier(cursor)
  cursor.advance()
  const value = cursor.productions.expression(cursor)
  return { kind: 'named-argument', name, value, span: cursor.spanFrom(start) }
}

/** WITHIN GROUP '(' sort_clause ')' */
function parseWithinGroup(
  cursor: TokenCursor,
  call: AstFunction,
): readonly OrderItem[] | undefined {
  if (!cursor.at('within')) return undefined
  const { start } = cursor.advance()
  cursor.expectAll('group', '(')
  const items = parseOrderBy(cursor)
  cursor.expect(')')
  const misuse =
    call.orderBy.length > 0
      ? 'cannot use multiple ORDER BY clauses with WITHIN GROUP'
      : call.distinct
        ? 'cannot use DISTINCT with WITHIN GROUP'
        : call.args.some((arg) => arg.kind === 'variadic-argument')
          ? 'cannot use VARIADIC with WITHIN GROUP'
          : undefined
  if (misuse !== undefined) throw cursor.grammarError(misuse, cursor.spanFrom(start))
  return items
}

/** FILTER '(' WHERE a_expr ')' */
function parseFilter(cursor: TokenCursor): AstExpression | undefined {
  if (!cursor.accept('filter')) return undefined
  cursor.expectAll('(', 'where')
  const condition = cursor.productions.expression(cursor)
  cursor.expect(')')
  return condition
}

/** Extension: (IGNORE | RESPECT) NULLS */
function parseNullTreatment(cursor: TokenCursor): 'ignore' | 'respect' | undefined {
  if (!cursor.ahead(1, 'nulls')) return undefined
  if (cursor.acceptAll('ignore', 'nulls')) return 'ignore'
  if (cursor.acceptAll('respect', 'nulls')) return 'respect'
  return undefined
}

function literalWithModifiers(cursor: TokenCursor, call: AstFunction): AstExpression {
  const modifiers = call.args.map((arg) => (arg.kind === 'number' ? Number(arg.text) : undefined))
  const plain = !call.star && !call.distinct && call.orderBy.length === 0
  if (!plain || !modifiers.every((value) => value !== undefined && Number.isInteger(value))) {
    throw cursor.unsupported('type modifiers other than whole numbers', call.span.start)
  }
  const type: TypeName = {
    name: typeNameOf(call.name.parts),
    modifiers: modifiers.filter((value) => value !== undefined),
    arrayDimensions: 0,
    span: call.span,
  }
  const { text: value, start, end } = cursor.advance()
  const valueSpan = { start, end }
  return { kind: 'typed-literal', type, value, valueSpan, span: cursor.spanFrom(call.span.start) }
}
