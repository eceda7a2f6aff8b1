import { expect, test } from 'vitest'
import { QueryError } from '../../src/base/errors.ts'
import { json, jsonb } from '../../src/data/types/data-type.ts'
import { parseScalar } from '../../src/data/types/parse-scalar.ts'

/** What PostgreSQL says of texts that are no JSON: detail, and where behind `JSON data, line `. */
const faults: readonly (readonly [source: string, detail: string, where: string])[] = [
  ['{"a":tru}', 'Token "tru" is invalid.', '1: {"a":tru...'],
  ['[1,2', 'The input string ended unexpectedly.', '1: [1,2'],
  ['', 'The input string ended unexpectedly.', '1: '],
  ['{"a" 1}', 'Expected ":", but found "1".', '1: {"a" 1...'],
  ['"ab', 'Token ""ab" is invalid.', '1: "ab'],
  ['"a\tb"', 'Character with value 0x09 must be escaped.', '1: "a...'],
  ['01', 'Token "01" is invalid.', '1: 01'],
  ['-1x y', 'Token "-1x" is invalid.', '1: -1x...'],
  ['[1 2]', 'Expected "," or "]", but found "2".', '1: [1 2...'],
  ['[1,\n2 3]', 'Expected "," or "]", but found "3".', '2: 2 3...'],
  ['[1,]', 'Expected JSON value, but found "]".', '1: [1,]'],
  ['{1:2}', 'Expected string or "}", but found "1".', '1: {1...'],
  ['{"a":1,}', 'Expected string, but found "}".', '1: {"a":1,}'],
  ['{"a":1}}', 'Expected end of input, but found "}".', '1: {"a":1}}'],
  ['"\\x"', 'Escape sequence "\\x" is invalid.', '1: "\\x...'],
  ['"\\u12"', '"\\u" must be followed by four hexadecimal digits.', '1: "\\u12"'],
  [`["${'ä'.repeat(40)}", x]`, 'Token "x" is invalid.', `1: ...${'ä'.repeat(22)}", x...`],
]

/** Of escapes that no text can have; json only keeps them. */
const escapeFaults: typeof faults = [
  ['"\\ud800"', 'Unicode low surrogate must follow a high surrogate.', '1: "\\ud800"'],
  ['"\\udc00"', 'Unicode low surrogate must follow a high surrogate.', '1: "\\udc00...'],
  [
    '"\\ud800\\ud800"',
    'Unicode high surrogate must not follow a high surrogate.',
    '1: "\\ud800\\ud800...',
  ],
  ['["\\u0000", x]', '\\u0000 cannot be converted to text.', '1: ["\\u0000...'],
]

function told(source: string, type: typeof json): readonly (string | undefined)[] {
  try {
    parseScalar(source, type)
  } catch (error) {
    if (error instanceof QueryError) return [error.details.detail, error.details.context]
    throw error
  }
  return []
}

test.each(faults)('%s', (source, detail, where) => {
  const expected = [detail, `JSON data, line ${where}`]
  expect(told(source, json)).toEqual(expected)
  expect(told(source, jsonb)).toEqual(expected)
})

test.each(escapeFaults)('%s', (source, detail, where) => {
  expect(told(source, jsonb)).toEqual([detail, `JSON data, line ${where}`])
})
