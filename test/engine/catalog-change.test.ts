import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  checkAgain,
  type CatalogChange,
  type RowQueries,
} from '../../src/engine/catalog/catalog-change.ts'
import { connect, type Database } from '../../src/index.ts'
import { emptyCatalog } from '../../src/plan/catalog/schemas.ts'

let db: Database

beforeAll(async () => {
  db = await connect({ threads: 1 })
})

afterAll(() => db.close())

test('a change that cannot be made begins no check', async () => {
  const begun: string[] = []
  const change = (name: string, fails: boolean): CatalogChange => ({
    apply(catalog) {
      if (fails) throw new Error(`${name} cannot be made`)
      return { ...catalog }
    },
    async check() {
      begun.push(name)
    },
  })
  const changes = [change('first', false), change('second', true)]
  const recheck = { root: emptyCatalog, checked: emptyCatalog }
  const checked = Promise.resolve(checkAgain(changes, {} as RowQueries, recheck))
  await expect(checked).rejects.toThrow('second cannot be made')
  expect(begun).toEqual(['first'])
})

test('an index that another one overtook leaves no query behind', async () => {
  const unhandled: unknown[] = []
  const note = (error: unknown): void => {
    unhandled.push(error)
  }
  process.on('unhandledRejection', note)
  const [first, second] = [db.session(), db.session()]
  await first.query('create table t (k int, s text)')
  await first.query("insert into t values (1, 'a')")
  await first.query('begin')
  await first.query('create unique index i on t (k)')
  await second.query("insert into t values (1, 'b')")
  await second.query('create unique index j on t (s)')
  // The rows of the other session repeat a key: a check that nobody waits for would fail unseen.
  await expect(first.query('commit')).rejects.toMatchObject({ sqlState: '40001' })
  await second.query('drop table t')
  await db.query('select 1')
  await new Promise((resolve) => {
    setImmediate(resolve)
  })
  process.off('unhandledRejection', note)
  expect(unhandled).toEqual([])
})
