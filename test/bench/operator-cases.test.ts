import { afterAll, beforeAll, expect, test } from 'vitest'
import { compareAnswers } from '../../bench/answers.ts'
import { openDuckDb, openHeddle, rowsOf, type BenchEngine } from '../../bench/engines.ts'
import { operatorCases } from '../../bench/operators/cases.ts'
import { makeTables } from '../../bench/operators/tables.ts'
import { connect } from '../../src/index.ts'

let engines: readonly BenchEngine[] = []

beforeAll(async () => {
  engines = [await openHeddle(2, { name: 'heddle', entry: '', connect }), await openDuckDb(1)]
  for (const engine of engines) await makeTables(engine, 2_000)
})

afterAll(async () => {
  for (const engine of engines) await engine.close()
})

test('no two cases have a name in common, and there are many', () => {
  const names = operatorCases.map(({ name }) => name)
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([])
  expect(names.length).toBeGreaterThan(100)
})

test.each(operatorCases.map((item) => [item.name, item] as const))(
  '%s: the answer is that of DuckDB',
  async (name, { ours, theirs }) => {
    const [heddle, duckdb] = engines
    const answer = await rowsOf(heddle!, ours)
    compareAnswers(name, answer, await rowsOf(duckdb!, theirs))
    // A case over no rows says nothing.
    expect(answer.flat().some(({ text }) => text !== null && text !== '0')).toBe(true)
  },
)
