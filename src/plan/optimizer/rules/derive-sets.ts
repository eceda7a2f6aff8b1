import { present } from '../../../base/assert.ts'
import { NODE_STEPS, spend } from '../../../base/budget.ts'
import { int8 } from '../../../data/types/data-type.ts'
import type { Accumulator } from '../../../functions/aggregate-form.ts'
import {
  aggregate,
  caseOf,
  castTo,
  columnReference,
  cteReference,
  inlined,
  literal,
  project,
  withCte,
} from '../../logical/build.ts'
import type {
  AggregateCall,
  ColumnId,
  Expression,
  NamedExpression,
} from '../../logical/expression.ts'
import type { Aggregate, Relation, With } from '../../logical/relation.ts'
import { freshCopy } from '../../logical/fresh.ts'
import { tested } from '../../logical/predicates.ts'
import { typedAggregate } from '../../logical/typing.ts'
import { mapInputs, rewriteRelation, visitRelation } from '../../logical/walk.ts'
import { typingOf, type Rule, type RuleContext } from '../rule.ts'

/**
 * Of more sets each is grouped from the rows: CTEs of one inside the other are planned in time with the square of
 * their number. CUBE of seven keys has as many.
 */
const DERIVED_SETS_MAX = 128

/**
 * `Groups(X by a)` and `Groups(X by a, b)` over one X: the groups by fewer keys are made of those by more, of
 * which there are fewer than rows, where partial values of all aggregates can be merged. Sums of floats cannot,
 * to the last digit. This is how the sets of ROLLUP and CUBE are grouped.
 */
export const deriveSets: Rule = {
  name: 'derive-sets',
  order: 'bottom-up',
  about: ['with'],
  rewrite(relation, ctx) {
    if (relation.kind !== 'with' || relation.input.kind !== 'union-all') return undefined
    const { inputs } = relation.input
    if (inputs.length > DERIVED_SETS_MAX) return undefined
    const found = inputs.map((input) => groupedSet(input, relation))
    const sets = found.filter((set) => set !== undefined)
    const parents = parentsOf(sets)
    if (parents.size === 0) return undefined
    return derived(relation, sets, parents, ctx)
  },
}

/** One of the sets: groups of the rows of the CTE by some of its columns, below projections. */
interface GroupedSet {
  readonly aggregate: Aggregate
  /** The column of the CTE that each key is. */
  readonly keys: readonly ColumnId[]
  readonly different: ReadonlySet<ColumnId>
  /** What its aggregates compute, as a text: the same in all sets. */
  readonly calls: string
}

function groupedSet(input: Relation, { cteId }: With): GroupedSet | undefined {
  let relation = input
  while (relation.kind === 'project') relation = relation.input
  if (relation.kind !== 'aggregate' || relation.input.kind !== 'cte-reference') return undefined
  const { input: reference, keys: keyExprs, aggregates } = relation
  if (reference.cteId !== cteId || !aggregates.every(isMergeable)) return undefined
  const defined = new Map(
    reference.columns.map(({ id }, at) => [id, reference.definitionColumns[at]!]),
  )
  const columnOf = (expr: Expression): ColumnId | undefined =>
    expr.kind === 'column' ? defined.get(expr.id) : undefined
  const keys = keyExprs.flatMap(({ expr }) => columnOf(expr) ?? [])
  if (keys.length < keyExprs.length) return undefined
  const texts = aggregates.map(({ fn, args, filter }) => {
    const read = [...args, ...(filter === undefined ? [] : [filter])]
    return [fn.id, ...read.map((expr) => columnOf(expr) ?? '?'), filter !== undefined].join(' ')
  })
  const isPlain = texts.every((text) => !text.includes('?'))
  if (!isPlain) return undefined
  return { aggregate: relation, keys, different: new Set(keys), calls: texts.join() }
}

/** What merges partial values of an accumulator, by name; the value is cast to the aggregate's type. */
const mergers: Readonly<Partial<Record<Accumulator, string>>> = {
  'count-star': 'sum',
  count: 'sum',
  sum: 'sum',
  min: 'min',
  max: 'max',
  'bool-and': 'bool_and',
  'bool-or': 'bool_or',
  'bit-and': 'bit_and',
  'bit-or': 'bit_or',
  'bit-xor': 'bit_xor',
  'sum-squares': 'sum',
}

function mergerOf({ fn }: AggregateCall): string | undefined {
  const { form } = fn
  return form.kind === 'accumulator' ? mergers[form.accumulator] : undefined
}

function isMergeable(call: AggregateCall): boolean {
  const isFloat = call.type.kind === 'float4' || call.type.kind === 'float8'
  const { name } = call.fn
  if (call.distinct || (isFloat && name === 'sum')) return false
  return mergerOf(call) !== undefined
}

/** Of sets that another has all keys of, and more: the one with the fewest. */
function parentsOf(sets: readonly GroupedSet[]): ReadonlyMap<GroupedSet, GroupedSet> {
  const parents = new Map<GroupedSet, GroupedSet>()
  const fewestFirst = sets.toSorted((a, b) => a.keys.length - b.keys.length)
  for (const set of sets) {
    const least = fewestFirst.find((other) => isFiner(other, set))
    if (least !== undefined) parents.set(set, least)
  }
  return parents
}

/** Whether the first has all keys of the second, and more. */
function isFiner({ different, calls }: GroupedSet, than: GroupedSet): boolean {
  spend(NODE_STEPS)
  if (different.size <= than.different.size || calls !== than.calls) return false
  return than.keys.every((key) => different.has(key))
}

/** A set that others are made of, as a CTE. */
interface SharedSet {
  readonly cteId: number
  readonly definition: Relation
}

/** Sets that others are made of become CTEs, those with more keys around those with fewer. */
function derived(
  relation: With,
  sets: readonly GroupedSet[],
  parents: ReadonlyMap<GroupedSet, GroupedSet>,
  ctx: RuleContext,
): Relation {
  const shared = new Map<GroupedSet, SharedSet>()
  const reference = (set: GroupedSet): Relation => {
    const { cteId, definition } = present(shared.get(set), 'set that is shared')
    return cteReference(ctx.ids, cteId, 'grouped', definition.columns)
  }
  const madeOf = (set: GroupedSet): Relation => {
    const parent = parents.get(set)
    return parent === undefined ? set.aggregate : merged(set, parent, reference(parent), ctx)
  }
  const mostFirst = [...new Set(parents.values())].toSorted(
    (left, right) => right.keys.length - left.keys.length,
  )
  for (const set of mostFirst) {
    const { relation: definition } = freshCopy(ctx.ids, madeOf(set), ctx.nextCteId)
    shared.set(set, { cteId: ctx.nextCteId(), definition })
  }
  const replacements = new Map<Relation, Relation>(
    sets.map((set) => [
      set.aggregate,
      shared.has(set) ? passedOn(set.aggregate, reference(set)) : madeOf(set),
    ]),
  )
  const place = (at: Relation): Relation => replacements.get(at) ?? mapInputs(at, place)
  const input = [...shared.values()].reduceRight(
    (inner, { cteId, definition }) => withCte(cteId, 'grouped', definition, inner),
    place(relation.input),
  )
  return rowsOnce({ ...relation, input, columns: input.columns })
}

/** Where one set is left that is grouped from the rows, these go to it without being kept. */
function rowsOnce(relation: With): Relation {
  const { cteId, definition, input } = relation
  const references: Relation[] = []
  visitRelation(input, {
    relation: (node) => {
      if (node.kind === 'cte-reference' && node.cteId === cteId) references.push(node)
    },
  })
  if (references.length !== 1) return relation
  return rewriteRelation(input, (node) => {
    const isIt = node.kind === 'cte-reference' && node.cteId === cteId
    return isIt ? inlined(definition, node) : node
  })
}

/** The columns of a set, by their ids, from a reference to it. */
function passedOn({ columns }: Aggregate, from: Relation): Relation {
  const exprs = columns.map(({ id, name }, at): NamedExpression => {
    return { id, name, expr: columnReference(from.columns[at]!) }
  })
  return project(from, exprs)
}

/** The groups of a set from those of one with more keys. */
function merged(
  { aggregate: wanted, keys: by }: GroupedSet,
  parent: GroupedSet,
  from: Relation,
  ctx: RuleContext,
): Relation {
  const keys = wanted.keys.map((key, at) => {
    const position = parent.keys.indexOf(by[at]!)
    return { id: ctx.ids.next(), name: key.name, expr: columnReference(from.columns[position]!) }
  })
  const first = parent.aggregate.keys.length
  const calls = wanted.aggregates.map((call, at) => {
    const part = columnReference(from.columns[first + at]!)
    const { fn, args, type } = typedAggregate(typingOf(ctx), mergerOf(call)!, [part], call.span)
    return { id: ctx.ids.next(), name: call.name, fn, args, type, distinct: false }
  })
  const grouped = aggregate(from, keys, calls)
  const passed = wanted.keys.map(({ id, name }, at) => {
    return { id, name, expr: columnReference(grouped.columns[at]!) }
  })
  const values = wanted.aggregates.map((call, at): NamedExpression => {
    const value = castTo(columnReference(calls[at]!), call.type)
    return { id: call.id, name: call.name, expr: isCount(call) ? orZero(value) : value }
  })
  return project(grouped, [...passed, ...values])
}

function isCount({ fn }: AggregateCall): boolean {
  return fn.emptyValue === 0n
}

/** Counts of no groups at all are 0. */
function orZero(value: Expression): Expression {
  return caseOf([{ when: tested(value, 'null'), then: literal(0n, int8) }], value)
}
