import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { userInfo } from 'node:os'
import { connect } from '#heddle/engine/database.js'
import { startPgServer } from '#heddle/server/pgwire/server.js'
import { Describer, type Described } from './describer.ts'

/** What both servers have when the statements come. */
const schema = [
  'create schema s',
  "create type s.mood as enum ('sad', 'ok')",
  `create table s.t (id serial primary key, name text not null default 'x', v numeric(10,2),
     at timestamptz, e s.mood, a int[], constraint v_positive check (v > 0))`,
  'create table t (id int primary key, name text, v float8)',
  'create table big (id int primary key, name text, v float8, at timestamp)',
  'create table child (id int primary key, parent int references t (id), code varchar(10) unique)',
  'create view s.w as select id, name from s.t',
  "insert into t values (1, 'one', 1.5), (2, 'two', null)",
  "insert into big values (1, 'one', 1.5, '2024-05-01 10:00'), (2, 'two', 3, '2024-06-01 11:30')",
]

const PRINTED_CHARACTERS_MAX = 2_000

interface ClientStatement {
  readonly client: string
  readonly sql: string
}

export interface ClientStatementsOptions {
  /** Files of statements: `*.jsonl` with `client` and `sql`, `*.txt` with `### client` above each. */
  readonly folder: string
  readonly report: string | undefined
  readonly verbose: boolean
}

/** Asks both servers what clients ask, and compares types, columns, numbers of rows and errors. */
export async function runClientStatements(options: ClientStatementsOptions): Promise<boolean> {
  const statements = readStatements(options.folder)
  const db = await connect({ threads: 1 })
  const server = await startPgServer({ engine: db.engine, host: '127.0.0.1', port: 0 })
  const database = `heddle_suite_${process.pid}`
  const own = { host: '127.0.0.1', port: server.port, user: 'suite', database }
  const theirs = {
    host: process.env['PGHOST'] ?? '/var/run/postgresql',
    user: process.env['PGUSER'] ?? userInfo().username,
  }
  const maker = await Describer.open({ ...theirs, database: 'postgres' })
  await maker.run(`create database ${database} template template0`)
  const judged: {
    equal: boolean
    statement: ClientStatement
    heddle: Described
    postgres: Described
  }[] = []
  try {
    for (const statement of statements) {
      // Each in sessions of its own: statements before it change settings and leave transactions open.
      const heddle = await answer(own, statement.sql, judged.length === 0)
      const postgres = await answer({ ...theirs, database }, statement.sql, judged.length === 0)
      judged.push({ equal: isSame(heddle, postgres), statement, heddle, postgres })
    }
  } finally {
    await maker.run(`drop database ${database} with (force)`)
    maker.close()
    await server.close()
    await db.close()
  }
  const different = judged.filter(({ equal }) => !equal)
  if (options.verbose) for (const one of different) print(one)
  process.stdout.write(`${judged.length - different.length} of ${judged.length} equal\n`)
  if (options.report !== undefined) writeFileSync(options.report, JSON.stringify(judged, null, 1))
  return different.length === 0
}

async function answer(
  config: Parameters<typeof Describer.open>[0],
  text: string,
  isFirst: boolean,
): Promise<Described> {
  const describer = await Describer.open(config)
  try {
    if (isFirst) for (const each of schema) await describer.run(each)
    return await describer.ask(text)
  } finally {
    describer.close()
  }
}

function readStatements(folder: string): readonly ClientStatement[] {
  const found: ClientStatement[] = []
  const lines = join(folder, 'client_queries_oracle.jsonl')
  if (existsSync(lines)) {
    const texts = readFileSync(lines, 'utf8').split('\n')
    for (const text of texts) if (text !== '') found.push(JSON.parse(text) as ClientStatement)
  }
  const named = join(folder, 'bi-statements.txt')
  if (existsSync(named)) {
    for (const part of readFileSync(named, 'utf8').split('### ').slice(1)) {
      const [client = '', ...sql] = part.split('\n')
      found.push({ client, sql: sql.join('\n').trim() })
    }
  }
  return found
}

function isSame(heddle: Described, postgres: Described): boolean {
  if (heddle.code !== undefined || postgres.code !== undefined) return heddle.code === postgres.code
  return (
    heddle.parameters.join() === postgres.parameters.join() &&
    heddle.columns.join() === postgres.columns.join() &&
    heddle.rows?.length === postgres.rows?.length
  )
}

function print({
  statement,
  heddle,
  postgres,
}: {
  readonly statement: ClientStatement
  readonly heddle: Described
  readonly postgres: Described
}): void {
  const shown = ({ code, message, parameters, columns, rows }: Described): string =>
    code === undefined
      ? `(${parameters.join()}) ${columns.join()} ${rows?.length ?? ''}`
      : `${code} ${message}`
  process.stdout.write(
    `-- ${statement.client}\n${statement.sql.slice(0, PRINTED_CHARACTERS_MAX)}\n`,
  )
  process.stdout.write(`  heddle:   ${shown(heddle)}\n  postgres: ${shown(postgres)}\n\n`)
}
