import { anyOrder, difference } from '../answers.ts'
import type { Rival } from '../builds.ts'
import { inOrder, openPair, type BenchEngine, type Pair } from '../engines.ts'
import { summarize } from '../measure.ts'
import type { Line } from '../report.ts'
import { Generator } from '../tpch/random.ts'

/** Where interpreted code is worth while, about where that ends, and far beyond. */
const sizes = [100, 1_000, 100_000] as const
/** Of each kind and size, before any is timed. */
const WARM_UP_STATEMENTS = 30

const digits = '(values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9))'

/** Statements of a kind over a table: no two have the same code, but for chance. */
const kinds: Readonly<Record<string, (table: string, random: Generator) => string>> = {
  'filter and compute': (table, random) =>
    `select ${sum(random, 3)} as x, ${sum(random, 4)} as y from ${table} where ${sum(random, 2)} > 90`,
  group: (table, random) =>
    `select g, sum(${sum(random, 3)}), max(${sum(random, 3)}) from ${table} where ${sum(random, 2)} > 40 group by g`,
  sort: (table, random) =>
    `select ${sum(random, 3)} as x, s from ${table} where ${sum(random, 3)} > 60 order by x, s limit 10`,
  join: (table, random) =>
    `select ${table}.s, count(*), sum(${sum(random, 4)}) from ${table} join named on ${table}.g = named.g where ${sum(random, 2)} <> name group by ${table}.s`,
}

/**
 * Statements that nobody has run before over tables of some sizes, each once and in both engines in turn,
 * answers verified: what it takes to make code, and to run it over so many rows.
 */
export async function runRows(
  statements: number,
  seed: number,
  against: Rival | undefined,
): Promise<readonly Line[]> {
  const engines = await openPair(1, against)
  for (const engine of inOrder(engines, against)) await load(engine)
  const random = new Generator(seed)
  const lines: Line[] = []
  for (const rows of sizes) {
    for (const [kind, statement] of Object.entries(kinds)) {
      const samples: [number[], number[]] = [[], []]
      for (let run = -WARM_UP_STATEMENTS; run < statements; run++) {
        const text = statement(`t${rows}`, random)
        const times = await compared(engines, text, Math.abs(run) % 2)
        if (run >= 0) samples.forEach((taken, at) => taken.push(times[at]!))
      }
      const [ours, theirs] = samples.map(summarize)
      lines.push({ name: `${kind}, ${rows} rows`, threads: 1, ours: ours!, theirs: theirs! })
    }
  }
  for (const engine of engines) await engine.close()
  return lines
}

/** The milliseconds of each engine, of which `first` begins. */
async function compared(engines: Pair, text: string, first: number): Promise<readonly number[]> {
  const times: number[] = []
  const rows = []
  for (const index of [first, 1 - first]) {
    const started = performance.now()
    const answer = await engines[index]!.ask(text)
    times[index] = performance.now() - started
    rows[index] = await answer.rows()
  }
  const found = difference(rows[0]!, rows[1]!, anyOrder)
  if (found !== undefined) throw new Error(`${text}: ${found}`)
  return times
}

/** A sum or difference of so many terms. */
function sum(random: Generator, terms: number): string {
  const term = (): string => {
    const column = random.pick(['a', 'b', 'c'])
    return random.pick([column, `${column} * ${random.pick(['a', 'b', 'c'])}`, `${column} % 7`])
  }
  let text = term()
  for (let at = 1; at < terms; at++) text += ` ${random.pick(['+', '-'])} ${term()}`
  return text
}

async function load(engine: BenchEngine): Promise<void> {
  const names = ['n', 'm', 'o', 'p', 'q']
  const number = names.map((name, at) => `${10 ** at} * ${name}.v`).join(' + ')
  const joins = names.map((name) => `${digits} ${name}(v)`).join(' cross join ')
  for (const rows of sizes) {
    await engine.run(`create table t${rows} as select
      cast(i % 100 as integer) as a, cast(i * 7 % 90 as integer) as b, cast(i % 13 as integer) as c,
      cast(i % 20 as integer) as g, 'text ' || cast(i % 50 as varchar) as s
      from (select ${number} as i from ${joins}) r where i < ${rows}`)
  }
  await engine.run(
    `create table named as select cast(v as integer) as g, v * 3 as name from ${digits} n(v)`,
  )
}
