import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readCorpus, sample } from '../../bench/fresh/corpus.ts'

const folder = mkdtempSync(join(tmpdir(), 'heddle-corpus-'))

afterAll(() => rmSync(folder, { recursive: true }))

const table = 'statement ok\ncreate table t (a integer)\n\n'
const query = (sql: string, sort = 'rowsort'): string => `query I ${sort}\n${sql}\n----\n1\n\n`

test('statements of this dialect come once each, with the tables that all files make', async () => {
  writeFileSync(
    join(folder, 'one.test'),
    `${table}${query('select 1')}onlyif mysql\n${query('select div')}${query('select 2')}`,
  )
  writeFileSync(
    join(folder, 'two.test'),
    `${table}${query('select 2')}skipif postgresql\n${query('select skipped')}` +
      `skipif mysql\n${query('select 3')}${query('select 4 order by 1', 'nosort')}`,
  )
  expect(await readCorpus(folder)).toEqual({
    setUp: ['create table t (a integer)'],
    queries: ['select 1', 'select 2', 'select 3'],
  })
  writeFileSync(join(folder, 'three.test'), `statement ok\ncreate table u (a text)\n\n`)
  await expect(readCorpus(folder)).rejects.toThrow('three.test makes other tables')
})

test('a folder that is not there says what belongs there', async () => {
  await expect(readCorpus(join(folder, 'none'))).rejects.toThrow("SQLite's sqllogictest")
})

test('a sample has no item twice, and a seed gives it again', () => {
  const items = Array.from({ length: 100 }, (_, at) => at)
  const picked = sample(items, 40, 7)
  expect(new Set(picked).size).toBe(40)
  expect(sample(items, 40, 7)).toEqual(picked)
  expect(sample(items, 40, 8)).not.toEqual(picked)
  expect(sample(items, 1_000, 7).toSorted((a, b) => a - b)).toEqual(items)
})
