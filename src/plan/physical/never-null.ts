import { nullability } from '../logical/columns-of.ts'
import type { ColumnId } from '../logical/expression.ts'
import type { OutputColumn } from '../logical/relation.ts'
import {
  choosesBuild,
  keepsBuild,
  type HashJoin,
  type NestedLoopJoin,
  type PhysicalKind,
  type PhysicalOf,
  type PhysicalPlan,
  type PhysicalScan,
} from './plan.ts'

/**
 * A plan whose inputs are settled, with the columns that have no NULL, as exact statistics of tables in memory tell, said
 * to have none: rows that operators keep need no room for NULLs of these, and nobody looks for them. A declared NOT NULL
 * says it anyway.
 */
export function settleNulls(plan: PhysicalPlan): PhysicalPlan {
  if (plan.columns.every(({ nullable }) => !nullable)) return plan
  const hasNone = withoutNulls(plan)
  let changed = false
  const columns = plan.columns.map((column, position) => {
    if (!column.nullable || !hasNone(column.id, position)) return column
    changed = true
    return { ...column, nullable: false }
  })
  return changed ? { ...plan, columns } : plan
}

/** Tells of a column of the plan, by its id and position, whether it is known to have no NULL. */
type HasNone = (id: ColumnId, position: number) => boolean

function withoutNulls<K extends PhysicalKind>(plan: PhysicalOf<K>): HasNone {
  const known = knowing[plan.kind] as Knowing<K> | undefined
  return known === undefined ? () => false : known(plan)
}

type Knowing<K extends PhysicalKind> = (plan: PhysicalOf<K>) => HasNone

/** Of operators that are not here nothing is known. */
const knowing: { readonly [K in PhysicalKind]?: Knowing<K> } = {
  scan: (plan) => (_, position) => scansNone(plan, position),
  filter: ofInput,
  sort: ofInput,
  limit: ofInput,
  expand: ofInput,
  window: ofInput,
  project: ({ input, exprs }) => ofExpressions(input, exprs),
  'hash-aggregate': ({ input, keys }) => ofExpressions(input, keys),
  'hash-join': ofJoin,
  'nested-loop-join': ofJoin,
  'union-all': (plan) => {
    const inputs = plan.inputs.map((input) => new Set(solid(input.columns)))
    return (_, position) =>
      plan.inputColumns.every((ids, at) => {
        const id = ids[position]
        return id !== undefined && inputs[at]?.has(id) === true
      })
  },
  exchange:
    ({ input }) =>
    (_, position) =>
      input.columns[position]?.nullable === false,
}

function ofInput({ input }: { readonly input: PhysicalPlan }): HasNone {
  return among(solid(input.columns))
}

function ofJoin({ joinKind, probe, build }: HashJoin | NestedLoopJoin): HasNone {
  const isMissed = joinKind !== 'inner' && joinKind !== 'right' && !choosesBuild(joinKind)
  return among([
    ...(keepsBuild(joinKind) ? [] : solid(probe.columns)),
    ...(isMissed ? [] : solid(build.columns)),
  ])
}

function scansNone({ table, sourceColumns }: PhysicalScan, position: number): boolean {
  const { source, statistics } = table
  const column = sourceColumns[position]
  // Nothing holds a file to the NULLs that it counts.
  if (column === undefined || source.kind !== 'memory' || !statistics.exact) return false
  return statistics.columns[column]?.nullCount === 0
}

function ofExpressions(
  input: PhysicalPlan,
  exprs: Extract<PhysicalPlan, { kind: 'project' }>['exprs'],
): HasNone {
  const canBeNull = nullability(input.columns)
  return (_, position) => {
    const expr = exprs[position]?.expr
    return expr !== undefined && !canBeNull(expr)
  }
}

function solid(columns: readonly OutputColumn[]): readonly ColumnId[] {
  return columns.flatMap(({ id, nullable }) => (nullable ? [] : [id]))
}

function among(ids: readonly ColumnId[]): HasNone {
  const known = new Set(ids)
  return (id) => known.has(id)
}
