import { afterAll, beforeAll, expect, test } from 'vitest'
import { Engine } from '../../src/engine/process/engine.ts'
import { Session } from '../../src/engine/session.ts'

let engine: Engine
let session: Session

beforeAll(async () => {
  engine = await Engine.start({ threads: 1, memoryBytesMax: 512 * 1_048_576 })
  session = new Session(engine)
})

afterAll(async () => {
  session.close()
  await engine.close()
})

test('chunks of long texts have fewer rows: the room of many is not asked for at once', async () => {
  const rows = 30_000
  engine.heap.resetPeak()
  const result = await session.query(
    `select repeat('x', 2000) as t from generate_series(1, ${rows})`,
  )
  expect(result.rowCount).toBe(rows)
  // What they have, and half as much for what is left empty.
  expect(engine.heap.bytesPeak).toBeLessThan(1.5 * 2_000 * rows)
  result.release()
})

test('texts of any length come whole where short ones came before, and after', async () => {
  const lengths = 'case when g % 1000 < 3 then 100000 + g else g % 7 end'
  const [row] = (
    await session.query(
      `select count(*), sum(length(t)), count(*) filter (where length(t) = n and t = repeat('y', n))
       from (select n, t from (select ${lengths} as n, repeat('y', ${lengths}) as t
         from generate_series(1, 20000) g) q order by n % 13, t) s`,
    )
  ).texts()
  const [expected] = (
    await session.query(
      `select count(*), sum(${lengths}), count(*) from generate_series(1, 20000) g`,
    )
  ).texts()
  expect(row).toEqual(expected)
})
