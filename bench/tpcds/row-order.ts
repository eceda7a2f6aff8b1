import { parseStatements } from '#heddle/sql/parse.js'
import type { AstExpression, OrderItem } from '#heddle/sql/ast/expression.js'
import type { QueryBody, SelectItem } from '#heddle/sql/ast/select.js'
import type { RowOrder } from '../answers.ts'

/** What can be seen of a query's order in its answer. */
export interface SeenOrder {
  readonly order: RowOrder
  /** ORDER BY has so many keys, of which those before the first that is no column of the answer are seen. */
  readonly keys: number
}

/** What a query's text says about the order of its rows. */
export function seenOrder(text: string): SeenOrder {
  const [statement] = parseStatements(text)
  if (statement?.kind !== 'select') throw new Error('not a query')
  const items = itemsOf(statement.body)
  const columns: number[] = []
  for (const item of statement.orderBy) {
    const column = columnOf(item, items, text)
    if (column === undefined) break
    columns.push(column)
  }
  const isLimited = statement.limit !== undefined
  return { order: { columns, isLimited }, keys: statement.orderBy.length }
}

function itemsOf(body: QueryBody): readonly SelectItem[] {
  switch (body.kind) {
    case 'core':
      return body.items
    case 'set-operation':
      return itemsOf(body.left)
    case 'nested':
      return itemsOf(body.query.body)
    case 'values':
      return []
  }
}

/** The column of the answer that a key is: by its number, its name, or as it is written. */
function columnOf(
  { expr }: OrderItem,
  items: readonly SelectItem[],
  text: string,
): number | undefined {
  // What a star stands for is not known here.
  if (items.some((item) => item.expr.kind === 'star')) return undefined
  if (expr.kind === 'number') return Number(expr.text) - 1
  const named = items.findIndex((item) => isNamed(expr, item))
  if (named >= 0) return named
  const written = items.findIndex((item) => sourceOf(item.expr, text) === sourceOf(expr, text))
  return written < 0 ? undefined : written
}

function isNamed(expr: AstExpression, { alias, expr: item }: SelectItem): boolean {
  if (expr.kind !== 'column') return false
  const { parts } = expr.name
  if (alias !== undefined) return parts.length === 1 && alias.text === parts[0]?.text
  if (item.kind !== 'column') return false
  const isFull = parts.length > 1 && item.name.parts.length > 1
  const [own, its] = [parts, item.name.parts].map((names) => names.map(({ text }) => text))
  return isFull ? own!.join('.') === its!.join('.') : own!.at(-1) === its!.at(-1)
}

function sourceOf({ span }: AstExpression, text: string): string {
  const written = text.slice(span.start, span.end).toLowerCase()
  return written.replaceAll(/\s+/g, ' ').replaceAll(/ ?([(),]) ?/g, '$1')
}
