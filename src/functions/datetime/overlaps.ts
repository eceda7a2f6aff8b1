import { bool, type DataType, type TypeKind } from '../../data/types/data-type.ts'
import { compareScalars } from '../../data/types/compare-scalar.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { scalar } from '../define.ts'
import type { ScalarFunction } from '../function.ts'

type EndKind = Extract<TypeKind, 'timestamp' | 'timestamptz' | 'time' | 'timetz'>

/** NULL ends are unknown; one may still be told by the others. See overlaps_timestamp in PostgreSQL's timestamp.c. */
function overlap(
  [s1, e1, s2, e2]: readonly [Scalar, Scalar, Scalar, Scalar],
  type: DataType,
): boolean | null {
  const isAfter = (a: Scalar, b: Scalar): boolean => compareScalars(a, b, type) > 0
  const first = ordered(s1, e1, isAfter)
  const second = ordered(s2, e2, isAfter)
  if (first === undefined || second === undefined) return null
  const order = compareScalars(first.start, second.start, type)
  if (order === 0) return first.end === null || second.end === null ? null : true
  const [early, late] = order > 0 ? [second, first] : [first, second]
  if (early.end === null) return null
  if (isAfter(early.end, late.start)) return true
  return late.end === null ? null : false
}

interface Period {
  readonly start: Scalar
  /** NULL where only one end is known. */
  readonly end: Scalar
}

/** The earlier end first; undefined where none is known. */
function ordered(
  start: Scalar,
  end: Scalar,
  isAfter: (a: Scalar, b: Scalar) => boolean,
): Period | undefined {
  if (start === null) return end === null ? undefined : { start: end, end: null }
  if (end === null) return { start, end: null }
  return isAfter(start, end) ? { start: end, end: start } : { start, end }
}

const examples: Readonly<Record<EndKind, string>> = {
  timestamp: "timestamp '2024-01-01', timestamp '2024-02-01', timestamp '2024-01-31', NULL",
  timestamptz: "timestamptz '2024-01-01', timestamptz '2024-02-01', timestamptz '2024-01-31', NULL",
  time: "time '10:00', time '12:00', time '11:00', time '11:30'",
  timetz: "timetz '10:00+00', timetz '12:00+00', timetz '11:00+00', timetz '11:30+00'",
}

/** Periods given by two ends; the binder makes these of lengths. */
export const overlapsFunctions: readonly ScalarFunction[] = (
  ['timestamp', 'timestamptz', 'time', 'timetz'] as const
).map((kind) =>
  scalar({
    name: 'overlaps',
    args: [kind, kind, kind, kind],
    returns: bool,
    nulls: 'called',
    doc: 'Whether two periods have a moment in common, each given by its ends; what OVERLAPS becomes.',
    example: `overlaps(${examples[kind]}) -- t`,
    evaluate: ([s1 = null, e1 = null, s2 = null, e2 = null]) => overlap([s1, e1, s2, e2], { kind }),
  }),
)
