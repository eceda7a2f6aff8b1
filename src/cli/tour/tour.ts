import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { QueryError } from '../../base/errors.ts'
import type { Database } from '../../engine/database.ts'
import type { QueryResult } from '../../engine/results/result.ts'
import { resultText } from '../print/print-result.ts'
import { tourModel, tourQueries } from './queries.ts'

const WIDTH = 100

/**
 * Where the tour's data lies: in the npm package vega-datasets, which a checkout has and an installed
 * package can be given. Throws FILE_NOT_FOUND without it.
 */
export function tourData(): { readonly flights: string; readonly airports: string } {
  const folder = join(dirname(datasetsEntry()), '..', 'data')
  return {
    flights: join(folder, 'flights-3m.parquet'),
    airports: join(folder, 'airports.csv'),
  }
}

function datasetsEntry(): string {
  const places = [import.meta.url, pathToFileURL(join(process.cwd(), 'package.json')).href]
  for (const place of places) {
    try {
      return createRequire(place).resolve('vega-datasets')
    } catch {
      // Perhaps from the next place.
    }
  }
  throw new QueryError('FILE_NOT_FOUND', 'the tour needs the data of the package vega-datasets', {
    hint: 'Run npm install vega-datasets here, then heddle tour again.',
  })
}

/** Opens the tour's tables and runs its queries, printing each answer with its time. */
export async function runTour(db: Database, print: (text: string) => void): Promise<void> {
  const { flights, airports } = tourData()
  print('Heddle: SQL compiled to WebAssembly. A tour over real data.\n')
  await step(db, print, `create table flights with (location = '${flights}')`)
  await step(db, print, `create table airports with (location = '${airports}')`)
  for (const { question, sql } of tourQueries) {
    print(`\n-- ${question}`)
    await step(db, print, sql)
  }
  const [, join_] = tourQueries
  print('\n-- How does Heddle run the join?')
  await step(db, print, `explain ${join_?.sql ?? ''}`)
  print('\n-- A model of the delay, trained on all flights')
  await step(db, print, tourModel.train)
  await step(db, print, tourModel.describe)
  print('\n-- What it predicts')
  await step(db, print, tourModel.predict)
}

async function step(
  db: Database,
  print: (text: string) => void,
  sql: string,
): Promise<QueryResult> {
  print(`${sql};`)
  const started = performance.now()
  const result = await db.query(sql)
  const elapsedMs = performance.now() - started
  print(`${resultText(result, WIDTH)}\nTime: ${elapsedMs.toFixed(1)} ms\n`)
  return result
}
