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
/** Own files that cross the most borders; `MATRIX=all npm run slt` runs all files in all configurations. */
const usual = /\/(?:aggregate|changes|join|subquery|union|order-limit)\//
/** Of these the ones with so many rows that looking at each by itself takes minutes; `MATRIX=all` runs them too. */
const manyRows =
  /\/(?:rows-not-in|equal-beside-others|null-threshold|ordered-already|semi-of-much-larger|unique-keys|texts-by-letters|passed-blocks)\.slt$/

/** Each configuration runs in so many parts of the files, the next one in the next part; the first by lot. */
const PARTS = 4
const lot = Math.floor(Math.random() * PARTS)

function filesFor({ name, isWhole }: Configuration, turn: number): readonly string[] {
  const all = testFiles([join(root, 'sqllogictest')]).filter((_, at) => at % PARTS === turn)
  if (isWhole === true) return all
  const crossing = all.filter((file) => usual.test(file))
  return name === 'reference executor' ? crossing.filter((file) => !manyRows.test(file)) : crossing
}

describe('own files give the same answers', () => {
  const quick = configurations.filter(({ isQuick }) => isQuick === true)
  const turns = quick.map((configuration, at) => {
    return [configuration.name, (at + lot) % PARTS, configuration] as const
  })
  test.each(turns)(
    '%s, part %i',
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
