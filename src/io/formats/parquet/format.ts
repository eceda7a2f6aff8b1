import type { Format } from '../format.ts'
import { inspectParquet } from './inspect.ts'
import { planParquetUnits } from './plan-units.ts'
import { openParquetReader } from './reader.ts'

export const parquetFormat: Format = {
  inspect: async (file) => inspectParquet(file),
  planUnits: planParquetUnits,
  openReader: openParquetReader,
}
