import { uuid } from '../../data/types/data-type.ts'
import { UUID_BYTES, uuidOfBytes } from '../../data/types/uuid.ts'
import { scalar } from '../define.ts'
import type { ScalarFunction } from '../function.ts'

/** 122 random bits, and those that say so (RFC 4122, version 4). */
function randomUuid(): bigint {
  const bytes = crypto.getRandomValues(new Uint8Array(UUID_BYTES))
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return uuidOfBytes(bytes)
}

export const uuidFunctions: readonly ScalarFunction[] = [
  scalar({
    name: 'gen_random_uuid',
    args: [],
    returns: uuid,
    volatility: 'volatile',
    doc: 'A random uuid of version 4, another one at each call.',
    example: 'length(gen_random_uuid()::text) -- 36',
    evaluate: randomUuid,
  }),
]
