import { expect, test } from 'vitest'
import { stepBudget, underBudget } from '../../src/base/budget.ts'
import { formatMoment } from '../../src/functions/datetime/to-char.ts'
import { shownExact } from '../../src/functions/math/shown-numbers.ts'
import { formatNumber } from '../../src/functions/math/to-char.ts'

const templates: readonly (readonly [string, (template: string) => string])[] = [
  ['numbers', (template) => formatNumber(shownExact({ unscaled: 1n, scale: 0 }, 'int4'), template)],
  ['moments', (template) => formatMoment(0n, template, { name: 'UTC', offset: 0 })],
]

test.each(templates)('reading a long template of %s can be stopped', (_name, shown) => {
  const enough = stepBudget(100_000, () => new Error('enough'))
  expect(() => underBudget(enough, () => shown('9'.repeat(20_000)))).toThrow('enough')
  expect(underBudget(enough, () => shown('9')).trim().length).toBe(1)
})
