import { present } from '../../../base/assert.ts'
import { columnReference } from '../../logical/build.ts'
import type { ColumnId, NamedExpression } from '../../logical/expression.ts'
import type { OutputColumn, Relation } from '../../logical/relation.ts'
import { replaceColumnsIn, rewriteAllRelations, visitRelation } from '../../logical/walk.ts'
import type { RuleContext } from '../rule.ts'

/** A copy of a relation that shares no column and no CTE with it. */
export interface FreshCopy {
  readonly relation: Relation
  /** The copy's column for each column made inside the relation. */
  readonly columns: ReadonlyMap<ColumnId, ColumnId>
}

export function freshCopy(relation: Relation, ctx: RuleContext): FreshCopy {
  const columns = new Map<ColumnId, ColumnId>()
  const outputs = new Map<ColumnId, OutputColumn>()
  const ctes = new Map<number, number>()
  visitRelation(relation, {
    relation: (inner) => {
      for (const column of inner.columns) {
        outputs.set(column.id, column)
        if (!columns.has(column.id)) columns.set(column.id, ctx.ids.next())
      }
      if (inner.kind === 'with') ctes.set(inner.cteId, ctx.nextCteId())
    },
  })
  const of = (id: ColumnId): ColumnId => columns.get(id) ?? id
  const renamed = rewriteAllRelations(relation, (inner) => rename(inner, of, ctes))
  const copy = replaceColumnsIn(renamed, (id) => {
    const fresh = columns.get(id)
    if (fresh === undefined) return undefined
    return columnReference({ ...present(outputs.get(id), 'a column without a maker'), id: fresh })
  })
  return { relation: copy, columns }
}

/** Gives the columns that one relation makes or passes their new ids; its expressions follow later. */
function rename(
  relation: Relation,
  of: (id: ColumnId) => ColumnId,
  ctes: ReadonlyMap<number, number>,
): Relation {
  const columns = relation.columns.map((column) => ({ ...column, id: of(column.id) }))
  const named = (items: readonly NamedExpression[]): readonly NamedExpression[] =>
    items.map((item) => ({ ...item, id: of(item.id) }))
  switch (relation.kind) {
    case 'project':
      return { ...relation, columns, exprs: named(relation.exprs) }
    case 'aggregate': {
      const aggregates = relation.aggregates.map((item) => ({ ...item, id: of(item.id) }))
      return { ...relation, columns, keys: named(relation.keys), aggregates }
    }
    case 'join':
    case 'apply': {
      const { markColumn } = relation
      if (markColumn === undefined) return { ...relation, columns }
      return { ...relation, columns, markColumn: { ...markColumn, id: of(markColumn.id) } }
    }
    case 'union-all':
      return { ...relation, columns, inputColumns: relation.inputColumns.map((ids) => ids.map(of)) }
    case 'with':
      return { ...relation, columns, cteId: ctes.get(relation.cteId) ?? relation.cteId }
    case 'cte-reference': {
      const cteId = ctes.get(relation.cteId) ?? relation.cteId
      return { ...relation, columns, cteId, definitionColumns: relation.definitionColumns.map(of) }
    }
    default:
      return { ...relation, columns }
  }
}
