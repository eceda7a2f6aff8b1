import { QueryError } from '../base/errors.ts'
import { typeName, type DataType } from '../data/types/data-type.ts'
import { isJsonNumber, jsonValueOf } from '../data/types/json-value.ts'
import { parseNumeric } from '../data/types/parse-number.ts'
import type { Scalar } from '../data/types/scalar.ts'

/** The value of a jsonb as one of SQL: a cast. Throws where it is another kind. */
export function scalarOfJson(source: string, to: DataType): NonNullable<Scalar> {
  const value = jsonValueOf(source)
  if (to.kind === 'bool' && typeof value === 'boolean') return value
  if (to.kind !== 'bool' && isJsonNumber(value)) return parseNumeric(value.digits)
  const kind = wordOf(value)
  const message = `cannot cast jsonb ${kind} to type ${typeName(to.kind === 'decimal' ? { kind: 'numeric' } : to)}`
  throw new QueryError('INVALID_PARAMETER_VALUE', message)
}

function wordOf(value: ReturnType<typeof jsonValueOf>): string {
  if (value === null) return 'null'
  if (typeof value === 'boolean') return 'boolean'
  if (typeof value === 'string') return 'string'
  if (Array.isArray(value)) return 'array'
  return isJsonNumber(value) ? 'numeric' : 'object'
}
