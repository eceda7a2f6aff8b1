import { QueryError } from '../base/errors.ts'
import { shownType } from '../data/types/coercion.ts'
import { sameType, type DataType, type RecordType } from '../data/types/data-type.ts'

/**
 * Rows of one type, as comparisons want them. Throws what PostgreSQL does where they are of other columns: there it is
 * said of the first rows that are compared.
 */
export function sameRecords(types: readonly DataType[]): readonly DataType[] | undefined {
  const [first] = types.filter((type) => type.kind === 'record')
  if (first === undefined) return undefined
  return types.map((type) => {
    if (type.kind !== 'record') return first
    checkColumns(first, type)
    return first
  })
}

function checkColumns(left: RecordType, right: RecordType): void {
  if (left.fields.length !== right.fields.length) {
    const message = 'cannot compare record types with different numbers of columns'
    throw new QueryError('DATATYPE_MISMATCH', message)
  }
  left.fields.forEach(({ type }, at) => {
    const other = right.fields[at]?.type ?? type
    if (sameType(type, other)) return
    if (shownType(type) === shownType(other)) return
    const message =
      `cannot compare dissimilar column types ${shownType(type)} and ` +
      `${shownType(other)} at record column ${at + 1}`
    throw new QueryError('DATATYPE_MISMATCH', message)
  })
}
