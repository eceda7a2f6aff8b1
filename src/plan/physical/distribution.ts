import type { Expression } from '../logical/expression.ts'
import { expressionKey } from '../logical/expression-key.ts'
import { rowBytes } from '../optimizer/cardinality.ts'
import type { Exchange, Partitioning, PhysicalPlan } from './plan.ts'

/**
 * How a plan's rows lie. single: in one task. spread: over all tasks, in no known way. hash: over all
 * tasks by the hash of a list of expressions (given by their keys); of `keys`, each list tells the same.
 */
export type Distribution =
  | { readonly kind: 'single' }
  | { readonly kind: 'spread' }
  | { readonly kind: 'hash'; readonly keys: readonly (readonly string[])[] }

export interface Distributed {
  readonly plan: PhysicalPlan
  readonly distribution: Distribution
}

export const single: Distribution = { kind: 'single' }
export const spread: Distribution = { kind: 'spread' }

export function hashedBy(keys: readonly Expression[]): Distribution {
  return { kind: 'hash', keys: [keys.map(expressionKey)] }
}

export function exchange(input: PhysicalPlan, partitioning: Partitioning): Exchange {
  const { columns, rows } = input
  return { kind: 'exchange', input, partitioning, columns, rows }
}

/** All rows in one task. */
export function gathered(input: Distributed): PhysicalPlan {
  const { plan, distribution } = input
  if (distribution.kind === 'single') return plan
  const isMoved = plan.kind === 'exchange' && plan.cteId === undefined
  const staying = isMoved && plan.partitioning.kind === 'stay' ? plan.input : plan
  return { ...exchange(staying, { kind: 'gather' }), columns: plan.columns }
}

/** The rows over all tasks, in any way. */
export function spreadOut(input: Distributed): PhysicalPlan {
  const { plan, distribution } = input
  return distribution.kind === 'single' ? exchange(plan, { kind: 'round-robin' }) : plan
}

/**
 * Which of these keys the rows are hashed by already, as positions in the order of the hash; rows that
 * agree on all keys then lie together. Undefined where they do not.
 */
export function hashedPositions(
  distribution: Distribution,
  keys: readonly Expression[],
): readonly number[] | undefined {
  if (distribution.kind !== 'hash') return undefined
  const texts = keys.map(expressionKey)
  for (const list of distribution.keys) {
    const positions = list.map((key) => texts.indexOf(key))
    if (positions.every((position) => position >= 0)) return positions
  }
  return undefined
}

/** What a plan's rows take, as far as that is estimated. */
export function bytesOf(plan: PhysicalPlan): number {
  return plan.rows * rowBytes(plan)
}
