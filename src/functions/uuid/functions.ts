import { uuid } from '../../data/types/data-type.ts'
import { uuidOfWords } from '../../data/types/uuid.ts'
import { scalar } from '../define.ts'
import type { ScalarFunction } from '../function.ts'

/** Random words of which two make a uuid: the system is asked for many at once. */
const words = new BigUint64Array(512)
let used = words.length

/** 122 random bits, and those that say so (RFC 4122, version 4). */
function randomUuid(): bigint {
  if (used === words.length) {
    crypto.getRandomValues(words)
    used = 0
  }
  const [upper, lower] = [words[used] ?? 0n, words[used + 1] ?? 0n]
  used += 2
  const version = (upper & 0xffff_ffff_ffff_0fffn) | 0x4000n
  const variant = (lower & 0x3fff_ffff_ffff_ffffn) | 0x8000_0000_0000_0000n
  return uuidOfWords(version, variant)
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
