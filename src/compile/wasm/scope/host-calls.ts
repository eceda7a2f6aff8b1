import type { FunctionBuilder } from '../../../wasm/assembler/function-builder.ts'
import type { ModuleBuilder } from '../../../wasm/assembler/module-builder.ts'

/**
 * What generated code may ask of the thread that runs it: how many i32 it passes, and whether an i32
 * comes back. The order numbers the functions.
 */
export const hostCalls = {
  raise: { params: 2, answers: false },
  moreText: { params: 1, answers: true },
  moreKeep: { params: 1, answers: false },
  newPage: { params: 1, answers: false },
  growTable: { params: 1, answers: false },
  reserveOutput: { params: 2, answers: true },
  growOutputText: { params: 2, answers: false },
  /** Adds the numeric at an address to the sum at another. */
  addNumeric: { params: 2, answers: false },
  addNumericSquare: { params: 2, answers: false },
  /** Gives the bytes behind a numeric that was written to the output a place there. */
  keepOutputNumeric: { params: 1, answers: false },
  takeLimit: { params: 2, answers: true },
  checkpoint: { params: 1, answers: false },
  pruneSort: { params: 0, answers: false },
  callOut: { params: 3, answers: false },
  callOutDone: { params: 1, answers: false },
  /** Evaluates the numbered call of the module with the arguments in the context. */
  evaluateHere: { params: 1, answers: false },
  /** Evaluates an expression for an entry: the number of its table, and 0 for NULL or a code and 1. */
  evaluateEntry: { params: 2, answers: false },
  /** Room for texts of a numbered table. */
  moreEntryText: { params: 2, answers: false },
  decidePair: { params: 1, answers: true },
} as const

export type HostCall = keyof typeof hostCalls
export const hostCallNames = Object.keys(hostCalls) as readonly HostCall[]

const PARAMS_MAX = 3

/** The table of the thread's functions and the signature of its entry. */
export const hostTable = {
  module: 'env',
  name: 'host',
  params: ['i32', 'i32', 'i32', 'i32'],
  results: ['i32'],
} as const

/**
 * Emits a call of a function of the thread with the arguments on the stack. All go through the one
 * entry of the table `env.host`, with the function's number last: an import of its own costs 0.03 ms a
 * signature and module, as the engine compiles a stub for it.
 */
export function emitHostCall(f: FunctionBuilder, builder: ModuleBuilder, name: HostCall): void {
  const { params, answers } = hostCalls[name]
  for (let missing = params; missing < PARAMS_MAX; missing++) f.i32(0)
  f.i32(hostCallNames.indexOf(name)).i32(0)
  const { module, name: table, params: given, results } = hostTable
  f.callIndirect(builder.importTable(module, table, given, results))
  if (!answers) f.op('drop')
}

/**
 * Builds the module whose export `call` is the table's entry: it hands over to the imported
 * `host.call`, by the only stub that a thread needs.
 */
export function defineHostEntry(builder: ModuleBuilder): void {
  const { params, results } = hostTable
  const target = builder.importFunction('host', 'call', params, results)
  const { builder: f } = builder.defineFunction(params, results, 'call')
  for (const index of params.keys()) f.get(f.param(index))
  f.call(target)
}
