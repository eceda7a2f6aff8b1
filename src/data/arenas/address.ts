import type { Brand } from '../../base/brand.ts'

/** A byte offset into the engine's shared WebAssembly memory, 1 to 2^32 - 1. 0 stands for "none". */
export type Address = Brand<number, 'Address'>

export const NO_ADDRESS = 0 as Address

export function address(byteOffset: number): Address {
  return (byteOffset >>> 0) as Address
}
