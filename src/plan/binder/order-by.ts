import { QueryError } from '../../base/errors.ts'
import type { AstExpression, OrderItem } from '../../sql/ast/expression.ts'
import type { SelectStatement } from '../../sql/ast/select.ts'
import { expressionKey } from '../logical/expression-key.ts'
import type { Expression } from '../logical/expression.ts'
import type { OutputColumn } from '../logical/relation.ts'
import { bindIn } from './context.ts'
import type { Scope } from './context.ts'
import { checkEntries, type OutputItem } from './select-list.ts'

/** A sort key: an output by position, or an expression that is not in the select list. */
export interface OrderKey {
  readonly output: number | undefined
  readonly expr: Expression
  readonly descending: boolean
  readonly nullsFirst: boolean
}

/**
 * ORDER BY of a SELECT, as SQL-92 has it: a name is an output's first, a number is a position, anything
 * else is an expression over FROM. NULLs sort as greater than every value unless told otherwise.
 */
export function bindOrderBy(
  scope: Scope,
  statement: SelectStatement,
  outputs: readonly OutputItem[],
): readonly OrderKey[] {
  if (statement.orderByAll) {
    return outputs.map(({ expr }, output) => {
      return { output, expr, descending: false, nullsFirst: false }
    })
  }
  const entries = new Set<string>()
  const outputOf = new Map<string, number>()
  for (const [at, output] of outputs.entries()) {
    const key = expressionKey(output.expr)
    if (!outputOf.has(key)) outputOf.set(key, at)
  }
  return statement.orderBy.map((item): OrderKey => {
    const { expr: ast } = item
    const position = positionIn('ORDER BY', ast, outputs.length) ?? outputNamed(ast, outputs)
    if (position !== undefined) {
      return { output: position, expr: outputs[position]!.expr, ...direction(item) }
    }
    const expr = bindIn(scope, 'ORDER BY', ast)
    const key = expressionKey(expr)
    const output = outputOf.get(key)
    if (output === undefined) entries.add(key)
    checkEntries(outputs.length + entries.size)
    return { output, expr, ...direction(item) }
  })
}

/** ORDER BY above a set operation: output names and positions only. */
export function orderByOutputs(
  statement: SelectStatement,
  columns: readonly OutputColumn[],
  operator: string,
): readonly (OrderKey & { readonly output: number })[] {
  if (statement.orderByAll) {
    return columns.map((_, output) => outputKey(columns, output, undefined))
  }
  return statement.orderBy.map((item) => {
    const ast = item.expr
    const position = positionIn('ORDER BY', ast, columns.length) ?? columnNamed(ast, columns)
    if (position !== undefined) return outputKey(columns, position, item)
    if (ast.kind === 'column' && ast.name.parts.length === 1) {
      const name = ast.name.parts[0]!.text
      throw new QueryError('UNDEFINED_COLUMN', `column "${name}" does not exist`, {
        span: ast.span,
      })
    }
    throw new QueryError('FEATURE_NOT_SUPPORTED', `invalid ${operator} ORDER BY clause`, {
      span: ast.span,
      detail: 'Only result column names can be used, not expressions or functions.',
      hint:
        `Add the expression/function to every SELECT, or move the ${operator} into a ` +
        'FROM clause.',
    })
  })
}

const INT4_MAX = 2_147_483_647

/**
 * The output that an integer constant in ORDER BY or GROUP BY means, from 0; undefined if the
 * expression is no constant. Errors: INVALID_COLUMN_REFERENCE, SYNTAX_ERROR for other constants.
 */
export function positionIn(
  clause: 'ORDER BY' | 'GROUP BY' | 'SELECT DISTINCT ON',
  ast: AstExpression,
  count: number,
): number | undefined {
  const constant = ast.kind === 'string' || ast.kind === 'boolean' || ast.kind === 'null'
  const number = numberOf(ast)
  const isInteger =
    number !== undefined && /^-?\d+$/.test(number) && Math.abs(Number(number)) <= INT4_MAX
  if (constant || (number !== undefined && !isInteger)) {
    throw new QueryError('SYNTAX_ERROR', `non-integer constant in ${clause}`, { span: ast.span })
  }
  if (number === undefined) return undefined
  const position = Number(number)
  if (position >= 1 && position <= count) return position - 1
  throw new QueryError(
    'INVALID_COLUMN_REFERENCE',
    `${clause} position ${position} is not in select list`,
    { span: ast.span },
  )
}

/** The text of a number; a sign before one makes it another number, as to PostgreSQL's grammar. */
function numberOf(ast: AstExpression): string | undefined {
  if (ast.kind === 'number') return ast.text
  if (ast.kind !== 'unary' || ast.operator !== '-') return undefined
  const number = numberOf(ast.arg)
  if (number === undefined) return undefined
  return number.startsWith('-') ? number.slice(1) : `-${number}`
}

/** The output that a bare name means. Errors: AMBIGUOUS_COLUMN if outputs of that name differ. */
export function outputNamed(
  ast: AstExpression,
  outputs: readonly OutputItem[],
  clause = 'ORDER BY',
): number | undefined {
  if (ast.kind !== 'column' || ast.name.parts.length !== 1) return undefined
  const name = ast.name.parts[0]!.text
  const matches = [...outputs.entries()].filter(([, output]) => output.name === name)
  const [first, ...others] = matches
  if (first === undefined) return undefined
  const key = expressionKey(first[1].expr)
  if (others.some(([, output]) => expressionKey(output.expr) !== key)) {
    throw new QueryError('AMBIGUOUS_COLUMN', `${clause} "${name}" is ambiguous`, {
      span: ast.span,
    })
  }
  return first[0]
}

function columnNamed(ast: AstExpression, columns: readonly OutputColumn[]): number | undefined {
  if (ast.kind !== 'column' || ast.name.parts.length !== 1) return undefined
  const name = ast.name.parts[0]!.text
  const index = columns.findIndex((column) => column.name === name)
  return index < 0 ? undefined : index
}

function outputKey(
  columns: readonly OutputColumn[],
  output: number,
  item: OrderItem | undefined,
): OrderKey & { readonly output: number } {
  const { id, name, type } = columns[output]!
  const expr: Expression = { kind: 'column', id, name, type }
  return { output, expr, ...direction(item) }
}

function direction(item: OrderItem | undefined): Pick<OrderKey, 'descending' | 'nullsFirst'> {
  const descending = item?.descending ?? false
  return { descending, nullsFirst: item?.nullsFirst ?? descending }
}
