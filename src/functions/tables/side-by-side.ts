import type { Scalar } from '../../data/types/scalar.ts'
import type { TableFunction } from '../function.ts'

/** Functions with their arguments. */
export type CallsOfRow = readonly (readonly [fn: TableFunction, args: readonly Scalar[]])[]

/**
 * The rows that functions give side by side, as many as the longest has; the others are NULL once they have
 * no more. A NULL argument gives none. Without functions there is one row.
 */
export function* rowsSideBySide(calls: CallsOfRow): Generator<readonly Scalar[]> {
  if (calls.length === 0) {
    yield []
    return
  }
  const sources = calls.map(([fn, args]) =>
    args.includes(null) ? undefined : fn.rows(args)[Symbol.iterator](),
  )
  for (;;) {
    const row: Scalar[] = []
    let some = false
    for (const source of sources) {
      const next = source?.next()
      const has = next !== undefined && next.done !== true
      row.push(has ? next.value : null)
      some ||= has
    }
    if (!some) return
    yield row
  }
}
