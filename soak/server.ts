import { connect } from '#heddle/index.js'
import { startPgServer } from '#heddle/server/pgwire/server.js'
import { sharedTables, type ServerReady, type ServerReport } from './messages.ts'

/** How often `select 1` is due. */
const PROBE_EVERY_MS = 10
const REPORT_EVERY_MS = 1_000

/**
 * The server under load, in a process of its own. A session inside asks `select 1` at fixed times; each
 * is measured from the time at which it was due, so that an event loop that stands still shows.
 */
async function main(memoryBytesMax: number): Promise<void> {
  const db = await connect({ threads: 2, memoryBytesMax })
  for (const statement of sharedTables) await db.query(statement)
  const { port } = await startPgServer({ engine: db.engine, host: '127.0.0.1', port: 0 })
  tell({ kind: 'ready', port })
  const session = db.session()
  let probesMs: number[] = []
  const started = performance.now()
  let due = 0
  const probe = async (): Promise<void> => {
    for (;;) {
      due = Math.max(due + PROBE_EVERY_MS, 0)
      const wait = started + due - performance.now()
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
      await session.query('select 1')
      probesMs.push(performance.now() - (started + due))
    }
  }
  setInterval(() => {
    const { rss, heapTotal, external } = process.memoryUsage()
    const { bytesInUse: heapBytes, bytesTouched: touchedBytes } = db.engine.heap
    tell({
      kind: 'server',
      probesMs,
      rssBytes: rss,
      jsBytes: heapTotal + external,
      heapBytes,
      touchedBytes,
    })
    probesMs = []
  }, REPORT_EVERY_MS)
  await probe()
}

function tell(message: ServerReady | ServerReport): void {
  process.send?.(message)
}

process.on('disconnect', () => process.exit(0))
await main(Number(process.argv[2]))
