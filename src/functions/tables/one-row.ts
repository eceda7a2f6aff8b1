import { text } from '../../data/types/data-type.ts'
import { tableFunction } from '../define.ts'
import type { TableFunction } from '../function.ts'

/** What makes a value a row: ROWS FROM has functions that give values beside those that give rows. */
export const oneRow: TableFunction = tableFunction({
  name: 'one_row',
  args: ['any'],
  returns: ([type = text]) => type,
  nulls: 'called',
  doc: 'A value, NULL too, as the only row.',
  example: 'one_row(5) -- 5',
  rows: ([value = null]) => [value],
  rowsOf: () => 1,
})
