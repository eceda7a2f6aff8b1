import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import {
  configurations,
  configuredEngine,
  type Configuration,
} from '../../sqllogictest/runner/configurations.ts'
import type { FileReport } from '../../sqllogictest/runner/run-file.ts'
import { runTestFile, testFiles } from '../../sqllogictest/runner/test-files.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
/** Own files that cross the most borders; `MATRIX=all npm run slt` runs all files in all configurations, both halves. */
const usual = /\/(?:aggregate|changes|join|subquery|union|order-limit)\//
/** Of these the ones with so many rows that looking at each by itself takes minutes; `MATRIX=all` runs them too. */
const manyRows =
  /\/(?:rows-not-in|equal-beside-others|null-threshold|ordered-already|semi-of-much-larger|unique-keys|texts-by-letters|passed-blocks)\.slt$/

/** Which half of the files a configuration runs in: the other one next to it takes the other, and the next run may. */
const coin = Math.floor(Math.random() * 2)

function filesFor({ name, isWhole }: Configuration, turn: number): readonly string[] {
  const all = testFiles([join(root, 'sqllogictest')]).filter((_, at) => (at + turn) % 2 === 0)
  if (isWhole === true) return all
  const crossing = all.filter((file) => usual.test(file))
  return name === 'reference executor' ? crossing.filter((file) => !manyRows.test(file)) : crossing
}

describe('own files give the same answers', () => {
  const quick = configurations.filter(({ isQuick }) => isQuick === true)
  const turns = quick.map((configuration, at) => {
    return [configuration.name, (at + coin) % 2, configuration] as const
  })
  test.each(turns)(
    '%s, half %i',
    async (_name, turn, configuration) => {
      const engine = configuredEngine(configuration)
      const reports: FileReport[] = []
      for (const file of filesFor(configuration, turn)) {
        reports.push(await runTestFile(file, engine, []))
      }
      const failures = reports.flatMap((report) =>
        report.failures.map(
          ({ line, sql, expected, actual }) =>
            `${relative(root, report.file)}:${line}\n${sql}\n-- expected\n${expected}\n-- actual\n${actual}`,
        ),
      )
      expect(failures).toEqual([])
      expect(reports.reduce((sum, { passed }) => sum + passed, 0)).toBeGreaterThan(0)
    },
    600_000,
  )
})
