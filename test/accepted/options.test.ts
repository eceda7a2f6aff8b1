import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fileOptionNames } from '../../src/engine/queries/file-options.ts'
import { settings, type Setting } from '../../src/engine/settings/settings.ts'
import { explainOptions } from '../../src/engine/statements/explain.ts'
import { modelOptionNames } from '../../src/ml/train.ts'
import { connect, type Database } from '../../src/index.ts'
import { problemOf, type Case, type Evidence } from './evidence.ts'
import { statementEvidence } from './statements.ts'

const folder = mkdtempSync(join(tmpdir(), 'heddle-options-'))
let db: Database

beforeAll(async () => {
  writeFileSync(join(folder, 'a.txt'), "x;y\n1;'p;q'\n2;none\n")
  writeFileSync(join(folder, 'c.json'), '{"x": 1}\n')
  mkdirSync(join(folder, 'both'))
  writeFileSync(join(folder, 'both', '1.csv'), 'x,y\n1,2\n')
  writeFileSync(join(folder, 'both', '2.csv'), 'y,z\n3,4\n')
  writeFileSync(join(folder, 'b.csv.bin'), gzipSync('x,y\n1,2\n'))
  db = await connect({ threads: 1, allowedRoots: [folder] })
})

afterAll(async () => {
  await db.close()
  rmSync(folder, { recursive: true })
})

async function problems(cases: readonly Case[]): Promise<readonly string[]> {
  const found: string[] = []
  for (const one of cases) {
    const problem = await problemOf(db, one)
    if (problem !== undefined) found.push(problem)
  }
  return found
}

/** By name of the setting: what it does, or what it refuses. */
const settingEvidence: Evidence = {
  application_name: [[`set application_name = 'é';; show application_name`, '??']],
  bytea_output: [
    [`set bytea_output = hex;; select '\\x01'::bytea`, '\\x01'],
    ['set bytea_output = escape', '!0A000'],
  ],
  check_function_bodies: [['set check_function_bodies = off;; show check_function_bodies', 'off']],
  client_encoding: [
    [`set client_encoding = 'unicode';; show client_encoding`, 'UTF8'],
    [`set client_encoding = latin1`, '!0A000'],
  ],
  client_min_messages: [['set client_min_messages = nope', '!22023']],
  datestyle: [
    [`set datestyle = 'iso';; select date '2020-01-31'`, '2020-01-31'],
    [`set datestyle = 'SQL';; select date '2020-01-31'`, '01/31/2020'],
    [`set datestyle = 'DMY';; select date '31/1/2020'`, '2020-01-31'],
  ],
  default_table_access_method: [['set default_table_access_method = columnar', '!0A000']],
  default_tablespace: [['set default_tablespace = fast', '!0A000']],
  default_transaction_deferrable: [
    ['set default_transaction_deferrable = on;; show transaction_deferrable', 'on'],
  ],
  default_transaction_isolation: [
    [
      `set default_transaction_isolation = serializable;; show transaction_isolation`,
      'serializable',
    ],
  ],
  default_transaction_read_only: [
    ['set default_transaction_read_only = on;; insert into t values (1)', '!25006'],
  ],
  disabled_rules: [
    [
      "set disabled_rules = 'push-filters';; explain (optimized) select a from t where a > 1",
      '~Filter',
    ],
    [`set disabled_rules = 'nope'`, '!22023'],
  ],
  escape_string_warning: [["set escape_string_warning = off;; select 'a\\b'", 'a\\b']],
  extra_float_digits: [
    ['set extra_float_digits = 2;; select 0.1::float8 + 0.2::float8', '0.30000000000000004'],
    ['set extra_float_digits = 0', '!0A000'],
  ],
  idle_in_transaction_session_timeout: [['set idle_in_transaction_session_timeout = 5', '!0A000']],
  idle_session_timeout: [['set idle_session_timeout = 5', '!0A000']],
  integer_datetimes: [['set integer_datetimes = off', '!55P02']],
  intervalstyle: [
    [`set intervalstyle = postgres;; select interval '1 day 2 hours'`, '1 day 02:00:00'],
    [`set intervalstyle = sql_standard;; select interval '1 day 2 hours'`, '1 2:00:00'],
  ],
  lc_messages: [[`set lc_messages = 'de_DE'`, '!0A000']],
  lc_monetary: [[`set lc_monetary = 'de_DE'`, '!0A000']],
  lc_numeric: [[`set lc_numeric = 'de_DE'`, '!0A000']],
  lc_time: [[`set lc_time = 'de_DE'`, '!0A000']],
  lock_timeout: [[`set lock_timeout = '2min';; show lock_timeout`, '2min']],
  max_temp_directory_size: [[`set max_temp_directory_size = '1GB'`, '!55P02']],
  memory_limit: [[`set memory_limit = '1GB'`, '!55P02']],
  max_identifier_length: [['show max_identifier_length', '63']],
  quote_all_identifiers: [['set quote_all_identifiers = on', '!0A000']],
  role: [['set role = nobody', '!22023']],
  row_security: [['set row_security = off;; select count(*) from t', '3']],
  search_path: [
    [
      'create schema $s_y;; create table $s_y.o (a int);; set search_path = nope, $s_y;; select count(*) from o',
      '0',
    ],
  ],
  session_authorization: [[`set session_authorization = nobody`, '!22023']],
  server_encoding: [[`set server_encoding = 'UTF8'`, '!55P02']],
  server_version: [[`set server_version = '16'`, '!55P02']],
  server_version_num: [['show server_version_num', '150000']],
  standard_conforming_strings: [['set standard_conforming_strings = off', '!0A000']],
  temp_directory: [[`set temp_directory = '/tmp'`, '!55P02']],
  statement_timeout: [
    [
      `set statement_timeout = 1;; select count(*) from (select t.a from t, t b, t c, t d, t e, t f, t g, t h, t i,
       t j, t k, t l, t m, t n, t o, t p, t q, t r where t.a + b.a + r.a < 0) x`,
      '!57014',
    ],
  ],
  timezone: [
    [
      `set timezone = 'Etc/UTC';; select timestamptz '2020-01-01 00:00:00+01'`,
      '2019-12-31 23:00:00+00',
    ],
    [
      `set timezone = 'Asia/Tokyo';; select timestamptz '2020-01-01 00:00:00+01'`,
      '2020-01-01 08:00:00+09',
    ],
    [
      `set timezone = '+02';; select timestamptz '2020-01-01 00:00:00+01'`,
      '2020-01-01 01:00:00+02',
    ],
  ],
  transaction_deferrable: [
    ['begin;; set transaction_deferrable = on;; show transaction_deferrable', 'on'],
  ],
  transaction_isolation: [
    [
      'begin;; set transaction_isolation = serializable;; show transaction_isolation',
      'serializable',
    ],
    ['set transaction_isolation = serializable;; show transaction_isolation', 'read committed'],
  ],
  transaction_read_only: [
    ['begin;; set transaction_read_only = on;; insert into t values (1)', '!25006'],
  ],
  transform_null_equals: [['set transform_null_equals = on', '!0A000']],
}

describe('settings', () => {
  const all: [string, Setting][] = Object.entries(settings)
  const own = all.filter(([, { isHint }]) => isHint !== true).map(([name]) => name)

  test('each has evidence', () => {
    expect(Object.keys(settingEvidence).toSorted()).toEqual(own.toSorted())
  })

  test.each(own)('%s', async (name) => {
    expect(await problems(settingEvidence[name] ?? [])).toEqual([])
  })

  test('hints are kept and shown, and say that they are not used', async () => {
    for (const [name, { initial }] of all.filter(([, { isHint }]) => isHint === true)) {
      const { notices } = await db.query(`set ${name} = '${initial}'`)
      expect(notices, name).toMatchObject([{ severity: 'NOTICE' }])
      const shown = (await db.query(`show ${name}`)).texts()
      await db.query(`reset ${name}`)
      expect((await db.query(`show ${name}`)).texts(), name).toEqual(shown)
      await expect(db.query(`set ${name} = 'no such value'`), name).rejects.toMatchObject({
        sqlState: '22023',
      })
    }
  })

  test('client_min_messages keeps notices away', async () => {
    await db.query('set client_min_messages = warning')
    expect((await db.query('set work_mem = 1000')).notices).toEqual([])
    expect((await db.query('commit')).notices).toHaveLength(1)
    await db.query('set client_min_messages = error')
    expect((await db.query('commit')).notices).toEqual([])
    await db.query('reset client_min_messages')
  })
})

describe('options', () => {
  const from = (options: string, select: string): string =>
    `create table f with (location = '${folder}/a.txt', format = 'csv', ${options});; ${select}`
  const fileEvidence = (): Evidence => ({
    location: [[`create table f with (location = '/etc/passwd')`, '!42501']],
    format: [[`create table f with (location = '${folder}/a.txt', format = 'nope')`, '!22023']],
    delimiter: [[from(`delimiter = ';', quote = ''''`, 'select x from f order by x'), '1;2']],
    header: [
      [from(`delimiter = ';', quote = '''', header = false`, 'select count(*) from f'), '3'],
    ],
    quote: [[from(`delimiter = ';', quote = ''''`, 'select y from f where x = 1'), 'p;q']],
    null_strings: [
      [
        from(
          `delimiter = ';', quote = '''', null_strings = ['none']`,
          'select y from f where x = 2',
        ),
        'NULL',
      ],
    ],
    compression: [
      [
        `create table f with (location = '${folder}/b.csv.bin', format = 'csv', compression = 'gzip');; select y from f`,
        '2',
      ],
    ],
    union_by_name: [
      [
        `create table f with (location = '${folder}/both/*.csv', union_by_name = true);;
         select x, y, z from f order by y`,
        '1|2|NULL;NULL|3|4',
      ],
      [`create table f with (location = '${folder}/both/*.csv', union_by_name = false)`, '!22P04'],
    ],
    sample_rows_max: [
      [
        `create table f with (location = '${folder}/a.txt', format = 'csv', sample_rows_max = 'x')`,
        '!22023',
      ],
    ],
  })

  test('of tables over files each has its effect', async () => {
    const evidence = fileEvidence()
    expect(Object.keys(evidence).toSorted()).toEqual([...fileOptionNames].toSorted())
    expect(await problems(Object.values(evidence).flat())).toEqual([])
  })

  test('of tables over files those of another format are refused', async () => {
    const cases = [`delimiter = ';'`, 'header = true', `quote = ''''`, `null_strings = ['x']`].map(
      (option): Case => [
        `create table f with (location = '${folder}/c.json', ${option})`,
        '!22023',
      ],
    )
    expect(await problems(cases)).toEqual([])
  })

  test('of models each is looked at', async () => {
    const train = (options: string): string =>
      `create model m with (model_class = 'LogisticRegression', target_column = 'y', ${options}) as
       select a x, a > 1 y from t`
    const evidence: Evidence = {
      model_class: [
        [
          `create model m with (model_class = 'x', target_column = 'y') as select 1 x, 1 y`,
          '!0A000',
        ],
      ],
      target_column: [
        [
          `create model m with (model_class = 'LinearRegression', target_column = 'z') as select 1 x, 1 y`,
          '!42703',
        ],
      ],
      c: [
        [train('c = -1'), '!22023'],
        [
          `create model m with (model_class = 'LinearRegression', target_column = 'y', c = 1) as select 1 x, 1 y`,
          '!22023',
        ],
      ],
      max_iter: [[train('max_iter = -1'), '!22023']],
      tol: [[train('tol = -1'), '!22023']],
    }
    expect(Object.keys(evidence).toSorted()).toEqual([...modelOptionNames].toSorted())
    expect(await problems(Object.values(evidence).flat())).toEqual([])
  })

  test('of EXPLAIN are all in the evidence of its clauses', () => {
    const texts = ['explain', 'explain_option', 'explain_step']
      .flatMap((name) => statementEvidence[name] ?? [])
      .map(([statements]) => statements)
    const missing = explainOptions.filter(
      (name) =>
        !texts.some((text) => new RegExp(`explain (?:${name}|\\([^)]*\\b${name}\\b)`).test(text)),
    )
    expect(missing).toEqual([])
  })
})
