import { notSupported, QueryError } from '../../base/errors.ts'
import { text } from '../../data/types/data-type.ts'
import { explainRelation, explainRelationAsData } from '../../plan/logical/explain.ts'
import {
  explainPhysical,
  explainPhysicalJson,
  explainStages,
  explainStagesJson,
} from '../../plan/physical/explain.ts'
import { callOutNames } from '../../exec/cut/call-out-names.ts'
import type { RunFigures } from '../../cluster/run-figures.ts'
import type { RunWay } from '../../exec/fragment/fragment-task.ts'
import type { ChangeInWith, SelectStatement } from '../../sql/ast/select.ts'
import type { ExplainStatement } from '../../sql/ast/statement.ts'
import { QueryResult, type ResultColumn } from '../results/result.ts'
import type { PlannedQuery } from '../queries/plan-query.ts'
import type { StatementContext } from '../context/statement-context.ts'
import { rowsOf, type StatementEntry } from './entry.ts'
import { isChange, planChange } from './planned-change.ts'
import { executeAs } from './prepare.ts'

const explainColumns: readonly ResultColumn[] = [{ name: 'QUERY PLAN', type: text }]

const views = ['logical', 'optimized', 'physical', 'stages'] as const
type View = (typeof views)[number]

/** EXPLAIN (LOGICAL | OPTIMIZED | PHYSICAL | STAGES, FORMAT TEXT | JSON, ANALYZE, ...) query. */
export const explainEntry: StatementEntry<ExplainStatement> = {
  tag: () => 'EXPLAIN',
  looks: () => true,
  writes: 'no',
  describe: () => rowsOf(explainColumns),
  run: explain,
}

async function explain(ctx: StatementContext, statement: ExplainStatement): Promise<QueryResult> {
  const options = readOptions(statement)
  if (statement.statement.kind === 'execute') {
    return executeAs(ctx, statement.statement, (inner) => ({ ...statement, statement: inner }))
  }
  if (isChange(statement.statement)) {
    return explainChange(ctx, statement.statement, { options, analyze: statement.analyze })
  }
  const query = explainedQuery(statement)
  const started = ctx.engine.clock.nowMs()
  const planned = await ctx.queries.plan(query)
  const planningMs = ctx.engine.clock.nowMs() - started
  const ran = statement.analyze ? await run(ctx, planned) : undefined
  const figures = {
    ...(ran && { rows: ran.rows, ways: ran.ways }),
    ...(ran && ran.figures.parts > 1 && ran.figures),
    ...(options.summary && options.isSummarySaid && { planningMs }),
    ...(ran && options.summary && { elapsedMs: ran.elapsedMs }),
  }
  const lines = options.json
    ? [planJson(planned, options, figures)]
    : [...planLines(planned, options), ...figureLines(figures)]
  return QueryResult.ofRows(
    explainColumns,
    lines.map((line) => [line]),
    'EXPLAIN',
  )
}

/** The plan of what a change stores or takes away, under what is done with it; ANALYZE does it. */
async function explainChange(
  ctx: StatementContext,
  change: ChangeInWith,
  { options, analyze }: { readonly options: ExplainOptions; readonly analyze: boolean },
): Promise<QueryResult> {
  const { clock } = ctx.engine
  const started = clock.nowMs()
  const { head, planned } = await planChange(ctx, change)
  const planningMs = clock.nowMs() - started
  const ran = analyze ? await ctx.execute(change) : undefined
  const elapsedMs = clock.nowMs() - started - planningMs
  const figures = {
    ...(ran && { rows: ran.rowCount }),
    ...(options.summary && options.isSummarySaid && { planningMs }),
    ...(ran && options.summary && { elapsedMs }),
  }
  ran?.release()
  const lines = options.json
    ? [`{\n"change": ${JSON.stringify(head)},\n"query": ${planJson(planned, options, figures)}\n}`]
    : [head, ...planLines(planned, options).map((line) => `  ${line}`), ...figureLines(figures)]
  return QueryResult.ofRows(
    explainColumns,
    lines.map((line) => [line]),
    'EXPLAIN',
  )
}

/** Runs a planned query for EXPLAIN ANALYZE. */
async function run(
  ctx: StatementContext,
  { staged }: PlannedQuery,
): Promise<{
  readonly rows: number
  readonly elapsedMs: number
  readonly ways: Ways
  readonly figures: RunFigures
}> {
  const { clock } = ctx.engine
  const started = clock.nowMs()
  const ways = new Map<RunWay, number>()
  const figures: RunFigures = { parts: 1, spilledBytes: 0 }
  const { rows } = await ctx.queries.runStaged(staged, {
    noted: (way) => void ways.set(way, (ways.get(way) ?? 0) + 1),
    figures,
  })
  const elapsedMs = clock.nowMs() - started
  return { rows, elapsedMs, ways: Object.fromEntries(ways), figures }
}

/** How many tasks were run as a whole, and pipelines of others; none of those of worker processes. */
type Ways = Readonly<Partial<Record<RunWay, number>>>

const wayTexts: { readonly [W in RunWay]: (count: number) => string } = {
  'row by row': (count) => `${counted(count, 'task')} row by row`,
  interpreted: (count) => `${counted(count, 'pipeline')} interpreted`,
  loaded: (count) => `${counted(count, 'pipeline')} compiled`,
}

function counted(count: number, what: string): string {
  return count === 1 ? `1 ${what}` : `${count} ${what}s`
}

interface Figures {
  readonly rows?: number
  readonly ways?: Ways
  /** Where the rows were divided, as they did not fit the memory at once. */
  readonly parts?: number
  readonly spilledBytes?: number
  readonly planningMs?: number
  readonly elapsedMs?: number
}

function planLines(planned: PlannedQuery, { view, costs }: ExplainOptions): readonly string[] {
  const lines = viewText(planned, view).trimEnd().split('\n')
  return costs ? lines : lines.map((line) => line.replace(/ \(rows=\d+\)$/, ''))
}

function planJson(
  planned: PlannedQuery,
  { view, costs }: ExplainOptions,
  figures: Figures,
): string {
  const plan = viewJson(planned, view)
  const shown = Object.keys(figures).length === 0 ? plan : { plan, actual: figures }
  const estimates = (key: string, value: unknown): unknown =>
    !costs && key === 'rows' && value !== figures.rows ? undefined : value
  return JSON.stringify(shown, estimates, 2)
}

function figureLines(figures: Figures): readonly string[] {
  const { rows, ways = {}, parts, spilledBytes = 0, planningMs, elapsedMs } = figures
  const run = Object.entries(ways).map(([way, count]) => wayTexts[way as RunWay](count))
  return [
    ...(rows === undefined ? [] : [`Rows: ${rows}`]),
    ...(run.length === 0 ? [] : [`Run: ${run.join(', ')}`]),
    ...(parts === undefined ? [] : [`Parts: ${parts}, ${spilledBytes} bytes in files`]),
    ...(planningMs === undefined ? [] : [`Planning time: ${planningMs.toFixed(3)} ms`]),
    ...(elapsedMs === undefined ? [] : [`Execution time: ${elapsedMs.toFixed(3)} ms`]),
  ]
}

function explainedQuery({ statement, analyze }: ExplainStatement): SelectStatement {
  if (statement.kind === 'select') return statement
  if (statement.kind === 'create-table-as' && !analyze) return statement.query
  const what = analyze ? 'EXPLAIN ANALYZE' : 'EXPLAIN'
  throw notSupported(`${what} of this statement`, statement.span)
}

interface ExplainOptions {
  readonly view: View
  readonly json: boolean
  /** The estimated rows of each step. */
  readonly costs: boolean
  /** How long it took. */
  readonly summary: boolean
  readonly isSummarySaid: boolean
}

/** What EXPLAIN takes besides the step to show, for its messages and its tests. */
export const explainOptions: readonly string[] = [
  ...views,
  'analyze',
  'format',
  'costs',
  'summary',
  'timing',
  'verbose',
  'buffers',
  'settings',
  'wal',
]

function readOptions(statement: ExplainStatement): ExplainOptions {
  const { options, analyze, span } = statement
  let view: View | undefined
  for (const name of views) {
    if (!booleanOption(statement, name, false)) continue
    if (view !== undefined) {
      throw new QueryError('SYNTAX_ERROR', 'EXPLAIN shows one step of the way at a time', { span })
    }
    view = name
  }
  const unknown = [...options.keys()].find((name) => !explainOptions.includes(name))
  if (unknown !== undefined) {
    throw new QueryError('SYNTAX_ERROR', `unrecognized EXPLAIN option "${unknown}"`, {
      span,
      expected: explainOptions.join(', '),
    })
  }
  for (const name of ['verbose', 'buffers', 'settings', 'wal']) {
    if (!booleanOption(statement, name, false)) continue
    throw notSupported(`EXPLAIN (${name.toUpperCase()})`, span)
  }
  if (booleanOption(statement, 'timing', false)) {
    if (analyze) throw notSupported('EXPLAIN (TIMING): times of single steps', span)
    const message = 'EXPLAIN option TIMING requires ANALYZE'
    throw new QueryError('INVALID_PARAMETER_VALUE', message, { span })
  }
  return {
    view: view ?? 'physical',
    json: formatIsJson(options.get('format') ?? 'text', statement),
    costs: booleanOption(statement, 'costs', true),
    summary: booleanOption(statement, 'summary', analyze),
    isSummarySaid: options.has('summary'),
  }
}

function booleanOption(
  { options, span }: ExplainStatement,
  name: string,
  otherwise: boolean,
): boolean {
  const value = options.get(name)?.toLowerCase()
  if (value === undefined) return otherwise
  if (value === 'true' || value === 'on' || value === '1') return true
  if (value === 'false' || value === 'off' || value === '0') return false
  throw new QueryError('SYNTAX_ERROR', `${name} requires a Boolean value`, { span })
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
      return explainPhysical(planned.physical, callOutNames)
    case 'stages':
      return explainStages(planned.staged, callOutNames)
  }
}

function viewJson(planned: PlannedQuery, view: View): unknown {
  switch (view) {
    case 'logical':
      return explainRelationAsData(planned.logical)
    case 'optimized':
      return explainRelationAsData(planned.optimized)
    case 'physical':
      return explainPhysicalJson(planned.physical, callOutNames)
    case 'stages':
      return explainStagesJson(planned.staged, callOutNames)
  }
}
