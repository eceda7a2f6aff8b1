import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tableFromArrays, tableToIPC } from 'apache-arrow'
import { afterAll, describe, expect, test } from 'vitest'
import { connect } from '../../src/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'heddle-changed-'))
const db = await connect({ threads: 1, allowedRoots: [folder, '/dev'] })
afterAll(async () => {
  await db.close()
  rmSync(folder, { recursive: true })
})

const arrow = (a: number, b: number): Uint8Array =>
  tableToIPC(tableFromArrays({ a: Int32Array.of(a), b: Int32Array.of(b) }), 'file')

describe('a table of a file that was written anew, of the same length, is not read as it was', () => {
  const cases: readonly (readonly [string, string | Uint8Array, string | Uint8Array])[] = [
    ['x.csv', 'a,b\n1,2\n', 'b,a\n1,2\n'],
    ['x.json', '{"a":1,"b":2}\n', '{"b":1,"a":2}\n'],
    ['x.arrow', arrow(1, 2), arrow(2, 1)],
  ]
  test.each(cases)('%s', async (name, before, after) => {
    const path = join(folder, name)
    writeFileSync(path, before)
    utimesSync(path, 1, 1)
    const table = name.replace('.', '_')
    await db.query(`create table ${table} with (location = '${path}')`)
    expect((await db.query(`select a, b from ${table}`)).texts()).toEqual([['1', '2']])
    writeFileSync(path, after)
    await expect(db.query(`select a, b from ${table}`)).rejects.toThrow(
      `file "${path}" changed while it was in use`,
    )
    await db.query(`create or replace table ${table} with (location = '${path}')`)
    expect((await db.query(`select a, b from ${table}`)).texts()).toEqual([['2', '1']])
  })
})

test('what is no file is refused, not waited for', async () => {
  execFileSync('mkfifo', [join(folder, 'pipe.csv')])
  symlinkSync('/dev/zero', join(folder, 'endless.csv'))
  for (const name of ['pipe.csv', 'endless.csv', 'p*.csv']) {
    const run = db.query(`select * from '${join(folder, name)}'`)
    await expect(run, name).rejects.toThrow('is not a regular file')
  }
})
