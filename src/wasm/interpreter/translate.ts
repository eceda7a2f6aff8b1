import type { ModuleOutline } from '../assembler/module-builder.ts'
import type { InstructionSet } from './instruction-set.ts'
import { translateFunction, type TranslatedFunction } from './translate-function.ts'

/** A module as the machine runs it; the words mean the same wherever they lie, at a multiple of 8 bytes. */
export interface TranslatedModule {
  readonly words: Int32Array
  /** Where exported functions begin, in bytes. */
  readonly exports: ReadonlyMap<string, number>
  /** What a call of any of them takes, with all that it calls: functions that call themselves there are none. */
  readonly stackBytes: number
}

/** Words at the start of a function, in bytes: what the machine has to know to enter it. */
export const functionHeader = {
  /** Constants, which follow the header and are copied to where the frame begins. */
  constantBytes: 0,
  /** Locals to be cleared: where they begin in the frame, and how many bytes. */
  clearedOffset: 4,
  clearedBytes: 8,
  frameBytes: 12,
  bytes: 16,
} as const

/** Room for the parameters that the machine is entered with, whether or not a function has as many. */
const STACK_SLACK_BYTES = 64

/** Translates a module that was just built to the instructions of a set. */
export function translateModule(
  bytes: Uint8Array,
  outline: ModuleOutline,
  set: InstructionSet,
): TranslatedModule {
  const functions = outline.functions.map((_, at) => translateFunction(bytes, outline, at, set))
  const starts: number[] = []
  let words = 0
  let stackBytes = STACK_SLACK_BYTES
  for (const { constants, code, frameBytes } of functions) {
    starts.push(4 * words)
    words += functionHeader.bytes / 4 + constants.length + code.length
    // Constants take two words each; what follows them must be aligned for those of the next function.
    words += words % 2
    stackBytes += frameBytes + 4 * constants.length
  }
  const out = new Int32Array(words)
  functions.forEach((fn, at) => place(out, fn, starts[at]!, starts))
  const exports = new Map([...outline.exports].map(([name, at]) => [name, starts[at]!]))
  return { words: out, exports, stackBytes }
}

function place(
  out: Int32Array,
  { constants, code, calls, clearedOffset, clearedBytes, frameBytes }: TranslatedFunction,
  start: number,
  starts: readonly number[],
): void {
  let at = start / 4
  for (const word of [4 * constants.length, clearedOffset, clearedBytes, frameBytes]) {
    out[at++] = word
  }
  // The first constant lies right before the frame.
  for (let from = constants.length - 2; from >= 0; from -= 2) {
    out[at++] = constants[from]!
    out[at++] = constants[from + 1]!
  }
  out.set(code, at)
  for (const { position, callee } of calls) {
    out[at + position + 1] = starts[callee]! - 4 * (at + position)
  }
}
