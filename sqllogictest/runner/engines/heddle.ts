import { EngineError } from '../engine.ts'
import type { TextRows } from '../compare.ts'
import type { EngineSession, SqlEngine } from '../engine.ts'

/** What the runner uses of the package's public API. */
interface HeddleModule {
  connect(options: { readonly threads?: number }): Promise<{
    query(sql: string): Promise<{ texts(): TextRows; release?(): void }>
    close(): Promise<void>
  }>
}

/** Heddle through its public API, an engine of its own for each file. */
export function heddleEngine(threads: number | undefined): SqlEngine {
  return {
    names: ['heddle', 'postgresql'],
    open: () => openSession(threads),
    close: async () => {},
  }
}

async function openSession(threads: number | undefined): Promise<EngineSession> {
  const specifier: string = 'heddle'
  const { connect } = (await import(specifier)) as HeddleModule
  const database = await connect(threads === undefined ? {} : { threads })
  return {
    async run(sql) {
      try {
        const result = await database.query(sql)
        const rows = result.texts()
        result.release?.()
        return { rows }
      } catch (error) {
        const { message, sqlState } = error as { message: string; sqlState?: string }
        throw new EngineError(message, sqlState ?? 'XX000')
      }
    },
    close: () => database.close(),
  }
}
