import { readFileSync, writeFileSync } from 'node:fs'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { seededRandom } from '../../src/base/world.ts'
import { connect, QueryError, type Database } from '../../src/index.ts'
import { queryRound, scalarQuery } from './random-numeric.ts'

/*
 * Random computations with numerics, with what PostgreSQL 15 answered. To record them anew, or to try
 * other seeds, give a database: NUMERIC_POSTGRES=postgres://... [NUMERIC_SEED=n] [UPDATE=1].
 */
const postgres = process.env['NUMERIC_POSTGRES']
const seed = Number(process.env['NUMERIC_SEED'] ?? 1)
const recorded = new URL('postgres-15.tsv', import.meta.url)

const SCALARS = 700
const ROUNDS = 6
const QUERIES_A_ROUND = 50

/** Statements in order; those without an answer are set-ups. */
function statements(): readonly { readonly sql: string; readonly isQuery: boolean }[] {
  const random = seededRandom(seed)
  const scalars = Array.from({ length: SCALARS }, () => `select ${scalarQuery(random)}`)
  const rounds = Array.from({ length: ROUNDS }, () => queryRound(random, QUERIES_A_ROUND))
  return [
    ...scalars.map((sql) => ({ sql, isQuery: true })),
    ...rounds.flatMap(({ setup, queries }) => [
      ...setup.map((sql) => ({ sql, isQuery: false })),
      ...queries.map((sql) => ({ sql, isQuery: true })),
    ]),
  ]
}

function answer(rows: readonly (readonly (string | null)[])[]): string {
  const lines = rows.map((row) => row.map((value) => value ?? 'NULL').join(' '))
  return lines.toSorted().join(' | ')
}

/** Messages differ in detail: codes are compared. */
async function heddleAnswer(db: Database, sql: string): Promise<string> {
  try {
    return answer((await db.query(sql)).texts())
  } catch (error) {
    if (error instanceof QueryError) return `ERROR ${error.sqlState}`
    throw error
  }
}

async function postgresAnswer(client: Client, sql: string): Promise<string> {
  try {
    const types = { getTypeParser: () => (text: string) => text }
    const { rows } = await client.query({ text: sql, rowMode: 'array', types })
    return answer(rows as (string | null)[][])
  } catch (error) {
    return `ERROR ${(error as { code?: string }).code}`
  }
}

async function record(): Promise<string> {
  const client = new Client({ connectionString: postgres })
  await client.connect()
  await client.query('set extra_float_digits = 1')
  const lines: string[] = []
  for (const { sql, isQuery } of statements()) {
    const expected = await postgresAnswer(client, sql)
    lines.push(isQuery ? `${sql}\t${expected}` : sql)
  }
  await client.end()
  return `${lines.join('\n')}\n`
}

const text = postgres === undefined ? readFileSync(recorded, 'utf8') : await record()
if (process.env['UPDATE'] === '1' && postgres !== undefined) writeFileSync(recorded, text)

describe(`numerics as PostgreSQL 15 has them, seed ${seed}`, () => {
  let db: Database
  beforeAll(async () => {
    db = await connect()
  })
  afterAll(() => db.close())

  const lines = text.split('\n').filter((line) => line !== '')
  test.each(lines.map((line) => line.split('\t')))('%s', async (sql, expected) => {
    const found = await heddleAnswer(db, sql!)
    if (expected === undefined) expect(found).not.toMatch('ERROR')
    else expect(found).toBe(expected)
  })
})
