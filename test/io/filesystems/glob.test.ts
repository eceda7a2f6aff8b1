import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { segmentMatcher } from '../../../src/io/filesystems/glob-segment.ts'
import { FileCalls } from '../../../src/io/filesystems/file-calls.ts'
import { expandBraces, matchFiles } from '../../../src/io/filesystems/glob.ts'

describe('segmentMatcher', () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ['*', 'a.csv', true],
    ['*', '.hidden', false],
    ['.*', '.hidden', true],
    ['*.csv', 'a.csv', true],
    ['*.csv', 'axcsv', false],
    ['*.csv', 'a.csv.gz', false],
    ['a**b', 'a--b', true],
    ['?.csv', 'é.csv', true],
    ['?.csv', '😀.csv', true],
    ['?.csv', 'ab.csv', false],
    ['[ab].csv', 'b.csv', true],
    ['[ab].csv', 'c.csv', false],
    ['[a-c]x', 'bx', true],
    ['[!a-c]x', 'bx', false],
    ['[^a-c]x', 'dx', true],
    ['[]]x', ']x', true],
    ['[!]]x', ']x', false],
    ['[[]x', '[x', true],
    ['[ab', '[ab', true],
    ['a+(b)|c.$', 'a+(b)|c.$', true],
    ['a.c', 'abc', false],
    ['[z-a]x', 'bx', false],
    ['[!z-a]x', 'bx', true],
    ['[a-]x', '-x', true],
    ['[-a]x', '-x', true],
    ['[\\]x', '\\x', true],
    ['[😀-😂]x', '😁x', true],
    ['*ab*ab', 'abxabab', true],
    ['*ab*abc', 'abxabab', false],
    ['a*', 'a', true],
    ['a*b', 'a', false],
    ['', 'a', false],
    ['a', '', false],
    [`${'*a'.repeat(60)}b`, 'a'.repeat(240), false],
  ]
  test.each(cases)('%s and %s', (pattern, name, expected) => {
    expect(segmentMatcher(pattern).test(name)).toBe(expected)
  })
})

describe('expandBraces', () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['a', ['a']],
    ['{a,b}', ['a', 'b']],
    ['x{a,b}y{1,2}', ['xay1', 'xay2', 'xby1', 'xby2']],
    ['{a,{b,c}d}', ['a', 'bd', 'cd']],
    ['{a}', ['{a}']],
    ['{a,b', ['{a,b']],
    ['{,x}.csv', ['.csv', 'x.csv']],
    ['{a}{b,c}', ['{a}b', '{a}c']],
  ]
  test.each(cases)('%s', (pattern, expected) => {
    expect(expandBraces(pattern)).toEqual(expected)
  })

  test('has a bound', () => {
    expect(() => expandBraces('{a,b}'.repeat(20))).toThrow('more than 1024 alternatives')
  })
})

describe('matchFiles', () => {
  const root = mkdtempSync(join(tmpdir(), 'heddle-glob-'))
  beforeAll(() => {
    for (const name of [
      'a.csv',
      'b.csv',
      'c.txt',
      'x/a.csv',
      'x/y/b.csv',
      '.h/a.csv',
      'x/.h.csv',
    ]) {
      mkdirSync(dirname(join(root, name)), { recursive: true })
      writeFileSync(join(root, name), '')
    }
    symlinkSync(root, join(root, 'x', 'loop'))
  })
  afterAll(() => rmSync(root, { recursive: true }))

  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['*.csv', ['a.csv', 'b.csv']],
    ['{a,c}.*', ['a.csv', 'c.txt']],
    ['**/*.csv', ['a.csv', 'b.csv', 'x/a.csv', 'x/y/b.csv']],
    ['**/y/*', ['x/y/b.csv']],
    ['x/**', ['x/a.csv', 'x/loop', 'x/y/b.csv']],
    ['*/a.csv', ['x/a.csv']],
    ['**/a.csv', ['a.csv', 'x/a.csv']],
    ['.h/*', ['.h/a.csv']],
    ['nothing/*', []],
    ['a.csv/*', []],
  ]
  test.each(cases)('%s', async (pattern, expected) => {
    const found = await matchFiles(join(root, pattern), new FileCalls(), undefined)
    expect(found.map(({ path }) => path.slice(root.length + 1))).toEqual(expected)
  })

  test('tells files from links', async () => {
    const found = await matchFiles(join(root, 'x/**'), new FileCalls(), undefined)
    const links = found.filter(({ path, linked }) => linked === path)
    expect(links.map(({ path }) => path)).toEqual([join(root, 'x/loop')])
  })

  test('tells what lies behind a link to a folder', async () => {
    const link = join(root, 'x/loop')
    const found = async (pattern: string): Promise<unknown> =>
      matchFiles(join(root, pattern), new FileCalls(), undefined)
    const path = join(link, 'x/y/b.csv')
    expect(await found('x/l*/*/y*/b.csv')).toEqual([{ path, linked: link }])
    expect(await found('x/l*/x/y*/b.csv')).toEqual([{ path, linked: join(link, 'x') }])
  })

  test('stops when cancelled', async () => {
    const signal = AbortSignal.abort()
    await expect(matchFiles(join(root, '*'), new FileCalls(), signal)).rejects.toMatchObject({
      code: 'QUERY_CANCELED',
    })
  })
})
