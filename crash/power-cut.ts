import { setTimeout as sleep } from 'node:timers/promises'
import { Engine } from '#heddle/engine/process/engine.js'
import { Session } from '#heddle/engine/session.js'
import type { Chooser } from '../fuzz/chooser.ts'
import { FaultyDisk } from './faulty-disk.ts'
import type { KilledReport } from './killed-writer.ts'
import type { WriterOptions } from './messages.ts'
import { verify } from './verify.ts'
import { run, work } from './work.ts'
import { setUp } from './workload.ts'

const WORK_MS_MAX = 700
/** For so long a disk has no room, every now and then. */
const FULL_MS_MAX = 30

/** Writes to a disk whose power is cut at a random moment, and which is full at others. */
export async function runToPowerCut(
  { path, seed, acknowledged: before, checkpointBytes }: WriterOptions,
  chooser: Chooser,
): Promise<KilledReport> {
  const acknowledged = [...before]
  const disk = new FaultyDisk(path, chooser)
  const engine = await Engine.start({ path, threads: 1 }, { checkpointBytes, disk })
  let isOver = false
  try {
    const { models, faults: found, rows } = await verify(engine, seed, before)
    const faults = [...found]
    if (engine.catalog.newest.relations.get('public')?.has('done') !== true) {
      const session = new Session(engine)
      for (const statement of setUp(before.length)) await run(session, statement)
      session.close()
    }
    const working = models.map((model) =>
      work(engine, model, {
        acknowledged(session, number) {
          acknowledged[session] = number
          return Promise.resolve()
        },
        isMade: ({ code }) => code === 'DISK_FULL',
        isOver: () => isOver,
      }).catch((error: unknown) => {
        if (!isOver) faults.push(String(error))
      }),
    )
    for (let turns = chooser.between(0, 3); turns > 0; turns--) {
      await sleep(chooser.between(0, WORK_MS_MAX))
      disk.isFull = true
      await sleep(chooser.between(0, FULL_MS_MAX))
      disk.isFull = false
    }
    await sleep(chooser.between(0, WORK_MS_MAX))
    isOver = true
    disk.cutPower()
    await Promise.all(working)
    return { acknowledged, faults, rows }
  } finally {
    await engine.close().catch(() => {})
  }
}
