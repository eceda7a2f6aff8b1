import { expect, test } from 'vitest'
import { underBudget } from '../../src/base/budget.ts'
import { ELEMENT_STEPS } from '../../src/data/types/array-text.ts'
import { sqlValue } from './sql-value.ts'

const ELEMENTS = 50_000
const array = `array_fill(7, array[${ELEMENTS}])`

/** The steps that evaluating an expression tells of. */
function stepsOf(sql: string): number {
  let all = 0
  underBudget({ check: (steps) => void (all += steps) }, () => sqlValue(sql))
  return all
}

// Who looks at each element of an array tells so, or could not be cancelled within it.
test.each([
  [`string_to_array(repeat('x', ${ELEMENTS}), null) is null`, 1],
  [`string_to_array(repeat('x,', ${ELEMENTS}), ',') is null`, 1],
  [`array_to_string(${array}, '')`, 4],
  [`array_append(${array}, 7) is null`, 5],
  [`array_positions(${array}, 8)`, 4],
])('%s tells of each element, as often as it is looked at', (sql, times) => {
  expect(stepsOf(sql)).toBeGreaterThan(0.9 * times * ELEMENTS * ELEMENT_STEPS)
})

test('reading a long string of JSON tells of its letters', () => {
  const made = stepsOf(`'"' || repeat('x', 500000) || '"' is null`)
  expect(stepsOf(`('"' || repeat('x', 500000) || '"')::jsonb is null`) - made).toBeGreaterThan(
    450_000,
  )
})
