import type { ColumnId } from './expression.ts'
import type { Apply, Join, Relation, RelationKind, RelationOf } from './relation.ts'

/** Gives a column another id; the id itself leaves it. */
export type ToId = (id: ColumnId) => ColumnId

/**
 * Where a relation names columns that it makes or passes on, beside its expressions: said here and nowhere
 * else. `columns` themselves are renamed for all kinds alike.
 */
const ownIds: {
  readonly [K in RelationKind]: (relation: RelationOf<K>, to: ToId) => RelationOf<K>
} = {
  scan: (scan) => scan,
  values: (values) => values,
  filter: (filter) => filter,
  project: (project, to) => ({ ...project, exprs: withIds(project.exprs, to) }),
  join: (join, to) => withMark(join, to),
  apply: (apply, to) => withMark(apply, to),
  aggregate: (aggregate, to) => {
    const { keys, aggregates } = aggregate
    return { ...aggregate, keys: withIds(keys, to), aggregates: withIds(aggregates, to) }
  },
  window: (window, to) => ({ ...window, calls: withIds(window.calls, to) }),
  sort: (sort) => sort,
  limit: (limit) => limit,
  'union-all': (union, to) => {
    return { ...union, inputColumns: union.inputColumns.map((ids) => ids.map(to)) }
  },
  with: (cte) => cte,
  'cte-reference': (reference, to) => {
    return { ...reference, definitionColumns: reference.definitionColumns.map(to) }
  },
  recursion: (recursion, to) => {
    const [base, step] = recursion.inputColumns
    return { ...recursion, inputColumns: [base.map(to), step.map(to)] }
  },
  'working-table': (table) => table,
  expand: (expanding, to) => {
    const { calls, ordinality } = expanding
    const counted = ordinality && { ordinality: { ...ordinality, id: to(ordinality.id) } }
    const renamed = calls.map((call) => ({ ...call, outputs: withIds(call.outputs, to) }))
    return { ...expanding, calls: renamed, ...counted }
  },
}

/** Renames the columns of one relation, its expressions and inputs left alone. */
export function mapOwnIds<K extends RelationKind>(relation: RelationOf<K>, to: ToId): Relation {
  const map = ownIds[relation.kind] as (relation: RelationOf<K>, to: ToId) => Relation
  const renamed = map(relation, to)
  return { ...renamed, columns: withIds(renamed.columns, to) }
}

function withIds<T extends { readonly id: ColumnId }>(items: readonly T[], to: ToId): readonly T[] {
  return items.map((item) => ({ ...item, id: to(item.id) }))
}

function withMark<T extends Join | Apply>(join: T, to: ToId): T {
  const { markColumn } = join
  return markColumn === undefined
    ? join
    : { ...join, markColumn: { ...markColumn, id: to(markColumn.id) } }
}
