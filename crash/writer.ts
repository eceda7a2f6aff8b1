import { Engine } from '#heddle/engine/process/engine.js'
import { Session } from '#heddle/engine/session.js'
import type { WriterMessage, WriterOptions } from './messages.ts'
import { verify } from './verify.ts'
import { run, work } from './work.ts'
import { setUp } from './workload.ts'

/** Opens the folder, looks at what it holds, and goes on until somebody kills the process. */
async function write(options: WriterOptions): Promise<void> {
  const { path, seed, acknowledged, checkpointBytes } = options
  const engine = await Engine.start({ path, threads: 1 }, { checkpointBytes })
  const { models, faults, rows } = await verify(engine, seed, acknowledged)
  await tell({ kind: 'opened', rows, faults })
  if (!engine.catalog.newest.relations.get('public')?.has('done')) {
    const session = new Session(engine)
    for (const statement of setUp(acknowledged.length)) await run(session, statement)
    session.close()
  }
  await Promise.all(
    models.map((model) =>
      work(engine, model, {
        acknowledged: (session, number) => tell({ kind: 'acknowledged', session, number }),
        isMade: () => false,
        isOver: () => false,
      }),
    ),
  )
}

function tell(message: WriterMessage): Promise<void> {
  return new Promise((resolve, reject) => {
    process.send?.(message, (error: Error | null) => (error === null ? resolve() : reject(error)))
  })
}

await write(JSON.parse(process.argv[2] ?? '') as WriterOptions)
