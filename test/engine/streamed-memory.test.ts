import { afterAll, beforeAll, expect, test } from 'vitest'
import { Engine } from '../../src/engine/process/engine.ts'
import { Session } from '../../src/engine/session.ts'
import { runFragment } from '../../src/exec/fragment/fragment.ts'

const ROWS = 1_200_000
const MEMORY_BYTES = 1_024 * 1_048_576
/**
 * One slice that is read and one that is made ahead, of 8 MiB each as far as the one before tells, and twice as much for
 * what it does not tell. All rows take more than twice as much.
 */
const SLICES_BYTES_MAX = 6 * 8_388_608

let engine: Engine
let session: Session

beforeAll(async () => {
  engine = await Engine.start(
    { threads: 2, memoryBytesMax: MEMORY_BYTES },
    {
      runFragment: (task, pool, env) =>
        runFragment({ ...task, tuning: { firstSliceRows: 1 } }, pool, env),
    },
  )
  session = new Session(engine)
  await session.query(
    `create table large as select x, x % 1000 as k, 'text ' || x % 77 as t
     from generate_series(1, ${ROWS}) g(x)`,
  )
})

afterAll(async () => {
  session.close()
  await engine.close()
})

/** Bytes by part, as a user sees them. */
async function memory(): Promise<Readonly<Record<string, number>>> {
  const result = await session.query('select part, bytes from heddle_memory()')
  return Object.fromEntries(result.texts().map(([part, bytes]) => [part, Number(bytes)]))
}

const wide = "repeat(x || ' ', 12) as w"

test.each([
  ['computed rows', `select x, ${wide} from large`],
  ['all in order', `select x, ${wide} from large order by t, x desc`],
  ['groups', `select x, ${wide}, count(*), sum(k) from large group by x`],
  ['no row twice', `select distinct x + 1, ${wide} from large`],
  ['windows', `select x, ${wide}, row_number() over (partition by k order by x) from large`],
  ['a limit', `select x, ${wide} from large limit ${ROWS - 1}`],
  ['several parts', `select x, ${wide} from large union all select k, ${wide} from large`],
])('%s: results have little of the memory, however slowly they are read', async (_, sql) => {
  const result = await session.query(sql, [], { streams: true })
  expect(result.isPartial).toBe(true)
  let [turns, resultsMax] = [0, 0]
  do {
    turns++
    resultsMax = Math.max(resultsMax, (await memory())['results'] ?? 0)
  } while (await result.more())
  result.release()
  expect(turns).toBeGreaterThan(3)
  expect(resultsMax).toBeLessThan(SLICES_BYTES_MAX)
  expect(result.rowCount).toBeGreaterThanOrEqual(ROWS - 1)
  await expect.poll(async () => (await memory())['queries']).toBe(0)
})

test('a result that is left when it was begun gives back what making it held', async () => {
  const sql = `select x, ${wide} from large order by t, x desc`
  const result = await session.query(sql, [], { streams: true })
  expect((await memory())['queries']).toBeGreaterThan(ROWS * 16)
  result.release()
  await expect.poll(async () => (await memory())['queries']).toBe(0)
  expect((await memory())['results']).toBe(0)
})

test('a cancel ends the making of rows that nobody takes yet', async () => {
  const abort = new AbortController()
  const sql = `select x, ${wide} from large order by t, x desc`
  const result = await session.query(sql, [], { streams: true, signal: abort.signal })
  abort.abort()
  await expect(result.more()).rejects.toMatchObject({ code: 'QUERY_CANCELED' })
  result.release()
  await expect.poll(async () => (await memory())['queries']).toBe(0)
})
