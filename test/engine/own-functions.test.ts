import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { encodePlan } from '../../src/cluster/plan-transfer.ts'
import { DataFrame } from '../../src/collections/dataframe/dataframe.ts'
import { call, col } from '../../src/collections/dataframe/expression.ts'
import { int4 } from '../../src/data/types/data-type.ts'
import { Engine } from '../../src/engine/process/engine.ts'
import { frameAccess } from '../../src/engine/frames.ts'
import { Session } from '../../src/engine/session.ts'
import { runFragment } from '../../src/exec/fragment/fragment.ts'
import { builtInFunctions } from '../../src/functions/built-in.ts'
import { withOwn } from '../../src/functions/catalogue.ts'
import { ownScalar } from '../../src/functions/define.ts'
import type { ScalarFunction } from '../../src/functions/function.ts'
import type { StagedPlan } from '../../src/plan/physical/plan.ts'

const ROWS = 3_000

/** `times(x)`: x multiplied by what the engine's own function multiplies by. */
function times(factor: number): ScalarFunction {
  return ownScalar({
    name: 'times',
    args: ['int4'],
    returns: int4,
    doc: 'A multiple of a number.',
    example: `times(1) -- ${factor}`,
    evaluate: ([x]) => Number(x) * factor,
  })
}

const engines: Engine[] = []
/** The last plan of which a fragment ran. */
let ran: StagedPlan | undefined

/** A session of a new engine on two threads, which every pipeline is for. */
async function sessionWith(own: readonly ScalarFunction[]): Promise<Session> {
  const engine = await Engine.start(
    { threads: 2, memoryBytesMax: 256 << 20 },
    {
      functions: withOwn(builtInFunctions, own),
      runFragment: (task, pool, env) => {
        ran = { stages: [task.stage], columns: [] }
        return runFragment({ ...task, tuning: { poolRowsMin: 1 } }, pool, env)
      },
    },
  )
  engines.push(engine)
  const session = new Session(engine)
  await session.query(
    `create table numbers as select n::int as x from generate_series(1, ${ROWS}) as t(n)`,
  )
  return session
}

async function rowsOf(session: Session, text: string): Promise<readonly unknown[]> {
  return (await session.query(text)).rows()
}

let [twice, thrice, none]: Session[] = []

beforeAll(async () => {
  ;[twice, thrice, none] = await Promise.all([
    sessionWith([times(2)]),
    sessionWith([times(3)]),
    sessionWith([]),
  ])
})

afterAll(() => Promise.all(engines.map((engine) => engine.close())))

describe('a function that one engine is given', () => {
  const sum = (ROWS * (ROWS + 1)) / 2

  test.each([
    ['select times(21)', [{ times: 42 }]],
    ['select sum(times(x))::int as s from numbers', [{ s: 2 * sum }]],
    ['select x from numbers where times(x) = 8', [{ x: 4 }]],
    [
      'select times(x) as g, count(*)::int as c from numbers where x < 3 group by 1 order by 1',
      [
        { g: 2, c: 1 },
        { g: 4, c: 1 },
      ],
    ],
    ['select a.x from numbers a join numbers b on times(a.x) = b.x where b.x = 10', [{ x: 5 }]],
  ])('is called: %s', async (text, expected) => {
    expect(await rowsOf(twice!, text)).toEqual(expected)
  })

  test('is another in another engine, of the same name and types', async () => {
    const text = 'select sum(times(x))::int as s from numbers'
    const answers = [await rowsOf(twice!, text), await rowsOf(thrice!, text)]
    expect([...answers, await rowsOf(twice!, text)]).toEqual([
      [{ s: 2 * sum }],
      [{ s: 3 * sum }],
      [{ s: 2 * sum }],
    ])
  })

  test('is not there in engines that were not given it', async () => {
    const refused = none!.query('select times(x) from numbers')
    await expect(refused).rejects.toThrow('function times(integer) does not exist')
  })

  test('is called by dataframes', async () => {
    const frame = DataFrame.table(frameAccess(thrice!), 'numbers')
    const rows = await frame
      .filter(col('x').lt(3))
      .select({ y: call('times', col('x')) })
      .collect()
    expect(rows.rows()).toEqual([{ y: 3 }, { y: 6 }])
  })

  test('is refused where other processes would have to call it', async () => {
    await rowsOf(twice!, 'select x from numbers where times(x) = 8')
    expect(() => encodePlan(ran!)).toThrow('not supported: times(int4), a function of this process')
  })
})
