import { createReadStream, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { SqlEngine } from './engine.ts'
import { readRecords } from './read-records.ts'
import { runFile, type FileReport } from './run-file.ts'
import type { SkipEntry } from './skip-list.ts'

/** The sqllogictest files that these paths, of files or folders, name. */
export function testFiles(paths: readonly string[]): readonly string[] {
  return paths.flatMap((path) => {
    if (!statSync(path).isDirectory()) return [path]
    return readdirSync(path, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(?:slt|test)$/.test(name))
      .map((name) => join(path, name))
      .sort()
  })
}

/** Runs the records of `file`, whose name says how its values are written, in a fresh database. */
export function runTestFile(
  file: string,
  engine: SqlEngine,
  skips: readonly SkipEntry[],
): Promise<FileReport> {
  const rendering = file.endsWith('.test') ? 'classic' : 'text'
  return runFile(file, readRecords(linesOf(file)), engine, { rendering, skips })
}

/** Opened at the first line: readline drops lines that come before anyone iterates. */
async function* linesOf(file: string): AsyncGenerator<string> {
  yield* createInterface({ input: createReadStream(file), crlfDelay: Infinity })
}
