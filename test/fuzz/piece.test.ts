import { expect, test } from 'vitest'
import { list, optional, piece, render, shrink, sql } from '../../fuzz/sql/piece.ts'

test('a statement shrinks to what still shows a fault', async () => {
  const items = ['a', 'b', 'wrong', 'c'].map((name) => piece([name], [piece(['1'])]))
  const whole = sql`select ${list(items, ', ')} from t${optional(sql` where ${items[0]!}`)}`
  const smallest = await shrink(whole, 100, async (smaller) => render(smaller).includes('wrong'))
  expect(render(smallest)).toBe('select wrong from t')
})

test('shrinking ends after its attempts', async () => {
  let asked = 0
  const whole = list(
    Array.from({ length: 50 }, (_, index) => piece([String(index)])),
    ', ',
  )
  await shrink(whole, 7, async () => {
    asked++
    return false
  })
  expect(asked).toBe(7)
})
