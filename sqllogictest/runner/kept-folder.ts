import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { QueryError } from '#heddle/base/errors.js'
import { Engine, type EngineParts } from '#heddle/engine/process/engine.js'
import type { ConnectOptions } from '#heddle/engine/process/options.js'
import { Session } from '#heddle/engine/session.js'

/** An engine whose tables are in a folder of its own, until it is closed. */
export interface FolderEngine {
  readonly engine: Engine
  /** Closes it, opens the folder once more and looks whether all is there. Throws where it is not. */
  close(): Promise<void>
}

export async function folderEngine(
  options: ConnectOptions,
  parts: EngineParts = {},
): Promise<FolderEngine> {
  const path = mkdtempSync(join(tmpdir(), 'heddle-kept-'))
  const engine = await Engine.start({ ...options, path }, parts)
  return {
    engine,
    async close() {
      try {
        const before = await contents(engine)
        await engine.close()
        const again = await Engine.start({ ...options, path }, parts)
        const after = await contents(again)
        await again.close()
        for (const [name, rows] of before) {
          if (after.get(name) !== rows)
            throw new Error(`${name} is another: ${rows} became ${after.get(name)}`)
        }
        if (after.size !== before.size) throw new Error('more is there when it is opened again')
      } finally {
        rmSync(path, { recursive: true, force: true })
      }
    },
  }
}

/** What all tables and sequences give, by their names; an error where they give one. */
async function contents(engine: Engine): Promise<ReadonlyMap<string, string>> {
  const session = new Session(engine)
  const found = new Map<string, string>()
  try {
    for (const [schema, entries] of engine.catalog.newest.relations) {
      if (schema.startsWith('pg_temp')) continue
      for (const [name, { kind }] of entries) {
        // Some draw numbers of sequences.
        if (kind === 'view') continue
        const quoted = [schema, name].map((part) => `"${part.replaceAll('"', '""')}"`).join('.')
        // How many numbers are kept ahead begins anew, as in PostgreSQL.
        const what = kind === 'sequence' ? 'last_value, is_called' : '*'
        found.set(`${kind} ${quoted}`, await rowsOf(session, `select ${what} from ${quoted}`))
      }
    }
    return found
  } finally {
    session.close()
  }
}

async function rowsOf(session: Session, query: string): Promise<string> {
  try {
    const result = await session.query(query)
    try {
      const rows = result.texts().map((row) => JSON.stringify(row))
      return rows.toSorted().join('\n')
    } finally {
      result.release()
    }
  } catch (error) {
    if (error instanceof QueryError) return error.message
    throw error
  }
}
