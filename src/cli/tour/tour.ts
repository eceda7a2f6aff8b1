import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Database } from '../../engine/database.ts'
import type { QueryResult } from '../../engine/result.ts'
import { resultText } from '../print-result.ts'
import { tourModel, tourQueries } from './queries.ts'

const WIDTH = 100

/** Where the tour's data lies: in the npm package vega-datasets. */
export function tourData(): { readonly flights: string; readonly airports: string } {
  const { resolve } = createRequire(import.meta.url)
  const folder = join(dirname(resolve('vega-datasets')), '..', 'data')
  return {
    flights: join(folder, 'flights-3m.parquet'),
    airports: join(folder, 'airports.csv'),
  }
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
