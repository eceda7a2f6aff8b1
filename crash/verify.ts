import type { Engine } from '#heddle/engine/process/engine.js'
import { Session } from '#heddle/engine/session.js'
import { SessionModel, type ModelTable } from './workload.ts'

/** What a folder was found to hold. */
export interface Found {
  readonly models: readonly SessionModel[]
  /** What is wrong; empty where all is as it must be. */
  readonly faults: readonly string[]
  readonly rows: number
}

type Texts = readonly (readonly (string | null)[])[]

/** The rows that a statement gives, as texts. */
export async function rowsOf(session: Session, statement: string): Promise<Texts> {
  const result = await session.query(statement)
  try {
    return result.texts()
  } finally {
    result.release()
  }
}

/**
 * Compares a folder with what was acknowledged: of each session as many transactions, or one more that was on its way; each of
 * them whole, and nothing else.
 */
export async function verify(
  engine: Engine,
  seed: number,
  acknowledged: readonly number[],
): Promise<Found> {
  const session = new Session(engine)
  const faults: string[] = []
  const models: SessionModel[] = []
  let rows = 0
  try {
    const there = tableNames(engine)
    const expected = new Set(['done'])
    for (const [index, acked] of acknowledged.entries()) {
      const done = there.has('done') ? await doneOf(session, index, faults) : 0
      if (done < acked) faults.push(`session ${index}: ${acked} acknowledged, ${done} there`)
      if (done > acked + 1) faults.push(`session ${index}: ${acked} acknowledged, ${done} there`)
      const model = new SessionModel(seed, index)
      model.advance(done)
      models.push(model)
      for (const [name, table] of model.tables) {
        expected.add(name)
        rows += table.size
        if (there.has(name)) faults.push(...(await differences(session, name, table)))
        else faults.push(`table ${name} is not there`)
      }
    }
    for (const name of there) if (!expected.has(name)) faults.push(`table ${name} is there`)
    return { models, faults, rows }
  } finally {
    session.close()
  }
}

function tableNames(engine: Engine): ReadonlySet<string> {
  const entries = [...(engine.catalog.newest.relations.get('public')?.values() ?? [])]
  return new Set(entries.filter(({ kind }) => kind === 'table').map(({ name }) => name))
}

/** How many transactions of a session are there; their numbers are those from 1 on, and drawn numbers ascend. */
async function doneOf(session: Session, index: number, faults: string[]): Promise<number> {
  const rows = await rowsOf(
    session,
    `select number, drawn from done where session = ${index} order by number`,
  )
  let before = 0n
  for (const [at, [number, drawn]] of rows.entries()) {
    if (Number(number) !== at + 1) faults.push(`session ${index}: number ${number} at ${at + 1}`)
    if (BigInt(drawn ?? 0) <= before) faults.push(`session ${index}: ${drawn} was drawn twice`)
    before = BigInt(drawn ?? 0)
  }
  const [[next] = []] = await rowsOf(session, `select nextval('numbers_${index}')`)
  if (BigInt(next ?? 0) <= before) faults.push(`session ${index}: ${next} is drawn again`)
  return rows.length
}

async function differences(
  session: Session,
  name: string,
  model: ModelTable,
): Promise<readonly string[]> {
  const rows = await rowsOf(session, `select id, v, s from ${name}`)
  if (rows.length !== model.size) {
    return [`table ${name}: ${rows.length} rows instead of ${model.size}`]
  }
  for (const [id, v, s] of rows) {
    const row = model.get(Number(id))
    if (row?.v === Number(v) && row.s === s) continue
    const wanted = row === undefined ? 'none' : `${row.v}, ${row.s}`
    return [`table ${name}: row ${id} is ${v}, ${s}, not ${wanted}`]
  }
  return []
}
