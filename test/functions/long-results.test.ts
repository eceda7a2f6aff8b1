import { expect, test } from 'vitest'
import { sqlValue } from './sql-value.ts'

// One value of text is refused before it is made where it would be longer than 128 MiB: here each is by little.
test.each([
  `repeat('x', 134217729)`,
  `repeat('€', 44739243)`,
  `repeat('x', 70000000) || repeat('y', 70000000)`,
  `concat(repeat('x', 70000000), 1, repeat('y', 70000000))`,
  `concat_ws('-', repeat('x', 70000000), repeat('y', 70000000))`,
  `lpad('x', 134217729, 'ab')`,
  `rpad('x', 45000000, '€')`,
  `replace(repeat('x', 10000), 'x', repeat('€', 4500))`,
  `regexp_replace(repeat('x', 10000), 'x', repeat('y', 14000), 'g')`,
  `array_to_string(array_fill(1, array[10000]), repeat(',', 14000))`,
  `array_to_string(array_fill(null::int, array[10000]), ',', repeat('-', 14000))`,
  `array_fill(repeat('x', 14000), array[10000])`,
  `'x'::char(10485760) || repeat('x', 134217728)`,
])('%s is refused', (sql) => {
  expect(sqlValue(sql)).toBe('54000 requested length too large')
})

test.each([
  [`length(repeat('x', 134217728))`, '134217728'],
  [`length(repeat('x', 67108864) || repeat('y', 67108864))`, '134217728'],
])('%s is %s', (sql, expected) => {
  expect(sqlValue(sql)).toBe(expected)
})
