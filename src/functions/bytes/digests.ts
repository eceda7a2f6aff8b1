import { createDigest } from './sha.ts'
import { bytea } from '../../data/types/data-type.ts'
import { scalar } from '../define.ts'
import type { ScalarFunction } from '../function.ts'
import { bytesOf } from './byte-letters.ts'
import { digestForm } from './inline.ts'

const examples = {
  224: '\\x23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7',
  256: '\\xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  384:
    '\\xcb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed' +
    '8086072ba1e7cc2358baeca134c825a7',
  512:
    '\\xddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a' +
    '2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
} as const

/** SHA-2 digests of bytes. */
export const digestFunctions: readonly ScalarFunction[] = ([224, 256, 384, 512] as const).map(
  (bits) =>
    scalar({
      name: `sha${bits}`,
      args: ['bytea'],
      returns: bytea,
      doc: `SHA-${bits} digest.`,
      example: `sha${bits}('abc'::bytea) -- ${examples[bits]}`,
      evaluate: ([bytes]) => createDigest(bytesOf(bytes), bits),
      inline: digestForm(bits),
    }),
)
