import { describe, expect, test } from 'vitest'
import { QueryError } from '../../src/base/errors.ts'
import { seededRandom, type Random } from '../../src/base/world.ts'
import { hasInlineForm } from '../../src/compile/expressions/expression-traits.ts'
import {
  bool,
  date,
  decimal,
  int4,
  interval,
  type DataType,
} from '../../src/data/types/data-type.ts'
import { DigitBudget } from '../../src/data/types/digit-budget.ts'
import type { Scalar } from '../../src/data/types/scalar.ts'
import { builtInFunctions } from '../../src/functions/built-in.ts'
import { isResolved } from '../../src/functions/resolve.ts'
import { evaluate } from '../../src/plan/logical/evaluate.ts'
import type { ColumnId, Expression } from '../../src/plan/logical/expression.ts'
import { runCompiled, type TestColumn } from './harness.ts'
import { randomScalar } from './random-values.ts'

const ROWS = 80

function call(name: string, args: readonly Expression[]): Expression | undefined {
  const outcome = builtInFunctions.scalar.resolve(
    name,
    args.map(({ type }) => type),
    new DigitBudget(true),
  )
  if (!isResolved(outcome)) return undefined
  const cast = args.map((arg, index): Expression => {
    const type = outcome.argTypes[index] ?? arg.type
    const same = JSON.stringify(type) === JSON.stringify(arg.type)
    return same ? arg : { kind: 'cast', arg, lenient: false, type }
  })
  return { kind: 'call', fn: outcome.fn, args: cast, type: outcome.resultType }
}

function randomArithmetic(
  random: Random,
  leaves: readonly Expression[],
  depth: number,
): Expression {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random.next() * items.length)]!
  if (depth === 0) return pick(leaves)
  const left = randomArithmetic(random, leaves, depth - 1)
  const right = randomArithmetic(random, leaves, depth - 1)
  const choice = random.next()
  if (choice < 0.2) {
    const when = call(pick(['<', '=', '>=']), [left, right])
    if (when !== undefined && hasInlineForm(when)) {
      return { kind: 'case', branches: [{ when, then: left }], otherwise: left, type: left.type }
    }
  }
  if (choice < 0.3) return call(pick(['-', 'abs']), [left]) ?? left
  const combined = call(pick(['+', '-', '*', '*']), [left, right])
  return combined !== undefined && hasInlineForm(combined) ? combined : left
}

function outcomeOf(expr: Expression, column: (id: ColumnId) => Scalar): unknown {
  try {
    return { value: evaluate(expr, column) }
  } catch (error) {
    if (error instanceof QueryError) return { error: error.sqlState }
    throw error
  }
}

function check(expr: Expression, columns: readonly TestColumn[], label: string): void {
  runCompiled(expr, columns, ROWS).forEach((outcome, row) => {
    const column = (id: ColumnId): Scalar => columns[id]?.values[row] ?? null
    const actual = !('reason' in outcome) ? outcome : outcomeOf(outcome.blamed ?? expr, column)
    expect(actual, `${label}, row ${row}`).toEqual(outcomeOf(expr, column))
  })
}

function columnsOf(random: Random, types: readonly DataType[], digits: number): TestColumn[] {
  return types.map((type, index) => {
    const nullShare = random.next() < 0.5 ? 0 : 0.2
    const ranged = random.next() < 0.7
    const values = Array.from({ length: ROWS }, (): Scalar => {
      const value = randomScalar(random, type, nullShare)
      return typeof value === 'bigint' ? value % 10n ** BigInt(digits) : value
    })
    return { id: index as ColumnId, type, values, ranged }
  })
}

function reference({ id, type }: TestColumn): Expression {
  return { kind: 'column', id, name: `c${id}`, type }
}

describe('random decimal arithmetic', () => {
  test.each(Array.from({ length: 150 }, (_, index) => index + 1))('seed %d', (seed) => {
    const random = seededRandom(seed)
    const types = [decimal(5, 2), decimal(15, 2), decimal(18, 4), decimal(30, 3), int4]
    const columns = columnsOf(random, types, 1 + Math.floor(random.next() * 30))
    const literal: Expression = { kind: 'literal', value: 100n, type: decimal(3, 2) }
    const expr = randomArithmetic(random, [...columns.map(reference), literal], 3)
    check(expr, columns, `seed ${seed}`)
  })
})

test('known ranges keep a product of prices in one 64-bit lane, without a check', () => {
  const columns: TestColumn[] = [decimal(15, 2), decimal(15, 2), decimal(15, 2)].map(
    (type, index) => ({
      id: index as ColumnId,
      type,
      values: Array.from({ length: ROWS }, (_, row) =>
        BigInt([10_494_950, 10, 8][index]! - (row % 8)),
      ),
      ranged: true,
    }),
  )
  const [price, discount, tax] = columns.map(reference)
  const one: Expression = { kind: 'literal', value: 1n, type: decimal(1, 0) }
  const net = call('*', [price!, call('-', [one, discount!])!])!
  const gross = call('*', [net, call('+', [one, tax!])!])!
  const seen: number[] = []
  runCompiled(gross, columns, 1, 'value', (value) => seen.push(value.lanes.length))
  expect(seen).toEqual([1])
  check(gross, columns, 'gross')
})

describe('dates and intervals', () => {
  test.each(Array.from({ length: 40 }, (_, index) => index + 1))('seed %d', (seed) => {
    const random = seededRandom(seed)
    const columns = columnsOf(random, [date, interval, date, int4], 30)
    const [first, by, second, count] = columns.map(reference)
    for (const operator of ['+', '-']) {
      const moved = call(operator, [first!, by!])!
      check(moved, columns, `${operator} interval, seed ${seed}`)
      check(call('<', [moved, second!])!, columns, `compare, seed ${seed}`)
      check(call(operator, [first!, count!])!, columns, `${operator} days, seed ${seed}`)
    }
    const condition = call('<', [first!, second!])!
    const both: Expression = { kind: 'and', args: [condition, condition], type: bool }
    check(both, columns, `and, seed ${seed}`)
  })
})
