import { describe, expect, test } from 'vitest'
import { underBudget } from '../../src/base/budget.ts'
import { Arena } from '../../src/data/arenas/arena.ts'
import { Heap } from '../../src/data/arenas/heap.ts'
import { bool, int4, text } from '../../src/data/types/data-type.ts'
import { vectorFromScalars } from '../../src/data/vectors/from-scalars.ts'
import { scalarsOf } from '../../src/data/vectors/column-scalars.ts'
import { NO_ADDRESS, type Vector } from '../../src/data/vectors/vector.ts'
import {
  dictionaryPredicate,
  evaluateByEntry,
  evaluateCallOut,
} from '../../src/compile/expressions/call-out.ts'
import type { Scalar } from '../../src/data/types/scalar.ts'
import type { ColumnId, Expression } from '../../src/plan/logical/expression.ts'
import { scalarEntry } from '../functions/entries.ts'

const heap = new Heap(Heap.createMemory(64 * 65_536))
const column = (id: number, type = text): Expression => ({
  kind: 'column',
  id: id as ColumnId,
  name: `c${id}`,
  type,
})
const call = (fn: string, ...args: Expression[]): Expression => ({
  kind: 'call',
  fn: scalarEntry(fn),
  args,
  type: text,
})
/** Whether a value is among so many that it is not. */
const inList = (arg: Expression, members: number): Expression => ({
  kind: 'in-list',
  arg,
  list: Array.from({ length: members }, (_, member) => literal(`member ${member}`)),
  type: bool,
})
const literal = (value: string): Expression => ({ kind: 'literal', value, type: text })

function dictionaryVector(
  arena: Arena,
  distinct: readonly string[],
  codes: readonly number[],
): Vector {
  const values = arena.allocateZeroed(codes.length)
  codes.forEach((code, row) => {
    heap.u8[values + row] = code
  })
  return {
    type: text,
    layout: 'dict8',
    length: codes.length,
    validity: NO_ADDRESS,
    values,
    offsets: NO_ADDRESS,
    dictionary: vectorFromScalars(arena, text, distinct),
  }
}

describe('call-outs', () => {
  test('evaluate row by row over plain columns', () => {
    const arena = new Arena(heap)
    const inputs = new Map<ColumnId, readonly Scalar[]>([
      [1 as ColumnId, ['a,b', null, 'c']],
      [2 as ColumnId, [2, 1, 1]],
    ])
    const expr: Expression = {
      kind: 'call',
      fn: scalarEntry('split_part(text,text,int4)'),
      args: [column(1), literal(','), column(2, int4)],
      type: text,
    }
    const result = evaluateCallOut(arena, expr, inputs, 3)
    expect(scalarsOf(heap, result)).toEqual(['b', null, 'c'])
    arena.release()
  })

  test.each<[string, () => Expression]>([
    ['a cheap function', () => call('upper(text)', column(1))],
    ['a list', () => inList(column(1), 300)],
    ['a function of long texts', () => call('md5(text)', literal('x'.repeat(2_000)))],
  ])('ask the budget every so many rows: %s', (_name, make) => {
    const arena = new Arena(heap)
    const rows = 1_000
    const values = Array.from({ length: rows }, (_, row) => `value ${row}`)
    const inputs = new Map([[1 as ColumnId, values]])
    const expr = make()
    let checks = 0
    underBudget({ check: () => void checks++ }, () => {
      evaluateCallOut(arena, expr, inputs, rows)
    })
    expect(checks).toBeGreaterThan(2)
    const ended = new Error('ended')
    const end = (): void => {
      throw ended
    }
    const run = (): unknown =>
      underBudget({ check: end }, () => evaluateCallOut(arena, expr, inputs, rows))
    expect(run).toThrow(ended)
    arena.release()
  })

  test('evaluate a dictionary value once, and never one that no row has', () => {
    const arena = new Arena(heap)
    const vector = dictionaryVector(arena, ['1', 'not a number', '3'], [0, 2, 0, 0])
    const expr: Expression = { kind: 'cast', arg: column(1), lenient: false, type: int4 }
    const result = evaluateByEntry(heap, arena, expr, vector, 4)
    expect(scalarsOf(heap, result)).toEqual([1, 3, 1, 1])
    arena.release()
  })
})

describe('predicates over one text column', () => {
  const like = (left: Expression, right: Expression): Expression => ({
    kind: 'call',
    fn: scalarEntry('like(text,text)'),
    args: [left, right],
    type: bool,
  })
  const cases: readonly (readonly [string, Expression, boolean])[] = [
    ['like with a literal', like(column(1), literal('a%')), true],
    [
      'several tests of one column',
      {
        kind: 'or',
        args: [like(column(1), literal('a%')), like(column(1), literal('b%'))],
        type: bool,
      },
      true,
    ],
    ['two columns', like(column(1), column(2)), false],
    ['no column', like(literal('a'), literal('b')), false],
    ['not a condition', column(1), false],
  ]
  test.each(cases)('%s', (_, expr, expected) => {
    expect(dictionaryPredicate(expr) !== undefined).toBe(expected)
  })
})
