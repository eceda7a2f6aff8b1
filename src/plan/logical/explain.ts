import { typeName } from '../../data/types/data-type.ts'
import type { DataType } from '../../data/types/data-type.ts'
import { formatScalar } from '../../data/types/format-scalar.ts'
import type {
  AggregateCall,
  ColumnId,
  Expression,
  Frame,
  FrameBound,
  NamedExpression,
  SortKey,
} from './expression.ts'
import type { OutputColumn, Relation, Window } from './relation.ts'
import { expressionsOf, inputsOf, visitExpression } from './walk.ts'

/**
 * A plan as text, one relation a line, inputs indented below. Columns are `name#n`, numbered in the order
 * in which the plan makes them, so the same plan reads the same whatever its ids are.
 */
export function explainRelation(relation: Relation): string {
  const printer = newPrinter(relation)
  const lines: string[] = []
  writeRelation(printer, relation, 0, lines)
  return lines.join('\n')
}

/** An expression as {@link explainRelation} shows it, with the columns' own ids as numbers. */
export function explainExpression(expr: Expression): string {
  return expressionText({ numbers: new Map(), subqueries: [] }, expr)
}

/** A relation of a plan as data: what EXPLAIN (FORMAT JSON) shows. */
export interface ExplainedRelation {
  readonly node: string
  readonly detail: string
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly inputs: readonly ExplainedRelation[]
}

export function explainRelationAsData(relation: Relation): ExplainedRelation {
  return relationData(newPrinter(relation), relation)
}

interface Printer {
  readonly numbers: ReadonlyMap<ColumnId, number>
  /** Relations of subqueries met while printing a line; they are written below it. */
  subqueries: Relation[]
}

function newPrinter(relation: Relation): Printer {
  const numbers = new Map<ColumnId, number>()
  numberColumns(relation, numbers)
  return { numbers, subqueries: [] }
}

function numberColumns(relation: Relation, numbers: Map<ColumnId, number>): void {
  for (const input of inputsOf(relation)) numberColumns(input, numbers)
  for (const expr of expressionsOf(relation)) {
    visitExpression(expr, {
      relation: (inner) => {
        numberColumns(inner, numbers)
        return false
      },
    })
  }
  for (const { id } of relation.columns) if (!numbers.has(id)) numbers.set(id, numbers.size + 1)
}

function writeRelation(printer: Printer, relation: Relation, depth: number, lines: string[]): void {
  const { node, detail } = describe(printer, relation)
  const subqueries = printer.subqueries
  printer.subqueries = []
  lines.push(`${'  '.repeat(depth)}${detail === '' ? node : `${node} ${detail}`}`)
  for (const subquery of subqueries) {
    lines.push(`${'  '.repeat(depth + 1)}Subquery`)
    writeRelation(printer, subquery, depth + 2, lines)
  }
  for (const input of inputsOf(relation)) writeRelation(printer, input, depth + 1, lines)
}

function relationData(printer: Printer, relation: Relation): ExplainedRelation {
  const { node, detail } = describe(printer, relation)
  const subqueries = printer.subqueries
  printer.subqueries = []
  const columns = relation.columns.map(({ name, type }) => ({ name, type: typeName(type) }))
  const inputs = [...inputsOf(relation), ...subqueries].map((input) => relationData(printer, input))
  return { node, detail, columns, inputs }
}

interface Description {
  readonly node: string
  readonly detail: string
}

function describe(printer: Printer, relation: Relation): Description {
  const text = (expr: Expression): string => expressionText(printer, expr)
  switch (relation.kind) {
    case 'scan': {
      const filters = relation.filters.map(text).join(' AND ')
      const columns = relation.columns.map((column) => columnText(printer, column)).join(', ')
      const where = filters === '' ? '' : ` where ${filters}`
      return { node: 'Scan', detail: `${relation.table.name} [${columns}]${where}` }
    }
    case 'values': {
      const columns = relation.columns.map((column) => columnText(printer, column)).join(', ')
      const rows = relation.rows.map((row) => `(${row.map(text).join(', ')})`).join(', ')
      return { node: 'Values', detail: columns === '' ? rows : `[${columns}] ${rows}`.trim() }
    }
    case 'filter':
      return { node: 'Filter', detail: text(relation.predicate) }
    case 'project':
      return { node: 'Project', detail: namedTexts(printer, relation.exprs) }
    case 'join':
    case 'apply': {
      const node = `${relation.kind === 'join' ? 'Join' : 'Apply'} ${relation.joinKind}`
      const nulls = relation.nullAware === true ? 'null-aware ' : ''
      const mark = relation.markColumn && ` as ${columnText(printer, relation.markColumn)}`
      return { node, detail: `${nulls}on ${text(relation.condition)}${mark ?? ''}` }
    }
    case 'aggregate': {
      const keys = namedTexts(printer, relation.keys)
      const calls = relation.aggregates.map((call) => aggregateText(printer, call)).join(', ')
      const by = keys === '' ? [] : [`by ${keys}`]
      return { node: 'Aggregate', detail: [...by, ...(calls === '' ? [] : [calls])].join(': ') }
    }
    case 'window':
      return { node: 'Window', detail: windowText(printer, relation) }
    case 'sort': {
      const top = relation.limitRows === undefined ? '' : ` top ${relation.limitRows}`
      return { node: 'Sort', detail: `${sortTexts(printer, relation.keys)}${top}` }
    }
    case 'limit': {
      const rows = relation.limit === undefined ? 'all' : text(relation.limit)
      const offset = relation.offset === undefined ? '' : ` offset ${text(relation.offset)}`
      return { node: 'Limit', detail: `${rows}${offset}` }
    }
    case 'expand': {
      const calls = relation.calls.map((call) => {
        const args = call.args.map(text).join(', ')
        const made = call.outputs.map((own) => columnText(printer, own)).join(', ')
        return `${made} = ${call.fn.name}(${args})`
      })
      return { node: 'Expand', detail: calls.join(', ') }
    }
    case 'union-all':
      return { node: 'UnionAll', detail: columnList(printer, relation.columns) }
    case 'with':
      return { node: 'With', detail: relation.name }
    case 'recursion': {
      const node = relation.isDistinct ? 'Recursion distinct' : 'Recursion'
      return { node, detail: `${relation.name} ${columnList(printer, relation.columns)}` }
    }
    case 'working-table':
      return {
        node: 'WorkingTable',
        detail: `${relation.name} ${columnList(printer, relation.columns)}`,
      }
    case 'cte-reference':
      return {
        node: 'CteReference',
        detail: `${relation.name} ${columnList(printer, relation.columns)}`,
      }
  }
}

/** Members of a long IN list that are printed. */
const SET_VALUES_SHOWN = 8

function expressionText(printer: Printer, expr: Expression): string {
  const text = (inner: Expression): string => expressionText(printer, inner)
  switch (expr.kind) {
    case 'column':
      return columnText(printer, expr)
    case 'literal':
      return literalText(
        expr.value === null ? null : formatScalar(expr.value, expr.type),
        expr.type,
      )
    case 'parameter':
      return `$${expr.index + 1}`
    case 'call':
      return callText(expr.fn.name, expr.args.map(text))
    case 'cast':
      return `${expr.lenient ? 'try_cast' : 'cast'}(${text(expr.arg)} as ${typeName(expr.type)})`
    case 'case': {
      const branches = expr.branches.map(
        ({ when, then }) => `when ${text(when)} then ${text(then)}`,
      )
      return `case ${branches.join(' ')} else ${text(expr.otherwise)} end`
    }
    case 'and':
    case 'or':
      return `(${expr.args.map(text).join(` ${expr.kind} `)})`
    case 'in-list':
      return `${text(expr.arg)} in (${expr.list.map(text).join(', ')})`
    case 'in-set': {
      const { type } = expr.arg
      const shown = expr.values
        .slice(0, SET_VALUES_SHOWN)
        .map((value) => text({ kind: 'literal', type, value }))
      const more = expr.values.length - shown.length
      if (more > 0) shown.push(`... ${more} more`)
      if (expr.hasNull) shown.push('null')
      return `${text(expr.arg)} in (${shown.join(', ')})`
    }
    case 'let': {
      const named = expr.bindings.map(({ id, value }) => `#${id} = ${text(value)}`)
      return `(let ${named.join(', ')} in ${text(expr.body)})`
    }
    case 'subquery': {
      printer.subqueries.push(expr.input)
      if (expr.form === 'scalar') return '(subquery)'
      if (expr.form === 'exists') return 'exists(subquery)'
      const arg = expr.arg === undefined ? '' : text(expr.arg)
      return `(${arg} ${expr.fn?.name ?? ''} ${expr.form}(subquery))`
    }
  }
}

function callText(name: string, args: readonly string[]): string {
  const [left, right] = args
  const isSymbol = !/^[a-z_]/i.test(name)
  if (isSymbol && args.length === 2) return `(${left} ${name} ${right})`
  if (isSymbol && args.length === 1) return `(${name}${left})`
  return `${name}(${args.join(', ')})`
}

const bareTypes = new Set(['int4', 'decimal', 'bool'])

function literalText(value: string | null, type: DataType): string {
  if (value === null) return 'null'
  if (type.kind === 'bool') return value === 't' ? 'true' : 'false'
  if (bareTypes.has(type.kind)) return value
  const quoted = `'${value.replaceAll("'", "''")}'`
  return type.kind === 'text' || type.kind === 'unknown' ? quoted : `${typeName(type)} ${quoted}`
}

function aggregateText(printer: Printer, call: AggregateCall): string {
  const args = call.args.map((arg) => expressionText(printer, arg)).join(', ')
  const orderBy = call.orderBy === undefined ? '' : ` order by ${sortTexts(printer, call.orderBy)}`
  const inside = call.args.length === 0 ? '*' : `${call.distinct ? 'distinct ' : ''}${args}`
  const filter =
    call.filter === undefined ? '' : ` filter (where ${expressionText(printer, call.filter)})`
  return `${call.name}#${numberOf(printer, call.id)} = ${call.fn.name}(${inside}${orderBy})${filter}`
}

function windowText(printer: Printer, { partitionBy, orderBy, calls }: Window): string {
  const text = (expr: Expression): string => expressionText(printer, expr)
  const partition = partitionBy.map(text).join(', ')
  const by = partition === '' ? [] : [`by ${partition}`]
  const order = orderBy.length === 0 ? [] : [`order ${sortTexts(printer, orderBy)}`]
  const shown = calls.map((item) => {
    const args =
      item.args.length === 0 && item.fn.cataloguedAs === 'aggregate' ? '*' : item.args.map(text)
    const filter = item.filter === undefined ? '' : ` filter (where ${text(item.filter)})`
    const call = `${item.fn.name}(${String(args)})${filter}${frameText(item.frame, text)}`
    return `${columnText(printer, item)} = ${call}`
  })
  return `${[...by, ...order].join(' ')}: ${shown.join(', ')}`.trim()
}

/** A frame as EXPLAIN shows it behind its call; nothing for the usual one. */
export function frameText(frame: Frame, text: (expr: Expression) => string): string {
  const bound = ({ kind, offset }: FrameBound): string => {
    const words = kind.replace('-', ' ')
    return offset === undefined ? words : `${text(offset)} ${words}`
  }
  const { unit, start, end, exclude } = frame
  const usual =
    unit === 'range' && start.kind === 'unbounded-preceding' && end.kind === 'current-row'
  const without = exclude === 'no-others' ? '' : ` exclude ${exclude.replace('-', ' ')}`
  if (usual && without === '') return ''
  return ` ${unit} between ${bound(start)} and ${bound(end)}${without}`
}

function namedTexts(printer: Printer, exprs: readonly NamedExpression[]): string {
  return exprs
    .map(({ id, name, expr }) => {
      const passed = expr.kind === 'column' && expr.id === id
      const column = `${name}#${numberOf(printer, id)}`
      return passed ? column : `${column} = ${expressionText(printer, expr)}`
    })
    .join(', ')
}

function sortTexts(printer: Printer, keys: readonly SortKey[]): string {
  return keys
    .map(({ expr, descending, nullsFirst }) => {
      const direction = descending ? ' desc' : ''
      const nulls = nullsFirst === descending ? '' : nullsFirst ? ' nulls first' : ' nulls last'
      return `${expressionText(printer, expr)}${direction}${nulls}`
    })
    .join(', ')
}

function columnList(printer: Printer, columns: readonly OutputColumn[]): string {
  return `[${columns.map((column) => columnText(printer, column)).join(', ')}]`
}

function columnText(
  printer: Printer,
  column: { readonly id: ColumnId; readonly name: string },
): string {
  return `${column.name}#${numberOf(printer, column.id)}`
}

function numberOf(printer: Printer, id: ColumnId): number {
  return printer.numbers.get(id) ?? id
}
