/**
 * The cost of a join in units of one row handled: each probe row is looked up, each build row is
 * stored and linked (dearer), each result row is made. The smaller side is built.
 */
export function joinCost(leftRows: number, rightRows: number, resultRows: number): number {
  const build = Math.min(leftRows, rightRows)
  const probe = Math.max(leftRows, rightRows)
  return probe + 2 * build + resultRows
}

/** The cost of a join without an equality: every pair is looked at. */
export function nestedLoopCost(leftRows: number, rightRows: number, resultRows: number): number {
  return leftRows * Math.max(1, rightRows) + resultRows
}
