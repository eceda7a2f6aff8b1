import { unreachable } from '../../../src/base/assert.ts'
import type {
  CommonTableExpression,
  GroupingItem,
  QueryBody,
  SelectCore,
  SelectItem,
  SelectStatement,
  SetOperation,
  TableAlias,
  TableExpression,
  WithClause,
} from '../../../src/sql/ast/select.ts'
import { printChange } from './change.ts'
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
  if (query.locking) parts.push('for update')
  return parts.join(' ')
}

export function printWith({ recursive, ctes }: WithClause): string {
  return `with ${recursive ? 'recursive ' : ''}${ctes.map(printCommonTable).join(', ')}`
}

function printCommonTable(cte: CommonTableExpression): string {
  const materialized =
    cte.materialized === undefined ? '' : cte.materialized ? 'materialized ' : 'not materialized '
  const head = `${printIdentifier(cte.name)}${printColumnNames(cte.columns)}`
  return `${head} as ${materialized}(${cte.query.kind === 'select' ? printQuery(cte.query) : printChange(cte.query)})`
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
      const sample = table.sample
      const repeatable =
        sample?.repeatable === undefined
          ? ''
          : ` repeatable (${expressions.print(sample.repeatable)})`
      const tail =
        sample === undefined
          ? ''
          : ` tablesample ${sample.method} (${expressions.list(sample.args)})${repeatable}`
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
  const kind = join.joinKind === 'inner' ? '' : `${join.joinKind} `
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
