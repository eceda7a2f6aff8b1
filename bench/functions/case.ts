/** A function as each engine writes it. */
export interface FunctionCase {
  readonly ours: string
  readonly theirs: string
  /** How its values become the few that are compared. */
  readonly check: Check
}

interface Written {
  readonly ours: string
  readonly theirs: string
}

const both = (sql: string): Written => ({ ours: sql, theirs: sql })

/** What is asked of the values `a`: enough to tell a wrong one, and cheap. */
export const checks = {
  text: both('min(a), max(a), sum(length(a)), count(a)'),
  number: both('sum(a), count(a)'),
  float: both('sum(a), min(a), max(a)'),
  /** Floats of 32 bits, of which PostgreSQL's sums are such, too. */
  single: both('sum(cast(a as double precision)), cast(min(a) as double precision), count(a)'),
  extreme: both('cast(min(a) as varchar), cast(max(a) as varchar), count(a)'),
  truth: both('count(*) filter (where a), count(a)'),
  duration: both('extract(epoch from min(a)), extract(epoch from max(a)), count(a)'),
  bytes: { ours: 'sum(length(a)), count(a)', theirs: 'sum(octet_length(a)), count(a)' },
  list: { ours: 'sum(cardinality(a)), count(a)', theirs: 'sum(len(a)), count(a)' },
  /** Values that the engines spell otherwise. */
  presence: both('count(a)'),
} as const

export type Check = keyof typeof checks

/** Functions that both engines write alike. */
export function alike(check: Check, ...calls: readonly string[]): readonly FunctionCase[] {
  return calls.map((sql) => ({ ours: sql, theirs: sql, check }))
}

/** Functions that DuckDB writes otherwise: ours first. */
export function unlike(
  check: Check,
  calls: Readonly<Record<string, string>>,
): readonly FunctionCase[] {
  return Object.entries(calls).map(([ours, theirs]) => ({ ours, theirs, check }))
}
