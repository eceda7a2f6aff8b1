import { named, oneRow, project } from '../../logical/build.ts'
import { unionAllColumns } from '../../logical/columns-of.ts'
import type { Relation, Values } from '../../logical/relation.ts'
import type { RuleContext } from '../rule.ts'

/** VALUES as a union of one-row projections, so that each expression has an input. */
export function valuesAsUnion(ctx: RuleContext, relation: Values): Relation {
  const inputs = relation.rows.map((row) =>
    project(
      oneRow(),
      row.map((expr, i) => named(ctx.ids, relation.columns[i]?.name ?? 'column', expr)),
    ),
  )
  const [only] = inputs
  if (inputs.length === 1 && only !== undefined) {
    const exprs = only.exprs.map((item, i) => ({ ...item, id: relation.columns[i]?.id ?? item.id }))
    return project(only.input, exprs)
  }
  const inputColumns = inputs.map((input) => input.columns.map(({ id }) => id))
  const columns = unionAllColumns(inputs, inputColumns, relation.columns)
  return { kind: 'union-all', inputs, inputColumns, columns }
}
