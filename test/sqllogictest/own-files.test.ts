import { execFileSync } from 'node:child_process'
import { createReadStream, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { heddleEngine } from '../../sqllogictest/runner/engines/heddle.ts'
import { readRecords } from '../../sqllogictest/runner/read-records.ts'
import { runFile } from '../../sqllogictest/runner/run-file.ts'
import type { FileReport } from '../../sqllogictest/runner/run-file.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const ownFiles = join(root, 'sqllogictest')
/** Public suites, beside the repository where someone has put them. */
const sqliteArchive = join(root, '..', 'shared', 'slt', 'sqlite.tar.gz')
const engine = heddleEngine(undefined)

async function* linesOf(file: string): AsyncGenerator<string> {
  yield* createInterface({ input: createReadStream(file), crlfDelay: Infinity })
}

/** Every failure with its place, query, expected and actual result: empty where all is well. */
async function failuresOf(file: string): Promise<readonly string[]> {
  const rendering = file.endsWith('.test') ? 'classic' : 'text'
  const options = { rendering, skips: [] } as const
  const report: FileReport = await runFile(file, readRecords(linesOf(file)), engine, options)
  expect(report.passed + report.failed).toBeGreaterThan(0)
  return report.failures.map(
    ({ line, sql, expected, actual }) =>
      `${relative(root, file)}:${line}\n${sql}\n-- expected\n${expected}\n-- actual\n${actual}`,
  )
}

describe('own files', () => {
  const files = readdirSync(ownFiles, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.slt'))
    .sort()

  test('there are some', () => expect(files.length).toBeGreaterThan(0))

  test.each(files)('%s', async (name) => {
    expect(await failuresOf(join(ownFiles, name))).toEqual([])
  })
})

describe.skipIf(!existsSync(sqliteArchive))("SQLite's select1", () => {
  const folder = mkdtempSync(join(tmpdir(), 'heddle-slt-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  test('passes wholly', async () => {
    execFileSync('tar', ['xzf', sqliteArchive, '-C', folder, 'sqlite/select1.test'])
    expect(await failuresOf(join(folder, 'sqlite', 'select1.test'))).toEqual([])
  })
})
