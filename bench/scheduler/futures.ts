import { Client, LocalCluster, type Future } from 'heddle'

const WORKERS = 2
const CALLS = 10_000
const LEAVES = 2 ** 15
const SINGLE_CALLS = 1_000

/** A load of a client, from its calls to their values. */
interface FuturesCase {
  readonly name: string
  /** Milliseconds that it may take on a machine that has nothing else to do. */
  readonly aimMs: number
  /** Milliseconds of one run; `run` numbers them, as equal calls are done once. */
  readonly run: (client: Client, run: number) => Promise<number>
}

const increment = (n: number): number => n + 1
const add = (a: number, b: number): number => a + b

const cases: readonly FuturesCase[] = [
  {
    name: `map and gather of ${CALLS} calls`,
    aimMs: 300,
    async run(client, run) {
      const startMs = performance.now()
      const futures = client.map(increment, numbersFrom(run * CALLS, CALLS))
      const values = await client.gather(futures)
      const tookMs = performance.now() - startMs
      expectEqual(values.at(-1), (run + 1) * CALLS)
      for (const future of futures) future.release()
      return tookMs
    },
  },
  {
    name: `one call, the median of ${SINGLE_CALLS}`,
    aimMs: 0.5,
    async run(client, run) {
      const times: number[] = []
      for (let n = 0; n < SINGLE_CALLS; n++) {
        const startMs = performance.now()
        const future = client.submit(increment, [-run * SINGLE_CALLS - n])
        expectEqual(await future.result(), 1 - run * SINGLE_CALLS - n)
        times.push(performance.now() - startMs)
        future.release()
      }
      return times.toSorted((a, b) => a - b)[SINGLE_CALLS / 2]!
    },
  },
  {
    name: `a tree of sums over ${LEAVES} calls`,
    aimMs: 1_000,
    async run(client, run) {
      const startMs = performance.now()
      const all = client.map(increment, numbersFrom(run * 1_000_000, LEAVES))
      let level: readonly Future<number>[] = all
      while (level.length > 1) {
        const below = level
        level = Array.from({ length: below.length / 2 }, (_, n) =>
          client.submit(add, [below[2 * n]!, below[2 * n + 1]!]),
        )
        all.push(...level)
      }
      const sum = await level[0]!.result()
      const tookMs = performance.now() - startMs
      expectEqual(sum, LEAVES * (run * 1_000_000 + 1) + (LEAVES * (LEAVES - 1)) / 2)
      for (const future of all) future.release()
      return tookMs
    },
  },
]

/** What calls of functions take from a client to two worker processes and back. There is no peer here. */
export async function runFuturesBench(runs: number): Promise<void> {
  const cluster = await LocalCluster.start({ workers: WORKERS, threadsPerWorker: 1 })
  const client = new Client(cluster)
  for (const { name, aimMs, run } of cases) {
    const times: number[] = []
    const before = process.cpuUsage()
    // The first one compiles.
    for (let n = 0; n <= runs; n++) times.push(await run(client, n))
    const { user, system } = process.cpuUsage(before)
    const sorted = times.slice(1).toSorted((a, b) => a - b)
    const [best, median] = [sorted[0]!, sorted[sorted.length >> 1]!].map((ms) => ms.toPrecision(3))
    const own = ((user + system) / 1_000 / (runs + 1)).toFixed(0)
    console.log(
      `${name}: ${median} ms, at best ${best} ms, aim ${aimMs} ms; ${own} ms of this process`,
    )
  }
  client.close()
  await cluster.close()
}

function numbersFrom(first: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, n) => first + n)
}

function expectEqual(found: unknown, expected: number): void {
  if (found !== expected) throw new Error(`${String(found)} instead of ${expected}`)
}
