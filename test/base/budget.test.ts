import { expect, test } from 'vitest'
import {
  checkBudget,
  spend,
  stepBudget,
  STEPS_A_CHECK,
  underBudget,
} from '../../src/base/budget.ts'

test('a budget is asked once for every so many steps, and told how many', () => {
  const told: number[] = []
  underBudget({ check: (steps) => void told.push(steps) }, () => {
    for (let row = 0; row < 4; row++) spend(STEPS_A_CHECK / 2)
    spend(5 * STEPS_A_CHECK)
    spend(1)
    checkBudget()
  })
  expect(told).toEqual([STEPS_A_CHECK, STEPS_A_CHECK, 5 * STEPS_A_CHECK, 1])
})

test('budgets nest, and the one before is in force again after an error', () => {
  const told: string[] = []
  const named = (name: string) => ({ check: () => void told.push(name) })
  underBudget(named('outer'), () => {
    expect(() =>
      underBudget(named('inner'), () => {
        checkBudget()
        throw new Error('evaluation')
      }),
    ).toThrow('evaluation')
    checkBudget()
  })
  checkBudget()
  expect(told).toEqual(['inner', 'outer'])
})

test('a budget of steps refuses what is beyond it', () => {
  const budget = stepBudget(100_000, () => new Error('too many steps'))
  expect(() => underBudget(budget, () => spend(100_000))).not.toThrow()
  expect(() => underBudget(budget, () => spend(STEPS_A_CHECK))).toThrow('too many steps')
})
