import { assert } from '../../../base/assert.ts'
import { notSupported } from '../../../base/errors.ts'
import { compareIntegers } from '../compare-values.ts'
import type { DataType, RegName } from '../data-type.ts'
import { oidEntry } from './oid.ts'
import type { TypeEntry } from './entry.ts'

/** Numbers of objects that are read and shown as the names of these: regclass and its kin. */
export const regEntry: TypeEntry = {
  sqlNames: [],
  oid: 2205,
  arrayOid: 2210,
  wireBytes: 4,
  category: 'number',
  casts: { implicit: ['oid'], assignment: ['int4', 'int8'] },
  form: 'i64',
  layout: 'i64',
  isIntegerLike: true,
  bounds: oidEntry.bounds!,
  localeOf: 'objects',
  parse(source, type, locale) {
    if (source === '-') return 0n
    if (/^\d+$/.test(source)) return oidEntry.parse(source, type, locale)
    const { objectNames } = locale
    if (objectNames === undefined) throw notSupported(`${regOf(type)} by name without a catalog`)
    return objectNames.oidOf(regOf(type), source)
  },
  format(value, type, { objectNames }) {
    const oid = BigInt(value as bigint | number)
    if (oid === 0n) return '-'
    return objectNames?.nameOf(regOf(type), oid) ?? String(oid)
  },
  compare: compareIntegers,
}

function regOf(type: DataType): RegName {
  assert(type.kind === 'reg', 'an object of another type')
  return type.object
}
