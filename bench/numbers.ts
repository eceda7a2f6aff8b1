const digits = '(values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9))'

/** A table in parentheses whose bigint column `n` has the numbers below a count of at most a million. */
export function numbersBelow(count: number): string {
  const names = ['a', 'b', 'c', 'd', 'e', 'f']
  const joins = names.map((name) => `${digits} ${name}(n)`).join(' cross join ')
  const number = names.map((name, at) => `${10 ** at} * ${name}.n`).join(' + ')
  return `(select n from (select cast(${number} as bigint) as n from ${joins}) whole where n < ${count})`
}

/** A table in parentheses, with a name, whose bigint column `i` counts any number of rows from 0. */
export function numberedRows(count: number): string {
  return `(select cast(s.n as bigint) as i from generate_series(0, ${count - 1}) s(n)) numbered`
}
