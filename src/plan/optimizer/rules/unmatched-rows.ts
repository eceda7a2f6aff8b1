import { and, conjuncts, filter, join, project } from '../../logical/build.ts'
import type { ColumnId, Expression } from '../../logical/expression.ts'
import { isVolatile } from '../../logical/expression-size.ts'
import { freshCopy } from '../../logical/fresh.ts'
import { testOf } from '../../logical/predicates.ts'
import type { Relation } from '../../logical/relation.ts'
import { replaceColumns } from '../../logical/walk.ts'
import { passedOn } from '../output-columns.ts'
import { rejectsNulls } from '../properties.ts'
import type { Rule } from '../rule.ts'

/**
 * `Filter(r IS NULL, L left join R)`, where r of a row that has a match is not NULL, is an anti join with
 * NULLs for the columns of R: no pair is made to be dropped again.
 */
export const unmatchedRows: Rule = {
  name: 'unmatched-rows',
  order: 'bottom-up',
  about: ['filter'],
  rewrite(relation, { ids, nextCteId }) {
    if (relation.kind !== 'filter' || relation.input.kind !== 'join') return undefined
    const { joinKind, left, right, condition } = relation.input
    if ((joinKind !== 'left' && joinKind !== 'right') || isVolatile(condition)) return undefined
    const [preserved, optional] = joinKind === 'left' ? [left, right] : [right, left]
    const parts = conjuncts(relation.predicate)
    const test = parts.find((part) => isSetWhereMatched(nullTested(part), optional, condition))
    if (test === undefined) return undefined
    // Its columns are made above the join now, under the ids that they had.
    const copy = freshCopy(ids, optional, nextCteId)
    const outputs = new Map(optional.columns.map(({ id }, at) => [id, copy.relation.columns[at]]))
    const on = replaceColumns(condition, (id) => {
      const column = outputs.get(id)
      return column && { kind: 'column', id: column.id, name: column.name, type: column.type }
    })
    const missing = optional.columns.map(({ id, name, type }) => ({
      id,
      name,
      expr: { kind: 'literal', value: null, type } as const,
    }))
    const unmatched = join('anti', preserved, copy.relation, on)
    const made = project(unmatched, [...passedOn(preserved.columns), ...missing])
    const others = parts.filter((part) => part !== test)
    return others.length === 0 ? made : filter(made, and(others))
  },
}

/** The column that a conjunct wants to be NULL. */
function nullTested(part: Expression): ColumnId | undefined {
  const test = testOf(part)
  if (part.kind !== 'call' || test?.of !== 'null' || test.negated) return undefined
  const [arg] = part.args
  return arg?.kind === 'column' ? arg.id : undefined
}

function isSetWhereMatched(
  id: ColumnId | undefined,
  optional: Relation,
  condition: Expression,
): boolean {
  const column = optional.columns.find((candidate) => candidate.id === id)
  if (column === undefined) return false
  return !column.nullable || rejectsNulls(condition, new Set([column.id]))
}
