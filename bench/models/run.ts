import { openHeddle, type BenchEngine } from '../engines.ts'
import { measure } from '../measure.ts'

/** What is trained on, and how often. */
export interface ModelsOptions {
  readonly rows: number
  readonly features: number
  readonly threads: readonly number[]
  readonly runs: number
}

const WARM_UP = { warmUpRuns: 1, warmUpMs: 0 } as const
/** Trained besides what is asked for: what once took seconds though it is small. */
const SMALL_ROWS = 10_000
const SMALL_FEATURES = [2, 8]

/**
 * Seconds of CREATE MODEL over a table in memory. There is no peer here: for scikit-learn's time fit
 * `LogisticRegression()` and `LinearRegression()` to as many rows of a numpy array of float64.
 */
export async function runModels({ rows, features, threads, runs }: ModelsOptions): Promise<void> {
  const sizes = [...SMALL_FEATURES.map((count) => [SMALL_ROWS, count] as const), [rows, features]]
  for (const count of threads) {
    const engine = await openHeddle(count)
    for (const [size = 0, columns = 0] of sizes) await trainAll(engine, size, columns, count, runs)
    await engine.close()
  }
}

async function trainAll(
  engine: BenchEngine,
  rows: number,
  features: number,
  threads: number,
  runs: number,
): Promise<void> {
  await createTable(engine, rows, features)
  for (const [modelClass, target] of [
    ['LogisticRegression', 'label'],
    ['LinearRegression', 'amount'],
  ] as const) {
    const names = Array.from({ length: features }, (_, k) => `x${k}`).join(', ')
    const sql = `create or replace model benched with (model_class = '${modelClass}',
      target_column = '${target}') as select ${names}, ${target} from training`
    const contender = { name: modelClass, run: () => engine.run(sql) }
    const [timing] = await measure([contender], { ...WARM_UP, runs })
    const { medianMs, minMs } = timing!
    const seconds = `${(medianMs / 1000).toFixed(3)} s, at best ${(minMs / 1000).toFixed(3)} s`
    console.log(`${modelClass}, ${rows} rows, ${features} features, t${threads}: ${seconds}`)
  }
}

/** Uniform features, an amount that depends on them, and a label that does so by chance. */
async function createTable(engine: BenchEngine, rows: number, features: number): Promise<void> {
  for (const name of ['training', 'uniform', 'numbered', 'thousand']) {
    await engine.run(`drop table if exists ${name}`)
  }
  const thousand = Array.from({ length: 1_000 }, (_, i) => `(${i})`).join(', ')
  await engine.run('create table thousand (i int)')
  await engine.run(`insert into thousand values ${thousand}`)
  await engine.run(`create table numbered as select (a.i::int8 * 1000 + b.i) * 1000 + c.i as n
    from thousand a, thousand b, thousand c
    where a.i < ${Math.ceil(rows / 1e6)} and (a.i::int8 * 1000 + b.i) * 1000 + c.i < ${rows}`)
  // Multiples of large primes by a prime are as good as chance here.
  const uniform = Array.from(
    { length: features + 1 },
    (_, k) =>
      `(n * ${1_299_709 + 2 * k} + n * n % ${7_919 + 6 * k}) % 104729 / 104729.0::float8 as x${k}`,
  )
  await engine.run(`create table uniform as select ${uniform.join(', ')} from numbered`)
  const names = Array.from({ length: features }, (_, k) => `x${k}`)
  const logit = names.map((name, k) => `${(k % 5) - 2} * (${name} - 0.5)`).join(' + ')
  await engine.run(`create table training as select ${names.join(', ')},
    ${logit} + x${features} as amount, x${features} < 1 / (1 + exp(-(${logit}))) as label
    from uniform`)
}
