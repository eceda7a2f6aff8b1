import { assert } from '../../base/assert.ts'
import { QueryError } from '../../base/errors.ts'
import { int8 } from '../../data/types/data-type.ts'
import type { AstExpression } from '../../sql/ast/expression.ts'
import type { SelectStatement } from '../../sql/ast/select.ts'
import { limit, sort } from '../logical/build.ts'
import { rowsWithTies } from '../logical/ranked-rows.ts'
import type { Expression } from '../logical/expression.ts'
import type { Relation } from '../logical/relation.ts'
import { columnsUsed } from '../logical/walk.ts'
import { coerceTo } from '../logical/typing.ts'
import { spanDetail } from '../logical/span-detail.ts'
import { bindIn } from './context.ts'
import type { Scope } from './context.ts'

/** LIMIT and OFFSET of a statement as a function over its rows; rows pass unchanged without them. */
export function bindLimit(
  scope: Scope,
  statement: SelectStatement,
): (relation: Relation) => Relation {
  // Of two errors it is OFFSET's that PostgreSQL tells.
  const offset = statement.offset && bindCount(scope, 'OFFSET', statement.offset)
  const rows = statement.limit && bindCount(scope, 'LIMIT', statement.limit)
  if (statement.withTies) return withTies(scope, rows, offset)
  const none = rows === undefined && offset === undefined
  if (none) return (relation) => relation
  return (relation) =>
    limit(relation, {
      ...(rows !== undefined && { limit: rows }),
      ...(offset !== undefined && { offset }),
    })
}

/** Rows that are sorted, and stay so: the limit is asked for once their order is known. */
function withTies(
  scope: Scope,
  limit: Expression | undefined,
  offset: Expression | undefined,
): (relation: Relation) => Relation {
  if (limit === undefined) {
    const message = 'row count cannot be null in FETCH FIRST ... WITH TIES clause'
    throw new QueryError('INVALID_LIMIT', message)
  }
  const { binder } = scope.environment
  const ranking = { typing: binder, ids: binder.ctx.columnIds }
  return (relation) => {
    assert(relation.kind === 'sort', 'WITH TIES of rows without an order')
    const { input, keys } = relation
    return sort(rowsWithTies(ranking, input, keys, { limit, offset }), keys)
  }
}

function bindCount(
  scope: Scope,
  clause: 'LIMIT' | 'OFFSET',
  ast: AstExpression,
): Expression | undefined {
  const bound = bindIn(scope, clause, ast)
  for (const id of columnsUsed(bound)) {
    if (!scope.level.columnNames.has(id)) continue
    throw new QueryError(
      'INVALID_COLUMN_REFERENCE',
      `argument of ${clause} must not contain variables`,
      spanDetail(bound.span),
    )
  }
  const count = coerceTo(scope.environment.binder, bound, int8, clause, 'assignment')
  if (count.kind !== 'literal') return count
  if (count.value === null) return undefined
  if (typeof count.value === 'bigint' && count.value < 0n) {
    const code = clause === 'LIMIT' ? 'INVALID_LIMIT' : 'INVALID_OFFSET'
    throw new QueryError(code, `${clause} must not be negative`, spanDetail(bound.span))
  }
  return count
}
