import { unreachable } from '../../../src/base/assert.ts'
import type {
  CommonTableExpression,
  GroupingItem,
  LockingClause,
  QueryBody,
  SelectCore,
  SelectItem,
  SelectStatement,
  SetOperation,
  TableAlias,
  TableExpression,
  TableSample,
  WithClause,
} from '../../../src/sql/ast/select.ts'
import type { Subscript } from '../../../src/sql/ast/expression.ts'
import type {
  AssignedColumn,
  Assignment,
  DeleteStatement,
  InsertStatement,
  MergeAction,
  MergeStatement,
  OnConflictClause,
  Returning,
  UpdateStatement,
} from '../../../src/sql/ast/statement.ts'
import { ExpressionPrinter } from './expression.ts'
import {
  printColumnNames,
  printIdentifier,
  printName,
  printNames,
  printString,
  printType,
} from './name.ts'

const expressions = new ExpressionPrinter(printQuery)

/** The printer of expressions, with the queries inside them. */
export function expressionPrinter(): ExpressionPrinter {
  return expressions
}

export function printQuery(query: SelectStatement): string {
  const parts = [printBody(query.body)]
  if (query.with !== undefined) parts.unshift(printWith(query.with))
  if (query.orderByAll) parts.push('order by all')
  if (query.orderBy.length > 0) parts.push(`order by ${expressions.orderItems(query.orderBy)}`)
  if (query.offset !== undefined) parts.push(`offset ${expressions.operand(query.offset)}`)
  if (query.limit !== undefined) {
    const count = expressions.operand(query.limit)
    parts.push(query.withTies ? `fetch first ${count} rows with ties` : `limit ${count}`)
  }
  parts.push(...query.locking.map(printLocking))
  return parts.join(' ')
}

function printLocking({ strength, of, wait }: LockingClause): string {
  const tables = of.length === 0 ? '' : ` of ${of.map(printName).join(', ')}`
  const waiting = wait === 'nowait' ? ' nowait' : wait === 'skip' ? ' skip locked' : ''
  return `${strength.toLowerCase()}${tables}${waiting}`
}

export function printWith({ recursive, ctes }: WithClause): string {
  return `with ${recursive ? 'recursive ' : ''}${ctes.map(printCommonTable).join(', ')}`
}

function printCommonTable(cte: CommonTableExpression): string {
  const materialized =
    cte.materialized === undefined ? '' : cte.materialized ? 'materialized ' : 'not materialized '
  const head = `${printIdentifier(cte.name)}${printColumnNames(cte.columns)}`
  const query = cte.query.kind === 'select' ? printQuery(cte.query) : printChange(cte.query)
  return [`${head} as ${materialized}(${query})`, ...printSearch(cte)].join(' ')
}

function printSearch({ search, cycle }: CommonTableExpression): readonly string[] {
  const parts: string[] = []
  if (search !== undefined) {
    const columns = printNames(search.columns)
    parts.push(`search ${search.order} first by ${columns} set ${printIdentifier(search.sequence)}`)
  }
  if (cycle !== undefined) {
    const [mark, path] = [cycle.mark, cycle.path].map(printIdentifier)
    const [value, otherwise] = [cycle.value, cycle.otherwise].map((one) => expressions.print(one))
    parts.push(
      `cycle ${printNames(cycle.columns)} set ${mark} to ${value} default ${otherwise} using ${path}`,
    )
  }
  return parts
}

function printSample({ method, args, unit, repeatable }: TableSample): string {
  const count = `${expressions.list(args)}${unit === undefined ? '' : ` ${unit}`}`
  const seed = repeatable === undefined ? '' : ` repeatable (${expressions.print(repeatable)})`
  return `${method === undefined ? count : `${printIdentifier(method)} (${count})`}${seed}`
}

function printBody(body: QueryBody): string {
  switch (body.kind) {
    case 'core':
      return printCore(body)
    case 'values':
      return `values ${body.rows.map((row) => `(${expressions.list(row)})`).join(', ')}`
    case 'nested':
      return `(${printQuery(body.query)})`
    case 'set-operation':
      return printSetOperation(body)
    default:
      return unreachable(body)
  }
}

/** Operands print without parentheses: what needs them is a nested query in the tree. */
function printSetOperation(body: SetOperation): string {
  const word = `${body.operator}${body.all ? ' all' : ''}`
  return `${printBody(body.left)} ${word} ${printBody(body.right)}`
}

function printCore(core: SelectCore): string {
  const parts = ['select']
  if (core.distinct !== undefined) {
    const on = core.distinct.length === 0 ? '' : ` on (${expressions.list(core.distinct)})`
    parts.push(`distinct${on}`)
  }
  if (core.items.length > 0) parts.push(printItems(core.items))
  if (core.from.length > 0) parts.push(`from ${printTables(core.from)}`)
  if (core.where !== undefined) parts.push(`where ${expressions.print(core.where)}`)
  if (core.groupBy !== undefined) {
    const { all, distinct, items: grouping } = core.groupBy
    const list = all ? 'all' : grouping.map(printGroupingItem).join(', ')
    parts.push(`group by ${distinct ? 'distinct ' : ''}${list}`)
  }
  if (core.having !== undefined) parts.push(`having ${expressions.print(core.having)}`)
  const windows = core.windows.map(
    ({ name, spec }) => `${printIdentifier(name)} as ${expressions.window(spec)}`,
  )
  if (windows.length > 0) parts.push(`window ${windows.join(', ')}`)
  if (core.qualify !== undefined) parts.push(`qualify ${expressions.print(core.qualify)}`)
  if (core.sample !== undefined) parts.push(`using sample ${printSample(core.sample)}`)
  return parts.join(' ')
}

export function printItems(items: readonly SelectItem[]): string {
  const shown = items.map(({ expr, alias }) => {
    const label = alias === undefined ? '' : ` as ${printIdentifier(alias)}`
    return `${expressions.print(expr)}${label}`
  })
  return shown.join(', ')
}

export function printTables(tables: readonly TableExpression[]): string {
  return tables.map(printTable).join(', ')
}

function printGroupingItem(item: GroupingItem): string {
  switch (item.kind) {
    case 'expr':
      return expressions.print(item.expr)
    case 'empty':
      return '()'
    case 'set':
      return `(${expressions.list(item.exprs)})`
    case 'rollup':
    case 'cube': {
      const sets = item.sets.map((set) =>
        set.length === 1 ? expressions.list(set) : `(${expressions.list(set)})`,
      )
      return `${item.kind} (${sets.join(', ')})`
    }
    case 'grouping-sets':
      return `grouping sets (${item.sets.map(printGroupingItem).join(', ')})`
    default:
      return unreachable(item)
  }
}

function printTable(table: TableExpression): string {
  switch (table.kind) {
    case 'table': {
      const { sample } = table
      const tail = sample === undefined ? '' : ` tablesample ${printSample(sample)}`
      return `${printName(table.name)}${printAlias(table.alias)}${tail}`
    }
    case 'file':
      return `${printString(table.location)}${printAlias(table.alias)}`
    case 'derived': {
      const lateral = table.lateral ? 'lateral ' : ''
      return `${lateral}(${printQuery(table.query)})${printAlias(table.alias)}`
    }
    case 'table-function':
      return printTableFunction(table)
    case 'predict': {
      const query = printQuery(table.query)
      return `predict(model ${printName(table.model)}, ${query})${printAlias(table.alias)}`
    }
    case 'join':
      return printJoin(table)
    default:
      return unreachable(table)
  }
}

function printTableFunction(table: Extract<TableExpression, { kind: 'table-function' }>): string {
  const calls = table.calls.map((call) => expressions.print(call)).join(', ')
  const source = table.rowsFrom ? `rows from (${calls})` : calls
  const lateral = table.lateral ? 'lateral ' : ''
  const ordinality = table.ordinality ? ' with ordinality' : ''
  return `${lateral}${source}${ordinality}${printAlias(table.alias)}`
}

function printJoin(join: Extract<TableExpression, { kind: 'join' }>): string {
  const right = join.right.kind === 'join' ? printNestedJoin(join.right) : printTable(join.right)
  const left =
    join.left.kind === 'join' && join.left.alias === undefined
      ? printJoin(join.left)
      : printTable(join.left)
  const kind = join.joinKind === 'inner' ? '' : `${join.joinKind.replace('-', ' ')} `
  const head = `${left} ${join.natural ? 'natural ' : ''}${kind}join ${right}`
  const on = join.on === undefined ? '' : ` on ${expressions.print(join.on)}`
  const using = join.using === undefined ? '' : ` using (${printNames(join.using)})`
  const usingAlias = join.usingAlias === undefined ? '' : ` as ${printIdentifier(join.usingAlias)}`
  const text = `${head}${on}${using}${usingAlias}`
  return join.alias === undefined ? text : `(${text})${printAlias(join.alias)}`
}

function printNestedJoin(join: Extract<TableExpression, { kind: 'join' }>): string {
  return join.alias === undefined ? `(${printJoin(join)})` : printJoin(join)
}

function printAlias(alias: TableAlias | undefined): string {
  if (alias === undefined) return ''
  const definitions = alias.definitions.map(
    ({ name, type }) => `${printIdentifier(name)} ${printType(type)}`,
  )
  const list = definitions.length === 0 ? '' : ` (${definitions.join(', ')})`
  return ` as ${printIdentifier(alias.name)}${printColumnNames(alias.columns)}${list}`
}

/** INSERT, UPDATE or DELETE on one line. */
export function printChange(
  statement: InsertStatement | UpdateStatement | DeleteStatement,
): string {
  const parts = headOf(statement)
  if (statement.kind !== 'insert' && statement.where !== undefined) {
    parts.push(`where ${expressionPrinter().print(statement.where)}`)
  }
  return [...parts, ...printReturning(statement.returning)].join(' ')
}

function headOf(statement: InsertStatement | UpdateStatement | DeleteStatement): string[] {
  if (statement.kind === 'insert') {
    const { query } = statement
    const source = query === undefined ? 'default values' : printQuery(query)
    const alias = statement.alias === undefined ? '' : ` as ${printIdentifier(statement.alias)}`
    const columns = `${printColumnNames(statement.columns)}${printOverriding(statement.overriding)}`
    const target = `${printName(statement.table)}${alias}${columns}`
    return [`insert into ${target} ${source}`, ...printOnConflict(statement.onConflict)]
  }
  const target = printTables([statement.table])
  if (statement.kind === 'delete') {
    const using = statement.using.length === 0 ? [] : [`using ${printTables(statement.using)}`]
    return [...printLeading(statement.with), `delete from ${target}`, ...using]
  }
  const from = statement.from.length === 0 ? [] : [`from ${printTables(statement.from)}`]
  return [
    ...printLeading(statement.with),
    `update ${target} set ${printAssignments(statement.assignments)}`,
    ...from,
  ]
}

/** MERGE on one line. */
export function printMerge(statement: MergeStatement): string {
  const source = printTables([statement.source])
  const on = expressionPrinter().print(statement.on)
  const head = `merge into ${printTables([statement.table])} using ${source} on ${on}`
  const actions = statement.actions.map(({ isMatched, condition, action }) => {
    const and = condition === undefined ? '' : ` and ${expressionPrinter().print(condition)}`
    return `when ${isMatched ? '' : 'not '}matched${and} then ${printAction(action)}`
  })
  return [...printLeading(statement.with), head, ...actions].join(' ')
}

function printAction(action: MergeAction['action']): string {
  switch (action.kind) {
    case 'update':
      return `update set ${printAssignments(action.assignments)}`
    case 'insert': {
      const { columns, values, overriding } = action
      const source =
        values === undefined ? 'default values' : `values (${expressionPrinter().list(values)})`
      return `insert${printColumnNames(columns)}${printOverriding(overriding)} ${source}`
    }
    case 'delete':
      return 'delete'
    case 'nothing':
      return 'do nothing'
  }
}

function printAssignments(assignments: readonly Assignment[]): string {
  const shown = assignments.map(
    ({ columns, isRow, value }) =>
      `${isRow ? `(${printAssigned(columns)})` : printAssigned(columns)} = ${expressionPrinter().print(value)}`,
  )
  return shown.join(', ')
}

function printAssigned(columns: readonly AssignedColumn[]): string {
  const shown = columns.map((column) => {
    const { path = [] } = column
    const steps = path.map((step) => {
      return 'field' in step ? `.${printIdentifier(step.field)}` : printSubscript(step)
    })
    return printIdentifier(column) + steps.join('')
  })
  return shown.join(', ')
}

function printSubscript({ lower, upper, slice }: Subscript): string {
  const [from, to] = [lower, upper].map((bound) =>
    bound === undefined ? '' : expressionPrinter().print(bound),
  )
  return `[${slice ? `${from} : ${to}` : from}]`
}

function printOnConflict(clause: OnConflictClause | undefined): readonly string[] {
  if (clause === undefined) return []
  const { target, update } = clause
  const on =
    target === undefined
      ? ''
      : target.kind === 'columns'
        ? printColumnNames(target.columns)
        : ` on constraint ${printIdentifier(target.name)}`
  if (update === undefined) return [`on conflict${on} do nothing`]
  const { assignments, where } = update
  const condition = where === undefined ? [] : [`where ${expressionPrinter().print(where)}`]
  return [`on conflict${on} do update set ${printAssignments(assignments)}`, ...condition]
}

function printLeading(clause: WithClause | undefined): readonly string[] {
  return clause === undefined ? [] : [printWith(clause)]
}

function printReturning(returning: Returning | undefined): readonly string[] {
  return returning === undefined ? [] : [`returning ${printItems(returning.items)}`]
}

function printOverriding(overriding: InsertStatement['overriding']): string {
  return overriding === undefined ? '' : ` overriding ${overriding} value`
}
