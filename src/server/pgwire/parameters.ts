import { QueryError } from '../../base/errors.ts'
import { decodeUtf8 } from '../../base/utf8.ts'
import { decodeBinary } from '../../data/binary/decode-binary.ts'
import type { DataType } from '../../data/types/data-type.ts'
import type { Locale } from '../../data/types/datetime/locale.ts'
import { parseScalar } from '../../data/types/parse-scalar.ts'
import type { Scalar } from '../../data/types/scalar.ts'

/** What is known of a parameter. */
export interface WireParameter {
  readonly type: DataType
  /** The type that the client declared at Parse; 0 when it left that open. */
  readonly declaredOid: number
}

/** A parameter as a client sent it, in text (0) or binary (1) format. `index` counts from 0. */
export function decodeParameter(
  bytes: Buffer | null,
  { format, locale }: { readonly format: number; readonly locale?: Locale },
  { type }: WireParameter,
  index: number,
): Scalar {
  if (format !== 0 && format !== 1) throw unsupportedFormat(format)
  if (bytes === null) return null
  return format === 0
    ? parseScalar(decodeUtf8(bytes), type, locale)
    : decodeBinary(bytes, type, index)
}

export function unsupportedFormat(format: number): QueryError {
  return new QueryError('INVALID_PARAMETER_VALUE', `unsupported format code: ${format}`)
}
