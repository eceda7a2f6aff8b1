import { Chooser } from '../fuzz/chooser.ts'
import { SHARED_ROWS, type LoadOptions, type LoadReport, type OutOfMemoryCase } from './messages.ts'
import { SoakSession, type World } from './session.ts'
import { isError, readBytes, WireSession } from './wire.ts'

const TURNS = 5
const REPORT_EVERY_MS = 1_000
const CASES_MAX = 40
const WIDE = 'select k, g, s from shared'
/** Every row has three fields of at least a byte, with their lengths and a header. */
const WIDE_BYTES_MIN = SHARED_ROWS * 22
const WIDE_EVERY_MS = 30_000

/** The load, in a process of its own: sessions over the wire, and readers of a million rows. */
async function main(options: LoadOptions): Promise<void> {
  const actions: Record<string, number> = {}
  const errors: Record<string, number> = {}
  const wrong: string[] = []
  const outOfMemory: OutOfMemoryCase[] = []
  const world: World = {
    port: options.port,
    ends: performance.now() + options.seconds * 1000,
    made: new Map(),
    turns: Array.from({ length: TURNS }, (_, index) => `turn_${index}`),
    count: (action) => (actions[action] = (actions[action] ?? 0) + 1),
    error({ sqlState }, statement) {
      errors[sqlState] = (errors[sqlState] ?? 0) + 1
      if (sqlState === '53200' && outOfMemory.length < CASES_MAX) {
        outOfMemory.push({ statement, tables: [...world.made.values()].flat() })
      } else if (sqlState === 'XX000' || sqlState === 'lost')
        wrong.push(`${sqlState}: ${statement}`)
    },
    wrong: (what) => void wrong.push(what),
  }
  const tell = (isLast: boolean): void => {
    const report: LoadReport = { kind: 'load', actions, errors, wrong, outOfMemory, isLast }
    process.send?.(report)
  }
  await makeTurns(world)
  const timer = setInterval(() => tell(false), REPORT_EVERY_MS)
  const sessions = Array.from({ length: options.sessions }, (_, index) =>
    new SoakSession(world, new Chooser(options.seed + index), `s${index}`).run(),
  )
  await Promise.all([...sessions, readWide(world)])
  clearInterval(timer)
  tell(true)
  process.disconnect()
}

async function makeTurns(world: World): Promise<void> {
  const wire = await WireSession.open(world.port)
  for (const table of world.turns) {
    const create = `create table ${table} as select k, s from shared where k < 1000`
    const answer = await wire.run(create)
    if (isError(answer)) throw new Error(`${create}: ${answer.message}`)
    world.made.set(table, [create])
  }
  await wire.close()
}

/** Three readers of all rows at a time, of which one dies. */
async function readWide(world: World): Promise<void> {
  while (performance.now() < world.ends) {
    const readers = [Infinity, Infinity, WIDE_BYTES_MIN / 4].map((max) =>
      readBytes(world.port, WIDE, max).catch((error: unknown) => {
        world.wrong(`a reader of all rows: ${String(error)}`)
        return 0
      }),
    )
    const [first = 0, second = 0] = await Promise.all(readers)
    world.count('wide')
    if (first < WIDE_BYTES_MIN || first !== second) {
      world.wrong(`readers of all rows got ${first} and ${second} bytes`)
    }
    await new Promise((resolve) => setTimeout(resolve, WIDE_EVERY_MS))
  }
}

await main(JSON.parse(process.argv[2] ?? '{}') as LoadOptions)
