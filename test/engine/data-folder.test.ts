import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { FaultyDisk } from '../../crash/faulty-disk.ts'
import { Chooser } from '../../fuzz/chooser.ts'
import { Engine, type EngineParts } from '../../src/engine/process/engine.ts'
import { keepsAll } from '../../src/engine/process/table-room.ts'
import { Session } from '../../src/engine/session.ts'

const folders: string[] = []

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'heddle-folder-'))
  folders.push(folder)
  return join(folder, 'data')
}

/** An engine on a folder, and one session. */
class Opened {
  readonly engine: Engine
  readonly session: Session

  private constructor(engine: Engine) {
    this.engine = engine
    this.session = new Session(engine)
  }

  static async open(path: string, parts: EngineParts = {}): Promise<Opened> {
    return new Opened(await Engine.start({ path, threads: 1 }, parts))
  }

  async run(...statements: readonly string[]): Promise<string> {
    let rows = ''
    for (const statement of statements) {
      const result = await this.session.query(statement)
      rows = result
        .texts()
        .map((row) => row.join(','))
        .join(';')
      result.release()
    }
    return rows
  }

  async close(): Promise<void> {
    this.session.close()
    await this.engine.close()
  }
}

/** What there is after each of these, in the engine that made it and in those that open the folder later. */
const kept: readonly (readonly [readonly string[], string, string])[] = [
  [
    ['create table t (a int primary key, b text default $$x$$, c numeric(8,2) check (c > 0))'],
    'select count(*) from t',
    '0',
  ],
  [
    ['insert into t (a, c) values (1, 1.5), (2, 2.5)', 'update t set b = $$y$$ where a = 2'],
    'select * from t order by a',
    '1,x,1.50;2,y,2.50',
  ],
  [['delete from t where a = 1'], 'select * from t', '2,y,2.50'],
  [
    [
      'alter table t add d int default 7',
      'alter table t rename b to e',
      'alter table t rename to u',
    ],
    'select e, d from u',
    'y,7',
  ],
  [['create schema s', 'create table s.k (a serial, b date)'], 'select * from s.k', ''],
  [['insert into s.k (b) values ($$2020-02-03$$)'], 'select b from s.k', '2020-02-03'],
  [['create type mood as enum ($$sad$$, $$ok$$)'], 'select $$ok$$::mood > $$sad$$', 't'],
  [
    ['create table m (a mood[], b mood)', 'insert into m values ($${ok,sad}$$, $$sad$$)'],
    'select * from m',
    '{ok,sad},sad',
  ],
  [['create view v as select e from u where d > 5'], 'select * from v', 'y'],
  [['alter schema s rename to z'], 'select count(*) from z.k', '1'],
  [
    [
      'create table big as select i, i % 10 as j, $$t$$ || i % 3 as k from generate_series(1, 50000) g(i)',
    ],
    'select count(*), sum(i), sum(j), max(k) from big',
    '50000,1250025000,225000,t2',
  ],
  [
    ['delete from big where i between 20000 and 20003', 'update big set j = 0 where i = 40000'],
    'select count(*), sum(i), sum(j), max(k) from big',
    '49996,1249944994,224994,t2',
  ],
  [
    ['create table n as select 1e400::numeric as a, null::text as b, array[1, 2] as c'],
    'select length(a::text), b, c from n',
    '401,,{1,2}',
  ],
  [['begin', 'insert into u values (9, $$z$$, 1)', 'rollback'], 'select count(*) from u', '1'],
  [
    ['create materialized view w as select count(*) as n from big', 'delete from big where i < 9'],
    'select * from w',
    '49996',
  ],
  [['refresh materialized view w'], 'select * from w', '49988'],
  [['create temp table gone as select 1'], 'select count(*) from u', '1'],
]

test.each([
  ['with its log', {}, false],
  ['after checkpoints', { checkpointBytes: 0 }, false],
  ['with rows that stay in its files', { tableBounds: keepsAll }, false],
  ['after CHECKPOINT', {}, true],
])(
  'a folder has what was made, when it is opened again %s',
  async (_, parts, asks) => {
    const path = newFolder()
    for (const [statements, query, expected] of kept) {
      const opened = await Opened.open(path, parts)
      await opened.run(...statements, ...(asks ? ['checkpoint'] : []))
      expect(await opened.run(query)).toBe(expected)
      await opened.close()
    }
    const last = await Opened.open(path, parts)
    expect(await last.run('select e, d from u')).toBe('y,7')
    expect(await last.run('insert into z.k default values returning a')).toBe('2')
    await expect(last.run('insert into u values (2, $$y$$, 1)')).rejects.toMatchObject({
      code: 'UNIQUE_VIOLATION',
    })
    await expect(last.run('select * from gone')).rejects.toMatchObject({ code: 'UNDEFINED_TABLE' })
    await last.close()
  },
  60_000,
)

test('one engine has a folder at a time', async () => {
  const path = newFolder()
  const first = await Opened.open(path)
  await expect(Opened.open(path)).rejects.toMatchObject({ code: 'OBJECT_IN_USE' })
  await first.close()
  await (await Opened.open(path)).close()
})

test('a folder of other files is left alone', async () => {
  const path = newFolder()
  const { close } = await Opened.open(path).then((opened) => ({ close: () => opened.close() }))
  await close()
  rmSync(join(path, 'manifest'))
  await expect(Opened.open(path)).rejects.toMatchObject({ code: 'INVALID_PARAMETER_VALUE' })
})

test('a full disk fails what is committed, of which nothing is seen', async () => {
  const path = newFolder()
  const disk = new FaultyDisk(path, new Chooser(1))
  const opened = await Opened.open(path, { disk })
  await opened.run('create table t (a int)', 'insert into t values (1)')
  disk.isFull = true
  const other = new Session(opened.engine)
  const both = ['insert into t values (2)', 'create table u (a int)'].map((statement, at) =>
    (at === 0 ? opened.session : other).query(statement),
  )
  for (const failed of both) await expect(failed).rejects.toMatchObject({ code: 'DISK_FULL' })
  expect(await opened.run('select * from t')).toBe('1')
  disk.isFull = false
  await opened.run('insert into t values (3)')
  other.close()
  await opened.close()
  const again = await Opened.open(path)
  expect(await again.run('select * from t order by a')).toBe('1;3')
  await expect(again.run('select * from u')).rejects.toMatchObject({ code: 'UNDEFINED_TABLE' })
  await again.close()
})

test('nothing is seen that is not kept', async () => {
  const path = newFolder()
  const disk = new FaultyDisk(path, new Chooser(1))
  const opened = await Opened.open(path, { disk })
  await opened.run('create table t (a int)')
  const other = new Session(opened.engine)
  const writing = other.query('insert into t values (1)')
  disk.cutPower()
  await expect(writing).rejects.toMatchObject({ code: 'IO_ERROR' })
  expect(await opened.run('select count(*) from t')).toBe('0')
  await expect(opened.run('insert into t values (1)')).rejects.toMatchObject({ code: 'IO_ERROR' })
  other.close()
  await opened.close().catch(() => {})
})

test('a damaged column is told of by who reads it, and all else is there', async () => {
  const path = newFolder()
  const opened = await Opened.open(path)
  await opened.run(
    'create table good as select i from generate_series(1, 1000) g(i)',
    'create table bad as select $$abcdefgh$$ || i as a, i from generate_series(1, 1000) g(i)',
  )
  await opened.close()
  const name = readdirSync(path).find((file) => {
    return file.startsWith('log-') && readFileSync(join(path, file)).includes('abcdefgh77')
  })
  const file = join(path, name ?? '')
  expect(existsSync(file)).toBe(true)
  const bytes = readFileSync(file)
  bytes[bytes.indexOf('abcdefgh77')] = 0
  writeFileSync(file, bytes)
  const again = await Opened.open(path)
  expect(await again.run('select sum(i) from good')).toBe('500500')
  await expect(again.run('select max(a) from bad')).rejects.toMatchObject({
    code: 'DATA_CORRUPTED',
  })
  await again.close()
})

test('numbers of sequences come once, whatever becomes of the process', async () => {
  const path = newFolder()
  const disk = new FaultyDisk(path, new Chooser(3))
  const opened = await Opened.open(path, { disk })
  await opened.run(
    'create sequence s',
    'create sequence down increment -2 cycle minvalue -7 maxvalue 0',
  )
  for (let at = 1; at < 40; at++) await opened.run('select nextval($$s$$)')
  await opened.run('alter sequence s rename to r')
  expect(await opened.run('select nextval($$r$$)')).toBe('40')
  expect(await opened.run('select setval($$down$$, -6), nextval($$down$$)')).toBe('-6,0')
  disk.cutPower()
  await opened.close().catch(() => {})
  const again = await Opened.open(path)
  expect(Number(await again.run('select nextval($$r$$)'))).toBeGreaterThan(40)
  expect(Number(await again.run('select nextval($$r$$)'))).toBeLessThan(40 + 2 * 33)
  await again.close()
  const third = await Opened.open(path)
  await third.run('select setval($$r$$, 5)')
  await third.close()
  const fourth = await Opened.open(path)
  expect(await fourth.run('select nextval($$r$$)')).toBe('6')
  await fourth.close()
})
