import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect, type Database } from '../../src/index.ts'
import { little, parquetFile, plainTexts } from '../io/parquet/parquet-writer.ts'

/** Parquet's number of the physical type of integers of 32 bits. */
const INT32 = 1
const BYTE_ARRAY = 6
const UTF8 = 0

const folder = mkdtempSync(join(tmpdir(), 'heddle-lying-'))
const file = join(folder, 'nulls.parquet')
let db: Database

/** A file that has NULLs in columns of which it says that they have none. */
beforeAll(async () => {
  const valid = [true, false, true, false]
  const page = { kind: 'data', rows: 4, encoding: 0, valid } as const
  const bytes = parquetFile(4, [
    {
      name: 'v',
      physical: INT32,
      nullable: true,
      nullCount: 0,
      min: little(7, 4),
      max: little(9, 4),
      pages: [{ ...page, values: [...little(7, 4), ...little(9, 4)] }],
    },
    {
      name: 'w',
      physical: BYTE_ARRAY,
      converted: UTF8,
      nullable: true,
      nullCount: 0,
      pages: [{ ...page, values: plainTexts(['x', 'y']) }],
    },
  ])
  writeFileSync(file, bytes)
  db = await connect({ threads: 1, allowedRoots: [folder] })
})
afterAll(async () => {
  await db.close()
  rmSync(folder, { recursive: true })
})

test.each([
  ['select v, w from FILE order by v, w', '7,x|9,y|,|,'],
  ['select v, count(*) from FILE group by v order by v', '7,1|9,1|,2'],
  ['select w, count(v) from FILE group by w order by w', 'x,1|y,1|,0'],
  ['select distinct v from FILE order by v nulls first', '|7|9'],
  ['select count(*) from FILE a join FILE b using (v)', '2'],
  ['select count(*) from FILE where v is null', '2'],
  ['select v, lag(w) over (order by v) from FILE order by v limit 2', '7,|9,x'],
])('NULLs are there though the file counts none: %s', async (sql, expected) => {
  const rows = (await db.query(sql.replaceAll('FILE', `'${file}'`))).texts()
  expect(rows.map((row) => row.map((text) => text ?? '').join(',')).join('|')).toBe(expected)
})
