import type { FunctionCase } from './case.ts'
import { bitCases } from './bits-and-bytes.ts'
import { castCases } from './casts.ts'
import { momentCases } from './moments.ts'
import { nestedCases } from './nested.ts'
import { numberCases } from './numbers.ts'
import { operatorCases } from './operators.ts'
import { rangeCases } from './ranges.ts'
import { textCases } from './texts.ts'

/** Over which column of texts a case runs: many distinct values, few; `other`: functions of other types. */
export const suites = ['plain', 'coded', 'other'] as const
export type FunctionSuite = (typeof suites)[number]

export interface NamedCase extends FunctionCase {
  readonly name: string
  readonly suite: FunctionSuite
}

function over(suite: 'plain' | 'coded'): readonly NamedCase[] {
  const on = (sql: string): string => sql.replaceAll('$', suite)
  return textCases.map(({ ours, theirs, check }) => ({
    name: on(ours),
    suite,
    ours: on(ours),
    theirs: on(theirs),
    check,
  }))
}

const others = [
  ...operatorCases,
  ...castCases,
  ...numberCases,
  ...momentCases,
  ...nestedCases,
  ...bitCases,
  ...rangeCases,
]

/** Every case: each function of texts over both columns, then those of other types. */
export const functionCases: readonly NamedCase[] = [
  ...over('plain'),
  ...over('coded'),
  ...others.map((one): NamedCase => ({ name: one.ours, suite: 'other', ...one })),
]
