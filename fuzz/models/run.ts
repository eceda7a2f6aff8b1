import { makeData, makeVector, Float64, Table } from 'apache-arrow'
import { connect, type Database } from '#heddle/index.js'
import { Chooser } from '../chooser.ts'
import type { FuzzOptions } from '../fuzzer.ts'
import { judgeFit, type Fitted } from './judge.ts'
import { limitsMax, makeProblem, type Limits, type Problem } from './problem.ts'

const FINDINGS_MAX = 20
const TIMEOUT_MS = 20_000
/** What may be answered instead of a model. */
const refusals = /^(?:MODEL_NOT_FITTED)$/

/**
 * Trains models of every class on random rows, and holds them to what a plain implementation finds: the
 * same predictions, the same digits on one thread and on two, no memory kept, NULL for NULL, and an end
 * in time.
 */
export async function run(options: FuzzOptions): Promise<number> {
  const { seconds, seed, findingsMax = FINDINGS_MAX } = options
  const engines = [await connect({ threads: 1 }), await connect({ threads: 2 })]
  for (const db of engines) await db.query(`set statement_timeout = ${TIMEOUT_MS}`)
  const ends = performance.now() + seconds * 1000
  let [findings, round] = [0, 0]
  try {
    for (; performance.now() < ends && findings < findingsMax; round++) {
      const finding = await tried(engines, seed + round, limitsMax)
      if (finding === undefined) continue
      findings++
      await report(engines, seed + round, finding)
    }
  } finally {
    for (const db of engines) await db.close()
  }
  console.log(`${round} models`)
  return findings
}

async function tried(
  engines: readonly Database[],
  seed: number,
  limits: Limits,
): Promise<string | undefined> {
  const problem = makeProblem(new Chooser(seed), limits)
  const [one, two] = [await fitOn(engines[0]!, problem), await fitOn(engines[1]!, problem)]
  if (one.held !== 0) return `${one.held} bytes are held`
  if (one.described !== two.described) {
    return `one thread: ${one.described}\n  two threads: ${two.described}`
  }
  return judgeFit(problem, one)
}

/** Says the finding of the smallest problem of the seed that has one. */
async function report(engines: readonly Database[], seed: number, first: string): Promise<void> {
  let [limits, finding] = [limitsMax, first]
  for (let smaller = true; smaller;) {
    smaller = false
    for (const key of ['rows', 'features'] as const) {
      const next = { ...limits, [key]: Math.ceil(limits[key] / 2) }
      const again = next[key] < limits[key] ? await tried(engines, seed, next) : undefined
      if (again === undefined) continue
      ;[limits, finding, smaller] = [next, again, true]
    }
  }
  const { modelClass, rows, features } = makeProblem(new Chooser(seed), limits)
  console.log(
    `FOUND with --seed ${seed}, of at most ${limits.rows} rows, ${limits.features} features:`,
  )
  console.log(`  ${modelClass} of ${rows} rows, ${features.length} features: ${finding}`)
}

async function fitOn(db: Database, problem: Problem): Promise<Fitted> {
  await db.query('drop table if exists training')
  loadRows(db, problem)
  const names = problem.features.map((_, i) => `x${i}`)
  const columns = problem.features.map(({ nullValue }, i) =>
    nullValue === undefined ? `x${i}` : `nullif(x${i}, '${nullValue}'::float8) as x${i}`,
  )
  const [below, above] = problem.classes
  const isLinear = problem.modelClass === 'LinearRegression'
  const y = isLinear ? 'y' : `case when y > 0 then ${above} else ${below} end as y`
  const penalty = isLinear ? '' : `, c = ${problem.inversePenalty}`
  const sql = `create or replace model fuzzed with (model_class = '${problem.modelClass}',
    target_column = 'y'${penalty}) as select ${columns.join(', ')}, ${y} from training`
  const none = { held: 0, lines: new Map<string, string>(), predictions: [], ofNull: null }
  try {
    await db.query(sql)
    const before = db.engine.heap.bytesInUse
    await db.query(sql)
    const held = db.engine.heap.bytesInUse - before
    const texts = (await db.query('describe model fuzzed')).texts()
    const lines = new Map(texts.map(([name, value]) => [String(name), String(value)]))
    const shown = isLinear ? 'p.y' : `p.y = ${above}`
    const predicted = `predict(model fuzzed, select ${names.join(', ')} from training) p`
    const predictions = (await db.query(`select ${shown} from ${predicted}`)).values()
    const nulls = names.map((name) => `null::float8 as ${name}`).join(', ')
    const ofNull = await db.query(`select y from predict(model fuzzed, select ${nulls}) p`)
    const described = JSON.stringify([...lines])
    const [[nothing] = []] = ofNull.values()
    return {
      held,
      described,
      lines,
      predictions: predictions.map(([v]) => Number(v)),
      ofNull: nothing,
    }
  } catch (error) {
    const { code = 'none' } = error as { readonly code?: string }
    const refused = refusals.test(code) ? String((error as Error).message) : undefined
    return {
      ...none,
      described: `${code}: ${String(error)}`,
      refused,
      failed: refused === undefined,
    }
  }
}

function loadRows(db: Database, { features, target }: Problem): void {
  const vectors = [...features.map(({ values }) => values), target].map((data) =>
    makeVector(makeData({ type: new Float64(), data })),
  )
  const names = [...features.map((_, i) => `x${i}`), 'y']
  db.load('training', new Table(Object.fromEntries(names.map((name, i) => [name, vectors[i]!]))))
}
