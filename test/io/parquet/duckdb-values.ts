import {
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimeValue,
  DuckDBUUIDValue,
  type DuckDBValue,
} from '@duckdb/node-api'
import { uuid, type DataType } from '../../../src/data/types/data-type.ts'
import { parseScalar } from '../../../src/data/types/parse-scalar.ts'
import type { Scalar } from '../../../src/data/types/scalar.ts'

/** DuckDB's value as ours of a type. */
export function scalarOf(value: DuckDBValue, type: DataType): Scalar {
  if (value instanceof DuckDBDecimalValue) return value.value
  if (value instanceof DuckDBDateValue) return value.days
  if (value instanceof DuckDBTimeValue) return value.micros
  if (value instanceof DuckDBTimestampValue) return value.micros
  if (value instanceof DuckDBTimestampTZValue) return value.micros
  if (value instanceof DuckDBTimestampMillisecondsValue) return value.millis * 1000n
  if (value instanceof DuckDBTimestampNanosecondsValue) {
    return value.nanos >= 0n ? value.nanos / 1000n : (value.nanos - 999n) / 1000n
  }
  if (value instanceof DuckDBBlobValue) return new Uint8Array(value.bytes)
  if (value instanceof DuckDBUUIDValue) return parseScalar(value.toString(), uuid)
  // DuckDB gives uinteger as a number, we as a bigint.
  return type.kind === 'int8' && typeof value === 'number' ? BigInt(value) : (value as Scalar)
}

export function sameScalar(left: Scalar, right: Scalar): boolean {
  if (left instanceof Uint8Array && right instanceof Uint8Array) {
    return Buffer.compare(left, right) === 0
  }
  return Object.is(left, right)
}
