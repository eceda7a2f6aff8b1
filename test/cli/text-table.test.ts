import { expect, test } from 'vitest'
import { drawTable } from '../../src/cli/text-table.ts'
import { isComplete } from '../../src/cli/shell/statement-end.ts'
import { parseCommand } from '../../src/cli/arguments.ts'

test('columns align as in psql, NULL is empty', () => {
  const table = drawTable(
    {
      headers: ['name', 'n'],
      rightAligned: [false, true],
      rows: [
        ['ada', '1'],
        [null, '100'],
      ],
    },
    80,
  )
  expect(table).toBe([' name |  n', '------+-----', ' ada  |   1', '      | 100'].join('\n'))
})

test('wide columns are cut to the width, wide characters count double', () => {
  const table = drawTable(
    { headers: ['t'], rightAligned: [false], rows: [['x'.repeat(50)], ['日本']] },
    20,
  )
  for (const line of table.split('\n')) expect(line.length).toBeLessThanOrEqual(20)
  expect(table).toContain('…')
})

const completeness: readonly (readonly [string, boolean])[] = [
  ['select 1', false],
  ['select 1;', true],
  ['select 1; ', true],
  ["select ';", false],
  ["select ';';", true],
  ['select 1 -- ;', false],
  ['select 1; -- done', true],
  ['select $$;$$', false],
  ['select $a$;$$;$a$;', true],
  ['select "a;"', false],
  ['/* ;', false],
  ['select 1; select 2', false],
]

for (const [text, expected] of completeness) {
  test(`${JSON.stringify(text)} is ${expected ? '' : 'not '}complete`, () => {
    expect(isComplete(text)).toBe(expected)
  })
}

test('the command line is read strictly', () => {
  expect(parseCommand(['sql', 'select 1', '--threads', '2'], {})).toEqual({
    kind: 'sql',
    text: 'select 1',
    connect: { threads: 2 },
  })
  expect(() => parseCommand(['dance'], {})).toThrow(/unknown command "dance"/)
  expect(() => parseCommand(['serve', '--pg-port', 'x'], {})).toThrow(/whole number/)
})
