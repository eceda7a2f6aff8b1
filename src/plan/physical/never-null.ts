import { nullability } from '../logical/columns-of.ts'
import type { ColumnId } from '../logical/expression.ts'
import type { OutputColumn } from '../logical/relation.ts'
import { keepsBuild, type PhysicalPlan, type PhysicalScan } from './plan.ts'

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

function withoutNulls(plan: PhysicalPlan): HasNone {
  switch (plan.kind) {
    case 'scan':
      return (_, position) => scansNone(plan, position)
    case 'filter':
    case 'sort':
    case 'limit':
    case 'expand':
    case 'window':
      return among(solid(plan.input.columns))
    case 'project':
      return ofExpressions(plan.input, plan.exprs)
    case 'hash-aggregate':
      return ofExpressions(plan.input, plan.keys)
    case 'hash-join':
    case 'nested-loop-join': {
      const { joinKind, probe, build } = plan
      const isMissed = joinKind !== 'inner' && joinKind !== 'right'
      return among([
        ...(keepsBuild(joinKind) ? [] : solid(probe.columns)),
        ...(isMissed ? [] : solid(build.columns)),
      ])
    }
    case 'union-all': {
      const inputs = plan.inputs.map((input) => new Set(solid(input.columns)))
      return (_, position) =>
        plan.inputColumns.every((ids, at) => {
          const id = ids[position]
          return id !== undefined && inputs[at]?.has(id) === true
        })
    }
    case 'exchange':
      return (_, position) => plan.input.columns[position]?.nullable === false
    case 'values':
    case 'stage-input':
      return () => false
  }
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
