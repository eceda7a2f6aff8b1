import { hasSubquery } from '../logical/expression-size.ts'
import type { Relation, RelationKind } from '../logical/relation.ts'
import { mapRelationChildren } from '../logical/walk.ts'

/** What there is in a plan that a rule may be about: kinds of relations, and subqueries in expressions. */
export type Subject = RelationKind | 'subquery'

/** A set of subjects. */
export type Subjects = number

const bits: { readonly [S in Subject]: Subjects } = {
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
  subquery: 16_384,
}

const all: Subjects = Object.values(bits).reduce((sum, bit) => sum | bit)

/** A set of these; of all where there is no list. */
export function subjectsOf(list: readonly Subject[] | undefined): Subjects {
  return list === undefined ? all : list.reduce((sum, subject) => sum | bits[subject], 0)
}

export function includes(subjects: Subjects, subject: Subject): boolean {
  return (subjects & bits[subject]) !== 0
}

export function shareAny(left: Subjects, right: Subjects): boolean {
  return (left & right) !== 0
}

const known = new WeakMap<Relation, Subjects>()

/** What a plan contains; inside of its subqueries nobody looks. */
export function contentsOf(relation: Relation): Subjects {
  const before = known.get(relation)
  if (before !== undefined) return before
  let contents = bits[relation.kind]
  mapRelationChildren(relation, {
    expression: (expr) => {
      if (hasSubquery(expr)) contents |= bits.subquery
      return expr
    },
    relation: (input) => {
      contents |= contentsOf(input)
      return input
    },
  })
  known.set(relation, contents)
  return contents
}
