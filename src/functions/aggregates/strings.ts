import { textOfUtf8 } from '../../base/utf8.ts'
import { bytea, text } from '../../data/types/data-type.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import { aggregate } from '../define.ts'
import type { AggregateFunction } from '../function.ts'
import { checkBytes } from '../text/bounds.ts'
import type { CollectedRows } from '../aggregate-form.ts'

const BYTES_MIN = 256

const joined = {
  kind: 'collected',
  required: [0],
  order: 'given',
  made: 'joined',
} as const

/**
 * The bytes of all parts in order, each but the first behind its own separator; no separator where that is
 * NULL. Throws PROGRAM_LIMIT_EXCEEDED.
 */
function joinBytes(rows: CollectedRows): Uint8Array | null {
  if (rows.count === 0) return null
  let joined = new Uint8Array(BYTES_MIN)
  let length = 0
  const append = (row: number, arg: number): void => {
    const bytes = rows.copyBytes(row, arg, joined, length) ?? 0
    checkBytes(length + bytes)
    if (length + bytes > joined.length) {
      const wider = new Uint8Array(Math.max(length + bytes, joined.length * 2))
      wider.set(joined.subarray(0, length))
      joined = wider
      rows.copyBytes(row, arg, joined, length)
    }
    length += bytes
  }
  for (let row = 0; row < rows.count; row++) {
    if (row > 0) append(row, 1)
    append(row, 0)
  }
  return joined.subarray(0, length)
}

function joinTexts(rows: CollectedRows): Scalar {
  const joined = joinBytes(rows)
  return joined === null ? null : textOfUtf8(joined)
}

/** Aggregates that put texts and bytes one behind the other. */
export const stringAggregates: readonly AggregateFunction[] = [
  aggregate({
    name: 'string_agg',
    args: ['text', 'text'],
    returns: text,
    emptyValue: null,
    form: { ...joined, finish: joinTexts },
    doc: 'The texts that are not NULL one behind the other, with a separator between them.',
    example: "string_agg(x, ', ') over 'a', NULL, 'b' -- a, b",
  }),
  aggregate({
    name: 'string_agg',
    args: ['bytea', 'bytea'],
    returns: bytea,
    emptyValue: null,
    form: { ...joined, finish: joinBytes },
    doc: 'The bytes that are not NULL one behind the other, with a separator between them.',
    example: "string_agg(x, '\\x00') over '\\x01', NULL, '\\x02' -- \\x010002",
  }),
]
