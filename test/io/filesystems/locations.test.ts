import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hivePartitions } from '../../../src/io/filesystems/hive.ts'
import { resolveLocation } from '../../../src/io/filesystems/locations.ts'

const base = mkdtempSync(join(tmpdir(), 'heddle-locations-'))
const root = join(base, 'allowed')

beforeAll(() => {
  const names = [
    'allowed/a.csv',
    'allowed/b.csv',
    'allowed/odd[1].csv',
    'allowed/sales/year=2023/month=1/x.csv',
    'allowed/sales/year=2024/month=__HIVE_DEFAULT_PARTITION__/y.csv',
    'allowed/sales/_SUCCESS',
    'allowed/sales/_temporary/0/year=2024/month=1/z.csv',
    'allowed/sales/year=2023/month=1/.x.csv.crc.csv',
    'allowed/sales/year=2023/month=1/_y.csv',
    'allowed/hidden/_k=1/a.csv',
    'allowed/hidden/.git/a.csv',
    'allowed/delta/_delta_log/00000000000000000000.json',
    'allowed/delta/k=1/a.csv',
    'allowed/delta/b.csv',
    'allowed/lake/iceberg/metadata/v1.metadata.json',
    'allowed/lake/iceberg/data/a.csv',
    'allowed/hudi/.hoodie/x',
    'allowed/hudi/a.csv',
    'allowed/empty/readme.txt',
    'allowed/packed/a.csv',
    'allowed/packed/b.csv.zst',
    'allowed/packed/c.txt.zst',
    'allowed2/secret.csv',
  ]
  for (const name of names) {
    mkdirSync(dirname(join(base, name)), { recursive: true })
    writeFileSync(join(base, name), name)
  }
  symlinkSync(join(base, 'allowed2'), join(root, 'escape'))
  symlinkSync(join(root, 'a.csv'), join(base, 'allowed2', 'back.csv'))
})
afterAll(() => rmSync(base, { recursive: true }))

const options = { allowedRoots: [root], allowUrls: false, extensions: ['.csv'] }

describe('resolveLocation', () => {
  const found: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    ['a.csv', ['a.csv'], []],
    ['*.csv', ['a.csv', 'b.csv', 'odd[1].csv'], []],
    ['odd[1].csv', ['odd[1].csv'], []],
    [
      'sales',
      ['sales/year=2023/month=1/x.csv', 'sales/year=2024/month=__HIVE_DEFAULT_PARTITION__/y.csv'],
      ['year', 'month'],
    ],
    ['sales/*/month=1/*', ['sales/year=2023/month=1/x.csv'], ['year', 'month']],
    ['../allowed/a.csv', ['a.csv'], []],
    ['hidden', ['hidden/_k=1/a.csv'], ['_k']],
    ['hidden/**/*.csv', ['hidden/_k=1/a.csv'], ['_k']],
    // Who names a file means it.
    ['sales/year=2023/*/_*.csv', ['sales/year=2023/month=1/_y.csv'], ['year', 'month']],
    ['delta/b.csv', ['delta/b.csv'], []],
  ]
  test.each(found)('%s', async (location, expected, partitionColumns) => {
    const resolved = await resolveLocation(`${root}/${location}`, options)
    expect(resolved.files.map(({ path }) => path.slice(root.length + 1))).toEqual(expected)
    expect(resolved.partitionColumns).toEqual(partitionColumns)
    expect(resolved.files.every(({ bytes }) => bytes > 0)).toBe(true)
  })

  test.each([
    ['delta', 'Delta'],
    ['delta/*.csv', 'Delta'],
    ['delta/**/*.csv', 'Delta'],
    ['delta/k=1', 'Delta'],
    ['delta/k=1/*.csv', 'Delta'],
    ['lake', 'Iceberg'],
    ['hudi', 'Hudi'],
  ])('%s is a table whose log is not read: %s', async (location, kind) => {
    await expect(resolveLocation(`${root}/${location}`, options)).rejects.toMatchObject({
      code: 'FEATURE_NOT_SUPPORTED',
      message: expect.stringContaining(`${kind} tables`) as string,
    })
  })

  test('partition values come from the paths', async () => {
    const { files } = await resolveLocation(`${root}/sales`, options)
    expect(files.map(({ partitionValues }) => partitionValues)).toEqual([
      ['2023', '1'],
      ['2024', null],
    ])
  })

  test('a file: URL is a path', async () => {
    const { files } = await resolveLocation(pathToFileURL(join(root, 'a.csv')).href, options)
    expect(files[0]?.path).toBe(join(root, 'a.csv'))
  })

  test('a link that leads back into the roots is allowed', async () => {
    const wide = { ...options, allowedRoots: [base] }
    const { files } = await resolveLocation(join(base, 'allowed2', 'back.csv'), wide)
    expect(files[0]?.path).toBe(join(root, 'a.csv'))
  })

  const refused: readonly (readonly [string, string, string])[] = [
    ['../allowed2/secret.csv', 'INSUFFICIENT_PRIVILEGE', 'permission denied'],
    ['escape/secret.csv', 'INSUFFICIENT_PRIVILEGE', 'permission denied'],
    ['*/secret.csv', 'INSUFFICIENT_PRIVILEGE', 'permission denied'],
    ['../allowed2/not-there.csv', 'INSUFFICIENT_PRIVILEGE', 'permission denied'],
    ['../allowed2/*.csv', 'INSUFFICIENT_PRIVILEGE', 'permission denied'],
    ['not-there.csv', 'FILE_NOT_FOUND', 'No such file'],
    ['a.csv/b.csv', 'FILE_NOT_FOUND', 'No such file'],
    ['*.parquet', 'FILE_NOT_FOUND', 'no files match'],
    ['empty', 'FILE_NOT_FOUND', 'has no files that end in .csv'],
    ['packed', 'FEATURE_NOT_SUPPORTED', 'not supported: .zst files of a folder'],
  ]
  test.each(refused)('%s is refused', async (location, code, message) => {
    await expect(resolveLocation(`${root}/${location}`, options)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    })
  })

  test('URLs only where they are allowed', async () => {
    await expect(resolveLocation('https://example.invalid/a.csv', options)).rejects.toMatchObject({
      code: 'INSUFFICIENT_PRIVILEGE',
    })
  })
})

describe('hivePartitions', () => {
  const cases: readonly (readonly [readonly string[], readonly string[], unknown])[] = [
    [['/d/a=1/f'], ['a'], [['1']]],
    [['/d/a=1/f', '/d/b=1/f'], [], [[], []]],
    [['/d/a=1/b=2/f', '/d/b=2/a=1/f'], [], [[], []]],
    [['/d/a=x%20y/f=g'], ['a'], [['x y']]],
    [['/d/a=100%/f'], ['a'], [['100%']]],
    [['/d/a=b=c/f'], ['a'], [['b=c']]],
    [['/d/a=/f'], ['a'], [['']]],
    [['/d/=1/f'], [], [[]]],
    [['/a=1/a=2/f'], [], [[]]],
  ]
  test.each(cases)('%j', (paths, columns, values) => {
    expect(hivePartitions(paths)).toEqual({ columns, values })
  })
})
