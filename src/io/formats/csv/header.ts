import type { DataType } from '../../../data/types/data-type.ts'
import type { Schema } from '../../../data/types/schema.ts'
import { typeOfText } from '../infer-type.ts'
import type { SampleField } from './sample-records.ts'

type Records = readonly (readonly SampleField[])[]

/**
 * Whether the first record names the columns. It does when a column of numbers, dates or the like
 * begins with a text; or when all its cells are texts that do not come again below (as no name does
 * among the values). Cells may be equal, and empty where others write none: above row names (pandas
 * and R) and behind a trailing comma. `types` are those of the records behind the first.
 */
export function hasHeader(
  records: Records,
  declared: Schema | undefined,
  types: readonly (DataType | undefined)[],
): boolean {
  const [first, ...rest] = records
  if (first === undefined) return false
  const names = first.map((field) => field ?? '')
  const same = declared?.every(({ name }, at) => names[at]?.toLowerCase() === name.toLowerCase())
  if (same === true && declared?.length === first.length) return true
  const isTyped = (type: DataType | undefined): boolean =>
    type !== undefined && type.kind !== 'text'
  const isName = (name: string): boolean => typeOfText(name).kind === 'text'
  if (types.some((type, at) => isTyped(type) && names[at] !== '' && isName(names[at] ?? ''))) {
    return true
  }
  if (declared !== undefined || names.every((name) => name === '')) return false
  return names.every((name, at) => {
    if (name === '') return rest.length > 0 && isEvenlyFilled(rest, at)
    return isName(name) && !rest.some((record) => record[at] === name)
  })
}

/** Whether a column has a value in every record, or in none. */
function isEvenlyFilled(records: Records, at: number): boolean {
  const isEmpty = (record: readonly SampleField[]): boolean => (record[at] ?? '') === ''
  return records.every((record) => isEmpty(record)) || !records.some((record) => isEmpty(record))
}
