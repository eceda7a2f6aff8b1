import { alike, unlike, type Check, type FunctionCase } from './case.ts'

/** Two columns of each type. */
const pairs: Readonly<Record<string, string>> = {
  s: 's2',
  i: 'i2',
  b: 'b2',
  r: 'r2',
  f: 'f2',
  x: 'v',
  q: 'q2',
  d: 'd2',
  c: 'c2',
  t: 'u',
  z: 'z2',
  e: 'e2',
  g: 'g2',
  plain: 'coded',
  o: 'o2',
  k: 'k2',
  l: 'l2',
}

const comparisons = Object.entries(pairs).flatMap(([left, right]) =>
  ['=', '<'].map((operator) => `${left} ${operator} ${right}`),
)
const moreComparisons = ['i', 'f', 'x', 't'].flatMap((left) =>
  ['<>', '<=', '>', '>='].map((operator) => `${left} ${operator} ${pairs[left]}`),
)

const integers = ['s', 'i', 'b']
const exact = [...integers, 'x', 'q']

/** An operator between the two columns of types, both engines alike. */
function between(
  check: Check,
  lefts: readonly string[],
  ...operators: readonly string[]
): readonly FunctionCase[] {
  const calls = lefts.flatMap((left) =>
    operators.map((operator) => `${left} ${operator} ${pairs[left]}`),
  )
  return alike(check, ...calls)
}

/** Operators, and what is written like one. */
export const operatorCases: readonly FunctionCase[] = [
  ...alike('truth', ...comparisons, ...moreComparisons),
  ...between('number', ['i', 'b', 'x', 'q'], '+', '-', '*'),
  ...alike('number', 's2 + s2', 's - s2', 's2 * s2', 'b + i', 'i * x'),
  ...between('number', [...integers, 'x', 'q'], '%'),
  ...between('number', integers, '/'),
  ...between('single', ['r'], '+', '-', '*', '/'),
  ...between('float', ['f'], '+', '-', '*', '/'),
  ...between('float', ['x', 'q'], '/'),
  ...between('number', integers, '&', '|'),
  ...alike(
    'number',
    ...exact.map((column) => `- ${column}`),
    ...integers.map((column) => `~ ${column}`),
  ),
  ...alike('number', ...exact.map((column) => `+ ${column}`)),
  ...alike('single', '- r'),
  ...alike('float', '- f', '@ f', 'f ^ 2', 'f2 ^ 0.5'),
  ...alike('number', '@ i', '@ x', 'i2 << 3', 'i >> 2', 'b >> 5'),
  ...unlike('number', { 's # s2': 'xor(s, s2)', 'i # i2': 'xor(i, i2)', 'b # b2': 'xor(b, b2)' }),
  ...unlike('float', { '|/ f': 'sqrt(f)', '||/ f': 'cbrt(f)' }),
  ...alike(
    'truth',
    'not g',
    'g and g2',
    'g or g2',
    'i is null',
    'i is not null',
    'g is true',
    'g is not true',
    'g is false',
    'g is not false',
    'i is distinct from i2',
    'i is not distinct from i2',
    'i between 100 and i2',
    'i in (1, 5, 700, 900)',
    'plain is null',
  ),
  ...unlike('truth', { 'g is unknown': 'g is null', 'g is not unknown': 'g is not null' }),
  ...alike(
    'number',
    'coalesce(i, i2, 0)',
    'nullif(i2, 7)',
    'greatest(i, i2)',
    'least(i, i2, 77)',
    'greatest(x, v)',
    'case when i > i2 then i else i2 end',
  ),
  ...alike('float', 'greatest(f, f2)'),
  ...alike('bytes', 'o || o2'),
  ...unlike('truth', {
    "i = any ('{1,5,700,900}'::int[])": 'i in (1, 5, 700, 900)',
    "i <> all ('{1,5,700,900}'::int[])": 'i not in (1, 5, 700, 900)',
    "coded = any ('{Word 5-x,Word 77-x}'::text[])": "coded in ('Word 5-x', 'Word 77-x')",
    "plain = any ('{Word 5-x,Word 77-x}'::text[])": "plain in ('Word 5-x', 'Word 77-x')",
    "i < any ('{1,500}'::int[])": 'i < 500',
    "i > all ('{1,500}'::int[])": 'i > 500',
    "i <= all ('{1,500}'::int[])": 'i <= 1',
    "i >= any ('{1,500}'::int[])": 'i >= 1',
    "i <> any ('{1,500}'::int[])": 'i <> 1 or i <> 500',
    "i = all ('{500}'::int[])": 'i = 500',
    "i < all ('{1,500}'::int[])": 'i < 1',
    "i > any ('{1,500}'::int[])": 'i > 1',
    "i <= any ('{1,500}'::int[])": 'i <= 500',
    "i >= all ('{1,500}'::int[])": 'i >= 500',
    'i2 = any (l)': 'list_contains(l, i2)',
    "plain like any ('{%1-x,%7%9%}'::text[])": "plain like '%1-x' or plain like '%7%9%'",
    "plain like all ('{%1-x,%7%9%}'::text[])": "plain like '%1-x' and plain like '%7%9%'",
    "plain ilike any ('{%1-X,%7%9%}'::text[])": "plain ilike '%1-X' or plain ilike '%7%9%'",
    "plain ilike all ('{%1-X,%7%9%}'::text[])": "plain ilike '%1-X' and plain ilike '%7%9%'",
    "plain not like any ('{%1-x,%7%9%}'::text[])":
      "plain not like '%1-x' or plain not like '%7%9%'",
    "plain not like all ('{%1-x,%7%9%}'::text[])":
      "plain not like '%1-x' and plain not like '%7%9%'",
    "plain not ilike any ('{%1-X,%7%9%}'::text[])":
      "plain not ilike '%1-X' or plain not ilike '%7%9%'",
    "plain not ilike all ('{%1-X,%7%9%}'::text[])":
      "plain not ilike '%1-X' and plain not ilike '%7%9%'",
  }),
]
