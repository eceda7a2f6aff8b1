import { parseArgs } from 'node:util'
import { QueryError } from '../base/errors.ts'
import type { ConnectOptions } from '../engine/process/options.ts'

/** What the command line asks for. */
export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'sql'; readonly text: string; readonly connect: ConnectOptions }
  | { readonly kind: 'shell'; readonly connect: ConnectOptions }
  | { readonly kind: 'serve'; readonly serve: ServeOptions; readonly connect: ConnectOptions }
  | {
      readonly kind: 'tour'
      readonly once: boolean
      readonly serve: ServeOptions
      readonly connect: ConnectOptions
    }

export interface ServeOptions {
  readonly host: string
  readonly pgPort: number
  readonly httpPort: number
  readonly password: string | undefined
}

export const usage = `usage: heddle <command> [options]

  heddle sql "select ..."     run statements and print their answers
  heddle shell                read statements from the terminal
  heddle serve                answer psql (PostgreSQL wire protocol) and HTTP
  heddle tour [--once]        a tour over real data, then serve

options
  --threads N                 threads that run queries (default: all cores)
  --workers N                 run queries on N worker processes
  --memory MIB                memory for tables and queries (default: 4096)
  --data-dir DIR              keep tables in this folder (default: they go with the process)
  --temp-directory DIR        where rows wait in files that memory has no room for
  --temp-max MIB              what these files may take (default: 90 % of the disk's room)
  --allow-root DIR            let SQL read files under DIR; may be repeated (default: .)
  --allow-urls                let SQL read http and https locations
  --host ADDRESS              serve: address to listen on (default: 127.0.0.1)
  --pg-port PORT              serve: PostgreSQL port (default: 5433)
  --http-port PORT            serve: HTTP port (default: 8080)
  --password TEXT             serve: password to ask for; also from HEDDLE_PASSWORD
  --help, --version`

const PG_PORT = 5_433
const HTTP_PORT = 8_080
const PORT_MAX = 65_535

/** Reads a command line. Throws INVALID_PARAMETER_VALUE for what it does not know. */
export function parseCommand(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Command {
  const { values, positionals } = parse(args)
  if (values.help === true) return { kind: 'help' }
  if (values.version === true) return { kind: 'version' }
  const connect: ConnectOptions = {
    ...(values.threads === undefined ? {} : { threads: integer('threads', values.threads) }),
    ...(values.memory === undefined
      ? {}
      : { memoryBytesMax: integer('memory', values.memory) * 1_048_576 }),
    ...(values['data-dir'] === undefined ? {} : { path: values['data-dir'] }),
    ...(values['temp-directory'] === undefined ? {} : { tempDirectory: values['temp-directory'] }),
    ...(values['temp-max'] === undefined
      ? {}
      : { tempBytesMax: integer('temp-max', values['temp-max']) * 1_048_576 }),
    ...(values['allow-root'] === undefined ? {} : { allowedRoots: values['allow-root'] }),
    ...(values['allow-urls'] === true ? { allowUrls: true } : {}),
    ...(values.workers === undefined
      ? {}
      : { cluster: { workers: integer('workers', values.workers) } }),
  }
  const serve: ServeOptions = {
    host: values.host ?? '127.0.0.1',
    pgPort: port('pg-port', values['pg-port'] ?? String(PG_PORT)),
    httpPort: port('http-port', values['http-port'] ?? String(HTTP_PORT)),
    password: values.password ?? environment['HEDDLE_PASSWORD'],
  }
  const [name, ...rest] = positionals
  switch (name) {
    case undefined:
      return { kind: 'help' }
    case 'sql':
      if (rest.length === 0) throw refused('heddle sql needs a statement')
      return { kind: 'sql', text: rest.join(' '), connect }
    case 'shell':
      return { kind: 'shell', connect }
    case 'serve':
      return { kind: 'serve', serve, connect }
    case 'tour':
      return { kind: 'tour', once: values.once === true, serve, connect }
    default:
      throw refused(`unknown command "${name}"`)
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        threads: { type: 'string' },
        workers: { type: 'string' },
        memory: { type: 'string' },
        'data-dir': { type: 'string' },
        'temp-directory': { type: 'string' },
        'temp-max': { type: 'string' },
        'allow-root': { type: 'string', multiple: true },
        'allow-urls': { type: 'boolean' },
        host: { type: 'string' },
        'pg-port': { type: 'string' },
        'http-port': { type: 'string' },
        password: { type: 'string' },
        once: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean' },
      },
    })
  } catch (error) {
    throw refused(error instanceof Error ? error.message : String(error))
  }
}

function integer(name: string, text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw refused(`--${name} needs a whole number, found "${text}"`)
}

function port(name: string, text: string): number {
  const value = integer(name, text)
  if (value <= PORT_MAX) return value
  throw refused(`--${name} needs a port from 0 to ${PORT_MAX}, found "${text}"`)
}

function refused(message: string): QueryError {
  return new QueryError('INVALID_PARAMETER_VALUE', message, { hint: 'heddle --help' })
}
