import { QueryError } from '../../base/errors.ts'
import type { Span } from '../../base/span.ts'
import type { LockingClause, SelectCore, TableExpression } from '../../sql/ast/select.ts'
import type { QueryEnvironment, QueryLevel } from './context.ts'
import { rowsCallsOf } from './level-rows.ts'

/**
 * What PostgreSQL asks of a query whose rows are locked. Nothing is locked: a statement's rows do not change under it, and of
 * two transactions that change the same ones the later to commit fails.
 */
export function checkLocking(
  environment: QueryEnvironment,
  level: QueryLevel,
  core: SelectCore,
  locking: readonly LockingClause[],
): void {
  for (const clause of locking) {
    const { strength, span } = clause
    const grouped = groupedBy(level, core)
    if (grouped !== undefined) throw notAllowed(strength, `with ${grouped}`, span)
    for (const { parts, span: at } of clause.of) {
      const [name] = parts
      if (name === undefined || parts.length > 1) {
        const message = `${strength} must specify unqualified relation names`
        throw new QueryError('SYNTAX_ERROR', message, { span: at })
      }
      const found = core.from.map((table) => kindOf(environment, table, name.text)).find(Boolean)
      if (found === undefined) {
        const message = `relation "${name.text}" in ${strength} clause not found in FROM clause`
        throw new QueryError('UNDEFINED_TABLE', message, { span: at })
      }
      if (found !== 'rows') {
        const message = `${strength} cannot be applied to ${found}`
        throw new QueryError('FEATURE_NOT_SUPPORTED', message, { span: at })
      }
    }
  }
}

/** Rows of VALUES and of set operations are none of a table. */
export function refuseLocking(
  locking: readonly LockingClause[],
  of: 'VALUES' | 'UNION/INTERSECT/EXCEPT',
): void {
  const [first] = locking
  if (first === undefined) return
  if (of !== 'VALUES') throw notAllowed(first.strength, `with ${of}`)
  throw new QueryError('FEATURE_NOT_SUPPORTED', `${first.strength} cannot be applied to VALUES`)
}

function notAllowed(strength: string, what: string, span?: Span): QueryError {
  const message = `${strength} is not allowed ${what}`
  return new QueryError('FEATURE_NOT_SUPPORTED', message, span === undefined ? {} : { span })
}

function groupedBy(level: QueryLevel, core: SelectCore): string | undefined {
  if (core.distinct !== undefined) return 'DISTINCT clause'
  if (core.groupBy !== undefined) return 'GROUP BY clause'
  if (core.having !== undefined) return 'HAVING clause'
  if (level.aggregates.length > 0) return 'aggregate functions'
  if (level.windows.length > 0) return 'window functions'
  return rowsCallsOf(level).length > 0 ? 'set-returning functions in the target list' : undefined
}

/** What goes by the name in FROM. */
function kindOf(
  environment: QueryEnvironment,
  table: TableExpression,
  name: string,
): 'rows' | 'a join' | 'a function' | 'a WITH query' | undefined {
  const alias = table.alias?.name.text
  if (table.kind === 'join') {
    if (alias === name) return 'a join'
    if (alias !== undefined) return undefined
    return kindOf(environment, table.left, name) ?? kindOf(environment, table.right, name)
  }
  if (table.kind === 'table') {
    const own = table.name.parts.at(-1)?.text
    if ((alias ?? own) !== name) return undefined
    if (table.name.parts.length > 1) return 'rows'
    for (let at = environment.ctes; at !== undefined; at = at.next) {
      if (at.name === own) return 'a WITH query'
    }
    return 'rows'
  }
  if (table.kind === 'table-function') {
    const [call] = table.calls
    const own = call?.kind === 'function' ? call.name.parts.at(-1)?.text : undefined
    return (alias ?? own) === name ? 'a function' : undefined
  }
  return alias === name ? 'rows' : undefined
}
