import type { FunctionTraits } from './traits.ts'

type Selectivity = NonNullable<FunctionTraits['selectivity']>

const RANGE_PART = 0.33
/** NULLs are never taken to be none at all: statistics may be old. */
const NULLS_MIN = 0.001
const PREFIX_PART = 0.05

export const equalSelectivity: Selectivity = (args) => {
  if (args.constant(1) !== undefined) return args.equals(0)
  if (args.constant(0) !== undefined) return args.equals(1)
  return Math.min(args.equals(0), args.equals(1))
}

export const unequalSelectivity: Selectivity = (args) => 1 - args.equals(0)

export const rangeSelectivity: Selectivity = () => RANGE_PART

export const notSelectivity: Selectivity = (args) => 1 - args.holds(0)

export const nullSelectivity: Selectivity = (args) => Math.max(NULLS_MIN, args.isNull(0))

export const notNullSelectivity: Selectivity = (args) => 1 - args.isNull(0)

export const prefixSelectivity: Selectivity = () => PREFIX_PART

/** The more letters a LIKE pattern asks for, the fewer rows have them. */
export function patternSelectivity(negated: boolean): Selectivity {
  return (args) => {
    const pattern = args.constant(1)
    if (typeof pattern !== 'string') return negated ? 0.9 : 0.1
    const letters = pattern.replaceAll(/[%_]/g, '').length
    const part = Math.max(0.005, 0.4 * 0.7 ** letters)
    return negated ? 1 - part : part
  }
}
