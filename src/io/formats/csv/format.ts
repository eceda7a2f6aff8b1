import type { Format } from '../format.ts'
import { inspectCsv } from './inspect.ts'
import { openCsvReader, planCsvUnits } from './reader.ts'

export const csvFormat: Format = {
  inspect: inspectCsv,
  planUnits: planCsvUnits,
  openReader: openCsvReader,
}
