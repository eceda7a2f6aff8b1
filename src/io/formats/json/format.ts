import type { Format } from '../format.ts'
import { inspectJson } from './inspect.ts'
import { openJsonReader, planJsonUnits } from './reader.ts'

export const jsonFormat: Format = {
  inspect: inspectJson,
  planUnits: planJsonUnits,
  openReader: openJsonReader,
}
