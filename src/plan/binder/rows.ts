import { QueryError } from '../../base/errors.ts'
import type { RecordType } from '../../data/types/data-type.ts'
import { shownType } from '../../data/types/coercion.ts'
import type {
  AstCompositeStar,
  AstExpression,
  AstField,
  AstRow,
  Identifier,
  QualifiedName,
} from '../../sql/ast/expression.ts'
import { nearestName } from '../catalog/suggest.ts'
import type { Call, Expression } from '../logical/expression.ts'
import { duplicate } from '../logical/fresh.ts'
import { typedCall } from '../logical/typing.ts'
import { bindExpression } from './context.ts'
import type { Scope, ScopeColumn, ScopeTable } from './context.ts'
import { lookupTable, lookupValue, resolveTable } from './scope.ts'
import { checkedFields, fieldOf, wholeRow } from './whole-row.ts'

/** `ROW(a, b)`, in which `t.*` stands for all columns of a table. Errors: TOO_MANY_COLUMNS. */
export function bindRow(scope: Scope, ast: AstRow): Call {
  const { binder } = scope.environment
  const items = ast.items.flatMap((item) => bindItems(scope, item))
  const made = typedCall(binder, 'row', checkedFields(items, ast.span), ast.span)
  binder.rowItems.set(made, items)
  return made
}

function bindItems(scope: Scope, item: AstExpression): readonly Expression[] {
  if (item.kind === 'star' && item.qualifier !== undefined) {
    return resolveTable(scope, item.qualifier).columns.map(({ expr }) => expr)
  }
  if (item.kind === 'composite-star') return expandRow(scope, item).map(({ expr }) => expr)
  return [bindExpression(scope, item)]
}

/** `t.*` where one value is wanted. Errors: UNDEFINED_TABLE. */
export function rowOfTable(scope: Scope, name: QualifiedName): Expression {
  const table = resolveTable(scope, name)
  return table.wholeRow ?? wholeRow(scope.environment.binder, table, name.span)
}

/** `(expr).name`, of a table its column. Errors: UNDEFINED_COLUMN, WRONG_OBJECT_TYPE. */
export function bindField(scope: Scope, ast: AstField): Expression {
  const { binder } = scope.environment
  const table = ast.arg.kind === 'column' ? tableOnly(scope, ast.arg) : undefined
  if (table !== undefined) {
    const column = table.columns.find(({ name }) => name === ast.name.text)
    if (column !== undefined) return { ...column.expr, span: ast.span }
    throw noColumn(
      ast.name,
      table.alias,
      table.columns.map(({ name }) => name),
    )
  }
  const row = bindExpression(scope, ast.arg)
  const type = rowType(row, ast.name)
  const at = type.fields.findIndex(({ name }) => name === ast.name.text)
  if (at < 0) {
    const name = ast.name.text
    const message =
      type.name === undefined
        ? `could not identify column "${name}" in record data type`
        : `column "${name}" not found in data type ${type.name}`
    throw new QueryError('UNDEFINED_COLUMN', message, { span: ast.name.span })
  }
  return fieldOf(binder, row, at, ast.span)
}

/** A table that a name means where no column has it. */
function tableOnly(
  scope: Scope,
  ast: Extract<AstExpression, { kind: 'column' }>,
): ScopeTable | undefined {
  if (lookupValue(scope, ast.name) !== undefined) return undefined
  const table = lookupTable(scope, ast.name)
  return table?.wholeRow === undefined ? table : undefined
}

/** `(expr).*`: the fields by their names. */
export function expandRow(scope: Scope, ast: AstCompositeStar): readonly ScopeColumn[] {
  const { binder } = scope.environment
  const table = ast.arg.kind === 'column' ? tableOnly(scope, ast.arg) : undefined
  if (table !== undefined) return table.columns
  const row = bindExpression(scope, ast.arg)
  return rowType(row, undefined).fields.map(({ name }, at) => {
    const own = at === 0 ? row : duplicate(binder.ctx.columnIds, row)
    return { name, expr: fieldOf(binder, own, at, ast.span) }
  })
}

function rowType({ type, span }: Expression, name: Identifier | undefined): RecordType {
  if (type.kind === 'record') return type
  const shown = shownType(type)
  if (name === undefined) {
    const message = `type ${shown} is not composite`
    throw new QueryError('WRONG_OBJECT_TYPE', message, { ...(span && { span }) })
  }
  const message = `column notation .${name.text} applied to type ${shown}, which is not a composite type`
  throw new QueryError('WRONG_OBJECT_TYPE', message, { ...(span && { span }) })
}

function noColumn(name: Identifier, alias: string, names: readonly string[]): QueryError {
  const nearest = nearestName(name.text, names)
  const message = `column ${alias}.${name.text} does not exist`
  return new QueryError('UNDEFINED_COLUMN', message, {
    span: name.span,
    ...(nearest !== undefined && {
      hint: `Perhaps you meant to reference the column "${alias}.${nearest}".`,
    }),
  })
}
