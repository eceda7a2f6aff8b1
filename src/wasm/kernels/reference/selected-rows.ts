/** The reference of `selectValues`, `selectBits` and `selectTexts`: the values of rows that stay. */
export function selectedOf<T>(values: readonly T[], stays: readonly boolean[]): T[] {
  return values.filter((_, row) => stays[row])
}

/** The reference of `putValues`: a column with other values in some rows. */
export function withPut<T>(
  target: readonly T[],
  from: readonly T[],
  fromRows: readonly number[],
  toRows: readonly number[],
): T[] {
  const made = [...target]
  for (const [at, row] of toRows.entries()) made[row] = from[fromRows[at]!]!
  return made
}
