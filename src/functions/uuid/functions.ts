import { uuid } from '../../data/types/data-type.ts'
import { uuidOfWords } from '../../data/types/uuid.ts'
import { scalar } from '../define.ts'
import type { FillForm, ScalarFunction } from '../function.ts'
import { randomWord, randomWords } from '../random-words.ts'

/** 122 random bits, and those that say so (RFC 4122, version 4). */
function randomUuid(): bigint {
  const [upper, lower] = [randomWord(), randomWord()]
  const version = (upper & 0xffff_ffff_ffff_0fffn) | 0x4000n
  const variant = (lower & 0x3fff_ffff_ffff_ffffn) | 0x8000_0000_0000_0000n
  return uuidOfWords(version, variant)
}

const fillUuids: FillForm = ({ heap, kernels }, at, rows) => {
  for (let filled = 0; filled < 2 * rows;) {
    const words = randomWords(2 * rows - filled)
    heap.u8.set(new Uint8Array(words.buffer, words.byteOffset, words.byteLength), at + 8 * filled)
    filled += words.length
  }
  kernels.call('randomUuids', at, rows)
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
    fill: fillUuids,
  }),
]
