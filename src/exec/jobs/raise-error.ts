import { QueryError, type ErrorCode } from '../../base/errors.ts'
import { raiseReasons, type RaiseReason } from '../../functions/inline.ts'
import type { Expression } from '../../plan/logical/expression.ts'

/** PostgreSQL's code and wording for what generated code found. */
const reasons: Readonly<Record<RaiseReason, readonly [ErrorCode, string]>> = {
  'division-by-zero': ['DIVISION_BY_ZERO', 'division by zero'],
  'smallint-out-of-range': ['NUMERIC_OUT_OF_RANGE', 'smallint out of range'],
  'integer-out-of-range': ['NUMERIC_OUT_OF_RANGE', 'integer out of range'],
  'bigint-out-of-range': ['NUMERIC_OUT_OF_RANGE', 'bigint out of range'],
  'numeric-overflow': ['NUMERIC_OUT_OF_RANGE', 'numeric field overflow'],
  'float-out-of-range': ['NUMERIC_OUT_OF_RANGE', 'value out of range: overflow'],
  'float-underflow': ['NUMERIC_OUT_OF_RANGE', 'value out of range: underflow'],
  'datetime-out-of-range': ['DATETIME_OVERFLOW', 'timestamp out of range'],
  'date-beyond-timestamps': ['DATETIME_OVERFLOW', 'date out of range for timestamp'],
  'interval-out-of-range': ['DATETIME_OVERFLOW', 'interval out of range'],
  'invalid-argument': ['INVALID_PARAMETER_VALUE', 'invalid argument'],
  'more-than-one-row': [
    'CARDINALITY_VIOLATION',
    'more than one row returned by a subquery used as an expression',
  ],
  'negative-substring-length': ['SUBSTRING_ERROR', 'negative substring length not allowed'],
  'negative-square-root': ['INVALID_POWER', 'cannot take square root of a negative number'],
  'escape-at-end': ['INVALID_ESCAPE', 'LIKE pattern must not end with escape character'],
}

/** Throws the error that generated code raised. */
export function raiseError(reason: number, blamed: Expression | undefined): never {
  const [code, message] = reasons[raiseReasons[reason] ?? 'invalid-argument']
  const name = blamed?.type.kind
  const worded =
    code === 'DATETIME_OVERFLOW' && name === 'date' ? message.replace('timestamp', 'date') : message
  throw new QueryError(code, worded, blamed?.span === undefined ? {} : { span: blamed.span })
}

/** JavaScript's heap is full, or nearly so: nobody accounts for the values of functions that are in it. */
export function scriptHeapFull(): QueryError {
  return new QueryError('OUT_OF_MEMORY', 'out of memory: the values of a function do not fit', {
    detail: "JavaScript's heap, which is not the working memory, had no room left for them.",
    hint: 'Select fewer or smaller values at once, or raise --max-old-space-size of Node.',
  })
}

export function canceled(): QueryError {
  return new QueryError('QUERY_CANCELED', 'canceling statement due to user request')
}
