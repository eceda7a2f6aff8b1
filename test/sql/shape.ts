import type { AstExpression } from '../../src/sql/ast/expression.ts'

/** Two parsers' trees of one expression as text in one form, to compare them. */

/** The shape of our tree: `(op a b)`, chains of AND and OR flat as PostgreSQL keeps them. */
export function shapeOf(expr: AstExpression): string {
  switch (expr.kind) {
    case 'column':
      return expr.name.parts.map((part) => part.text).join('.')
    case 'number':
      return expr.text
    case 'string':
      return `'${expr.value}'`
    case 'unary':
      return `(${expr.operator} ${shapeOf(expr.arg)})`
    case 'binary': {
      const { operator, left, right } = expr
      if (operator !== 'and' && operator !== 'or') {
        return `(${operator} ${shapeOf(left)} ${shapeOf(right)})`
      }
      return `(${operator} ${flatten(expr, operator).map(shapeOf).join(' ')})`
    }
    case 'between': {
      const word = `${expr.negated ? 'not ' : ''}between${expr.symmetric ? ' symmetric' : ''}`
      return `(${word} ${shapeOf(expr.arg)} ${shapeOf(expr.low)} ${shapeOf(expr.high)})`
    }
    case 'in':
      return `(${expr.negated ? 'not in' : 'in'} ${shapeOf(expr.arg)} ${expr.list!.map(shapeOf).join(' ')})`
    case 'like': {
      const escape = expr.escape === undefined ? '' : ` ${shapeOf(expr.escape)}`
      const word = `${expr.negated ? 'not ' : ''}${expr.operator}`
      return `(${word} ${shapeOf(expr.arg)} ${shapeOf(expr.pattern)}${escape})`
    }
    case 'is':
      return `(is ${expr.negated ? 'not ' : ''}${expr.test} ${shapeOf(expr.arg)})`
    case 'cast':
      return `(cast ${expr.type.name} ${shapeOf(expr.arg)})`
    case 'collate':
      return `(collate ${shapeOf(expr.arg)})`
    case 'at-time-zone':
      return `(timezone ${shapeOf(expr.zone)} ${shapeOf(expr.arg)})`
    case 'quantified':
      return `(${expr.operator} ${expr.quantifier} ${shapeOf(expr.left)} ${shapeOf(expr.right as AstExpression)})`
    case 'function':
      return `(${expr.name.parts.map((part) => part.text).join('.')}${expr.args.map((arg) => ` ${shapeOf(arg)}`).join('')})`
    case 'row':
      return `(row${expr.items.map((item) => ` ${shapeOf(item)}`).join('')})`
    case 'case': {
      const branches = expr.branches.map((b) => ` ${shapeOf(b.when)}=>${shapeOf(b.then)}`).join('')
      const operand = expr.operand === undefined ? '' : ` ${shapeOf(expr.operand)}`
      return `(case${operand}${branches}${expr.otherwise === undefined ? '' : ` else ${shapeOf(expr.otherwise)}`})`
    }
    case 'subscript':
      return `(subscript ${shapeOf(expr.arg)} ${expr.lower === undefined ? '' : shapeOf(expr.lower)})`
    default:
      return `<${expr.kind}>`
  }
}

/** PostgreSQL keeps only chains flat that lean to the left or stand in parentheses on the left. */
function flatten(expr: AstExpression, operator: string): AstExpression[] {
  if (expr.kind !== 'binary' || expr.operator !== operator) return [expr]
  return [...flatten(expr.left, operator), expr.right]
}

type Node = Readonly<Record<string, unknown>>

const betweenWords: Readonly<Record<string, string>> = {
  AEXPR_BETWEEN: 'between',
  AEXPR_NOT_BETWEEN: 'not between',
  AEXPR_BETWEEN_SYM: 'between symmetric',
  AEXPR_NOT_BETWEEN_SYM: 'not between symmetric',
}

/** The shape of a node of libpg-query's tree. */
export function oracleShape(wrapped: unknown): string {
  const [[kind, body]] = Object.entries(wrapped as Node) as [[string, Node]]
  const list = (value: unknown): string[] => (value as unknown[]).map(oracleShape)
  switch (kind) {
    case 'ColumnRef':
      return (body['fields'] as { String: { sval: string } }[]).map((f) => f.String.sval).join('.')
    case 'A_Const':
      return constShape(body)
    case 'A_Expr':
      return operatorShape(body)
    case 'BoolExpr': {
      const word = String(body['boolop']).replace('_EXPR', '').toLowerCase()
      return `(${word} ${list(body['args']).join(' ')})`
    }
    case 'NullTest':
      return `(is ${body['nulltesttype'] === 'IS_NULL' ? '' : 'not '}null ${oracleShape(body['arg'])})`
    case 'BooleanTest': {
      const words = String(body['booltesttype']).toLowerCase().replaceAll('_', ' ')
      return `(${words} ${oracleShape(body['arg'])})`
    }
    case 'TypeCast': {
      const names = (body['typeName'] as { names: { String: { sval: string } }[] }).names
      return `(cast ${names[names.length - 1]!.String.sval} ${oracleShape(body['arg'])})`
    }
    case 'CollateClause':
      return `(collate ${oracleShape(body['arg'])})`
    case 'FuncCall': {
      const names = body['funcname'] as { String: { sval: string } }[]
      return `(${names[names.length - 1]!.String.sval}${list(body['args'] ?? [])
        .map((arg) => ` ${arg}`)
        .join('')})`
    }
    case 'RowExpr':
      return `(row${list(body['args'] ?? [])
        .map((arg) => ` ${arg}`)
        .join('')})`
    case 'CaseExpr': {
      const branches = (body['args'] as { CaseWhen: Node }[]).map(
        ({ CaseWhen: when }) => ` ${oracleShape(when['expr'])}=>${oracleShape(when['result'])}`,
      )
      const operand = body['arg'] === undefined ? '' : ` ${oracleShape(body['arg'])}`
      const otherwise =
        body['defresult'] === undefined ? '' : ` else ${oracleShape(body['defresult'])}`
      return `(case${operand}${branches.join('')}${otherwise})`
    }
    case 'A_Indirection': {
      const [first] = body['indirection'] as { A_Indices: Node }[]
      return `(subscript ${oracleShape(body['arg'])} ${oracleShape(first!.A_Indices['uidx'])})`
    }
    default:
      return `<${kind}>`
  }
}

function constShape(body: Node): string {
  const ival = body['ival'] as { ival?: number } | undefined
  if (ival !== undefined) return String(ival.ival ?? 0)
  const text = body['sval'] as { sval?: string } | undefined
  if (text !== undefined) return `'${text.sval ?? ''}'`
  return String((body['fval'] as { fval: string } | undefined)?.fval)
}

function operatorShape(body: Node): string {
  const kind = String(body['kind'])
  const [name] = body['name'] as { String: { sval: string } }[]
  const operator = name!.String.sval
  const left = body['lexpr'] === undefined ? undefined : oracleShape(body['lexpr'])
  const right = (): string => oracleShape(body['rexpr'])
  const items = (): string[] =>
    ((body['rexpr'] as { List: { items: unknown[] } }).List.items ?? []).map(oracleShape)
  switch (kind) {
    case 'AEXPR_OP':
      return left === undefined ? `(${operator} ${right()})` : `(${operator} ${left} ${right()})`
    case 'AEXPR_OP_ANY':
      return `(${operator} any ${left} ${right()})`
    case 'AEXPR_OP_ALL':
      return `(${operator} all ${left} ${right()})`
    case 'AEXPR_DISTINCT':
      return `(is distinct from ${left} ${right()})`
    case 'AEXPR_NOT_DISTINCT':
      return `(is not distinct from ${left} ${right()})`
    case 'AEXPR_IN':
      return `(${operator === '<>' ? 'not in' : 'in'} ${left} ${items().join(' ')})`
    case 'AEXPR_LIKE':
    case 'AEXPR_ILIKE':
    case 'AEXPR_SIMILAR':
      return likeShape(kind, operator, left!, right())
    default:
      return `(${betweenWords[kind] ?? kind} ${left} ${items().join(' ')})`
  }
}

/** PostgreSQL wraps a pattern with ESCAPE, or any pattern of SIMILAR TO, in a call. */
function likeShape(kind: string, operator: string, left: string, right: string): string {
  const word = { AEXPR_LIKE: 'like', AEXPR_ILIKE: 'ilike', AEXPR_SIMILAR: 'similar' }[kind]
  const negated = operator.startsWith('!') ? 'not ' : ''
  const wrapped = /^\((?:like_escape|similar_to_escape) (.*)\)$/.exec(right)
  return `(${negated}${word} ${left} ${wrapped?.[1] ?? right})`
}
