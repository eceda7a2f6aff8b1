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
  const bound = overviewOf(relation)
  const isLong = bound.nodes >= LONG_NODES_MIN
  const { functions, digits = new DigitBudget(true) } = ctx
  const ids = newColumnIds(bound.columnId)
  const folding = new FoldingBudget()
  let cteId = bound.cteId
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
  let kinds = kindsIn(plan) | bound.kinds
  // Rules that have nothing more to do on the plan as it is.
  const settled = new Set<Rule>()
  for (const phase of phases) {
    for (let pass = 0; pass < phase.passesMax; pass++) {
      const before = plan
      for (const rule of phase.rules) {
        if (settled.has(rule) || !shareAny(kinds, aboutOf(rule))) continue
        if (ctx.disabledRules?.has(rule.name) === true && rule.required !== true) continue
        const changed = isLong ? yield* applySteps(rule, plan, given) : applyRule(rule, plan, given)
        // A rule that looks at few of the nodes spends little, however long that takes.
        if (isLong) checkBudget()
        if (isOverdue()) yield
        if (changed === plan) {
          settled.add(rule)
          continue
        }
        plan = withColumns(changed, relation.columns, rule.name)
        if (ctx.firedRules !== undefined) {
          ctx.firedRules.add(rule.name)
          verifyRelation(plan)
        }
        kinds = kindsIn(plan) | bound.kinds
        if (isOverdue()) yield
        given = contextFor(plan)
        unsettle(settled, rule)
      }
      if (plan === before) break
    }
  }
  // Who follows the rules is told which of them was wrong.
  if (plan !== relation && ctx.firedRules === undefined) verifyRelation(plan)
  return plan
}

/** What has more to do, perhaps, since this rule changed the plan. */
function unsettle(settled: Set<Rule>, by: Rule): void {
  if (by.onlyDrops !== true) return settled.clear()
  for (const rule of settled) if (rule.reads !== 'expressions') settled.delete(rule)
  settled.add(by)
}

const subqueries = kindsOf(['subquery'])

const kindsOfRules = new Map(
  phases.flatMap(({ rules }) => rules.map((rule) => [rule, kindsOf(rule.about)])),
)

function aboutOf(rule: Rule): Kinds {
  return present(kindsOfRules.get(rule), 'a rule without a phase')
}

/** A relation as the rule rewrites it; what the rule is not about stays as it is. */
function rewritten(rule: Rule, relation: Relation, ctx: RuleContext): Relation {
  const concerns = includes(aboutOf(rule), relation.kind)
  return concerns ? (rule.rewrite(relation, ctx) ?? relation) : relation
}

/** As the rule rewrites a plan that has something of what it is about. */
function applyRule(rule: Rule, plan: Relation, ctx: RuleContext): Relation {
  const { order } = rule
  if (order === 'whole') return rule.rewrite(plan, ctx) ?? plan
  const about = aboutOf(rule)
  const apply = (relation: Relation): Relation => {
    if (!shareAny(kindsIn(relation), about)) return relation
    return order === 'bottom-up'
      ? rewritten(rule, mapInputs(relation, apply), ctx)
      : mapInputs(rewritten(rule, relation, ctx), apply)
  }
  return apply(plan)
}

/** As {@link applyRule}, in steps. */
function* applySteps(rule: Rule, plan: Relation, ctx: RuleContext): Steps<Relation> {
  if (rule.order === 'whole') {
    if (rule.rewriteSteps === undefined) return applyRule(rule, plan, ctx)
    return (yield* rule.rewriteSteps(plan, ctx)) ?? plan
  }
  if (!shareAny(kindsIn(plan), aboutOf(rule))) return plan
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
    assert(column !== undefined, () => `rule ${rule} lost column ${name}`)
    assert(sameType(column.type, type), () => `rule ${rule} changed the type of column ${name}`)
  }
  const same =
    plan.columns.length === columns.length && plan.columns.every((c, i) => c.id === columns[i]?.id)
  return same ? plan : passing(plan, columns)
}

/** What is to be known of a bound plan as a whole. */
interface Overview {
  /** The first ids that it does not use. */
  readonly columnId: number
  readonly cteId: number
  /** Relations and expressions. */
  readonly nodes: number
  /** `subquery`, where an expression has a relation inside: rules make none. */
  readonly kinds: Kinds
}

function overviewOf(relation: Relation): Overview {
  let columnId = 0
  let cteId = 0
  let nodes = 0
  let kinds = 0
  visitRelation(relation, {
    relation: (inner) => {
      nodes++
      for (const { id } of inner.columns) columnId = Math.max(columnId, id)
      if (inner.kind === 'with') cteId = Math.max(cteId, inner.cteId)
    },
    expression: (expr) => {
      nodes++
      if (expr.kind === 'column') columnId = Math.max(columnId, expr.id)
      else if (expr.kind === 'subquery') kinds = subqueries
    },
  })
  return { columnId: columnId + 1, cteId: cteId + 1, nodes, kinds }
}
