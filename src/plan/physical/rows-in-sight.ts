import { assert, present } from '../../base/assert.ts'
import { int4, int8 } from '../../data/types/data-type.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { caseOf, castTo, columnReference, literal } from '../logical/build.ts'
import type { ColumnId, Expression, SortKey } from '../logical/expression.ts'
import { compared, tested } from '../logical/predicates.ts'
import type { Partitioning, PhysicalPlan, PhysicalProject, Sight } from './plan.ts'
import { rangeNumber } from './range-partition.ts'
import { asTheyAre, intColumn, repeated } from './repeated-rows.ts'
import { operation } from './row-arithmetic.ts'

type Range = Partitioning & { readonly kind: 'range' }
type Bounds = readonly (readonly Scalar[])[]

/** Ids of what a row's ranges are told by. Those of the query are positive. */
const FIRST_ID = -2_910_000_000 as ColumnId
const OWN_ID = -2_910_000_001 as ColumnId
const LAST_ID = -2_910_000_002 as ColumnId
const TARGET_ID = -2_910_000_003 as ColumnId

/**
 * Rows, and a column for their places: the number of a row's range, and below 0 that of another which looks at it. What it is, is known once
 * the ranges are, see {@link rowsInSight}; until then it is anything between.
 */
export function withPlaces(
  input: PhysicalPlan,
  id: ColumnId,
  key: Expression,
  ranges: number,
): PhysicalProject {
  const isNull = { when: tested(key, 'null'), then: literal(-1 - ranges, int4) }
  const unknown = caseOf([isNull], literal(ranges, int4))
  return {
    kind: 'project',
    input,
    exprs: [...asTheyAre(input.columns), { id, name: 'place', expr: unknown }],
    columns: [...input.columns, intColumn(id, 'place')],
    rows: input.rows,
  }
}

/** Whether a row is in its own range. */
export function isInOwnRange(place: ColumnId): Expression {
  return compared('>=', columnReference(intColumn(place, 'place')), literal(0, int4))
}

/**
 * The plan of a stage that divides its rows into ranges, where some ranges look at rows of others: each row once for every range that it is to go to,
 * and the number of that one. `root`: made by {@link withPlaces}.
 */
export function rowsInSight(
  root: PhysicalPlan,
  { keys, sight }: Range,
  bounds: Bounds,
): { readonly root: PhysicalPlan; readonly number: Expression } {
  assert(root.kind === 'project' && sight !== undefined, 'rows without places')
  const { input } = root
  const last = present(keys.at(-1), 'a key')
  const away = (distance: Sight['before'], direction: 1n | -1n): Expression => {
    const by = BigInt(distance) * direction * (last.descending ? -1n : 1n)
    if (by === 0n) return rangeNumber(keys, bounds)
    const further = bounds.map((bound) => [
      ...bound.slice(0, -1),
      moved(bound.at(-1) ?? null, by, last),
    ])
    return rangeNumber([...keys.slice(0, -1), widened(last)], further)
  }
  // A row is seen from those up to `after` before it, and up to `before` behind it: their ends are moved instead of the row.
  const placed: PhysicalProject = {
    kind: 'project',
    input,
    exprs: [
      ...asTheyAre(input.columns),
      { id: FIRST_ID, name: 'first', expr: away(sight.after, 1n) },
      { id: OWN_ID, name: 'own', expr: rangeNumber(keys, bounds) },
      { id: LAST_ID, name: 'last', expr: away(sight.before, -1n) },
    ],
    columns: [...input.columns, firstColumn, ownColumn, lastColumn],
    rows: input.rows,
  }
  const target = columnReference(intColumn(TARGET_ID, 'target'))
  const place = caseOf(
    [{ when: compared('=', target, columnReference(ownColumn)), then: target }],
    operation('-', literal(-1, int4), target),
  )
  const made: PhysicalProject = {
    kind: 'project',
    input: repeated(placed, [firstColumn, lastColumn], TARGET_ID),
    exprs: [...asTheyAre(input.columns), { id: sight.place, name: 'place', expr: place }],
    columns: root.columns,
    rows: root.rows,
  }
  const given = columnReference(intColumn(sight.place, 'place'))
  const isAbroad = compared('<', given, literal(0, int4))
  const abroad = operation('-', literal(-1, int4), given)
  return { root: made, number: caseOf([{ when: isAbroad, then: abroad }], given) }
}

const firstColumn = intColumn(FIRST_ID, 'first')
const ownColumn = intColumn(OWN_ID, 'own')
const lastColumn = intColumn(LAST_ID, 'last')

const INT64_MAX = 2n ** 63n - 1n

/** Where a range begins, so much further. */
function moved(bound: Scalar, distance: bigint, { expr, nullsFirst }: SortKey): Scalar {
  if (bound === null || distance === 0n) return bound
  assert(typeof bound !== 'object' && typeof bound !== 'string', 'a key without distances')
  if (expr.type.kind === 'date') return Number(bound) + Number(distance)
  const found = BigInt(bound) + distance
  // All values come before what is beyond them, NULLs aside.
  if (found > INT64_MAX || found < -INT64_MAX) return beyond(found, nullsFirst)
  return found
}

function beyond(found: bigint, nullsFirst: boolean): Scalar {
  if (!nullsFirst) return null
  return found > 0n ? INT64_MAX : -INT64_MAX
}

/** Values that are moved are of a type that has room for more. */
function widened(key: SortKey): SortKey {
  const isShort = key.expr.type.kind === 'int2' || key.expr.type.kind === 'int4'
  return isShort ? { ...key, expr: castTo(key.expr, int8) } : key
}
