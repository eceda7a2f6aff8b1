import type { ColumnId, Expression } from '../logical/expression.ts'
import type { Relation } from '../logical/relation.ts'
import { expressionChildrenOf } from '../logical/walk.ts'
import { testOf } from '../logical/predicates.ts'
import type { TruthTest } from '../../functions/traits.ts'

/** Whether the value is cheap to have twice: a column or a constant. */
export function isTrivial(expr: Expression): boolean {
  return expr.kind === 'column' || expr.kind === 'literal'
}

/** Whether the expression is NULL in every row in which all of these columns are. */
export function isNullWhen(expr: Expression, nulls: ReadonlySet<ColumnId>): boolean {
  switch (expr.kind) {
    case 'column':
      return nulls.has(expr.id)
    case 'literal':
      return expr.value === null
    case 'cast':
      return isNullWhen(expr.arg, nulls)
    case 'call':
      return expr.fn.nulls === 'strict' && expr.args.some((arg) => isNullWhen(arg, nulls))
    case 'in-list':
    case 'in-set':
      return isNullWhen(expr.arg, nulls)
    case 'and':
    case 'or':
      return expr.args.every((arg) => isNullWhen(arg, nulls))
    case 'case':
      return [...expr.branches.map(({ then }) => then), expr.otherwise].every((result) =>
        isNullWhen(result, nulls),
      )
    case 'parameter':
    case 'let':
    case 'subquery':
      return false
  }
}

/** Whether the condition is FALSE or NULL in every row in which all of these columns are NULL. */
export function rejectsNulls(expr: Expression, nulls: ReadonlySet<ColumnId>): boolean {
  if (isNullWhen(expr, nulls)) return true
  switch (expr.kind) {
    case 'literal':
      return expr.value !== true
    case 'and':
      return expr.args.some((arg) => rejectsNulls(arg, nulls))
    case 'or':
      return expr.args.every((arg) => rejectsNulls(arg, nulls))
    case 'call': {
      const [arg] = expr.args
      if (arg === undefined) return false
      const { negates, test } = expr.fn
      if (negates === true) return isSurelyTrue(arg, nulls)
      if (test?.of === 'true' && !test.negated) return rejectsNulls(arg, nulls)
      return test !== undefined && !holdsOfNull(test) && isNullWhen(arg, nulls)
    }
    case 'column':
    case 'parameter':
    case 'cast':
    case 'case':
    case 'in-list':
    case 'in-set':
    case 'let':
    case 'subquery':
      return false
  }
}

function isSurelyTrue(expr: Expression, nulls: ReadonlySet<ColumnId>): boolean {
  const [arg] = expressionChildrenOf(expr)
  const test = testOf(expr)
  return arg !== undefined && test !== undefined && holdsOfNull(test) && isNullWhen(arg, nulls)
}

/** Whether the test is TRUE of NULL. */
function holdsOfNull({ of, negated }: TruthTest): boolean {
  return (of === 'null' || of === 'unknown') !== negated
}

/** Whether the relation gives exactly one row whatever its input holds. */
export function isOneRow(relation: Relation): boolean {
  switch (relation.kind) {
    case 'aggregate':
      return relation.keys.length === 0
    case 'values':
      return relation.rows.length === 1
    case 'project':
    case 'window':
    case 'sort':
    case 'with':
      return isOneRow(relation.input)
    case 'join':
      return (
        isOneRow(relation.left) &&
        (relation.joinKind === 'mark' ||
          relation.joinKind === 'single' ||
          (relation.joinKind === 'left' && isOneRow(relation.right)) ||
          (relation.joinKind === 'inner' &&
            isOneRow(relation.right) &&
            relation.condition.kind === 'literal' &&
            relation.condition.value === true))
      )
    case 'scan':
    case 'filter':
    case 'apply':
    case 'limit':
    case 'union-all':
    case 'cte-reference':
    case 'recursion':
    case 'working-table':
    case 'expand':
      return false
  }
}
