import { QueryError } from '../base/errors.ts'
import type { Engine } from '../engine/process/engine.ts'
import { startPgServer } from '../server/pgwire/server.ts'
import { startRestServer } from '../server/rest/server.ts'
import type { ServeOptions } from './arguments.ts'

/** The doors that stand open. */
export interface OpenDoors {
  readonly pgPort: number
  readonly httpPort: number
  close(): Promise<void>
}

/** Opens the PostgreSQL and HTTP doors on an engine. */
export async function openDoors(engine: Engine, options: ServeOptions): Promise<OpenDoors> {
  const { host, password } = options
  if (!isLoopback(host) && password === undefined) {
    throw new QueryError(
      'INVALID_PARAMETER_VALUE',
      `refusing to listen on ${host} without password`,
      {
        hint: 'Give --password or set HEDDLE_PASSWORD, or listen on 127.0.0.1.',
      },
    )
  }
  const pg = await startPgServer({ engine, host, port: options.pgPort, password })
  try {
    const rest = await startRestServer({ engine, host, port: options.httpPort, password })
    return {
      pgPort: pg.port,
      httpPort: rest.port,
      async close() {
        await Promise.all([pg.close(), rest.close()])
      },
    }
  } catch (error) {
    await pg.close()
    throw error
  }
}

/** The exact commands that connect to open doors. */
export function connectCommands(doors: OpenDoors, { host, password }: ServeOptions): string {
  const header = password === undefined ? '' : ` -H 'authorization: Bearer '"$HEDDLE_PASSWORD"`
  const database = 'user=heddle dbname=heddle'
  return [
    `  psql "host=${host} port=${doors.pgPort} ${database}"`,
    `  curl${header} http://${host}:${doors.httpPort}/v1/query -d '{"query": "select 1"}'`,
  ].join('\n')
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.')
}
