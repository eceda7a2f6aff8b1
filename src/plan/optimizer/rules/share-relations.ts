import { present } from '../../../base/assert.ts'
import { withCte } from '../../logical/build.ts'
import { freshCopy } from '../../logical/fresh.ts'
import type { CteReference, Relation } from '../../logical/relation.ts'
import { inputsOf, mapInputs } from '../../logical/walk.ts'
import { newEstimator, type Estimator } from '../cardinality.ts'
import { joinCost } from '../cost.ts'
import { JointColumns } from '../joint-columns.ts'
import type { Rule, RuleContext } from '../rule.ts'
import { SameRows } from '../same-rows.ts'

/** Joins and groups that are taken out of one plan at most. */
const SHARED_MAX = 8
/** Writing a row down or reading it again, without and with each of its columns, in units of one row handled. */
const KEPT_ROW_COST = 1
const KEPT_COLUMN_COST = 1

/** What sharing must save to be done. */
interface Worth {
  /** Rows handled less that are worth another stage. */
  readonly rowsMin: number
  /** How many times what it costs: what reads the rows could have asked for fewer of them. */
  readonly timesMin: number
}

/**
 * Joins and groups that a plan has several times are worked out once, as a CTE, where that is much work for few rows: the
 * common subexpressions of Silva, Larson and Zhou, "Exploiting Common Subexpressions for Cloud Query Processing" (ICDE 2012),
 * without its sharing of rows that differ by a filter. Last of the rules that move anything, as rows that are kept are
 * asked for nothing any more.
 */
export const shareRelations: Rule = sharing({ rowsMin: 50_000, timesMin: 2 })

/** The rule for what sharing must save. */
export function sharing(worth: Worth): Rule {
  return {
    name: 'share-relations',
    order: 'whole',
    about: ['join', 'aggregate'],
    rewrite(relation, ctx) {
      if (!readsTablesTwice(relation)) return undefined
      const same = new SameRows()
      let plan = relation
      for (let shared = 0; shared < SHARED_MAX; shared++) {
        const next = shareOne(plan, same, worth, ctx)
        if (next === undefined) break
        plan = next
      }
      return plan
    },
  }
}

function readsTablesTwice(plan: Relation): boolean {
  const tables = new Set<object>()
  const isFirst = (relation: Relation): boolean => {
    if (relation.kind === 'scan') {
      if (tables.has(relation.table)) return false
      tables.add(relation.table)
    }
    return inputsOf(relation).every(isFirst)
  }
  return !isFirst(plan)
}

/** Relations with the same rows. */
interface Alike {
  readonly places: Relation[]
  /** Rows that one of them handles. */
  readonly work: number
  readonly rows: number
}

function shareOne(
  plan: Relation,
  same: SameRows,
  worth: Worth,
  { ids, nextCteId }: RuleContext,
): Relation | undefined {
  const alike = bestOf(collected(plan, same, newEstimator(plan)), worth)
  if (alike === undefined) return undefined
  const joint = new JointColumns(same, ids)
  const { places } = alike
  const whole = places.reduce((one, other) => joint.of(one, other))
  const { relation: definition, columns: fresh } = freshCopy(ids, whole, nextCteId)
  const made = joint.byName(whole)
  const [cteId, name] = [nextCteId(), 'shared']
  const references = new Map(
    places.map((place): [Relation, CteReference] => {
      const { names } = same.identityOf(place)
      const definitionColumns = place.columns.map(({ id }) => {
        const column = present(made.get(present(names.get(id), 'a lost name')), 'a lost column')
        return present(fresh.get(column.id), 'a column that was not copied')
      })
      const { columns } = place
      return [place, { kind: 'cte-reference', cteId, name, definitionColumns, columns }]
    }),
  )
  const replaced = (relation: Relation): Relation =>
    references.get(relation) ?? mapInputs(relation, replaced)
  return withCte(cteId, name, definition, replaced(plan))
}

/** What saves the most work. */
function bestOf(all: Iterable<Alike>, { rowsMin, timesMin }: Worth): Alike | undefined {
  let best: Alike | undefined
  let most = rowsMin
  for (const alike of all) {
    const { work, rows, places } = alike
    const again = places.length - 1
    if (again === 0) continue
    const columns = Math.max(...places.map((place) => place.columns.length))
    const spent = (KEPT_ROW_COST + KEPT_COLUMN_COST * columns) * rows * (1 + places.length)
    const saved = again * work - spent
    if (saved < most || again * work < timesMin * spent) continue
    most = saved
    best = alike
  }
  return best
}

/** Joins and groups of a plan by what rows they have; where few of the rows are asked for, they are not shared. */
function collected(plan: Relation, same: SameRows, estimator: Estimator): Iterable<Alike> {
  const found = new Map<string, Alike>()
  const visit = (relation: Relation, isAskedForAll: boolean): number => {
    const below = askedForAll(relation) ?? isAskedForAll
    let work = 0
    for (const input of inputsOf(relation)) work += visit(input, below)
    work += workOf(relation, estimator)
    if (isAskedForAll && (relation.kind === 'join' || relation.kind === 'aggregate')) {
      const { key } = same.identityOf(relation)
      const alike = found.get(key)
      if (alike !== undefined) alike.places.push(relation)
      else found.set(key, { places: [relation], work, rows: estimator.profile(relation).rows })
    }
    return work
  }
  visit(plan, true)
  return found.values()
}

/** Whether all rows of its inputs are read; undefined: as many as are asked of itself. */
function askedForAll({ kind }: Relation): boolean | undefined {
  if (kind === 'limit') return false
  return kind === 'aggregate' || kind === 'sort' || kind === 'window' ? true : undefined
}

/** Rows that a relation handles itself. */
function workOf(relation: Relation, estimator: Estimator): number {
  const rowsOf = (of: Relation): number => estimator.profile(of).rows
  if (relation.kind === 'scan') return relation.table.statistics.rows
  if (relation.kind === 'join') {
    return joinCost(rowsOf(relation.left), rowsOf(relation.right), rowsOf(relation))
  }
  const isBreaker =
    relation.kind === 'aggregate' || relation.kind === 'window' || relation.kind === 'sort'
  return isBreaker ? 2 * rowsOf(relation.input) : 0
}
