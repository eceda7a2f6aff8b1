import { stackOverflow } from '../../base/errors.ts'
import { finishSteps, type Steps } from '../../base/steps.ts'
import { text } from '../../data/types/data-type.ts'
import { DigitBudget } from '../../data/types/digit-budget.ts'
import type { SelectStatement } from '../../sql/ast/select.ts'
import { declaredColumns } from '../logical/declared.ts'
import type { Expression } from '../logical/expression.ts'
import { settle } from '../logical/typing.ts'
import { assign, settleParameters, surplusExpressions } from './assign.ts'
import { checkComparable } from './comparable.ts'
import type { BindContext, Binder, BoundQuery, QueryEnvironment } from './context.ts'
import { anyExpressionSteps, bindAnyExpression } from './expression.ts'
import { statementSteps } from './query.ts'

/**
 * Turns a parsed query into a logical plan: names resolved in the catalog, every expression typed, every
 * call's overload chosen, by PostgreSQL's rules and with its messages. Errors: any whose blame is the
 * query, with the span in its text; what Heddle does not do yet is FEATURE_NOT_SUPPORTED.
 */
export function bindQuery(statement: SelectStatement, ctx: BindContext): BoundQuery {
  return finishSteps(bindSteps(statement, ctx))
}

/** As {@link bindQuery}, in steps: see `isOverdue`. */
export function* bindSteps(statement: SelectStatement, ctx: BindContext): Steps<BoundQuery> {
  const binder = newBinder(ctx)
  const environment: QueryEnvironment = { binder, parent: undefined, ctes: undefined }
  // An expression nested too deeply for the stack is the query's fault, not ours.
  try {
    const draft = yield* statementSteps(statement, environment, ctx.targets)
    const bound = draft.finish(finalOutputs(binder, draft.exprs))
    const declared = declaredColumns(bound, binder.declared)
    const relation = settleParameters(binder, bound)
    checkComparable(relation)
    return {
      relation,
      outputNames: draft.names,
      parameterTypes: Array.from(binder.parameters, (type) => type ?? text),
      declared,
      locale: ctx.locale,
      needed: binder.needed,
    }
  } catch (error) {
    throw stackOverflow(error) ?? error
  }
}

/** What binds by itself what is no query: the expressions of a table's columns and constraints. */
export function newBinder(ctx: BindContext): Binder {
  return {
    ctx,
    functions: ctx.functions,
    parameters: [...(ctx.parameterTypes ?? [])],
    digits: ctx.digits ?? new DigitBudget(true),
    locale: ctx.locale,
    views: [],
    counters: { queryDepth: 0, routineCalls: 0 },
    routine: ctx.routine,
    needed: {
      relations: [],
      files: [],
      models: [],
      types: new Map(),
      functions: new Set(),
      surroundings: false,
    },
    declared: new Map(),
    rowItems: new WeakMap(),
    expression: bindAnyExpression,
    expressionSteps: anyExpressionSteps,
    query: statementSteps,
  }
}

function finalOutputs(binder: Binder, exprs: readonly Expression[]): readonly Expression[] {
  const { targets } = binder.ctx
  if (targets === undefined) return exprs.map((expr) => settle(binder, expr))
  if (exprs.length > targets.length) throw surplusExpressions(exprs[targets.length]?.span)
  return exprs.map((expr, index) => assign(binder, expr, targets[index]!))
}
