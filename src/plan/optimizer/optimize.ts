import { assert, present } from '../../base/assert.ts'
import { sameType } from '../../data/types/data-type.ts'
import { DigitBudget } from '../../data/types/digit-budget.ts'
import { newColumnIds } from '../logical/build.ts'
import { FoldingBudget } from '../logical/folding-budget.ts'
import type { OutputColumn, Relation } from '../logical/relation.ts'
import { verifyRelation } from '../logical/verify.ts'
import { mapInputs, visitRelation } from '../logical/walk.ts'
import { newEstimator } from './cardinality.ts'
import type { OptimizeContext } from './context.ts'
import { passing } from './output-columns.ts'
import { includes, kindsIn, kindsOf, shareAny } from './relation-kinds.ts'
import type { Rule, RuleContext } from './rule.ts'
import { phases } from './rules/index.ts'

/**
 * Rewrites a bound plan into an equivalent one that is cheap to run and has no subqueries left. Its
 * output columns are the same, ids included. Parameters must have been replaced by literals before.
 */
export function optimize(relation: Relation, ctx: OptimizeContext): Relation {
  const first = firstFreeIds(relation)
  const { functions, digits = new DigitBudget(true) } = ctx
  const ids = newColumnIds(first.columnId)
  const folding = new FoldingBudget()
  let cteId = first.cteId
  let plan = relation
  const nextCteId = (): number => cteId++
  const contextFor = (root: Relation): RuleContext => ({
    functions,
    ids,
    estimator: newEstimator(root),
    digits,
    folding,
    nextCteId,
  })
  let given = contextFor(plan)
  // Rules that have nothing more to do on the plan as it is.
  const settled = new Set<Rule>()
  for (const phase of phases) {
    for (let pass = 0; pass < phase.passesMax; pass++) {
      const before = plan
      for (const rule of phase.rules) {
        if (ctx.disabledRules?.has(rule.name) === true && rule.required !== true) continue
        if (settled.has(rule)) continue
        const changed = applyRule(rule, plan, given)
        if (changed === plan) {
          settled.add(rule)
          continue
        }
        ctx.firedRules?.add(rule.name)
        plan = withColumns(changed, relation.columns, rule.name)
        verifyRelation(plan)
        given = contextFor(plan)
        settled.clear()
      }
      if (plan === before) break
    }
  }
  return plan
}

const kinds = new Map(
  phases.flatMap(({ rules }) => rules.map((rule) => [rule, kindsOf(rule.about)])),
)

function applyRule(rule: Rule, plan: Relation, ctx: RuleContext): Relation {
  const about = present(kinds.get(rule), 'a rule without a phase')
  const rewritten = (relation: Relation): Relation =>
    includes(about, relation.kind) ? (rule.rewrite(relation, ctx) ?? relation) : relation
  const apply = (relation: Relation): Relation => {
    if (!shareAny(kindsIn(relation), about)) return relation
    switch (rule.order) {
      case 'whole':
        return rule.rewrite(relation, ctx) ?? relation
      case 'bottom-up':
        return rewritten(mapInputs(relation, apply))
      case 'top-down':
        return mapInputs(rewritten(relation), apply)
    }
  }
  return apply(plan)
}

/** Rules may add or reorder columns on their way; the plan's own are put right at its root. */
function withColumns(plan: Relation, columns: readonly OutputColumn[], rule: string): Relation {
  const made = new Map(plan.columns.map((column) => [column.id, column]))
  for (const { id, name, type } of columns) {
    const column = made.get(id)
    assert(column !== undefined, `rule ${rule} lost column ${name}`)
    assert(sameType(column.type, type), `rule ${rule} changed the type of column ${name}`)
  }
  const same =
    plan.columns.length === columns.length && plan.columns.every((c, i) => c.id === columns[i]?.id)
  return same ? plan : passing(plan, columns)
}

function firstFreeIds(relation: Relation): { readonly columnId: number; readonly cteId: number } {
  let columnId = 0
  let cteId = 0
  visitRelation(relation, {
    relation: (inner) => {
      for (const { id } of inner.columns) columnId = Math.max(columnId, id)
      if (inner.kind === 'with') cteId = Math.max(cteId, inner.cteId)
    },
    expression: (expr) => {
      if (expr.kind === 'column') columnId = Math.max(columnId, expr.id)
    },
  })
  return { columnId: columnId + 1, cteId: cteId + 1 }
}
