import type { Scalar } from '../../data/types/scalar.ts'
import { tableFunction } from '../catalogue.ts'

/**
 * The rows that functions give side by side, as many as the longest has; the others are NULL once they have
 * no more. A NULL argument gives none. Without functions there is one row.
 */
export function* rowsSideBySide(
  calls: readonly (readonly [fn: string, args: readonly Scalar[]])[],
): Generator<readonly Scalar[]> {
  if (calls.length === 0) {
    yield []
    return
  }
  const sources = calls.map(([fn, args]) =>
    args.includes(null) ? undefined : tableFunction(fn).rows(args)[Symbol.iterator](),
  )
  for (;;) {
    let some = false
    const row = sources.map((source): Scalar => {
      const next = source?.next()
      if (next === undefined || next.done === true) return null
      some = true
      return next.value
    })
    if (!some) return
    yield row
  }
}
