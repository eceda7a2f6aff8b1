import type { ColumnId } from '../../logical/expression.ts'
import { aggregate, project, window, expand } from '../../logical/build.ts'
import { joinColumns, unionAllColumns } from '../../logical/columns-of.ts'
import type {
  Apply,
  CteReference,
  Join,
  Recursion,
  Relation,
  With,
} from '../../logical/relation.ts'
import { columnIdSet, columnsUsedBy, columnsUsedByAll } from '../../logical/walk.ts'
import { keepsRowsOnce } from '../row-counts.ts'
import type { Rule } from '../rule.ts'

/**
 * Columns that nobody uses are not made: scans read fewer, projections compute fewer, aggregates that
 * are not asked for go. Keys stay, as they decide which rows there are. An expression that would have
 * raised an error is not evaluated then, which PostgreSQL does as well; nor is a subquery, as its join
 * goes. Projections that only pass columns on go, too.
 */
export const pruneColumns: Rule = {
  name: 'prune-columns',
  order: 'whole',
  onlyDrops: true,
  rewrite: (relation) => {
    const needed = new Set(relation.columns.map(({ id }) => id))
    return prune({ used: new Map() }, relation, needed)
  },
}

interface Pruning {
  /** Columns of CTE definitions that references to them need. */
  readonly used: Map<number, Set<ColumnId>>
}

type Needed = ReadonlySet<ColumnId>

/** The relation with at least the needed of its columns. */
function prune(state: Pruning, relation: Relation, needed: Needed): Relation {
  switch (relation.kind) {
    case 'scan': {
      const used = columnsUsedBy(relation)
      const kept = relation.columns.map(({ id }) => needed.has(id) || used.has(id))
      if (kept.every(Boolean)) return relation
      const columns = relation.columns.filter((_, i) => kept[i])
      const sourceColumns = relation.sourceColumns.filter((_, i) => kept[i])
      return { ...relation, columns, sourceColumns }
    }
    case 'values': {
      const kept = relation.columns.map(({ id }) => needed.has(id))
      if (kept.every(Boolean)) return relation
      const rows = relation.rows.map((row) => row.filter((_, i) => kept[i]))
      return { ...relation, rows, columns: relation.columns.filter((_, i) => kept[i]) }
    }
    case 'project': {
      const exprs = relation.exprs.filter(({ id }) => needed.has(id))
      const input = prune(state, relation.input, columnsUsedByAll(exprs.map(({ expr }) => expr)))
      if (exprs.every(({ id, expr }) => expr.kind === 'column' && expr.id === id)) return input
      const same = exprs.length === relation.exprs.length && input === relation.input
      return same ? relation : project(input, exprs)
    }
    case 'aggregate': {
      const calls = relation.aggregates.filter(({ id }) => needed.has(id))
      const kept = calls.length === relation.aggregates.length
      const slim = kept ? relation : aggregate(relation.input, relation.keys, calls)
      const input = prune(state, slim.input, columnsUsedBy(slim))
      return input === slim.input ? slim : aggregate(input, slim.keys, calls)
    }
    case 'window': {
      const calls = relation.calls.filter(({ id }) => needed.has(id))
      if (calls.length === 0) return prune(state, relation.input, needed)
      const slim =
        calls.length === relation.calls.length ? relation : window(relation.input, relation, calls)
      const below = both(needed, columnsUsedBy(slim))
      const input = prune(state, slim.input, below)
      return input === slim.input ? slim : window(input, slim, calls)
    }
    case 'filter':
    case 'sort':
    case 'limit': {
      const input = prune(state, relation.input, both(needed, columnsUsedBy(relation)))
      return input === relation.input ? relation : { ...relation, input, columns: input.columns }
    }
    case 'expand': {
      const input = prune(state, relation.input, both(needed, columnsUsedBy(relation)))
      return input === relation.input
        ? relation
        : expand(input, relation.calls, relation.ordinality)
    }
    case 'join':
    case 'apply':
      return pruneJoin(state, relation, needed)
    case 'union-all':
      return pruneUnion(state, relation, needed)
    case 'with':
      return pruneWith(state, relation, needed)
    case 'recursion':
      return pruneRecursion(state, relation)
    case 'working-table':
      return relation
    case 'cte-reference':
      return pruneReference(state, relation, needed)
  }
}

function pruneReference(state: Pruning, relation: CteReference, needed: Needed): Relation {
  const kept = relation.columns.map(({ id }) => needed.has(id))
  const definitionColumns = relation.definitionColumns.filter((_, i) => kept[i])
  const used = state.used.get(relation.cteId) ?? new Set()
  for (const id of definitionColumns) used.add(id)
  state.used.set(relation.cteId, used)
  if (kept.every(Boolean)) return relation
  const columns = relation.columns.filter((_, i) => kept[i])
  return { ...relation, definitionColumns, columns }
}

/** Rows of any round may be made of any column of the round before. */
function pruneRecursion(state: Pruning, relation: Recursion): Relation {
  const [ofBase, ofStep] = relation.inputColumns
  const base = prune(state, relation.base, new Set(ofBase))
  const step = prune(state, relation.step, new Set(ofStep))
  const same = base === relation.base && step === relation.step
  return same ? relation : { ...relation, base, step }
}

/** A side of which nothing is wanted goes, where it neither adds rows nor takes any away. */
function pruneJoin(state: Pruning, relation: Join | Apply, needed: Needed): Relation {
  if (keepsRowsOnce(relation)) {
    const own = columnIdSet(relation.left.columns)
    const isLeftAlone = relation.columns.every(({ id }) => own.has(id) || !needed.has(id))
    if (isLeftAlone) return prune(state, relation.left, needed)
  }
  const all = both(needed, columnsUsedBy(relation))
  const left = prune(state, relation.left, all)
  const right = prune(state, relation.right, all)
  if (left === relation.left && right === relation.right) return relation
  const columns = joinColumns(relation.joinKind, left, right, relation.markColumn)
  return { ...relation, left, right, columns }
}

function both(left: Needed, right: Needed): Needed {
  return new Set([...left, ...right])
}

function pruneUnion(
  state: Pruning,
  relation: Extract<Relation, { kind: 'union-all' }>,
  needed: Needed,
): Relation {
  const kept = relation.columns.map(({ id }) => needed.has(id))
  const inputColumns = relation.inputColumns.map((ids) => ids.filter((_, i) => kept[i]))
  const inputs = relation.inputs.map((input, i) => prune(state, input, new Set(inputColumns[i])))
  const same = kept.every(Boolean) && inputs.every((input, i) => input === relation.inputs[i])
  if (same) return relation
  const columns = relation.columns.filter((_, i) => kept[i])
  return {
    ...relation,
    inputs,
    inputColumns,
    columns: unionAllColumns(inputs, inputColumns, columns),
  }
}

/** The references come first, so that it is known what they need of the definition. */
function pruneWith(state: Pruning, relation: With, needed: Needed): Relation {
  const input = prune(state, relation.input, needed)
  const used = state.used.get(relation.cteId)
  if (used === undefined) return input
  const definition = prune(state, relation.definition, used)
  const same = input === relation.input && definition === relation.definition
  return same ? relation : { ...relation, definition, input, columns: input.columns }
}
