import type { DataType } from '../../data/types/data-type.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import type { RowOfFunction, TableFunction } from '../function.ts'

/** A call of a function that gives rows: its arguments and their types. */
export interface CallOfRows {
  readonly fn: TableFunction
  readonly args: readonly Scalar[]
  readonly types: readonly DataType[]
}

/** The rows of one call; a NULL argument of a strict function gives none. */
export function rowsOfCall({ fn, args, types }: CallOfRows): Iterable<RowOfFunction> {
  return fn.nulls !== 'called' && args.includes(null) ? [] : fn.rows(args, types)
}

/**
 * The rows that functions give side by side, as many as the longest has; the columns of others are NULL once
 * they have no more. Without functions there is one row.
 */
export function* rowsSideBySide(calls: readonly CallOfRows[]): Generator<readonly Scalar[]> {
  if (calls.length === 0) {
    yield []
    return
  }
  const sources = calls.map((call) => ({
    rows: rowsOfCall(call)[Symbol.iterator](),
    none: (call.fn.columns ?? [undefined]).map(() => null),
  }))
  for (;;) {
    const row: Scalar[] = []
    let some = false
    for (const { rows, none } of sources) {
      const next = rows.next()
      if (next.done === true) row.push(...none)
      else if (isSeveral(next.value)) row.push(...next.value)
      else row.push(next.value)
      some ||= next.done !== true
    }
    if (!some) return
    yield row
  }
}

/** Whether a row is of several columns. */
export function isSeveral(row: RowOfFunction): row is readonly Scalar[] {
  return Array.isArray(row)
}
