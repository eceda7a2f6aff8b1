import { assert } from '../../../base/assert.ts'
import { QueryError } from '../../../base/errors.ts'
import { compareIntegers } from '../compare-values.ts'
import { UUID_BOUNDS, uuidOfDigits, uuidText } from '../uuid.ts'
import type { TypeEntry } from './entry.ts'

export const uuidEntry: TypeEntry = {
  sqlNames: ['uuid'],
  oid: 2950,
  arrayOid: 2951,
  wireBytes: 16,
  category: 'user',
  form: 'i128',
  layout: 'i128',
  bounds: UUID_BOUNDS,
  parse: parseUuid,
  format(value) {
    assert(typeof value === 'bigint', 'uuid of another value')
    return uuidText(value)
  },
  compare: compareIntegers,
}

/** A hyphen may stand behind each four digits, and braces around all. */
function parseUuid(source: string): bigint {
  const match = /^(\{?)((?:[0-9a-f]{4}-?){7}[0-9a-f]{4})(\}?)$/i.exec(source)
  const [, open = '', digits = '', close = ''] = match ?? []
  if (match === null || (open === '') !== (close === '')) {
    const message = `invalid input syntax for type uuid: "${source}"`
    throw new QueryError('INVALID_TEXT_REPRESENTATION', message)
  }
  return uuidOfDigits(digits.replaceAll('-', ''))
}
