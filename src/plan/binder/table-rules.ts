import { QueryError } from '../../base/errors.ts'
import type { AstExpression } from '../../sql/ast/expression.ts'
import { literal } from '../logical/build.ts'
import { columnReference } from '../logical/build.ts'
import type { Expression } from '../logical/expression.ts'
import type { OutputColumn } from '../logical/relation.ts'
import { bool } from '../../data/types/data-type.ts'
import type { Field } from '../../data/types/schema.ts'
import { shownType } from '../../data/types/coercion.ts'
import { coerce, coerceTo, settle } from '../logical/typing.ts'
import { spanDetail } from '../logical/span-detail.ts'
import { castKindOf } from '../logical/row-casts.ts'
import { bindIn, newLevel } from './context.ts'
import type { Binder, BindTarget, Clause, QueryEnvironment } from './context.ts'
import { scopeOf } from './scope.ts'
import type { Namespace, ScopeColumn } from './context.ts'

/**
 * What a column holds where a row gives no value: its default, or NULL. Errors: DATATYPE_MISMATCH, and
 * what a default may not have in it.
 */
export function bindDefaultOf(binder: Binder, target: BindTarget): Expression {
  const { defaultValue, part } = target
  if (part !== undefined) {
    const what = part === 'field' ? 'a subfield' : 'an array element'
    throw new QueryError('FEATURE_NOT_SUPPORTED', `cannot set ${what} to DEFAULT`)
  }
  if (defaultValue === undefined) return literal(null, target.type)
  const inner = restricted(binder, 'DEFAULT expression', (ast) => {
    if (ast.kind !== 'column') return undefined
    const message = 'cannot use column reference in DEFAULT expression'
    return new QueryError('FEATURE_NOT_SUPPORTED', message, { span: ast.span })
  })
  const scope = scopeOf({ tables: [], columns: [] }, newLevel(), environmentOf(inner))
  const expr = bindIn(scope, 'DEFAULT expressions', defaultValue)
  return assignedDefault(binder, expr, target)
}

/** What a column is where none is given, as its type. Errors: DATATYPE_MISMATCH. */
function assignedDefault(
  binder: Binder,
  expr: Expression,
  target: Pick<Field, 'name' | 'type'>,
): Expression {
  const kind = castKindOf(binder.rowItems, expr, target.type)
  if (kind === 'implicit' || kind === 'assignment') return coerce(binder, expr, target.type)
  const [expected, found] = [shownType(target.type), shownType(expr.type)]
  throw new QueryError(
    'DATATYPE_MISMATCH',
    `column "${target.name}" is of type ${expected} but default expression is of type ${found}`,
    {
      ...spanDetail(expr.span),
      expected,
      found,
      hint: 'You will need to rewrite or cast the expression.',
    },
  )
}

/** A CHECK's condition over the columns of its table's rows. Errors: DATATYPE_MISMATCH, UNDEFINED_COLUMN. */
export function bindCheckOf(
  binder: Binder,
  condition: AstExpression,
  table: string,
  columns: readonly OutputColumn[],
): Expression {
  const inner = restricted(binder, 'check constraint', () => undefined)
  const scope = scopeOf(rowNamespace(table, columns), newLevel(), environmentOf(inner))
  const expr = bindIn(scope, 'check constraints', condition)
  return coerceTo(binder, expr, bool, 'CHECK', 'implicit')
}

/** What a generated column is, over the columns of its table's rows. Errors: DATATYPE_MISMATCH, UNDEFINED_COLUMN. */
export function bindGeneratedOf(
  binder: Binder,
  {
    ast,
    field,
    table,
    columns,
  }: {
    readonly ast: AstExpression
    readonly field: Pick<Field, 'name' | 'type'>
    readonly table: string
    readonly columns: readonly OutputColumn[]
  },
): Expression {
  const inner = restricted(binder, 'column generation expression', () => undefined)
  const scope = scopeOf(rowNamespace(table, columns), newLevel(), environmentOf(inner))
  const expr = bindIn(scope, 'column generation expressions', ast)
  return settle(binder, assignedDefault(binder, expr, field))
}

/** What USING makes of a column whose type is altered, over the columns of its table's rows. */
export function bindUsingOf(
  binder: Binder,
  ast: AstExpression,
  table: string,
  columns: readonly OutputColumn[],
): Expression {
  const inner = restricted(binder, 'transform expression', () => undefined)
  const scope = scopeOf(rowNamespace(table, columns), newLevel(), environmentOf(inner))
  return settle(binder, bindIn(scope, 'transform expressions', ast))
}

/** An expression that an index is to be over. */
export function bindIndexedOf(
  binder: Binder,
  ast: AstExpression,
  table: string,
  columns: readonly OutputColumn[],
  clause: Clause,
): Expression {
  const inner = restricted(binder, clause.replace(/s$/, ''), () => undefined)
  const scope = scopeOf(rowNamespace(table, columns), newLevel(), environmentOf(inner))
  return settle(binder, bindIn(scope, clause, ast))
}

function rowNamespace(table: string, columns: readonly OutputColumn[]): Namespace {
  const shown = columns.map((column): ScopeColumn => ({
    name: column.name,
    expr: columnReference(column),
  }))
  const own = { alias: table, schema: undefined, hiddenName: undefined, columns: shown }
  return { tables: [own], columns: shown }
}

function environmentOf(binder: Binder): QueryEnvironment {
  return { binder, parent: undefined, ctes: undefined }
}

/** A binder for an expression that stands alone: without subqueries, parameters, and what is refused. */
function restricted(
  binder: Binder,
  place: string,
  refused: (ast: AstExpression) => QueryError | undefined,
): Binder {
  return {
    ...binder,
    unrestricted: binder.unrestricted ?? binder,
    expression(scope, ast) {
      if (ast.kind === 'parameter') {
        const message = `there is no parameter $${ast.index}`
        throw new QueryError('UNDEFINED_PARAMETER', message, { span: ast.span })
      }
      const error = refused(ast)
      if (error !== undefined) throw error
      return binder.expression(scope, ast)
    },
    query({ span }) {
      const message = `cannot use subquery in ${place}`
      throw new QueryError('FEATURE_NOT_SUPPORTED', message, { span })
    },
  }
}
