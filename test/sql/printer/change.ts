import type { WithClause } from '../../../src/sql/ast/select.ts'
import type {
  Assignment,
  DeleteStatement,
  InsertStatement,
  MergeAction,
  MergeStatement,
  OnConflictClause,
  Returning,
  UpdateStatement,
} from '../../../src/sql/ast/statement.ts'
import { printColumnNames, printIdentifier, printName, printNames } from './name.ts'
import { expressionPrinter, printItems, printQuery, printTables, printWith } from './query.ts'

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
    const target = `${printName(statement.table)}${alias}${printColumnNames(statement.columns)}`
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
      const { columns, values } = action
      const source =
        values === undefined ? 'default values' : `values (${expressionPrinter().list(values)})`
      return `insert${printColumnNames(columns)} ${source}`
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
      `${isRow ? printColumnNames(columns) : printNames(columns)} = ${expressionPrinter().print(value)}`,
  )
  return shown.join(', ')
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
