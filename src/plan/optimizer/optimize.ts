import { assert, present } from '../../base/assert.ts'
import { checkBudget, isOverdue } from '../../base/budget.ts'
import { finishSteps, type Steps } from '../../base/steps.ts'
import { sameType } from '../../data/types/data-type.ts'
import { DigitBudget } from '../../data/types/digit-budget.ts'
import { newColumnIds } from '../logical/build.ts'
import { FoldingBudget } from '../logical/folding-budget.ts'
import type { OutputColumn, Relation } from '../logical/relation.ts'
import { verifyRelation } from '../logical/verify.ts'
import { inputsOf, mapInputs, visitRelation } from '../logical/walk.ts'
import { newEstimator } from './cardinality.ts'
import type { OptimizeContext } from './context.ts'
import { passing } from './output-columns.ts'
import { includes, kindsIn, kindsOf, shareAny, type Kinds } from './relation-kinds.ts'
import type { Rule, RuleContext } from './rule.ts'
import { phases } from './rules/index.ts'

/**
 * Rewrites a bound plan into an equivalent one that is cheap to run and has no subqueries left. Its
 * output columns are the same, ids included. Parameters must have been replaced by literals before.
 */
export function optimize(relation: Relation, ctx: OptimizeContext): Relation {
  return finishSteps(optimizeSteps(relation, ctx))
}

/** From so many relations and expressions on a plan is rewritten in steps, which cost a little more. */
const LONG_NODES_MIN = 1_024

/** As {@link optimize}, in steps: see {@link isOverdue}. */
export function* optimizeSteps(relation: Relation, ctx: OptimizeContext): Steps<Relation> {
  const first = firstFreeIds(relation)
  const isLong = first.nodes >= LONG_NODES_MIN
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
        const changed = isLong ? yield* applySteps(rule, plan, given) : applyRule(rule, plan, given)
        // A rule that looks at few of the nodes spends little, however long that takes.
        if (isLong) checkBudget()
        if (isOverdue()) yield
        if (changed === plan) {
          settled.add(rule)
          continue
        }
        ctx.firedRules?.add(rule.name)
        plan = withColumns(changed, relation.columns, rule.name)
        verifyRelation(plan)
        if (isOverdue()) yield
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

function aboutOf(rule: Rule): Kinds {
  return present(kinds.get(rule), 'a rule without a phase')
}

/** A relation as the rule rewrites it; what the rule is not about stays as it is. */
function rewritten(rule: Rule, relation: Relation, ctx: RuleContext): Relation {
  const concerns = includes(aboutOf(rule), relation.kind)
  return concerns ? (rule.rewrite(relation, ctx) ?? relation) : relation
}

function applyRule(rule: Rule, plan: Relation, ctx: RuleContext): Relation {
  const about = aboutOf(rule)
  const apply = (relation: Relation): Relation => {
    if (!shareAny(kindsIn(relation), about)) return relation
    switch (rule.order) {
      case 'whole':
        return rule.rewrite(relation, ctx) ?? relation
      case 'bottom-up':
        return rewritten(rule, mapInputs(relation, apply), ctx)
      case 'top-down':
        return mapInputs(rewritten(rule, relation, ctx), apply)
    }
  }
  return apply(plan)
}

/** As {@link applyRule}, in steps. */
function* applySteps(rule: Rule, plan: Relation, ctx: RuleContext): Steps<Relation> {
  const isConcerned = shareAny(kindsIn(plan), aboutOf(rule))
  if (rule.order === 'whole' || !isConcerned) return applyRule(rule, plan, ctx)
  const outer = rule.order === 'top-down' ? rewritten(rule, plan, ctx) : plan
  const made = new Map<Relation, Relation>()
  for (const input of inputsOf(outer)) {
    if (isOverdue()) yield
    made.set(input, yield* applySteps(rule, input, ctx))
  }
  const inner = mapInputs(outer, (input) => made.get(input) ?? input)
  return rule.order === 'top-down' ? inner : rewritten(rule, inner, ctx)
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

/** The first ids that a plan does not use, and how many relations and expressions it has. */
interface FirstFree {
  readonly columnId: number
  readonly cteId: number
  readonly nodes: number
}

function firstFreeIds(relation: Relation): FirstFree {
  let columnId = 0
  let cteId = 0
  let nodes = 0
  visitRelation(relation, {
    relation: (inner) => {
      nodes++
      for (const { id } of inner.columns) columnId = Math.max(columnId, id)
      if (inner.kind === 'with') cteId = Math.max(cteId, inner.cteId)
    },
    expression: (expr) => {
      nodes++
      if (expr.kind === 'column') columnId = Math.max(columnId, expr.id)
    },
  })
  return { columnId: columnId + 1, cteId: cteId + 1, nodes }
}
