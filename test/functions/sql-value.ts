import { QueryError } from '../../src/base/errors.ts'
import { formatScalar } from '../../src/data/types/format-scalar.ts'
import { bindText } from '../plan/binder/binding.ts'
import { evaluate } from '../../src/plan/logical/evaluate.ts'
import type { Expression } from '../../src/plan/logical/expression.ts'

/** The expression that `select <sql>` binds to. */
export function boundExpression(sql: string): Expression {
  const { relation } = bindText(`select ${sql}`)
  if (relation.kind !== 'project') throw new Error(`no projection in select ${sql}`)
  const [output] = relation.exprs
  if (output === undefined) throw new Error(`no output in select ${sql}`)
  return output.expr
}

/** What psql shows for `select <sql>`; NULL as `NULL`, an error as `SQLSTATE message`. */
export function sqlValue(sql: string): string {
  try {
    const expr = boundExpression(sql)
    const value = evaluate(expr, () => {
      throw new Error('column in a constant expression')
    })
    return value === null ? 'NULL' : formatScalar(value, expr.type)
  } catch (error) {
    if (error instanceof QueryError) return `${error.sqlState} ${error.message}`
    throw error
  }
}
