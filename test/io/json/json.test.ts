import { describe, expect, test } from 'vitest'
import { QueryError } from '../../../src/base/errors.ts'
import { seededRandom, type Random } from '../../../src/base/world.ts'
import { Arena } from '../../../src/data/arenas/arena.ts'
import {
  bool,
  date,
  decimal,
  float8,
  int4,
  int8,
  json,
  jsonb,
  text,
  timestamp,
  typeName,
  type DataType,
} from '../../../src/data/types/data-type.ts'
import type { Scalar } from '../../../src/data/types/scalar.ts'
import type { Schema } from '../../../src/data/types/schema.ts'
import { scalarsOf } from '../../../src/data/vectors/column-scalars.ts'
import { inspectJson } from '../../../src/io/formats/json/inspect.ts'
import { syntaxFault } from '../../../src/io/formats/json/syntax-fault.ts'
import { openJsonReader, planJsonUnits } from '../../../src/io/formats/json/reader.ts'
import type { ScanRequest } from '../../../src/io/scan/source.ts'
import { env, heap, scanRequest, writeFile } from '../csv/read-csv.ts'

function inspect(content: string, declared?: Schema) {
  const file = writeFile(content, 'json')
  return inspectJson(file, { fileOptions: {}, declared, signal: undefined })
}

function rowsOf(request: ScanRequest, borders?: readonly number[]): Scalar[][] {
  const before = heap.bytesInUse
  const reader = openJsonReader(request, env)
  const arena = new Arena(heap)
  const rows: Scalar[][] = []
  const ends = borders && [...borders, request.source.files[0]!.bytes]
  const units =
    ends?.map((end, part) => ({ file: 0, part, start: ends[part - 1] ?? 0, end, rows: 0 })) ??
    planJsonUnits(request)
  try {
    for (const unit of units) {
      for (const chunk of reader.read(unit, arena)) {
        const columns = chunk.columns.map((vector) => scalarsOf(heap, vector))
        for (let row = 0; row < chunk.rows; row++) rows.push(columns.map((column) => column[row]!))
      }
    }
  } finally {
    reader.close()
    arena.release()
  }
  expect(heap.bytesInUse).toBe(before)
  return rows
}

function read(content: string, types: Readonly<Record<string, DataType>>, shape = 'lines') {
  const columns = Object.entries(types).map(([name, type]) => ({ name, type, nullable: true }))
  const jsonShape = shape === 'lines' ? 'lines' : 'values'
  return rowsOf(scanRequest(writeFile(content, 'json'), columns, { jsonShape }))
}

describe('values', () => {
  const cases: readonly (readonly [string, DataType, readonly Scalar[]])[] = [
    ['{"v":1}\n{"v":null}\n{}\n{"w":2}\n{"v":-3}\n', int4, [1, null, null, null, -3]],
    ['{"v":9223372036854775807}\n', int8, [2n ** 63n - 1n]],
    ['{"v":1.5e3}\n{"v":0.1}\n{"v":-0}\n', float8, [1500, 0.1, -0]],
    ['{"v":1.50}\n{"v":"2.25"}\n', decimal(10, 2), [150n, 225n]],
    ['{"v":true}\n{"v":false}\n{"v":null}\n', bool, [true, false, null]],
    ['{"v":"2024-01-01"}\n', date, [19723]],
    ['{"v":"2024-01-01T00:00:01"}\n', timestamp, [1704067201000000n]],
    [
      '{"v":"a"}\n{"v":""}\n{"v":"\\""}\n{"v":"\\"x\\"y"}\n{"v":"\\u0022"}\n',
      text,
      ['a', '', '"', '"x"y', '"'],
    ],
    ['{"v":"\\u00e4\\ud83d\\ude42\\n\\t\\\\\\/"}\n{"v":"日本"}\n', text, ['ä🙂\n\t\\/', '日本']],
    [
      '{"v":{"a":[1,"}"]}}\n{"v":[1, 2]}\n{"v":12}\n{"v":true}\n',
      text,
      ['{"a":[1,"}"]}', '[1, 2]', '12', 'true'],
    ],
    [
      '{"v":"12"}\n{"v":12}\n{"v":"a \\"b\\" \\u00e9"}\n{"v":""}\n{"v":"\\"q"}\n{"v":"null"}\n{"v":null}\n{ "w":1,"v" : [1, "2" ] }\n',
      jsonb,
      ['"12"', '12', '"a \\"b\\" é"', '""', '"\\"q"', '"null"', null, '[1, "2"]'],
    ],
    [
      '{"v":"12"}\n{"v":"a \\"b\\" \\u00e9"}\n{"v":{ "a" :1}}\n{"v":true}\n',
      json,
      ['"12"', '"a \\"b\\" \\u00e9"', '{ "a" :1}', 'true'],
    ],
    [' { "v" : 1 , "w" : 2 } \r\n\n{"w":1,"v":2}', int4, [1, 2]],
    ['{"v":1,"v":2}\n', int4, [2]],
    ['{"\\u0076":7}\n', int4, [7]],
    ['\ufeff{"v":1}\n', int4, [1]],
    ['', int4, []],
    ['\n\n', int4, []],
  ]
  test.each(cases)('%j', (content, type, expected) => {
    expect(read(content, { v: type }).map(([value]) => value)).toEqual(expected)
  })

  test('arrays of objects, over several lines', () => {
    const rows = [
      [1, 'a'],
      [2, null],
    ]
    const contents = [
      '[{"n":1,"t":"a"},{"n":2}]',
      '[\n  {\n "n": 1,\n "t": "a" },\n  { "n": 2 }\n]\n',
      '{"n":1,\n"t":"a"}\n{"n":2}',
    ]
    for (const content of contents)
      expect(read(content, { n: int4, t: text }, 'values')).toEqual(rows)
  })

  test('no columns: rows are counted', () => {
    expect(read('{"a":1}\n{"b":[]}\n', {})).toEqual([[], []])
  })

  test('a string longer than a chunk', () => {
    const long = 'long \\" text '.repeat(200_000)
    expect(read(`{"v":"${long}"}\n{"v":"b"}\n`, { v: text })).toEqual([
      [JSON.parse(`"${long}"`) as string],
      ['b'],
    ])
  })
})

describe('inspection', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['{"a":1,"b":"x"}\n{"a":2.5,"c":true}\n', 'a double precision, b text, c boolean'],
    ['{"a":1.0}\n', 'a double precision'],
    ['{"a":"2024-01-01"}\n', 'a text'],
    ['{"a":1}\n{"a":"x"}\n', 'a text'],
    ['{"a":null}\n{"a":[1]}\n{"b":null}\n', 'a text, b text'],
    ['[{"a":1},{"b":{"c":"}"}}]', 'a bigint, b text'],
  ]
  test.each(cases)('%j', async (content, expected) => {
    const { columns } = await inspect(content)
    expect(columns.map(({ name, type }) => `${name} ${typeName(type)}`).join(', ')).toBe(expected)
  })

  test('tells lines from other shapes', async () => {
    expect((await inspect('{"a":1}\n{"a":2}\n')).options.jsonShape).toBe('lines')
    expect((await inspect('[{"a":1}]')).options.jsonShape).toBe('values')
    expect((await inspect('{"a":\n1}')).options.jsonShape).toBe('values')
    await expect(inspect('hello')).rejects.toThrow(/has no JSON objects/)
  })

  test.each([
    ['{"a":{"b":}}', 10, 'a JSON value'],
    ['{"a":[1,]}', 8, 'a JSON value'],
    ['{"a":[1 2]}', 8, '"," or "]"'],
    ['{"a":1,}', 7, 'a key in quotes'],
    ['{"a":{b:1}}', 6, 'a key in quotes or "}"'],
    ['{"a" 1}', 5, '":"'],
    ['{"a":tru}', 5, 'a JSON value'],
    ['{"a":01}', 5, 'a JSON value'],
    ['{"a":{"b":"\\q"}}', 11, 'an escape of JSON'],
    ['{"a":"b', 7, 'a closing quote'],
    ['{"a":"b\n"}', 7, 'an escape in place of a control character'],
    ['{"a":[1}', 7, '"," or "]"'],
    ['{"a":[[]', 8, '"," or "]"'],
    ['', 0, 'a JSON value'],
  ])('finds the fault in %j', (text, at, expected) => {
    expect(() => JSON.parse(text)).toThrow()
    expect(syntaxFault(text, 0)).toEqual({ at, expected })
  })

  test.each([
    ['\n {"a":{b:1, "c" 1}', 'line 2, character 8', 'a key in quotes or "}"', '"b:1, \\"c\\" 1}"'],
    ['{"a":1,,}\n{"a":1}', 'line 1, character 8', 'a key in quotes', '",}\\n{\\"a\\":1}"'],
    ['[{"a":[1}', 'line 1, character 9', '"," or "]"', '"}"'],
    ['{"a":[[]', 'line 1, character 9', '"," or "]"', 'the end of the file'],
  ])('says where the first object is malformed: %j', async (content, place, expected, found) => {
    const error = { code: 'BAD_FILE', details: { row: 1, expected, found } }
    await expect(inspect(content)).rejects.toMatchObject(error)
    await expect(inspect(content)).rejects.toThrow(`malformed JSON object (file`)
    await expect(inspect(content)).rejects.toThrow(place)
  })

  test.each([
    '{}',
    '[]',
    '{"a":{"b":[1,-2.5e3,"\\u00e4\\n",null,true,{}],"c":[[]]}}',
    ' 0 ',
    '"x"',
  ])('finds no fault in %s', (text) => {
    JSON.parse(text)
    expect(syntaxFault(text, 0)).toBeUndefined()
  })

  test('strings as long as the sample', async () => {
    const long = 'x\\"'.repeat(2_000_000)
    expect((await inspect(`{"a":"${long}","${long}":1}`)).columns.length).toBe(2)
    await expect(inspect(`{"a":"${long.repeat(3)}"}`)).rejects.toThrow(
      'no JSON object in its first',
    )
  })
})

describe('errors name file, row and column', () => {
  const cases: readonly (readonly [string, object, RegExp])[] = [
    ['{"v":1}\n{"v":x}\n', { row: 2 }, /malformed JSON value .*row 2/],
    ['{"v":1}\n{"v":1\n', { row: 2 }, /unexpected end of a JSON object/],
    ['{"v":1}\n[1]\n', { row: 2 }, /a JSON object was expected/],
    ['{"v":1} x\n', { row: 1 }, /unexpected text behind a JSON object/],
    ['{"v" 1}\n', { row: 1 }, /a colon was expected/],
    ['{"v":1 "w":2}\n', { row: 1 }, /a comma or closing brace/],
    ['{v:1}\n', { row: 1 }, /a key was expected/],
    ['{"v":"\\q"}\n', { row: 1 }, /malformed escape/],
    ['{"v":"\\ud800"}\n', { row: 1 }, /malformed escape/],
    [
      '{"v":1}\n\n{"v":"x"}\n',
      { row: 2, column: 'v', found: '"x"' },
      /invalid input syntax for type integer: "x"/,
    ],
    ['{"v":1}\n{"v":1.5}\n', { row: 2, column: 'v', found: '"1.5"' }, /invalid input syntax/],
    [`{"v":${'['.repeat(300)}${']'.repeat(300)}}\n`, { row: 1 }, /nested too deeply/],
  ]
  test.each(cases)('%j', (content, details, message) => {
    let thrown: unknown
    try {
      read(content, { v: int4 })
    } catch (error) {
      thrown = error
    }
    expect(thrown, content).toBeInstanceOf(QueryError)
    expect((thrown as QueryError).message).toMatch(message)
    expect((thrown as QueryError).details).toMatchObject(details)
  })
})

describe('random objects', () => {
  const texts = [
    '',
    'plain',
    'quote " here',
    '"',
    'back\\slash',
    'new\nline',
    'ü🙂',
    'x'.repeat(200),
  ]
  const types = { a: int8, b: float8, c: text, d: bool, '"e ': text }

  function randomObject({ next }: Random): Record<string, unknown> {
    const pick = (): string => texts[Math.floor(next() * texts.length)]!
    const all: Record<string, unknown> = {
      a: Math.floor((next() - 0.5) * 10 ** Math.floor(next() * 16)),
      b: (next() - 0.5) * 10 ** Math.floor(next() * 20),
      c: pick(),
      d: next() < 0.5,
      '"e ': pick(),
      other: [{ [pick()]: pick() }, 1.5, null],
    }
    const entries = Object.entries(all).filter(() => next() < 0.8)
    if (next() < 0.3) entries.reverse()
    return Object.fromEntries(entries.map(([k, v]) => [k, next() < 0.1 ? null : v]))
  }

  test.each(Array.from({ length: 25 }, (_, seed) => seed))('seed %d', (seed) => {
    const random = seededRandom(seed)
    const objects = Array.from({ length: 300 }, () => randomObject(random))
    const expected = objects.map((object) =>
      Object.entries(types).map(([key, { kind }]) => {
        const value = object[key] ?? null
        return (kind === 'int8' && value !== null ? BigInt(value as number) : value) as Scalar
      }),
    )
    const columns = Object.entries(types).map(([name, type]) => ({ name, type, nullable: true }))
    const lines = objects.map((object) => JSON.stringify(object)).join('\n')
    const file = writeFile(lines, 'json')
    const request = scanRequest(file, columns, { jsonShape: 'lines' })
    expect(rowsOf(request)).toEqual(expected)
    const borders = Array.from({ length: 20 }, () => Math.floor(random.next() * file.bytes))
    expect(
      rowsOf(
        request,
        borders.sort((a, b) => a - b),
      ),
    ).toEqual(expected)
    const pretty = writeFile(JSON.stringify(objects, null, 2), 'json')
    expect(rowsOf(scanRequest(pretty, columns, { jsonShape: 'values' }))).toEqual(expected)
  })

  test.each(Array.from({ length: 60 }, (_, seed) => seed))('damaged, seed %d', (seed) => {
    const random = seededRandom(500 + seed)
    const lines = Array.from({ length: 30 }, () => JSON.stringify(randomObject(random))).join('\n')
    const bytes = new TextEncoder().encode(lines)
    for (let i = 0; i < 1 + random.next() * 4; i++) {
      bytes[Math.floor(random.next() * bytes.length)] = Math.floor(random.next() * 256)
    }
    const columns = Object.entries(types).map(([name, type]) => ({ name, type, nullable: true }))
    for (const jsonShape of ['lines', 'values'] as const) {
      try {
        rowsOf(scanRequest(writeFile(bytes, 'json'), columns, { jsonShape }))
      } catch (error) {
        expect(error, String(error)).toBeInstanceOf(QueryError)
      }
    }
  })
})
