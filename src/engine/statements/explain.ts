import { notSupported, QueryError } from '../../base/errors.ts'
import { text } from '../../data/types/data-type.ts'
import { explainRelation, explainRelationAsData } from '../../plan/logical/explain.ts'
import {
  explainPhysical,
  explainPhysicalJson,
  explainStages,
  explainStagesJson,
} from '../../plan/physical/explain.ts'
import type { ExplainStatement, Statement } from '../../sql/ast/statement.ts'
import { QueryResult, type ResultColumn } from '../result.ts'
import type { PlannedQuery } from '../run-plan.ts'
import type { StatementContext } from './context.ts'

export const explainColumns: readonly ResultColumn[] = [{ name: 'QUERY PLAN', type: text }]

const views = ['logical', 'optimized', 'physical', 'stages'] as const
type View = (typeof views)[number]

/** What EXPLAIN needs of the session: the query planned, or planned and run. */
export interface ExplainAccess {
  plan(query: Extract<Statement, { kind: 'select' }>): Promise<PlannedQuery>
  /** Runs a planned query for EXPLAIN ANALYZE; gives its number of rows and time. */
  run(planned: PlannedQuery): Promise<{ readonly rows: number; readonly elapsedMs: number }>
}

/** EXPLAIN (LOGICAL | OPTIMIZED | PHYSICAL | STAGES, FORMAT TEXT | JSON, ANALYZE) query. */
export async function explain(
  _ctx: StatementContext,
  statement: ExplainStatement,
  access: ExplainAccess,
): Promise<QueryResult> {
  const query = explainedQuery(statement.statement)
  const { view, json } = readOptions(statement)
  const planned = await access.plan(query)
  const lines = json
    ? [JSON.stringify(viewJson(planned, view), undefined, 2)]
    : viewText(planned, view).trimEnd().split('\n')
  if (statement.analyze) {
    const { rows, elapsedMs } = await access.run(planned)
    lines.push(`Rows: ${rows}`, `Execution time: ${elapsedMs.toFixed(3)} ms`)
  }
  return QueryResult.ofRows(
    explainColumns,
    lines.map((line) => [line]),
    'EXPLAIN',
  )
}

function explainedQuery(statement: Statement): Extract<Statement, { kind: 'select' }> {
  if (statement.kind === 'select') return statement
  if (statement.kind === 'create-table-as') return statement.query
  throw notSupported(`EXPLAIN of this statement`, statement.span)
}

function readOptions(statement: ExplainStatement): { readonly view: View; readonly json: boolean } {
  let view: View = 'physical'
  let json = false
  for (const [name, value] of statement.options) {
    const known = views.find((candidate) => candidate === name)
    if (known !== undefined) {
      if (value !== 'false' && value !== 'off') view = known
    } else if (name === 'format') {
      json = formatIsJson(value, statement)
    } else if (!['analyze', 'verbose', 'costs', 'timing', 'summary', 'buffers'].includes(name)) {
      throw new QueryError('SYNTAX_ERROR', `unrecognized EXPLAIN option "${name}"`, {
        span: statement.span,
        expected: `${views.join(', ')}, analyze or format`,
      })
    }
  }
  return { view, json }
}

function formatIsJson(value: string, { span }: ExplainStatement): boolean {
  const format = value.toLowerCase()
  if (format === 'json' || format === 'text') return format === 'json'
  throw new QueryError(
    'INVALID_PARAMETER_VALUE',
    `unrecognized value for EXPLAIN option "format": "${value}"`,
    { span, expected: 'text or json' },
  )
}

/** A planned query at one step of its way, as EXPLAIN prints it. */
export function viewText(planned: PlannedQuery, view: View): string {
  switch (view) {
    case 'logical':
      return explainRelation(planned.logical)
    case 'optimized':
      return explainRelation(planned.optimized)
    case 'physical':
      return explainPhysical(planned.physical)
    case 'stages':
      return explainStages(planned.staged)
  }
}

function viewJson(planned: PlannedQuery, view: View): unknown {
  switch (view) {
    case 'logical':
      return explainRelationAsData(planned.logical)
    case 'optimized':
      return explainRelationAsData(planned.optimized)
    case 'physical':
      return explainPhysicalJson(planned.physical)
    case 'stages':
      return explainStagesJson(planned.staged)
  }
}
