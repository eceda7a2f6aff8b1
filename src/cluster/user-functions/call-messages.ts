import type { CallState } from './call-board.ts'
import type { FunctionCode } from './function-code.ts'

/** To a thread. */
export type CallRequest =
  | {
      readonly kind: 'calls'
      /** Functions that it meets for the first time, by the numbers that calls name them by. */
      readonly functions: readonly (readonly [number, FunctionCode])[]
      /** See {@link packCalls}. */
      readonly table: Int32Array<ArrayBuffer>
      readonly bytes: Uint8Array<ArrayBuffer>
    }
  /** A call that runs may be ended early. */
  | { readonly kind: 'stop'; readonly serial: number }

/** From a thread: something is on the board, or a result that has no room there. */
export type CallReply =
  | { readonly kind: 'look' }
  | {
      readonly kind: 'apart'
      readonly serial: number
      readonly state: CallState
      readonly bytes: Uint8Array<ArrayBuffer>
    }

/** A call as it travels. */
export interface PackedCall {
  readonly serial: number
  readonly slot: number
  readonly fn: number
  /** Arguments, an encoded array. */
  readonly args: Uint8Array
  /** Encoded results that stand in the arguments, by their number. */
  readonly inputs: readonly Uint8Array[]
}

/**
 * Many calls in two arrays, as a clone of objects takes longer than a small call: for each its serial, slot,
 * function, the length of its arguments, the number of inputs, the length of each; and all bytes in a row.
 */
export function packCalls(
  calls: readonly PackedCall[],
): Pick<CallRequest & { kind: 'calls' }, 'table' | 'bytes'> {
  const table: number[] = []
  let length = 0
  for (const { serial, slot, fn, args, inputs } of calls) {
    table.push(serial, slot, fn, args.byteLength, inputs.length)
    length += args.byteLength
    for (const { byteLength } of inputs) {
      table.push(byteLength)
      length += byteLength
    }
  }
  const bytes = new Uint8Array(length)
  let at = 0
  for (const { args, inputs } of calls) {
    bytes.set(args, at)
    at += args.byteLength
    for (const input of inputs) {
      bytes.set(input, at)
      at += input.byteLength
    }
  }
  return { table: new Int32Array(table), bytes }
}

/** The calls of {@link packCalls}, over its bytes. */
export function unpackCalls(table: Int32Array, bytes: Uint8Array): readonly PackedCall[] {
  const calls: PackedCall[] = []
  let at = 0
  const take = (length: number): Uint8Array => bytes.subarray(at, (at += length))
  for (let n = 0; n < table.length;) {
    const [serial, slot, fn] = [table[n]!, table[n + 1]!, table[n + 2]!]
    const [argsLength, inputCount] = [table[n + 3]!, table[n + 4]!]
    n += 5
    const args = take(argsLength)
    const inputs: Uint8Array[] = []
    for (const end = n + inputCount; n < end; n++) inputs.push(take(table[n]!))
    calls.push({ serial, slot, fn, args, inputs })
  }
  return calls
}
