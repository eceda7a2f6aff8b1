import type { WithClause } from '../../../src/sql/ast/select.ts'
import type {
  DeleteStatement,
  InsertStatement,
  Returning,
  UpdateStatement,
} from '../../../src/sql/ast/statement.ts'
import { printColumnNames, printIdentifier, printName } from './name.ts'
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
    return [
      `insert into ${printName(statement.table)}${printColumnNames(statement.columns)} ${source}`,
    ]
  }
  const target = printTables([statement.table])
  if (statement.kind === 'delete') {
    const using = statement.using.length === 0 ? [] : [`using ${printTables(statement.using)}`]
    return [...printLeading(statement.with), `delete from ${target}`, ...using]
  }
  const assigned = statement.assignments.map(
    ({ column, value }) => `${printIdentifier(column)} = ${expressionPrinter().print(value)}`,
  )
  const from = statement.from.length === 0 ? [] : [`from ${printTables(statement.from)}`]
  return [...printLeading(statement.with), `update ${target} set ${assigned.join(', ')}`, ...from]
}

function printLeading(clause: WithClause | undefined): readonly string[] {
  return clause === undefined ? [] : [printWith(clause)]
}

function printReturning(returning: Returning | undefined): readonly string[] {
  return returning === undefined ? [] : [`returning ${printItems(returning.items)}`]
}
