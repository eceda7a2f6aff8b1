import { expect, test } from 'vitest'
import { QueryError } from '../../../src/base/errors.ts'
import { readArrayText, writeArrayText } from '../../../src/data/types/array-text.ts'
import { compareScalars } from '../../../src/data/types/compare-scalar.ts'
import { arrayOf, jsonb, type DataType } from '../../../src/data/types/data-type.ts'
import { JSON_DEPTH_MAX, readJson } from '../../../src/data/types/json-tree.ts'
import { jsonbText, jsonValueOf } from '../../../src/data/types/json-value.ts'
import { comparedBytes } from '../../../src/data/vectors/text-values.ts'

/** What reading ends with: the code of an error, or nothing. */
function endOf(read: () => unknown): string {
  try {
    read()
  } catch (error) {
    if (error instanceof QueryError) return error.sqlState
    throw error
  }
  return 'ok'
}

test.each([
  ['as deep as may be', '['.repeat(JSON_DEPTH_MAX) + ']'.repeat(JSON_DEPTH_MAX), 'ok'],
  ['deeper', '['.repeat(JSON_DEPTH_MAX + 1) + ']'.repeat(JSON_DEPTH_MAX + 1), '54001'],
  ['far deeper', '{"a":'.repeat(1_000_000), '54001'],
  ['a string of millions', `"${'a'.repeat(3_000_000)}"`, 'ok'],
  ['millions of escapes', `"${String.raw`\n`.repeat(1_000_000)}"`, 'ok'],
  ['millions of escapes without end', `"${String.raw`\n`.repeat(1_000_000)}`, '22P02'],
  ['a number of all digits', '1e131071', 'ok'],
  ['a number of more', '1e131072', '22003'],
  ['numbers whose digits are too many together', `[${'1e131071,'.repeat(2_000)}1]`, '54000'],
])('json: %s', (_, source, expected) => {
  expect(endOf(() => jsonbText(jsonValueOf(source)))).toBe(expected)
})

test.each([
  ['[[], [[]]]', 4, 'ok'],
  ['[[], [[]]]', 3, '54000'],
  ['{"a": {"b": 1}}', 5, 'ok'],
  ['{"a": {"b": 1}}', 4, '54000'],
  ['"x"', 1, 'ok'],
] as const)('json of so many parts: %s', (source, partsMax, expected) => {
  expect(endOf(() => readJson(source, partsMax))).toBe(expected)
})

test.each([
  ['braces without end', '{'.repeat(1_000_000), '54000'],
  ['a million blanks', `{${' '.repeat(1_000_000)}1}`, 'ok'],
  ['bounds without end', '[1:1]'.repeat(1_000_000), '54000'],
  ['a million elements', `{${'1,'.repeat(999_999)}1}`, 'ok'],
])('arrays: %s', (_, source, expected) => {
  expect(endOf(() => readArrayText(source))).toBe(expected)
})

/** Values from the least to the greatest, equal ones side by side. */
const ordered: readonly (readonly [DataType, readonly (readonly string[])[]])[] = [
  [
    jsonb,
    [
      ['[]'],
      ['null'],
      ['""'],
      ['"a"'],
      ['"ab"'],
      ['"b"'],
      ['-1e3', '-1000.0'],
      ['-10'],
      ['-9.5', '-9.50'],
      ['0', '-0', '0.00'],
      ['0.001', '1e-3'],
      ['9'],
      ['10', '1e1', '10.0'],
      ['false'],
      ['true'],
      ['[9]'],
      ['[1, 1]'],
      ['{}'],
      ['{"a": 1, "a": 0}', '{"a": 0.0}'],
      ['{"a": 1}'],
      ['{"b": 0}'],
      ['{"b": 1, "a": 2}', '{"a": 2, "b": 1.0}'],
    ],
  ],
  [
    arrayOf({ kind: 'numeric' }),
    [
      ['{}'],
      ['{-1.5}', '{-1.50}'],
      ['{0}'],
      ['{1}', '{1.0}'],
      ['[2:2]={1}'],
      ['{{1}}'],
      ['{1,0}'],
      ['{NULL}'],
    ],
  ],
  [
    arrayOf({ kind: 'float8' }),
    [['{-Infinity}'], ['{-1}'], ['{0}', '{-0}'], ['{1e-300}'], ['{Infinity}'], ['{NaN}']],
  ],
  [arrayOf({ kind: 'interval' }), [['{"29 days"}'], ['{"1 mon"}', '{"30 days"}']]],
  [
    arrayOf({ kind: 'bytea' }),
    [['{"\\\\x"}'], ['{"\\\\x00"}'], ['{"\\\\x0000"}'], ['{"\\\\x01"}']],
  ],
]

test.each(ordered)('keys of %j are in the order of the values', (type, groups) => {
  const all = groups.flatMap((group, rank) => group.map((text) => ({ text, rank })))
  for (const a of all) {
    for (const b of all) {
      const said = `${a.text} and ${b.text}`
      const expected = Math.sign(a.rank - b.rank)
      expect(Math.sign(compareScalars(a.text, b.text, type)), said).toBe(expected)
      const [left, right] = [comparedBytes(a.text, type), comparedBytes(b.text, type)]
      expect(Math.sign(Buffer.compare(left, right)), said).toBe(expected)
    }
  }
})

test('an array is written as it was read', () => {
  for (const text of ['{}', '{1,NULL,"NULL"}', '[0:1][2:2]={{a},{"b c"}}', '{"\\\\","\\""}']) {
    expect(writeArrayText(readArrayText(text))).toBe(text)
  }
})
