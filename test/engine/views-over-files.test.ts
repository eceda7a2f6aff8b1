import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect, type Database } from '../../src/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'heddle-views-'))
const [one, two, gone] = ['one.csv', 'two.csv', 'gone.csv'].map((name) => join(folder, name))
let db: Database

beforeAll(async () => {
  writeFileSync(one!, 'a,b\n1,x\n2,y\n')
  writeFileSync(two!, 'a,c\n2,u\n3,v\n')
  writeFileSync(gone!, 'a\n1\n')
  db = await connect({ threads: 1, allowedRoots: [folder] })
  await db.query(`create view ones as select * from '${one}'`)
  await db.query(
    `create view joined as select ones.a, b, c from ones join '${two}' t on t.a = ones.a`,
  )
  await db.query(`create view lost as select * from '${gone}'`)
})

afterAll(async () => {
  await db.close()
  rmSync(folder, { recursive: true })
})

describe('views over files', () => {
  test.each([
    [
      'select * from ones order by a',
      [
        ['1', 'x'],
        ['2', 'y'],
      ],
    ],
    ['select * from joined', [['2', 'y', 'u']]],
    // One that the query names, too.
    [`select count(*) from joined, '${two}' t`, [['2']]],
    ['select (select max(a) from ones), exists (select 1 from joined)', [['2', 't']]],
  ])('%s', async (sql, expected) => {
    expect((await db.query(sql)).texts()).toEqual(expected)
    // A prepared one is described, bound and run.
    const session = db.session()
    const prepared = await session.prepare(sql)
    expect(prepared.columns?.length).toBe(expected[0]!.length)
  })

  test('rows that a view gives are inserted, and the file is read as it is by then', async () => {
    await db.query('create table copies as select * from ones')
    writeFileSync(one!, 'a,b\n7,z\n8,w\n')
    await db.query('insert into copies select * from ones')
    expect((await db.query('select sum(a) from copies')).texts()).toEqual([['18']])
    writeFileSync(one!, 'a,b\n1,x\n2,y\n')
  })

  test.each([
    ['more columns in another order', 'c,b,a\ntrue,x,1\n', [['1', 'x']]],
    [
      'more rows',
      'a,b\n1,x\n2,y\n3,z\n',
      [
        ['1', 'x'],
        ['2', 'y'],
        ['3', 'z'],
      ],
    ],
  ])(
    'a file that was replaced by one of %s keeps the columns of the view',
    async (_, file, rows) => {
      const session = db.session()
      const text = 'select * from ones where a >= $1 order by a'
      await session.query(text, [0])
      writeFileSync(one!, file)
      expect((await db.query('select * from ones order by a')).texts()).toEqual(rows)
      expect((await session.query(text, [0])).texts()).toEqual(rows)
      expect((await db.query('select count(*) from (select * from ones) t')).texts()).toEqual([
        [`${rows.length}`],
      ])
      writeFileSync(one!, 'a,b\n1,x\n2,y\n')
    },
  )

  test.each([
    ['without one', 'a\n1\n'],
    ['of another type', 'a,b\nx,y\n'],
  ])('a file that was replaced by one %s is refused', async (_, text) => {
    writeFileSync(one!, text)
    await expect(db.query('select * from ones')).rejects.toMatchObject({
      code: 'INVALID_TABLE_DEFINITION',
      details: { hint: 'A table or file that the view is over was replaced; make the view again.' },
    })
    writeFileSync(one!, 'a,b\n1,x\n2,y\n')
  })

  test('a file that is gone is told by its name', async () => {
    rmSync(gone!)
    await expect(db.query('select * from lost')).rejects.toMatchObject({
      code: 'FILE_NOT_FOUND',
      message: `could not open file "${gone}" for reading: No such file or directory`,
    })
    expect((await db.query('select count(*) from ones')).texts()).toEqual([['2']])
  })
})
