import { isOverdue, NODE_STEPS, spend } from '../../base/budget.ts'
import { QueryError } from '../../base/errors.ts'
import type { Steps } from '../../base/steps.ts'
import type { ValuesClause } from '../../sql/ast/select.ts'
import { unknown, type DataType } from '../../data/types/data-type.ts'
import { literal, values } from '../logical/build.ts'
import { nullability } from '../logical/columns-of.ts'
import type { Expression } from '../logical/expression.ts'
import type { Relation } from '../logical/relation.ts'
import { coerce, commonTypeOf } from '../logical/typing.ts'
import { assign, surplusExpressions } from './assign.ts'
import { bindExpression, newLevel } from './context.ts'
import type { Binder, BindTarget, QueryEnvironment } from './context.ts'
import { checkEntries } from './select-list.ts'
import { emptyNamespace, scopeOf } from './scope.ts'
import { bindDefaultOf } from './table-rules.ts'

/**
 * VALUES: each column of the type that its rows have in common, or of the target's type where the rows
 * are to be inserted; columns are named column1, column2, ... In steps: see `isOverdue`.
 */
export function* bindValues(
  environment: QueryEnvironment,
  clause: ValuesClause,
  targets: readonly BindTarget[] | undefined,
): Steps<Relation> {
  const { binder } = environment
  const scope = scopeOf(emptyNamespace, newLevel(), environment)
  scope.level.clause = 'VALUES'
  const rows: (readonly Expression[])[] = []
  for (const row of clause.rows) {
    if (isOverdue()) yield
    rows.push(
      row.map((item, position) => {
        const target = targets?.[position]
        if (item.kind === 'default' && targets !== undefined) {
          return target === undefined ? literal(null, unknown) : bindDefaultOf(binder, target)
        }
        return bindExpression(scope, item)
      }),
    )
  }
  const width = rows[0]?.length ?? 0
  for (const [index, row] of rows.entries()) {
    if (row.length === width) continue
    const span = clause.rows[index]?.[0]?.span ?? clause.span
    throw new QueryError('SYNTAX_ERROR', 'VALUES lists must all be the same length', { span })
  }
  if (targets !== undefined && width > targets.length) {
    throw surplusExpressions(rows[0]?.[targets.length]?.span)
  }
  checkEntries(width)
  const types = Array.from({ length: width }, (_, position) => {
    const target = targets?.[position]
    if (target !== undefined) return target.type
    return commonTypeOf(
      binder,
      rows.map((row) => row[position]!),
      'VALUES',
    )
  })
  const typed: (readonly Expression[])[] = []
  for (const row of rows) {
    spend(row.length * NODE_STEPS)
    if (isOverdue()) yield
    typed.push(
      row.map((expr, position) => {
        const target = targets?.[position]
        if (target !== undefined) return assign(binder, expr, target)
        return coerce(binder, expr, types[position]!)
      }),
    )
  }
  return valuesOfTypes(binder, typed, types)
}

/** Rows that have the types of their columns. */
export function valuesOfTypes(
  { ctx }: Binder,
  rows: readonly (readonly Expression[])[],
  types: readonly DataType[],
): Relation {
  const canBeNull = nullability([])
  const columns = types.map((type, position) => ({
    id: ctx.columnIds.next(),
    name: `column${position + 1}`,
    type,
    nullable: rows.some((row) => canBeNull(row[position]!)),
  }))
  return values(rows, columns)
}
