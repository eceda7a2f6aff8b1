import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { seededRandom } from '../../src/base/world.ts'
import { connect, QueryError, type Database } from '../../src/index.ts'

let db: Database
let folder: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'heddle-copy-'))
  db = await connect({ threads: 1, allowedRoots: [folder] })
  await db.query('create table r (a text, b text, n int)')
  await db.query(
    "create table rules (k int primary key, v varchar(3) default 'dflt' || 'x', c int check (c > 0))",
  )
  await db.query(
    'create table limits (b bit(4), v varbit(4), n numeric(45,1), ts timestamp(0), i interval day, w varchar(2)[])',
  )
})

afterAll(async () => {
  await db.close()
  rmSync(folder, { recursive: true })
})

/** What COPY FROM STDIN makes of some bytes: rows of the table, or its error as PostgreSQL words it. */
async function copied(
  statement: string,
  bytes: string | Uint8Array,
  table: string,
): Promise<unknown> {
  await db.query(`truncate ${table}`)
  try {
    await db.query(statement, [], { copyFrom: bytes })
  } catch (error) {
    if (!(error instanceof QueryError)) throw error
    return [error.sqlState, error.message, error.details.context]
  }
  return (await db.query(`table ${table}`)).texts()
}

/** Inputs with what PostgreSQL 15 makes of them. */
const inputs: readonly (readonly [options: string, bytes: string, expected: unknown])[] = [
  [
    '(a, b) from stdin',
    'x\ty\n\\N\t\n',
    [
      ['x', 'y', null],
      [null, '', null],
    ],
  ],
  ['(a) from stdin', '\\x41\\101\\n\\\\\\q\\\n.\n', [['AA\n\\q\n.', null, null]]],
  ['(a) from stdin', '\\303\\251\n', [['é', null, null]]],
  [
    '(a) from stdin',
    'x\r\ny\r\n',
    [
      ['x', null, null],
      ['y', null, null],
    ],
  ],
  [
    '(a) from stdin',
    'x\ry',
    [
      ['x', null, null],
      ['y', null, null],
    ],
  ],
  ['(a) from stdin', 'x\n\\.\ny\n', [['x', null, null]]],
  [
    '(a) from stdin',
    'x\\.\ny\n',
    [
      ['x', null, null],
      ['y', null, null],
    ],
  ],
  [
    '(a) from stdin',
    'x\ny\r\n',
    ['22P04', 'literal carriage return found in data', 'COPY r, line 2'],
  ],
  ['(a) from stdin', 'x\r\ny\n', ['22P04', 'literal newline found in data', 'COPY r, line 2']],
  ['(a) from stdin', 'x\n\\.y\n', ['22P04', 'end-of-copy marker corrupt', 'COPY r, line 2']],
  [
    '(a) from stdin',
    'x\n\\377\n',
    ['22021', 'invalid byte sequence for encoding "UTF8": 0xff', 'COPY r, line 2: "\\377"'],
  ],
  [
    '(n, a) from stdin',
    '1\tx\n1x\ty\n',
    ['22P02', 'invalid input syntax for type integer: "1x"', 'COPY r, line 2, column n: "1x"'],
  ],
  ['(n, a) from stdin', '1\n', ['22P04', 'missing data for column "a"', 'COPY r, line 1: "1"']],
  [
    '(n, a) from stdin',
    '1\tx\t\n',
    ['22P04', 'extra data after last expected column', 'COPY r, line 1: "1\tx\t"'],
  ],
  [
    '(a, b) from stdin csv',
    'x,"y ""z"" w"\n"",\n',
    [
      ['x', 'y "z" w', null],
      ['', null, null],
    ],
  ],
  ['(a, b) from stdin csv', 'a"b,c"d,\n', [['ab,cd', null, null]]],
  ['(a, b) from stdin csv', '"x\ny","\\."\n\\.\nz,\n', [['x\ny', '\\.', null]]],
  ["(a, b) from stdin csv quote '''' escape '\\'", "'it\\'s',\\\n", [["it's", '\\', null]]],
  [
    '(a, b) from stdin (format csv, force_null (a, b), force_not_null (b))',
    '"",\n',
    [[null, '', null]],
  ],
  ["(a, b) from stdin (format csv, null 'x', force_null (a))", 'x,"x"\n', [[null, 'x', null]]],
  [
    '(a, b) from stdin csv',
    'x,"y\n',
    ['22P04', 'unterminated CSV quoted field', 'COPY r, line 1: "x,"y\n"'],
  ],
  ['(a, b) from stdin (header)', 'any\nx\ty\n', [['x', 'y', null]]],
  [
    '(a, b) from stdin (format csv, header match)',
    'a,c\n',
    [
      '22P04',
      'column name mismatch in header line field 2: got "c", expected "b"',
      'COPY r, line 1: "a,c"',
    ],
  ],
  [
    '(a, b) from stdin (format csv, header match)',
    'a\n',
    ['22P04', 'wrong number of fields in header line: got 1, expected 2', 'COPY r, line 1: "a"'],
  ],
  ["(a, n) from stdin csv where n > 1 and a <> 'y'", 'x,1\ny,2\nz,3\n', [['z', null, '3']]],
]

/** What columns keep that were declared with lengths and digits. */
const limited: readonly (readonly [columns: string, bytes: string, expected: unknown])[] = [
  [
    '(b, v, n, ts, i, w)',
    '1010\t101\t1.25\t2024-01-01 00:00:00.7\t1 day 05:00\t{ab,c}\n',
    [['1010', '101', '1.3', '2024-01-01 00:00:01', '1 day', '{ab,c}']],
  ],
  [
    '(v)',
    '10101\n',
    [
      '22001',
      'bit string too long for type bit varying(4)',
      'COPY limits, line 1, column v: "10101"',
    ],
  ],
  [
    '(b)',
    '101\n',
    [
      '22026',
      'bit string length 3 does not match type bit(4)',
      'COPY limits, line 1, column b: "101"',
    ],
  ],
  [
    '(w)',
    '{abc}\n',
    [
      '22001',
      'value too long for type character varying(2)',
      'COPY limits, line 1, column w: "{abc}"',
    ],
  ],
  ['(n)', '1e44\n', ['22003', 'numeric field overflow', 'COPY limits, line 1, column n: "1e44"']],
]

/** What the rules of a table say of rows that are copied. */
const ruled: readonly (readonly [bytes: string, expected: unknown])[] = [
  ['1\t5\n2\t\\N\n', ['22001', 'value too long for type character varying(3)', undefined]],
  ['1\t5\n1\t6\n', ['22001', 'value too long for type character varying(3)', undefined]],
]

describe('COPY FROM', () => {
  test.each(inputs)('copy r%s: %j', async (options, bytes, expected) => {
    expect(await copied(`copy r${options}`, bytes, 'r')).toEqual(expected)
  })

  test.each(limited)(
    'values are kept as their columns are declared: %s %j',
    async (columns, bytes, expected) => {
      expect(await copied(`copy limits ${columns} from stdin`, bytes, 'limits')).toEqual(expected)
    },
  )

  test.each(ruled)('defaults are cut to their columns: %j', async (bytes, expected) => {
    expect(await copied('copy rules (k, c) from stdin', bytes, 'rules')).toEqual(expected)
  })

  test('the rules of the table hold, and a failed statement leaves nothing', async () => {
    const copy = (bytes: string): Promise<unknown> =>
      copied('copy rules from stdin', bytes, 'rules')
    expect(await copy('1\tabc\t5\n2\t\\N\t\\N\n')).toEqual([
      ['1', 'abc', '5'],
      ['2', null, null],
    ])
    expect(await copy('1\tabc\t5\n1\t\\N\t\\N\n')).toContain('23505')
    expect(await copy('1\tabc\t0\n')).toContain('23514')
    expect(await copy('\\N\tabc\t1\n')).toContain('23502')
    expect(await copy('1\tabcd\t1\n')).toEqual([
      '22001',
      'value too long for type character varying(3)',
      'COPY rules, line 1, column v: "abcd"',
    ])
    expect((await db.query('select count(*) from rules')).texts()).toEqual([['0']])
  })

  test('rows are the same however their bytes are cut', async () => {
    const seed = 60_001
    const random = seededRandom(seed)
    const rows = Array.from(
      { length: 40_000 },
      (_, at) => `${at},"é ${'x'.repeat(at % 30)}\n${at}"\n`,
    )
    const bytes = new TextEncoder().encode(rows.join(''))
    const pieces: Uint8Array[] = []
    for (let at = 0; at < bytes.length;) {
      const length = 1 + Math.floor(random.next() * (random.next() < 0.5 ? 5 : 60_000))
      pieces.push(bytes.subarray(at, at + length))
      at += length
    }
    await db.query('truncate r')
    await db.query('copy r (n, a) from stdin csv', [], { copyFrom: pieces })
    const sums = await db.query('select count(*), sum(n), sum(length(a)), count(distinct a) from r')
    const lengths = rows.reduce(
      (sum, row) => sum + row.indexOf('\n', row.indexOf('\n') + 1) - row.indexOf('"') - 2,
      0,
    )
    expect(sums.texts(), `seed ${seed}`).toEqual([['40000', '799980000', `${lengths}`, '40000']])
  })
})

describe('COPY TO', () => {
  const written = async (statement: string): Promise<Buffer> => {
    const parts: Uint8Array[] = []
    await db.query(statement, [], { copyTo: (bytes) => void parts.push(bytes) })
    return Buffer.concat(parts)
  }

  test.each([
    ["(select e'a\\tb\\\\\\n', null, '\\N') to stdout", 'a\\tb\\\\\\n\t\\N\t\\\\N\n'],
    ["(select 'a,\"', null, '') to stdout csv", '"a,""",,""\n'],
    ["(select '\\.') to stdout csv", '"\\."\n'],
    [
      '(select 1 as "x,y", true b) to stdout (format csv, header, force_quote (b))',
      '"x,y",b\n1,"t"\n',
    ],
    [
      "(select 'a|b', null) to stdout (delimiter '|', null 'none', header)",
      '?column?|?column?\na\\|b|none\n',
    ],
    ["(select 'a''b\\c') to stdout csv quote '''' escape '\\'", "'a\\'b\\\\c'\n"],
  ])('copy %s', async (rest, expected) => {
    expect((await written(`copy ${rest}`)).toString()).toBe(expected)
  })

  test('every value comes back in every format', async () => {
    await db.query(
      `create table kinds as select g as i, g::int8 * 1000000007 as l, g::int2 as s, (g / 7.0)::float8 as d,
        (g / 7.0)::float4 as f, g / 7.0 as n, (g / 8.0)::numeric(9, 3) as m, g % 2 = 0 as b, chr(g) || e'\\t,"\\\\\\n' as t,
        date '2000-01-01' + g as da, timestamp '2000-01-01' + g * interval '1.5 s' as ts, time '00:00' + g * interval '1 s' as ti,
        decode(lpad(to_hex(g), 4, '0'), 'hex') as by, array[g, null] as ar, ('{"a":' || g || '}')::jsonb as j,
        g * interval '1 day 1 s' as iv, md5(g::text)::uuid as u
        from generate_series(1, 700) g`.replace(
        "decode(lpad(to_hex(g), 4, '0'), 'hex')",
        "('\\x' || lpad(to_hex(g), 4, '0'))::bytea",
      ),
    )
    const columns = (await db.query('select * from kinds limit 0')).columns.length
    for (const format of ['text', 'csv', 'binary']) {
      const bytes = await written(`copy kinds to stdout (format ${format})`)
      await db.query('create table other as select * from kinds limit 0')
      await db.query(`copy other from stdin (format ${format})`, [], { copyFrom: bytes })
      const same = await db.query(
        'select count(*) from (select * from kinds intersect select * from other) x',
      )
      expect([format, same.texts(), columns]).toEqual([format, [['700']], 17])
      await db.query('drop table other')
    }
  })
})

describe('files', () => {
  test('are written whole or not at all, and read', async () => {
    const path = join(folder, 'x.csv')
    writeFileSync(path, 'before')
    await expect(
      db.query(`copy (select 1 / (3 - g) from generate_series(1, 5) g) to '${path}'`),
    ).rejects.toThrow('division by zero')
    expect(readFileSync(path, 'utf8')).toBe('before')
    expect(readdirSync(folder)).toEqual(['x.csv'])
    const result = await db.query(
      `copy (select g, 'v' || g from generate_series(1, 3) g) to '${path}' csv header`,
    )
    expect(result.tag()).toBe('COPY 3')
    await db.query('truncate r')
    expect((await db.query(`copy r (n, a) from '${path}' csv header`)).tag()).toBe('COPY 3')
    expect((await db.query('select n, a from r')).texts()).toEqual([
      ['1', 'v1'],
      ['2', 'v2'],
      ['3', 'v3'],
    ])
  })

  test('outside of the folders are refused', async () => {
    const outside = join(folder, '..', 'x.csv')
    await expect(db.query(`copy r to '${outside}'`)).rejects.toMatchObject({ sqlState: '42501' })
    await expect(db.query(`copy r from '/etc/hostname'`)).rejects.toMatchObject({
      sqlState: '42501',
    })
  })
})

test('texts of dates and times are those of the session, both ways', async () => {
  const own = await connect({ threads: 1, allowedRoots: [folder] })
  const path = join(folder, 'styled')
  const row = ['17/12/1997', '01/07/2020 08:00:00 EDT', '1 day 02:00:00']
  const range = '["01/07/2020 08:00:00 EDT",)'
  try {
    await own.query("set timezone = 'America/New_York'")
    await own.query("set datestyle = 'SQL, DMY'")
    await own.query('create table styled (d date, z timestamptz, i interval, r tstzrange)')
    await own.query(
      `insert into styled values ('17/12/1997', '2020-07-01 12:00+00', '1 day 2 hours', '[2020-07-01 12:00+00,)')`,
    )
    for (const [options, expected] of [
      ['(format csv)', `${row.join(',')},"${range.replaceAll('"', '""')}"\n`],
      ['', `${[...row, range].join('\t')}\n`],
    ] as const) {
      await own.query(`copy styled to '${path}' ${options}`)
      expect(readFileSync(path, 'utf8')).toBe(expected)
      await own.query('create table again (like_d date, z timestamptz, i interval, r tstzrange)')
      await own.query(`copy again from '${path}' ${options}`)
      expect((await own.query('table again')).texts()).toEqual([[...row, range]])
      await own.query('drop table again')
    }
  } finally {
    await own.close()
  }
})
