import { expect, test } from 'vitest'
import { seenOrder } from '../../bench/tpcds/row-order.ts'

test.each<[string, readonly number[], number, boolean]>([
  ['select a, b from t', [], 0, false],
  ['select a, b from t order by b, 1 limit 5', [1, 0], 2, true],
  ['select a, b as c from t order by c desc nulls first', [1], 1, false],
  ['select t.a, sum(b) from t group by a order by sum( B ), a', [1, 0], 2, false],
  ['select t.a, u.a from t, u order by u.a', [1], 1, false],
  ['select t.a as x, b from t order by b, t.a, x', [1, 0, 0], 3, false],
  ['select a from t order by a, b', [0], 2, false],
  ['select a from t order by b, a', [], 2, false],
  ['select * from t order by a', [], 1, false],
  ['(select a, b from t) union select c, d from u order by b', [1], 1, false],
])('%s', (text, columns, keys, isLimited) => {
  expect(seenOrder(text)).toEqual({ order: { columns, isLimited }, keys })
})
