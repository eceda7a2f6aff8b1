import { assert } from '../../../base/assert.ts'
import { compareBytes } from '../compare-values.ts'
import { formatBytes } from '../format-values.ts'
import { parseBytes } from '../parse-bytes.ts'
import type { Scalar } from '../scalar.ts'
import type { TypeEntry } from './entry.ts'

export const byteaEntry: TypeEntry = {
  sqlNames: ['bytea'],
  oid: 17,
  arrayOid: 1001,
  wireBytes: -1,
  category: 'binary',
  form: 'bytes',
  layout: 'utf8',
  parse: parseBytes,
  format: (value) => formatBytes(bytesOf(value)),
  compare: (left, right) => compareBytes(bytesOf(left), bytesOf(right)),
}

function bytesOf(value: Scalar): Uint8Array {
  assert(value instanceof Uint8Array, 'bytea of another value')
  return value
}
