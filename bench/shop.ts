import type { BenchEngine } from './engines.ts'
import { numbersBelow } from './numbers.ts'

/** So many orders (at most a million) and the customers who have ten each. */
export async function makeShop(engine: BenchEngine, rows: number): Promise<void> {
  const customers = customersOf(rows)
  await engine.run(`create table orders as select n as id, n * 31 % ${customers} as customer,
    cast(cast(n * 7919 % 100000 as decimal(12, 2)) / 100 as decimal(12, 2)) as total,
    'note of order ' || cast(n as varchar) as note from ${numbersBelow(rows)} s`)
  await engine.run(`create table customers as
    select n as id, 'customer ' || cast(n as varchar) as name from ${numbersBelow(customers)} s`)
}

export function customersOf(rows: number): number {
  return Math.floor(rows / 10)
}
