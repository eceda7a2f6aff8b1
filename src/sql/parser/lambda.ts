import { bareQuery, bareSelect } from '../ast/bare-select.ts'
import type { AstExpression, Identifier, QualifiedName } from '../ast/expression.ts'
import type { TableFunction } from '../ast/select.ts'
import { plainCall } from './call-node.ts'
import { parenthesizedList, type TokenCursor } from './cursor.ts'
import { isColumnName, parseName } from './name.ts'

/*
 * Extension: functions of lists that take lambdas, and list comprehensions. Each is a subquery over the list's elements,
 * which are worked out as rows are.
 */

/** Functions that take a lambda as their second argument, by what they do with it. */
const takers: ReadonlyMap<string, 'transform' | 'filter'> = new Map([
  ['list_transform', 'transform'],
  ['array_transform', 'transform'],
  ['list_apply', 'transform'],
  ['array_apply', 'transform'],
  ['list_filter', 'filter'],
  ['array_filter', 'filter'],
])

interface Lambda {
  readonly parameters: readonly Identifier[]
  readonly body: AstExpression
}

/** name '(' list ',' lambda ')', at its parenthesis; undefined for other functions */
export function parseLambdaCall(
  cursor: TokenCursor,
  { parts: [only, ...others] }: QualifiedName,
): AstExpression | undefined {
  const use = only === undefined || others.length > 0 ? undefined : takers.get(only.text)
  if (use === undefined) return undefined
  cursor.expect('(')
  cursor.enter()
  const list = cursor.productions.expression(cursor)
  cursor.expect(',')
  if (!atLambda(cursor)) throw cursor.syntaxError('a lambda')
  const { parameters, body } = parseLambda(cursor)
  cursor.expect(')')
  cursor.leave()
  const [element, position] = parameters
  if (element === undefined || parameters.length > 2) {
    throw cursor.grammarError('a lambda takes an element, and its position', body.span)
  }
  const value = use === 'transform' ? body : columnNamed(element)
  const where = use === 'filter' ? body : undefined
  return overElements(list, { element, position, value, where })
}

/** name '->' | '(' name (',' name)* ')' '->' | LAMBDA name (',' name)* ':' */
function atLambda(cursor: TokenCursor): boolean {
  if (cursor.at('lambda') && isColumnName(cursor.peek(1))) return true
  if (isColumnName(cursor.current)) return cursor.ahead(1, '->')
  if (!cursor.at('(') || !isColumnName(cursor.peek(1))) return false
  return cursor.ahead(2, ')') || cursor.ahead(2, ',')
}

function parseLambda(cursor: TokenCursor): Lambda {
  if (cursor.at('lambda') && isColumnName(cursor.peek(1))) {
    cursor.advance()
    const parameters = [parseName(cursor)]
    while (cursor.accept(',')) parameters.push(parseName(cursor))
    cursor.expect(':')
    return { parameters, body: cursor.nested(cursor.productions.expression) }
  }
  const parameters = cursor.at('(') ? parenthesizedList(cursor, parseName) : [parseName(cursor)]
  cursor.expect('->')
  return { parameters, body: cursor.nested(cursor.productions.expression) }
}

/** FOR name (',' name)? IN a_expr (IF a_expr)?, after the value of each element */
export function parseComprehension(cursor: TokenCursor, value: AstExpression): AstExpression {
  cursor.expect('for')
  const element = parseName(cursor)
  const position = cursor.accept(',') ? parseName(cursor) : undefined
  cursor.expect('in')
  const list = cursor.productions.expression(cursor)
  const where = cursor.accept('if') ? cursor.productions.expression(cursor) : undefined
  return overElements(list, { element, position, value, where })
}

interface Elements {
  readonly element: Identifier
  readonly position: Identifier | undefined
  readonly value: AstExpression
  readonly where: AstExpression | undefined
}

/**
 * CASE WHEN list IS NULL THEN NULL ELSE ARRAY(SELECT value FROM unnest(list) WITH ORDINALITY AS list (element, position)
 * WHERE condition ORDER BY position) END
 */
function overElements(list: AstExpression, elements: Elements): AstExpression {
  const { element, value, where } = elements
  const { span } = list
  const named = (text: string): Identifier => ({ text, quoted: true, span })
  const position = elements.position ?? named('position in list')
  const unnest = plainCall({ parts: [{ text: 'unnest', quoted: false, span }], span }, [list], span)
  const rows: TableFunction = {
    kind: 'table-function',
    calls: [unnest],
    rowsFrom: false,
    ordinality: true,
    lateral: false,
    alias: { name: named('elements of list'), columns: [element, position], definitions: [] },
    span,
  }
  const items = [{ expr: value, alias: undefined, span: value.span }]
  const body = { ...bareSelect(items, [rows], span), where }
  const orderBy = [{ expr: columnNamed(position), descending: false, nullsFirst: undefined, span }]
  const query = { ...bareQuery(body, span), orderBy }
  const when: AstExpression = { kind: 'is', test: 'null', arg: list, negated: false, span }
  return {
    kind: 'case',
    operand: undefined,
    branches: [{ when, then: { kind: 'null', span }, operatorSpan: span }],
    otherwise: { kind: 'array', items: undefined, query, span },
    span,
  }
}

function columnNamed(name: Identifier): AstExpression {
  return { kind: 'column', name: { parts: [name], span: name.span }, span: name.span }
}
