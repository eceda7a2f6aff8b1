import { expect, test } from 'vitest'
import { bool, int4 } from '../../../src/data/types/data-type.ts'
import { columnReference } from '../../../src/plan/logical/build.ts'
import type { ColumnId, Expression } from '../../../src/plan/logical/expression.ts'
import type { Relation } from '../../../src/plan/logical/relation.ts'
import type { Estimator } from '../../../src/plan/optimizer/cardinality.ts'
import { cheapestTree, type JoinTree } from '../../../src/plan/optimizer/join-order.ts'
import { call } from '../../functions/entries.ts'

/** A leaf of one column, which has as many rows as its number says. */
function leaf(number: number): Relation {
  const column = { id: number as ColumnId, name: `c${number}`, type: int4, nullable: false }
  return { kind: 'values', rows: [], columns: [column] }
}

function equal(left: number, right: number): Expression {
  const reference = (id: number): Expression =>
    columnReference({ id: id as ColumnId, name: `c${id}`, type: int4 })
  return call('=(int4,int4)', [reference(left), reference(right)], bool)
}

/** Counts what is asked; a join has the rows of its larger side, a product all pairs. */
function countingEstimator(rowsOf: (leaf: number) => number) {
  let joins = 0
  const estimator: Estimator = {
    profile: (relation) => ({ rows: rowsOf(relation.columns[0]!.id), columns: new Map() }),
    innerJoin(left, right, on) {
      joins++
      const rows = on.length > 0 ? Math.max(left.rows, right.rows) : left.rows * right.rows
      return { rows, columns: new Map() }
    },
  }
  return { estimator, joins: () => joins }
}

function leavesOf(tree: JoinTree): readonly number[] {
  if (tree.kind === 'leaf') return [tree.relation.columns[0]!.id]
  return [...leavesOf(tree.left), ...leavesOf(tree.right)]
}

test.each([
  ['a chain', 400, 1_600, (at: number) => [equal(at, at + 1)]],
  ['a star', 200, 40_000, (at: number) => [equal(0, at + 1)]],
  ['products', 400, 400, () => []],
] as const)('%s of many relations takes few steps', (_name, count, joinsMax, on) => {
  const leaves = Array.from({ length: count }, (_, at) => leaf(at))
  const conjuncts = leaves.slice(1).flatMap((_, at): readonly Expression[] => on(at))
  const { estimator, joins } = countingEstimator(() => 1)
  const tree = cheapestTree(leaves, conjuncts, estimator)
  expect([...leavesOf(tree)].toSorted((a, b) => a - b)).toEqual(leaves.map((_, at) => at))
  expect(joins()).toBeLessThan(joinsMax)
})

test('the smallest pair is joined first, and what nothing connects last', () => {
  const leaves = Array.from({ length: 12 }, (_, at) => leaf(at))
  const conjuncts = leaves.slice(2).map((_, at) => equal(at, at + 1))
  const { estimator } = countingEstimator((at) => 100 - at)
  const tree = cheapestTree(leaves, conjuncts, estimator)
  expect(tree.kind === 'join' && tree.conjuncts).toEqual([])
  const [first] =
    tree.kind === 'join' ? [tree.right, tree.left].filter((t) => t.kind === 'leaf') : []
  expect(first === undefined ? [] : leavesOf(first)).toEqual([11])
})
