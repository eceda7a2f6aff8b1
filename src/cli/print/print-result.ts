import type { QueryResult } from '../../engine/results/result.ts'
import { drawTable, rowCountLine } from './text-table.ts'

/** As psql has it: numbers are aligned by their last digit. */
const rightAligned: ReadonlySet<string> = new Set(
  'int2 int4 int8 float4 float8 decimal numeric oid interval'.split(' '),
)

const TERMINAL_WIDTH = 120

/** Columns of a terminal; what goes to a file or another program is never cut. */
export function terminalWidth({ isTTY, columns }: NodeJS.WriteStream): number {
  return isTTY ? (columns ?? TERMINAL_WIDTH) : Infinity
}

/** A result as the shell prints it: a table and its number of rows, or the command's tag. */
export function resultText(result: QueryResult, widthMax: number): string {
  if (result.columns.length === 0) return commandTag(result)
  const table = drawTable(
    {
      headers: result.columns.map(({ name }) => name),
      rightAligned: result.columns.map(({ type }) => rightAligned.has(type.kind)),
      rows: result.texts(),
    },
    widthMax,
  )
  return `${table}\n${rowCountLine(result.rowCount)}`
}

/** PostgreSQL's tags: rows are counted for SELECT and INSERT. */
export function commandTag({ command, rowCount }: QueryResult): string {
  const counted = command === 'SELECT' || command.startsWith('INSERT')
  return counted ? `${command} ${rowCount}` : command
}
