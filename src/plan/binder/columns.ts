import { QueryError } from '../../base/errors.ts'
import { bool, text } from '../../data/types/data-type.ts'
import { isResolved } from '../../functions/resolve.ts'
import type { AstColumns } from '../../sql/ast/expression.ts'
import type { Expression } from '../logical/expression.ts'
import type { Scope, ScopeColumn } from './context.ts'
import { columnsOfStar } from './select-list.ts'

/** COLUMNS(...): the column whose turn it is. Errors: SYNTAX_ERROR, UNDEFINED_COLUMN. */
export function bindColumns(scope: Scope, ast: AstColumns): Expression {
  const choice = scope.level.columnChoice
  if (choice === undefined) {
    throw new QueryError('SYNTAX_ERROR', 'COLUMNS is not allowed here', { span: ast.span })
  }
  const chosen = chosenColumns(scope, ast)
  choice.columns ??= chosen
  if (namesOf(chosen) !== namesOf(choice.columns)) {
    const message = 'all COLUMNS of one expression must stand for the same columns'
    throw new QueryError('SYNTAX_ERROR', message, { span: ast.span })
  }
  const column = chosen[choice.at]
  if (column === undefined) {
    throw new QueryError('UNDEFINED_COLUMN', 'COLUMNS stands for no column', { span: ast.span })
  }
  return { ...column.expr, span: ast.span }
}

function namesOf(columns: readonly ScopeColumn[]): string {
  return JSON.stringify(columns.map(({ name }) => name))
}

function chosenColumns(scope: Scope, { star, pattern, names }: AstColumns): readonly ScopeColumn[] {
  const all = columnsOfStar(scope, star, scope.level.clause)
  if (pattern !== undefined) return all.filter(({ name }) => isFound(scope, name, pattern.text))
  if (names.length === 0) return all
  return names.map((wanted) => {
    const found = all.find(({ name }) => name === wanted.text)
    if (found !== undefined) return found
    const message = `column "${wanted.text}" does not exist`
    throw new QueryError('UNDEFINED_COLUMN', message, { span: wanted.span })
  })
}

/** Whether a regular expression is found in a name: what the operator `~` says. */
function isFound({ environment: { binder } }: Scope, name: string, pattern: string): boolean {
  const outcome = binder.functions.scalar.resolve('~', [text, text], binder.digits)
  if (!isResolved(outcome)) return false
  return outcome.fn.evaluate([name, pattern], [text, text], bool) === true
}
