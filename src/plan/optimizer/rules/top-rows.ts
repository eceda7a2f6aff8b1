import type { Expression } from '../../logical/expression.ts'
import type { Limit, Relation } from '../../logical/relation.ts'
import type { Rule } from '../rule.ts'

const sortedRowsMax = 1_000_000

/**
 * `Limit(n, offset m, Sort(X)) = Limit(n, offset m, top n + m of Sort(X))`: rows after the first n + m
 * in order cannot be in the result. Projections between do not change which rows there are.
 */
export const topRows: Rule = {
  name: 'top-rows',
  order: 'bottom-up',
  about: ['limit'],
  rewrite(relation) {
    if (relation.kind !== 'limit') return undefined
    const rows = rowsWanted(relation)
    if (rows === undefined || rows > sortedRowsMax) return undefined
    const input = limitSort(relation.input, rows)
    return input === relation.input ? undefined : { ...relation, input, columns: input.columns }
  },
}

/** The rows that a limit can touch; undefined where it has no bound that is known. */
export function rowsWanted(relation: Limit): number | undefined {
  const limit = constant(relation.limit)
  const offset = relation.offset === undefined ? 0 : constant(relation.offset)
  return limit === undefined || offset === undefined ? undefined : limit + offset
}

function constant(expr: Expression | undefined): number | undefined {
  if (expr?.kind !== 'literal' || expr.value === null) return undefined
  const value = Number(expr.value)
  return value >= 0 ? value : undefined
}

function limitSort(relation: Relation, rows: number): Relation {
  if (relation.kind === 'project') {
    const input = limitSort(relation.input, rows)
    return input === relation.input ? relation : { ...relation, input }
  }
  if (relation.kind !== 'sort' || (relation.limitRows ?? Infinity) <= rows) return relation
  return { ...relation, limitRows: rows }
}
