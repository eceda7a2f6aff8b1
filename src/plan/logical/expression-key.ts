import { typeName } from '../../data/types/data-type.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import type { Expression } from './expression.ts'
import type { Relation } from './relation.ts'

/**
 * A text that two expressions share exactly when they compute the same: same shape, columns, types and
 * constants; spans and names do not count. Subqueries are equal only when they hold the same relation
 * object.
 */
export function expressionKey(expr: Expression): string {
  switch (expr.kind) {
    case 'column':
      return `#${expr.id}`
    case 'literal':
      return `${scalarKey(expr.value)}::${typeName(expr.type)}`
    case 'parameter':
      return `$${expr.index}::${typeName(expr.type)}`
    case 'call':
      return `${expr.fn}[${expr.args.map(expressionKey).join()}]::${typeName(expr.type)}`
    case 'cast': {
      const name = expr.lenient ? 'try_cast' : 'cast'
      return `${name}[${expressionKey(expr.arg)}]::${typeName(expr.type)}`
    }
    case 'case': {
      const branches = expr.branches.map(
        ({ when, then }) => `${expressionKey(when)}?${expressionKey(then)}`,
      )
      return `case[${branches.join()}:${expressionKey(expr.otherwise)}]`
    }
    case 'and':
    case 'or':
      return `${expr.kind}[${expr.args.map(expressionKey).join()}]`
    case 'in-list':
      return `in[${expressionKey(expr.arg)}:${expr.list.map(expressionKey).join()}]`
    case 'subquery': {
      const arg = expr.arg === undefined ? '' : expressionKey(expr.arg)
      return `${expr.form}[${arg} ${expr.fn ?? ''} relation ${relationNumber(expr.input)}]`
    }
  }
}

export function sameExpression(left: Expression, right: Expression): boolean {
  return left === right || expressionKey(left) === expressionKey(right)
}

const relationNumbers = new WeakMap<Relation, number>()
let relationCount = 0

function relationNumber(relation: Relation): number {
  const known = relationNumbers.get(relation)
  if (known !== undefined) return known
  relationCount += 1
  relationNumbers.set(relation, relationCount)
  return relationCount
}

function scalarKey(value: Scalar): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (Object.is(value, -0)) return '-0'
  if (value instanceof Uint8Array) return `\\x${Array.from(value).join('.')}`
  if (typeof value !== 'object' || value === null) return String(value)
  return Object.values(value).join(' ')
}
