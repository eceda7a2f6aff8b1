import { expect, test } from 'vitest'
import { drawTable } from '../../src/cli/print/text-table.ts'
import { isComplete } from '../../src/cli/shell/statement-end.ts'
import { textLines, type InputLine } from '../../src/cli/shell/text-lines.ts'
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

test('lines, tabs and control characters of values are shown as psql does', () => {
  const table = drawTable(
    {
      headers: ['x', 'a\nb', 'n'],
      rightAligned: [false, false, true],
      rows: [['a\nb\tc', '\u0001\r', '1']],
    },
    Infinity,
  )
  expect(table.split('\n')).toEqual([
    '     x     |   a   +| n',
    '           |   b    |',
    '-----------+--------+---',
    ' a        +| \\x01\\r | 1',
    ' b       c |        |',
  ])
})

test('lines of text are UTF-8 or refused, and no byte is lost at the seams', async () => {
  const bytes = Buffer.from("select 'ä€';\r\nselect 2;\n\nlast", 'utf8')
  for (let cut = 1; cut < bytes.length; cut++) {
    const lines: InputLine[] = []
    for await (const line of textLines(inPieces(bytes, cut))) lines.push(line)
    expect(lines.map(({ text }) => text)).toEqual(["select 'ä€';", 'select 2;', '', 'last'])
  }
  const odd = textLines(inPieces(Buffer.from("'\xff\0'", 'latin1'), 9))
  const bad = (await odd.next()).value as InputLine
  expect(bad.refusal).toMatchObject({ code: 'INVALID_ENCODING' })
})

async function* inPieces(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length)
}

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
