import { notSupported } from '../../base/errors.ts'
import { int8, text } from '../../data/types/data-type.ts'
import { tableFunction } from '../define.ts'
import type { TableFunction } from '../function.ts'

/** What memory there is, which the engine puts in place of a call in FROM. */
export const memoryFunction: TableFunction = tableFunction({
  name: 'heddle_memory',
  args: [],
  columns: [
    { name: 'part', type: text },
    { name: 'bytes', type: int8 },
    { name: 'described', type: text },
  ],
  doc:
    'The bytes that each part of the memory of this process has: rows of tables, queries, results and readers, ' +
    'generated code, the heap of JavaScript, the whole process, and temporary files; then what queries that run have ' +
    'claimed of it, and what those would that wait for them. In FROM.',
  example: "bytes from heddle_memory() where part = 'tables' -- 0",
  rows: () => {
    throw notSupported('heddle_memory outside of FROM')
  },
  rowsOf: () => 14,
})
