import { QueryError } from '../../base/errors.ts'
import type { Steps } from '../../base/steps.ts'
import { bareQuery } from '../../sql/ast/bare-select.ts'
import type { QueryBody, SelectStatement, SetOperation } from '../../sql/ast/select.ts'
import { columnReference, sort } from '../logical/build.ts'
import { QUERY_DEPTH_MAX, newLevel } from './context.ts'
import type { BindTarget, Draft, QueryEnvironment } from './context.ts'
import { bindLimit } from './limit.ts'
import { refuseLocking } from './locking.ts'
import { orderByOutputs } from './order-by.ts'
import { emptyNamespace, scopeOf } from './scope.ts'
import { bindSelect } from './select.ts'
import { bindSetOperation, relationDraft } from './set-operation.ts'
import { bindValues } from './values.ts'
import { bindWith } from './with.ts'

/**
 * Binds a whole query: WITH, body, ORDER BY, LIMIT, in steps: see `isOverdue`. Queries within expressions are
 * one step each. Errors: STATEMENT_TOO_COMPLEX, and all others.
 */
export function* statementSteps(
  statement: SelectStatement,
  outer: QueryEnvironment,
  targets?: readonly BindTarget[],
): Steps<Draft> {
  const { counters } = outer.binder
  counters.queryDepth += 1
  try {
    if (counters.queryDepth > QUERY_DEPTH_MAX) {
      throw new QueryError(
        'STATEMENT_TOO_COMPLEX',
        `queries nested more than ${QUERY_DEPTH_MAX} deep`,
        { span: statement.span },
      )
    }
    if (statement.with === undefined) {
      return yield* bindBody(outer, statement.body, statement, targets)
    }
    const { environment, wrap } = yield* bindWith(outer, statement.with)
    const draft = yield* bindBody(environment, statement.body, statement, targets)
    return { ...draft, finish: (exprs) => wrap(draft.finish(exprs)) }
  } finally {
    counters.queryDepth -= 1
  }
}

/** A body with the ORDER BY and LIMIT of a statement; an operand of a set operation has none. */
function* bindBody(
  environment: QueryEnvironment,
  body: QueryBody,
  statement: SelectStatement,
  targets?: readonly BindTarget[],
): Steps<Draft> {
  switch (body.kind) {
    case 'core':
      return yield* bindSelect(environment, body, statement)
    case 'values': {
      refuseLocking(statement.locking, 'VALUES')
      const relation = yield* bindValues(environment, body, targets)
      const names = relation.columns.map((column) => column.name)
      return ordered(environment, statement, relationDraft(environment, relation, names), 'VALUES')
    }
    case 'nested': {
      // (SELECT ...) ORDER BY x is SELECT ... ORDER BY x, as in PostgreSQL: x may be any column.
      const { query } = body
      if (isPlain(query) && query.with === undefined && query.locking.length === 0) {
        return yield* bindBody(environment, query.body, statement, targets)
      }
      const draft = yield* statementSteps(body.query, environment, targets)
      return isPlain(statement) ? draft : ordered(environment, statement, draft, 'query')
    }
    case 'set-operation': {
      refuseLocking(statement.locking, 'UNION/INTERSECT/EXCEPT')
      const draft = yield* bindSetOperation(environment, body, bindOperand)
      return ordered(environment, statement, draft, 'UNION/INTERSECT/EXCEPT')
    }
  }
}

function bindOperand(environment: QueryEnvironment, body: QueryBody): Steps<Draft> {
  return bindBody(environment, body, bareQuery(body, body.span))
}

/** ORDER BY and LIMIT over rows that are complete. */
function ordered(
  environment: QueryEnvironment,
  statement: SelectStatement,
  draft: Draft,
  operator: SetOperation['operator'] | string,
): Draft {
  if (isPlain(statement)) return draft
  const limited = bindLimit(scopeOf(emptyNamespace, newLevel(), environment), statement)
  const names = draft.names
  const relation = draft.finish(draft.exprs)
  const shown = relation.columns.map((column, i) => ({ ...column, name: names[i] ?? column.name }))
  const keys = orderByOutputs(statement, shown, operator).map((key) => {
    const { descending, nullsFirst } = key
    return { expr: columnReference(shown[key.output]!), descending, nullsFirst }
  })
  const sorted = keys.length === 0 ? relation : sort(relation, keys)
  return relationDraft(environment, limited(sorted), names)
}

function isPlain(statement: SelectStatement): boolean {
  const { orderBy, orderByAll, limit, offset } = statement
  return orderBy.length === 0 && !orderByAll && limit === undefined && offset === undefined
}
