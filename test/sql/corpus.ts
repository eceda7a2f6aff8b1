import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'

interface CorpusQuery {
  readonly group: string
  readonly text: string
}

/** Statements gathered outside the repository; none where they were not handed over. */
export const corpusQueries: readonly CorpusQuery[] = await readCorpus()

async function readCorpus(): Promise<readonly CorpusQuery[]> {
  const folder = findFolder()
  if (folder === undefined) return []
  const load = async (file: string): Promise<Record<string, unknown>> =>
    (await import(pathToFileURL(`${folder}/${file}`).href)) as Record<string, unknown>
  const features = (await load('features.mjs'))['feat'] as Record<string, readonly string[]>
  const tpch = (await load('tpch.mjs'))['tpch'] as readonly string[]
  const psql = JSON.parse(readFileSync(`${folder}/psql15.json`, 'utf8')) as { sql: string }[]
  return [
    ...Object.entries(features).flatMap(([group, texts]) => texts.map((text) => ({ group, text }))),
    ...tpch.map((text) => ({ group: 'tpch', text })),
    ...psql.map(({ sql }) => ({ group: 'psql', text: sql })),
  ]
}

function findFolder(): string | undefined {
  const root = fileURLToPath(new URL('../..', import.meta.url))
  const candidates = ['../shared', '../../shared', 'shared'].map(
    (path) => `${root}/${path}/reference/postgres/syntax`,
  )
  return candidates.find((path) => existsSync(path))
}
