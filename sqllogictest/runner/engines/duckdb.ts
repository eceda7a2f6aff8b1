import { DuckDBInstance } from '@duckdb/node-api'
import { EngineError } from '../engine.ts'
import type { EngineSession, SqlEngine } from '../engine.ts'

/** DuckDB in this process, a database in memory for each file. */
export function duckdbEngine(): SqlEngine {
  return { names: ['duckdb'], open: openSession, close: async () => {} }
}

async function openSession(): Promise<EngineSession> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  return {
    async run(sql) {
      try {
        const reader = await connection.runAndReadAll(sql)
        return { rows: reader.getRows().map((row) => row.map(textOf)) }
      } catch (error) {
        throw new EngineError(error instanceof Error ? error.message : String(error), '')
      }
    },
    async close() {
      connection.closeSync()
      instance.closeSync()
    },
  }
}

function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null
  if (typeof value === 'boolean') return value ? 't' : 'f'
  return String(value)
}
