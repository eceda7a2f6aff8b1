import { Field, Int32, Schema, Table, tableFromArrays, tableToIPC } from 'apache-arrow'
import { expect, test } from 'vitest'
import { connect } from '../../src/index.ts'

const empty = tableFromArrays({ a: new Int32Array(0) })

test.each([
  ['an empty array', empty],
  ['its bytes', tableToIPC(empty)],
  ['a slice of nothing', tableFromArrays({ a: Int32Array.of(1, 2) }).slice(0, 0)],
  ['a schema alone', new Table(new Schema([new Field('a', new Int32(), true)]))],
])('an Arrow table without rows is a table: %s', async (_, data) => {
  const db = await connect({ threads: 1 })
  expect(db.load('t', data)).toBe(0)
  await db.query('insert into t values (1)')
  expect((await db.query('select a from t')).rows()).toEqual([{ a: 1 }])
  await db.close()
})
