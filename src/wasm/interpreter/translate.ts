import type { ModuleOutline } from '../assembler/module-builder.ts'
import type { InstructionSet } from './instruction-set.ts'
import { translateFunction, type Target, type TranslatedFunction } from './translate-function.ts'
import { WordBuffer } from './word-buffer.ts'

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

const code = new WordBuffer()
const constants = new WordBuffer()

/** Translates a module that was just built to the instructions of a set. */
export function translateModule(
  bytes: Uint8Array,
  outline: ModuleOutline,
  set: InstructionSet,
): TranslatedModule {
  // The buffers are of the thread: a translation is over before another begins.
  code.clear()
  constants.clear()
  const target: Target = { code, constants }
  const functions = outline.functions.map((_, at) =>
    translateFunction(bytes, outline, at, set, target),
  )
  const starts: number[] = []
  let words = 0
  let stackBytes = STACK_SLACK_BYTES
  for (const { constantWords, codeWords, frameBytes } of functions) {
    starts.push(4 * words)
    words += functionHeader.bytes / 4 + constantWords + codeWords
    // Constants take two words each; what follows them must be aligned for those of the next function.
    words += words % 2
    stackBytes += frameBytes + 4 * constantWords
  }
  const out = new Int32Array(words)
  functions.forEach((fn, at) => place(out, fn, starts[at]!, starts))
  const exports = new Map([...outline.exports].map(([name, at]) => [name, starts[at]!]))
  return { words: out, exports, stackBytes }
}

function place(
  out: Int32Array,
  fn: TranslatedFunction,
  start: number,
  starts: readonly number[],
): void {
  const { constantsFrom, constantWords, codeFrom, codeWords } = fn
  let at = start / 4
  out[at++] = 4 * constantWords
  out[at++] = fn.clearedOffset
  out[at++] = fn.clearedBytes
  out[at++] = fn.frameBytes
  // The first constant lies right before the frame.
  for (let from = constantsFrom + constantWords - 2; from >= constantsFrom; from -= 2) {
    out[at++] = constants.at(from)
    out[at++] = constants.at(from + 1)
  }
  out.set(code.view(codeFrom, codeFrom + codeWords), at)
  for (const { position, callee } of fn.calls) {
    out[at + position + 1] = starts[callee]! - 4 * (at + position)
  }
}
