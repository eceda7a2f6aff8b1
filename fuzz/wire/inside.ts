import { connect } from '#heddle/engine/database.js'
import { startPgServer } from '#heddle/server/pgwire/server.js'

const MEMORY_BYTES_MAX = 256 * 1_048_576

/** The server under test, in this process so that its memory can be looked at. */
export interface Inside {
  readonly port: number
  /** Bytes of the engine's memory that something holds now. */
  bytesInUse(): number
  /** Drops whatever a conversation may have made. */
  clear(): Promise<void>
  close(): Promise<void>
}

export async function startInside(): Promise<Inside> {
  const db = await connect({ threads: 1, memoryBytesMax: MEMORY_BYTES_MAX })
  // What threads keep from their first job on is no leak.
  const rows = '(values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9))'
  const tables = [...'abcde'].map((name) => `${rows} ${name} (n)`).join(', ')
  for (const sql of ['select 1', `select sum(a.n), count(distinct b.n) from ${tables}`]) {
    await db.query(sql)
  }
  const server = await startPgServer({ engine: db.engine, host: '127.0.0.1', port: 0 })
  return {
    port: server.port,
    bytesInUse: () => db.engine.heap.bytesInUse,
    async clear() {
      for (const [schema, name, kind] of (await db.query('show tables')).values()) {
        const what = kind === 'view' ? 'view' : 'table'
        await db.query(`drop ${what} if exists ${quoted(schema)}.${quoted(name)} cascade`)
      }
    },
    async close() {
      await server.close()
      await db.close()
    },
  }
}

function quoted(name: unknown): string {
  return `"${String(name).replaceAll('"', '""')}"`
}
