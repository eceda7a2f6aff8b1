import { afterAll, beforeEach, expect, test } from 'vitest'
import { connect } from '../../src/index.ts'

const db = await connect({ threads: 1 })
let session = db.session()
afterAll(() => db.close())

beforeEach(async () => {
  session.close()
  session = db.session()
  await session.query('drop schema if exists w cascade')
  await session.query('create schema w')
  await session.query('set search_path to w')
  await session.query('create table t (a int)')
  await session.query('insert into t values (1), (2)')
  await session.query('create view v as select * from t')
  await session.query('create materialized view kept as select * from t')
})

const model = "create model m with (model_class = 'LinearRegression', target_column = 'y') as"

/** Of each kind: a text, its tag as PostgreSQL's clients are told, and whether it may run read-only. */
const cases = [
  ['select', 'select a from t', 'SELECT 2', true],
  ['select', 'values (1), (2), (3)', 'SELECT 3', true],
  ['explain', 'explain select a from t', 'EXPLAIN', true],
  ['create-table', 'create table x (a int)', 'CREATE TABLE', 'CREATE TABLE'],
  ['create-table-from', "create table x with (location = 'no.csv')", '58P01', 'CREATE TABLE'],
  ['create-table-as', 'create table x as select a from t', 'SELECT 2', 'CREATE TABLE AS'],
  [
    'create-table-as',
    'create table if not exists t as select 1',
    'CREATE TABLE AS',
    'CREATE TABLE AS',
  ],
  ['create-view', 'create view x as select 1', 'CREATE VIEW', 'CREATE VIEW'],
  [
    'create-stored-view',
    'create materialized view m as select 1',
    'SELECT 1',
    'CREATE MATERIALIZED VIEW',
  ],
  [
    'refresh',
    'refresh materialized view kept',
    'REFRESH MATERIALIZED VIEW',
    'REFRESH MATERIALIZED VIEW',
  ],
  ['create-schema', 'create schema if not exists w', 'CREATE SCHEMA', 'CREATE SCHEMA'],
  ['create-index', 'create unique index on t (a)', 'CREATE INDEX', 'CREATE INDEX'],
  ['create-model', `${model} select a as x, a as y from t`, 'CREATE MODEL', 'CREATE MODEL'],
  ['drop', 'drop view v', 'DROP VIEW', 'DROP VIEW'],
  ['drop', 'drop table if exists none', 'DROP TABLE', 'DROP TABLE'],
  ['insert', 'insert into t select a from t', 'INSERT 0 2', 'INSERT'],
  ['show', 'show tables', 'SHOW', true],
  ['describe', 'describe t', 'DESCRIBE', true],
  ['set', 'set datestyle to iso', 'SET', true],
  ['set', 'reset datestyle', 'RESET', true],
  ['transaction', 'commit', 'COMMIT', true],
  ['transaction', 'start transaction', 'START TRANSACTION', true],
  ['checkpoint', 'checkpoint', 'CHECKPOINT', true],
  ['discard', 'discard plans', 'DISCARD PLANS', true],
  ['deallocate', 'deallocate all', 'DEALLOCATE ALL', true],
  ['maintain', 'analyze t', 'ANALYZE', true],
  ['unsupported', 'notify a', '0A000', true],
] as const

test.each(cases)('%s: %s has the tag %s', async (_, text, tag) => {
  expect(await tagOf(text)).toBe(tag)
})

test.each(cases)('%s: %s in a read-only transaction', async (_, text, tag, readOnly) => {
  await session.query('begin read only')
  const message = `cannot execute ${readOnly} in a read-only transaction`
  expect(await tagOf(text)).toBe(readOnly === true ? tag : message)
})

/** The tag of a statement's answer, or the SQLSTATE of its error, or that it may not write. */
async function tagOf(text: string): Promise<string> {
  try {
    const result = await session.query(text)
    result.release()
    return result.tag()
  } catch (error) {
    const { sqlState, message } = error as { sqlState?: string; message: string }
    return sqlState === '25006' ? message : (sqlState ?? message)
  }
}
