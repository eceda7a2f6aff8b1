/**
 * One part in so many of some cases that take long, drawn anew in each process: the next run may have others. All of them
 * with `EVERY_CASE=1` in the environment. Which they were their titles say.
 */
export function byLot<T>(cases: readonly T[], parts: number): readonly T[] {
  if (process.env['EVERY_CASE'] === '1') return cases
  const lot = Math.floor(Math.random() * parts)
  return cases.filter((_, at) => at % parts === lot)
}
