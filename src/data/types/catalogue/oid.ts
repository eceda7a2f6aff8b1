import { QueryError } from '../../../base/errors.ts'
import { compareIntegers } from '../compare-values.ts'
import { integerOf } from '../long-digits.ts'
import type { TypeEntry } from './entry.ts'

const OID_MAX = 4_294_967_295n

/** A number of 32 bits without sign; negative ones are read as PostgreSQL reads them. */
export const oidEntry: TypeEntry = {
  sqlNames: ['oid'],
  oid: 26,
  arrayOid: 1028,
  wireBytes: 4,
  category: 'number',
  preferred: true,
  casts: { implicit: ['reg'], assignment: ['int4', 'int8'] },
  form: 'i64',
  layout: 'i64',
  isIntegerLike: true,
  bounds: { min: 0n, max: OID_MAX },
  parse(source) {
    const match = /^\s*([+-]?)(\d+)\s*$/.exec(source)
    if (match === null) {
      const message = `invalid input syntax for type oid: "${source}"`
      throw new QueryError('INVALID_TEXT_REPRESENTATION', message)
    }
    const magnitude = integerOf(match[2] ?? '0')
    const value = match[1] === '-' ? -magnitude : magnitude
    if (value > OID_MAX || value < -(2n ** 31n)) {
      const message = `value "${source}" is out of range for type oid`
      throw new QueryError('NUMERIC_OUT_OF_RANGE', message)
    }
    return BigInt.asUintN(32, value)
  },
  format: String,
  compare: compareIntegers,
}
