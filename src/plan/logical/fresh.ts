import type { ColumnIds } from './build.ts'
import { columnReference } from './build.ts'
import { sizeOf } from './expression-size.ts'
import type { ColumnId, Expression } from './expression.ts'
import type { OutputColumn, Relation } from './relation.ts'
import { replaceColumnsIn, rewriteAllRelations, rewriteExpression, visitRelation } from './walk.ts'

/**
 * The same relation with a fresh id for every column that it makes, inside its subqueries too; columns of
 * enclosing relations keep theirs. A plan that holds a relation twice needs this for one of them.
 */
export function withFreshColumns(ids: ColumnIds, relation: Relation): Relation {
  const fresh = new Map<ColumnId, ColumnId>()
  visitRelation(relation, {
    relation: (node) => {
      for (const { id } of node.columns) if (!fresh.has(id)) fresh.set(id, ids.next())
    },
  })
  const ctes = new Map<number, number>()
  visitRelation(relation, {
    relation: (node) => {
      if (node.kind === 'with') ctes.set(node.cteId, ids.next())
    },
  })
  const renamedColumns = rewriteAllRelations(relation, (node) => {
    const made = renameMade(node, fresh)
    if (made.kind !== 'with' && made.kind !== 'cte-reference') return made
    return { ...made, cteId: ctes.get(made.cteId) ?? made.cteId }
  })
  const types = new Map<ColumnId, OutputColumn>()
  visitRelation(renamedColumns, {
    relation: (node) => {
      for (const column of node.columns) types.set(column.id, column)
    },
  })
  return replaceColumnsIn(renamedColumns, (id) => {
    const column = types.get(fresh.get(id) ?? id)
    return column && fresh.has(id) ? columnReference(column) : undefined
  })
}

/** A second copy of an expression: its subqueries make columns of their own. */
export function duplicate(ids: ColumnIds, expr: Expression): Expression {
  if (!sizeOf(expr).hasSubquery) return expr
  return rewriteExpression(expr, (node) =>
    node.kind === 'subquery' ? { ...node, input: withFreshColumns(ids, node.input) } : node,
  )
}

/** Renames the columns that one relation makes itself; its inputs' are renamed already. */
function renameMade(node: Relation, fresh: ReadonlyMap<ColumnId, ColumnId>): Relation {
  const to = <T extends { readonly id: ColumnId }>(column: T): T => {
    const id = fresh.get(column.id)
    return id === undefined ? column : { ...column, id }
  }
  const toId = (id: ColumnId): ColumnId => fresh.get(id) ?? id
  const made = node.columns.map(to)
  switch (node.kind) {
    case 'scan':
    case 'values':
      return { ...node, columns: made }
    case 'project':
      return { ...node, exprs: node.exprs.map(to), columns: made }
    case 'aggregate': {
      const { keys, aggregates } = node
      return { ...node, keys: keys.map(to), aggregates: aggregates.map(to), columns: made }
    }
    case 'join':
    case 'apply': {
      const { markColumn } = node
      return { ...node, columns: made, ...(markColumn && { markColumn: to(markColumn) }) }
    }
    case 'union-all': {
      const inputColumns = node.inputColumns.map((column) => column.map(toId))
      return { ...node, inputColumns, columns: made }
    }
    case 'cte-reference': {
      const definitionColumns = node.definitionColumns.map(toId)
      return { ...node, definitionColumns, columns: made }
    }
    case 'filter':
    case 'sort':
    case 'limit':
    case 'with':
      return { ...node, columns: made }
  }
}
