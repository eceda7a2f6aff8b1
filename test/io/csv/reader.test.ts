import { describe, expect, test } from 'vitest'
import { QueryError } from '../../../src/base/errors.ts'
import { seededRandom } from '../../../src/base/world.ts'
import {
  bool,
  bytea,
  date,
  decimal,
  float4,
  float8,
  int2,
  int4,
  int8,
  interval,
  numeric,
  text,
  time,
  timestamp,
  timestamptz,
  type DataType,
} from '../../../src/data/types/data-type.ts'
import { parseScalar } from '../../../src/data/types/parse-scalar.ts'
import type { Scalar } from '../../../src/data/types/scalar.ts'
import type { FileOptions } from '../../../src/plan/catalog/catalog.ts'
import { readRows, readText, scanRequest, writeFile } from './read-csv.ts'

const plain: FileOptions = { delimiter: ',', quote: '"', header: false }

function read(content: string, types: readonly DataType[], options: FileOptions = plain) {
  const columns = types.map((type, at) => ({ name: `c${at}`, type, nullable: true }))
  return readRows(scanRequest(writeFile(content), columns, options))
}

describe('fields', () => {
  const cases: readonly (readonly [string, DataType, readonly Scalar[]])[] = [
    ['1\n-2\n+3\n00004\n99999999\n-12345678\n', int4, [1, -2, 3, 4, 99999999, -12345678]],
    ['2147483647\n-2147483648\n\n 7\n', int4, [2147483647, -2147483648, null, 7]],
    ['32767\n-32768\n9999\n-9999\n12345\n', int2, [32767, -32768, 9999, -9999, 12345]],
    ['9223372036854775807\n-9223372036854775808\n', int8, [2n ** 63n - 1n, -(2n ** 63n)]],
    [
      '123456789\n1234567890123456\n12345678901234567\n"42"\n',
      int8,
      [123456789n, 1234567890123456n, 12345678901234567n, 42n],
    ],
    [
      '1.50\n-0.07\n12345678.99\n.5\n5.\n5\n1.005\n1.995\n-1.995\n',
      decimal(15, 2),
      [150n, -7n, 1234567899n, 50n, 500n, 500n, 101n, 200n, -200n],
    ],
    [
      '9999999999999.99\n-9999999999999.99\n1e3\n',
      decimal(15, 2),
      [999999999999999n, -999999999999999n, 100000n],
    ],
    [
      '1.5\n0.12345678901234567890\n',
      decimal(38, 20),
      [150000000000000000000n, 12345678901234567890n],
    ],
    ['7\n123456789012345678901234567890\n', decimal(30, 0), [7n, 123456789012345678901234567890n]],
    [
      '1.50\n-3\n1e2\n12345678901234567890.1\n',
      numeric,
      [
        { unscaled: 150n, scale: 2 },
        { unscaled: -3n, scale: 0 },
        { unscaled: 100n, scale: 0 },
        { unscaled: 123456789012345678901n, scale: 1 },
      ],
    ],
    [
      '1.5\n-0\n1e300\n1e-320\n0.1\n123456789.123456789\nNaN\n-Infinity\n',
      float8,
      [1.5, -0, 1e300, 1e-320, 0.1, 123456789.12345679, NaN, -Infinity],
    ],
    ['1.5\n0.1\n', float4, [1.5, Math.fround(0.1)]],
    [
      't\nFALSE\nyes\n0\noff\n"true"\n\n1\ntrue\n',
      bool,
      [true, false, true, false, false, true, null, true, true],
    ],
    [
      '2024-02-29\n1970-01-01\n0001-01-01\n9999-12-31\n"2000-01-01"\n',
      date,
      [19782, 0, -719162, 2932896, 10957],
    ],
    ['12:34:56\n00:00:00.000001\n23:59:59.999999\n', time, [45296000000n, 1n, 86399999999n]],
    [
      '2024-01-01 00:00:00\n1969-12-31T23:59:59.5\n2024-01-01\n',
      timestamp,
      [1704067200000000n, -500000n, 1704067200000000n],
    ],
    [
      '2024-01-01 00:00:00Z\n2024-01-01 02:00:00+02\n2024-01-01 00:00:00+00\n',
      timestamptz,
      [1704067200000000n, 1704067200000000n, 1704067200000000n],
    ],
    [
      '1 day\n\n2 mons\n',
      interval,
      [{ months: 0, days: 1, micros: 0n }, null, { months: 2, days: 0, micros: 0n }],
    ],
    ['\\x0aff\n', bytea, [new Uint8Array([10, 255])]],
    [
      'a\n""\n\n"a,b"\n"say ""hi"""\n"two\nlines"\n""""\nmüßig\n日本語\n',
      text,
      ['a', '', null, 'a,b', 'say "hi"', 'two\nlines', '"', 'müßig', '日本語'],
    ],
    [
      `${'x'.repeat(17)}\n${'y'.repeat(49)}\n${'z'.repeat(300)}\n"${'""'.repeat(40)}"\n`,
      text,
      ['x'.repeat(17), 'y'.repeat(49), 'z'.repeat(300), '"'.repeat(40)],
    ],
  ]
  test.each(cases)('%j as %j', (content, type, expected) => {
    expect(read(content, [type]).map(([value]) => value)).toEqual(expected)
    const quoted = `1,${content
      .trimEnd()
      .split(/\n(?=(?:[^"]*"[^"]*")*[^"]*$)/)
      .join(',x\n1,')},x`
    for (const newline of ['\n', '\r\n']) {
      const rows = read(quoted.replaceAll('\n', newline), [int4, type, text])
      const values = rows.map(([, value]) => value)
      expect(values).toEqual(
        expected.map((v) => (typeof v === 'string' ? v.replace('\n', newline) : v)),
      )
      expect(rows.every(([one, , x]) => one === 1 && x === 'x')).toBe(true)
    }
  })

  test('exact floats: random doubles and decimals read as JavaScript reads them', () => {
    const random = seededRandom(7)
    const bits = new DataView(new ArrayBuffer(8))
    const texts: string[] = []
    for (let i = 0; i < 20_000; i++) {
      bits.setUint32(0, random.next() * 2 ** 32)
      bits.setUint32(4, random.next() * 2 ** 32)
      const double = bits.getFloat64(0)
      if (Number.isFinite(double)) texts.push(String(double), double.toExponential(16))
      texts.push(`${Math.floor(random.next() * 1e9)}e${Math.floor(random.next() * 640 - 320)}`)
      texts.push((random.next() * 10 ** Math.floor(random.next() * 20)).toFixed(6))
    }
    const finite = texts.filter((value) => Number.isFinite(Number(value)) && Number(value) !== 0)
    const rows = read(finite.join('\n'), [float8])
    finite.forEach((value, row) => {
      if (rows[row]![0] !== Number(value)) expect(rows[row]![0], value).toBe(Number(value))
    })
  })
})

test('floats of 32 bits are rounded once, and have a largest and a smallest', () => {
  const step = 2 ** -23
  expect(read('1.000000178813934326\n16777217\n1e-45\n', [float4])).toEqual([
    [1 + step],
    [2 ** 24],
    [2 ** -149],
  ])
  for (const text of ['1e39', '-3.5e38', '1e-60']) {
    expect(() => read(`${text}\n`, [float4]), text).toThrow(/out of range for type real/)
  }
})

describe('records', () => {
  const cases: readonly (readonly [string, FileOptions, readonly (readonly Scalar[])[]])[] = [
    ['', plain, []],
    ['\n', plain, []],
    ['a,b', plain, [['a', 'b']]],
    [
      'a,b\n\n\nc,d\n\n',
      plain,
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    [
      'a,b\r\n\r\nc,d\r\n',
      plain,
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    [
      'a,b\r\nc,d\n"e\r\nf","g"\r\n',
      plain,
      [
        ['a', 'b'],
        ['c', 'd'],
        ['e\r\nf', 'g'],
      ],
    ],
    ['h1,h2\na,b\n', { ...plain, header: true }, [['a', 'b']]],
    ['h1,h2', { ...plain, header: true }, []],
    ['\ufeffh1,h2\n1,2', { ...plain, header: true }, [['1', '2']]],
    ['a;b\n', { ...plain, delimiter: ';' }, [['a', 'b']]],
    [
      "'a,b',c\n'it''s',d",
      { ...plain, quote: "'" },
      [
        ['a,b', 'c'],
        ["it's", 'd'],
      ],
    ],
    ['5" disk,"x"\n', { ...plain, quote: '' }, [['5" disk', '"x"']]],
    [
      ',\n"",x\n',
      plain,
      [
        [null, null],
        ['', 'x'],
      ],
    ],
    [
      'NA,\\N\n,"NA"\n',
      { ...plain, nullStrings: ['NA', '\\N'] },
      [
        [null, null],
        ['', 'NA'],
      ],
    ],
  ]
  test.each(cases)('%j with %j', (content, options, expected) => {
    expect(read(content, [text, text], options)).toEqual(expected)
  })

  test('NULL strings that look like values', () => {
    const options = { ...plain, nullStrings: ['', '-1', '0000-00-00', 'f'] }
    expect(read('-1,0000-00-00,f\n1,2024-01-01,t\n,,\n', [int4, date, bool], options)).toEqual([
      [null, null, null],
      [1, 19723, true],
      [null, null, null],
    ])
  })

  test('a NULL string that is a date', () => {
    const options = { ...plain, nullStrings: ['1900-01-01'] }
    expect(read('1900-01-01\n1970-01-02\n', [date], options)).toEqual([[null], [1]])
  })

  test('a projection reads only its columns, in request order', () => {
    const columns = ['a', 'b', 'c'].map((name) => ({ name, type: int4, nullable: true }))
    const request = scanRequest(writeFile('1,2,3\n4,5,6\n'), columns, plain, [2, 0])
    expect(readRows(request)).toEqual([
      [3, 1],
      [6, 4],
    ])
  })

  test('a record longer than a chunk', () => {
    const long = 'long text '.repeat(200_000)
    expect(read(`a,${long}\nb,c\n`, [text, text])).toEqual([
      ['a', long],
      ['b', 'c'],
    ])
  })

  test('one column of short fields makes chunks of bounded size', () => {
    const rows = read('1\n'.repeat(300_000), [int4])
    expect(rows.length).toBe(300_000)
  })
})

describe('errors name file, row and column', () => {
  const cases: readonly (readonly [string, FileOptions, object, RegExp])[] = [
    [
      '1,2\n3\n',
      plain,
      { row: 2, expected: '2 fields', found: '1 field' },
      /missing data for column "c1".*line 2/,
    ],
    [
      'h,h\n1,2\n3,4,5\n',
      { ...plain, header: true },
      { row: 2, found: '3 fields' },
      /extra data.*line 3/,
    ],
    [
      '1,2\n3,x4\n',
      plain,
      { row: 2, column: 'c1', found: '"x4"' },
      /invalid input syntax for type integer: "x4"/,
    ],
    ['1,2\n3,99999999999\n', plain, { row: 2, column: 'c1' }, /out of range for type integer/],
    ['1,2\n3,"4\n5,6\n', plain, { row: 2 }, /unterminated CSV quoted field/],
    ['1,2\n3,4"4\n5,6"6\n', plain, { row: 2 }, /quote inside an unquoted CSV field/],
    ['1,2\n"3"x,4\n', plain, { row: 2 }, /text after the closing quote/],
    ['1,2\n\n3,""\n', plain, { row: 2, column: 'c1' }, /invalid input syntax for type integer: ""/],
  ]
  test.each(cases)('%j', (content, options, details, message) => {
    let thrown: unknown
    try {
      read(content, [int4, int4], options)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(QueryError)
    const error = thrown as QueryError
    expect(error.message).toMatch(message)
    expect(error.details).toMatchObject(details)
    expect(error.details.file).toMatch(/\.csv$/)
  })

  test('bytes that are not UTF-8', () => {
    const bytes = new Uint8Array([97, 10, 0xc3, 0x28, 10])
    const request = scanRequest(
      writeFile(bytes),
      [{ name: 'a', type: text, nullable: true }],
      plain,
    )
    expect(() => readRows(request)).toThrow(/invalid byte sequence for encoding "UTF8": 0xc3 0x28/)
  })

  test.each([3, 40, 200])('a NUL, %d bytes into a text', (at) => {
    const bytes = new TextEncoder().encode(`a\nplain\n${'x'.repeat(at)}\0${'y'.repeat(70)}\nz\n`)
    const request = scanRequest(
      writeFile(bytes),
      [{ name: 'a', type: text, nullable: true }],
      plain,
    )
    expect(() => readRows(request)).toThrow(
      /invalid byte sequence for encoding "UTF8": 0x00 \(file ".*", line 3\)/,
    )
  })
})

describe('random files', () => {
  const makers: readonly (readonly [DataType, (random: () => number) => string])[] = [
    [int4, (random) => String(Math.floor((random() - 0.5) * 10 ** Math.floor(random() * 9)))],
    [int8, (random) => String(BigInt(Math.floor((random() - 0.5) * 2 ** 53)) * 511n)],
    [decimal(12, 3), (random) => ((random() - 0.5) * 1e6).toFixed(Math.floor(random() * 6))],
    [float8, (random) => String((random() - 0.5) * 10 ** Math.floor(random() * 30))],
    [date, (random) => new Date(random() * 4e12).toISOString().slice(0, 10)],
    [timestamp, (random) => new Date(random() * 4e12).toISOString().slice(0, -1)],
    [bool, (random) => (random() < 0.5 ? 'true' : 'f')],
    [text, (random) => randomText(random)],
  ]

  function randomText(random: () => number): string {
    const alphabet = ['a', 'b', ' ', ',', '"', '\n', '\r\n', 'ü', '🙂', '\t', "'"]
    const length = random() < 0.05 ? 3000 : Math.floor(random() * 20)
    return Array.from({ length }, () => alphabet[Math.floor(random() * alphabet.length)]).join('')
  }

  function quoteField(value: string, isText: boolean, random: () => number): string {
    const needed = /[",\r\n]/.test(value) || (isText && value === '')
    return needed || random() < 0.2 ? `"${value.replaceAll('"', '""')}"` : value
  }

  test.each(Array.from({ length: 40 }, (_, seed) => seed))('seed %d', (seed) => {
    const { next: random } = seededRandom(seed)
    const columns = Array.from({ length: 1 + Math.floor(random() * 6) }, () => {
      return makers[Math.floor(random() * makers.length)]!
    })
    const newline = random() < 0.3 ? '\r\n' : '\n'
    const lines: string[] = []
    const expected: Scalar[][] = []
    for (let row = 0; row < 400; row++) {
      const values = columns.map(([type, make]) => ({
        type,
        value: random() < 0.1 ? null : make(random),
      }))
      expected.push(
        values.map(({ type, value }) => (value === null ? null : parseScalar(value, type))),
      )
      lines.push(
        values
          .map(({ type, value }) =>
            value === null ? '' : quoteField(value, type === text, random),
          )
          .join(','),
      )
    }
    const content = lines.join(newline) + (random() < 0.5 ? newline : '')
    const isLastNull = expected.at(-1)?.every((value) => value === null) ?? false
    if (columns.length === 1 && isLastNull && !content.endsWith('\n')) expected.pop()
    const file = writeFile(content)
    const schema = columns.map(([type], at) => ({ name: `c${at}`, type, nullable: true }))
    const request = scanRequest(file, schema, plain)
    expect(readRows(request)).toEqual(expected)
    const borders = Array.from({ length: 30 }, () => Math.floor(random() * file.bytes))
    expect(
      readRows(
        request,
        borders.sort((a, b) => a - b),
      ),
    ).toEqual(expected)
  })

  test.each(Array.from({ length: 60 }, (_, seed) => seed))('damaged, seed %d', (seed) => {
    const { next: random } = seededRandom(1000 + seed)
    const line = '12,2024-01-01,"a ""b"", c",1.25,true\r\n'
    const bytes = new TextEncoder().encode(line.repeat(50))
    for (let i = 0; i < 1 + random() * 5; i++) {
      bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256)
    }
    const types = [int4, date, text, decimal(10, 2), bool]
    const schema = types.map((type, at) => ({ name: `c${at}`, type, nullable: true }))
    const request = scanRequest(writeFile(bytes), schema, plain)
    for (const borders of [undefined, [400, 900, 1300]]) {
      try {
        expect(readRows(request, borders).length).toBeLessThanOrEqual(60)
      } catch (error) {
        expect(error, String(error)).toBeInstanceOf(QueryError)
      }
    }
  })
})

test('inspection and reading agree', async () => {
  const { inspection, rows } = await readText('a;b;c\n1;x;2024-01-01\n2;;2024-01-02\n')
  expect(inspection.columns.map(({ name, type }) => [name, type.kind])).toEqual([
    ['a', 'int8'],
    ['b', 'text'],
    ['c', 'date'],
  ])
  expect(rows).toEqual([
    [1n, 'x', 19723],
    [2n, null, 19724],
  ])
})
