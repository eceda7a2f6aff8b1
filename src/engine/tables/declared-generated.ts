import { QueryError } from '../../base/errors.ts'
import type { Schema } from '../../data/types/schema.ts'
import { bindGeneratedOf } from '../../plan/binder/table-rules.ts'
import type { TableRules } from '../../plan/catalog/table-rules.ts'
import { spanDetail } from '../../plan/logical/span-detail.ts'
import type { OutputColumn } from '../../plan/logical/relation.ts'
import { columnsUsed, visitExpression } from '../../plan/logical/walk.ts'
import type { Expression } from '../../plan/logical/expression.ts'
import type { GeneratedClause } from '../../sql/ast/definition.ts'
import type { ColumnDefinition } from '../../sql/ast/statement.ts'
import type { StatementContext } from '../context/statement-context.ts'

/** What generated columns are, as the rules of a table keep it. Errors: SYNTAX_ERROR, INVALID_OBJECT_DEFINITION, those of binding. */
export function generatedRules(
  ctx: StatementContext,
  definitions: readonly ColumnDefinition[],
  {
    table,
    fields,
    columns,
    there = [],
  }: {
    readonly table: string
    readonly fields: Schema
    readonly columns: readonly OutputColumn[]
    /** What generated columns are that the table has already. */
    readonly there?: readonly (string | undefined)[]
  },
): Pick<TableRules, 'generated'> {
  const clauses = definitions.map((definition) => generatedClause(definition, table))
  if (clauses.every((clause) => clause === undefined)) return {}
  const isGenerated = (_: unknown, at: number): boolean =>
    clauses[at] !== undefined || there[at] !== undefined
  const own = new Set(columns.filter(isGenerated).map(({ id }) => id))
  const generated = clauses.map((clause, at) => {
    const field = fields[at]
    if (clause === undefined || field === undefined) return undefined
    const ast = clause.value
    const bound = bindGeneratedOf(ctx.queries.binder(), { ast, field, table, columns })
    refuseOtherGenerated(
      bound,
      columns.filter(({ id }) => own.has(id)),
    )
    refuseVolatile(bound)
    return clause.valueText
  })
  return { generated }
}

/** The clause that says how a column is computed. Errors: SYNTAX_ERROR where others say what it is, too. */
export function generatedClause(
  { name, constraints }: ColumnDefinition,
  table: string,
): GeneratedClause | undefined {
  const [clause, second] = constraints.filter((item) => item.kind === 'generated')
  if (clause === undefined) return undefined
  const column = `column "${name.text}" of table "${table}"`
  const refuse = (message: string): never => {
    throw new QueryError('SYNTAX_ERROR', `${message} specified for ${column}`, {
      span: clause.span,
    })
  }
  if (second !== undefined) return refuse('multiple generation clauses')
  if (constraints.some(({ kind }) => kind === 'default')) {
    return refuse('both default and generation expression')
  }
  if (constraints.some(({ kind }) => kind === 'identity')) {
    return refuse('both identity and generation expression')
  }
  return clause
}

function refuseOtherGenerated(bound: Expression, generated: readonly OutputColumn[]): void {
  const used = columnsUsed(bound)
  const found = generated.find(({ id }) => used.has(id))
  if (found === undefined) return
  let place: Expression['span']
  visitExpression(bound, {
    expression: (expr) => {
      if (expr.kind === 'column' && expr.id === found.id) place ??= expr.span
    },
  })
  const message = `cannot use generated column "${found.name}" in column generation expression`
  throw new QueryError('INVALID_OBJECT_DEFINITION', message, {
    ...spanDetail(place),
    detail: 'A generated column cannot reference another generated column.',
  })
}

function refuseVolatile(bound: Expression): void {
  visitExpression(bound, {
    expression: (expr) => {
      if (expr.kind !== 'call' || expr.fn.volatility === 'immutable') return
      const message = 'generation expression is not immutable'
      throw new QueryError('INVALID_OBJECT_DEFINITION', message)
    },
  })
}
