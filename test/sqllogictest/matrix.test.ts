import { createReadStream, readdirSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { readRecords } from '../../sqllogictest/runner/read-records.ts'
import { runFile, type FileReport } from '../../sqllogictest/runner/run-file.ts'
import {
  configurations,
  configuredEngine,
  type Configuration,
} from '../../sqllogictest/runner/configurations.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const ownFiles = join(root, 'sqllogictest')
/** Own files that cross the most borders: what the quick configurations run in every test run. */
const usual = /\/(?:aggregate|join|subquery|union|order-limit)\//

/** `MATRIX=all` runs all own files in all configurations, any other value the files of that path. */
const asked = process.env['MATRIX']
const chosen = configurations.filter(({ isQuick }) => asked !== undefined || isQuick === true)

function filesFor({ isWhole }: Configuration): readonly string[] {
  if (asked !== undefined && asked !== 'all') return testFiles(asked)
  const all = testFiles(ownFiles)
  return asked === 'all' || isWhole === true ? all : all.filter((file) => usual.test(file))
}

function testFiles(path: string): readonly string[] {
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(?:slt|test)$/.test(name))
    .sort()
    .map((name) => join(path, name))
}

async function* linesOf(file: string): AsyncGenerator<string> {
  yield* createInterface({ input: createReadStream(file), crlfDelay: Infinity })
}

describe('own files give the same answers', () => {
  test.each(chosen.map((configuration) => [configuration.name, configuration] as const))(
    '%s',
    async (name, configuration) => {
      const engine = configuredEngine(configuration)
      const reports: FileReport[] = []
      for (const file of filesFor(configuration)) {
        const rendering = file.endsWith('.test') ? 'classic' : 'text'
        const options = { rendering, skips: [] } as const
        reports.push(await runFile(file, readRecords(linesOf(file)), engine, options))
      }
      const total = (part: 'passed' | 'failed' | 'skipped'): number =>
        reports.reduce((sum, report) => sum + report[part], 0)
      const counts = `${total('passed')} passed, ${total('failed')} failed, ${total('skipped')} skipped`
      process.stdout.write(`${name}: ${counts}\n`)
      const failures = reports.flatMap((report) =>
        report.failures.map(
          ({ line, sql, expected, actual }) =>
            `${relative(root, report.file)}:${line}\n${sql}\n-- expected\n${expected}\n-- actual\n${actual}`,
        ),
      )
      expect(failures).toEqual([])
      expect(total('passed')).toBeGreaterThan(0)
    },
    3_600_000,
  )
})
