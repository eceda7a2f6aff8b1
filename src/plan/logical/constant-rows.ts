import type { Values } from './relation.ts'

const constantRows = new WeakMap<object, boolean>()

/** Whether nothing is in the rows of VALUES but constants, of which a walk has nothing to say: there may be many. */
export function areConstants(rows: Values['rows']): boolean {
  const known = constantRows.get(rows)
  if (known !== undefined) return known
  const found = rows.every((row) => row.every(({ kind }) => kind === 'literal'))
  constantRows.set(rows, found)
  return found
}
