import { createReadStream, existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { readRecords } from '../../sqllogictest/runner/read-records.ts'
import type { SltRecord } from '../../sqllogictest/runner/record.ts'
import { Generator } from '../tpch/random.ts'

/** The name that the corpus knows engines of this dialect by. */
const DIALECT = 'postgresql'

/** Queries over the same few tables, no text twice. */
export interface Corpus {
  /** Makes the tables. */
  readonly setUp: readonly string[]
  readonly queries: readonly string[]
}

/**
 * Reads all files of a folder of sqllogictest files, of which every one makes the same tables in the same
 * way. Queries whose rows have an order of their own are left out, as are those of other dialects.
 */
export async function readCorpus(folder: string): Promise<Corpus> {
  if (!existsSync(folder)) {
    throw new Error(`${folder} is not there: put test/random/select of SQLite's sqllogictest there`)
  }
  let setUp: readonly string[] | undefined
  const queries = new Set<string>()
  for (const name of readdirSync(folder).toSorted()) {
    if (!name.endsWith('.test')) continue
    const own: string[] = []
    const lines = createInterface({ input: createReadStream(join(folder, name)) })
    for await (const record of readRecords(lines)) {
      if (!isForDialect(record)) continue
      if (record.kind === 'statement') own.push(record.sql)
      else if (record.kind === 'query' && record.sort !== 'nosort') queries.add(record.sql)
    }
    setUp ??= own
    if (own.toSorted().join('\n') !== setUp.toSorted().join('\n')) {
      throw new Error(`${name} makes other tables than the files before it`)
    }
  }
  return { setUp: setUp ?? [], queries: [...queries] }
}

function isForDialect({ conditions }: SltRecord): boolean {
  return conditions.every(({ only, engine }) => (engine === DIALECT) === only)
}

/** So many of `items` as there are, at most `count`, picked by a seed and in no order. */
export function sample<T>(items: readonly T[], count: number, seed: number): readonly T[] {
  const random = new Generator(seed)
  const all = [...items]
  const picked = Math.min(count, all.length)
  for (let at = 0; at < picked; at++) {
    const from = random.between(at, all.length - 1)
    ;[all[at], all[from]] = [all[from]!, all[at]!]
  }
  return all.slice(0, picked)
}
