import { assert } from '../../../base/assert.ts'
import { parseNumeric, toDecimal } from '../parse-number.ts'
import { numericEntry } from './numeric.ts'
import type { TypeEntry } from './entry.ts'

/** numeric with declared digits: form and layout here are those of more than 18 digits. */
export const decimalEntry: TypeEntry = {
  ...numericEntry,
  sqlNames: [],
  form: 'i128',
  layout: 'i128',
  isIntegerLike: true,
  parse(source, type) {
    assert(type.kind === 'decimal', 'decimal of another type')
    return toDecimal(parseNumeric(source), type)
  },
}
