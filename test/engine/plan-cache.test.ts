import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { connect, type Database, type Session } from '../../src/index.ts'
import * as binder from '../../src/plan/binder/bind.ts'

vi.mock('../../src/plan/binder/bind.ts', { spy: true })

const folder = mkdtempSync(join(tmpdir(), 'heddle-plans-'))
let db: Database
let session: Session
beforeAll(async () => {
  db = await connect({ threads: 1, allowedRoots: [folder] })
  session = db.session()
})
afterAll(async () => {
  await db.close()
  rmSync(folder, { recursive: true })
})

/** The rows of a query, and whether it was bound for them. */
async function run(text: string): Promise<{ readonly rows: unknown; readonly bound: boolean }> {
  const before = vi.mocked(binder.bindSteps).mock.calls.length
  const result = await session.query(text)
  const rows = result.rows()
  result.release()
  return { rows, bound: vi.mocked(binder.bindSteps).mock.calls.length > before }
}

test('a text that comes again is not bound again, and answers the same', async () => {
  await run('create table one as select 1 as a')
  const joined = 'select count(*) as n, max(x.a + 41) as m from one x join one y on x.a = y.a'
  for (const text of [joined, 'select 40 + 2 as m, random() < 2 as chance']) {
    const first = await run(text)
    expect(first.bound).toBe(true)
    expect(first.rows).toMatchObject([{ m: 42 }])
    expect(await run(text)).toEqual({ rows: first.rows, bound: false })
  }
})

test('what is random stays so', async () => {
  const text = 'select random() as r'
  const first = await run(text)
  expect((await run(text)).rows).not.toEqual(first.rows)
})

describe('is bound again', () => {
  test('after rows came in', async () => {
    await run('create table t (a int)')
    await run('insert into t values (1)')
    expect((await run('select sum(a) as s from t')).rows).toEqual([{ s: 1n }])
    await run('insert into t values (2)')
    expect(await run('select sum(a) as s from t')).toEqual({ rows: [{ s: 3n }], bound: true })
  })

  test('after the table became another one', async () => {
    await run('create table u (a int)')
    await run('insert into u values (7)')
    expect((await run('select a from u')).rows).toEqual([{ a: 7 }])
    await run('drop table u')
    await expect(run('select a from u')).rejects.toThrow('relation "u" does not exist')
    await run(`create table u as select 'text' as a`)
    expect((await run('select a from u')).rows).toEqual([{ a: 'text' }])
  })

  test('inside a transaction, and after it was rolled back', async () => {
    await run('create table v (a int)')
    const count = 'select count(*) as n from v'
    expect((await run(count)).rows).toEqual([{ n: 0n }])
    await run('begin')
    await run('insert into v values (1)')
    expect((await run(count)).rows).toEqual([{ n: 1n }])
    await run('rollback')
    expect((await run(count)).rows).toEqual([{ n: 0n }])
  })

  test('under other settings', async () => {
    await run('create schema s')
    await run('create table s.w as select 1 as a')
    await run('create table w as select 2 as a')
    expect((await run('select a from w')).rows).toEqual([{ a: 2 }])
    await run('set search_path = s, public')
    expect((await run('select a from w')).rows).toEqual([{ a: 1 }])
    await run('set search_path = public')
    await run(`set disabled_rules = 'push-filters'`)
    expect(await run('select a from w')).toEqual({ rows: [{ a: 2 }], bound: true })
    await run(`set disabled_rules = ''`)
    expect(await run('select a from w')).toEqual({ rows: [{ a: 2 }], bound: false })
  })

  test('where it asks for the time', async () => {
    const text = 'select now() = now() as same'
    expect(await run(text)).toEqual({ rows: [{ same: true }], bound: true })
    expect((await run(text)).bound).toBe(true)
  })

  test('where it names a file', async () => {
    const path = join(folder, 'numbers.csv')
    writeFileSync(path, 'a\n1\n')
    const text = `select a from '${path}'`
    expect((await run(text)).rows).toEqual([{ a: 1n }])
    writeFileSync(path, 'a\nword\n')
    expect((await run(text)).rows).toEqual([{ a: 'word' }])
  })

  test('with parameters: their types may differ', async () => {
    const ask = async (value: number | string): Promise<unknown> => {
      const result = await session.query('select $1 as p', [value])
      const rows = result.rows()
      result.release()
      return rows
    }
    expect(await ask('x')).toEqual([{ p: 'x' }])
    expect(await ask(5)).toEqual([{ p: 5 }])
  })
})

test('an error of a later run points at the text', async () => {
  await run('create table z as select 1 as a')
  const text = 'select 1 / (a - 1) from z'
  for (let round = 0; round < 2; round++) {
    await expect(run(text)).rejects.toMatchObject({ code: 'DIVISION_BY_ZERO' })
  }
})
