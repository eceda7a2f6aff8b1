import { expect, test } from 'vitest'
import { aggregateCases, caseOf, sameAs } from '../../bench/aggregates/cases.ts'
import { aggregateFunctions } from '../../src/functions/aggregates/aggregates.ts'

test('every aggregate of the catalogue is timed', () => {
  const untimed = aggregateFunctions.filter((fn) => {
    return caseOf(fn) === undefined && sameAs[fn.id] === undefined
  })
  expect(untimed.map(({ id }) => id)).toEqual([])
})

test('no two cases have a name in common', () => {
  const names = aggregateCases.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
})

test('an aggregate that nobody wrote a case for has none', () => {
  const [sum] = aggregateFunctions.filter(({ id }) => id === 'sum(int4)')
  expect(caseOf({ ...sum!, id: 'new(int4,text)', name: 'new', args: ['int4', 'text'] })).toBe(
    undefined,
  )
})
