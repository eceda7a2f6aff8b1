import type { Relation, RelationKind } from '../logical/relation.ts'
import { mapInputs } from '../logical/walk.ts'

/** A set of kinds of relations, and of `subquery`: expressions with relations inside. */
export type Kinds = number

const bits: { readonly [K in RelationKind | 'subquery']: Kinds } = {
  scan: 1,
  values: 2,
  filter: 4,
  project: 8,
  join: 16,
  apply: 32,
  aggregate: 64,
  window: 128,
  sort: 256,
  limit: 512,
  'union-all': 1_024,
  with: 2_048,
  'cte-reference': 4_096,
  expand: 8_192,
  recursion: 16_384,
  'working-table': 32_768,
  subquery: 65_536,
}

const all: Kinds = Object.values(bits).reduce((sum, bit) => sum | bit)

/** A set of these; of all where there is no list. */
export function kindsOf(list: readonly (RelationKind | 'subquery')[] | undefined): Kinds {
  return list === undefined ? all : list.reduce((sum, kind) => sum | bits[kind], 0)
}

export function includes(kinds: Kinds, kind: RelationKind): boolean {
  return (kinds & bits[kind]) !== 0
}

export function shareAny(left: Kinds, right: Kinds): boolean {
  return (left & right) !== 0
}

const known = new WeakMap<Relation, Kinds>()

/** The kinds of relations in a plan; those inside of its expressions' subqueries are not among them. */
export function kindsIn(relation: Relation): Kinds {
  const before = known.get(relation)
  if (before !== undefined) return before
  let kinds = bits[relation.kind]
  mapInputs(relation, (input) => {
    kinds |= kindsIn(input)
    return input
  })
  known.set(relation, kinds)
  return kinds
}
