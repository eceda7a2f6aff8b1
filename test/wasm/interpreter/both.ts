import { Arena } from '../../../src/data/arenas/arena.ts'
import { Heap } from '../../../src/data/arenas/heap.ts'
import { ModuleBuilder } from '../../../src/wasm/assembler/module-builder.ts'
import type { LinkedFunction } from '../../../src/wasm/interpreter/instruction-set.ts'
import { Interpreter } from '../../../src/wasm/interpreter/interpreter.ts'

export const memory = Heap.createMemory(4 << 20)
export const heap = new Heap(memory)

/** Functions that modules may import: one that is called directly, and one through a table. */
export const note: LinkedFunction = {
  module: 'test',
  name: 'note',
  params: ['i32', 'i64'],
  results: ['i64'],
}
export const tabled: LinkedFunction = {
  module: 'env',
  name: 'host',
  params: ['i32', 'i32', 'i32', 'i32'],
  results: ['i32'],
  isTable: true,
}

/** What the imported functions were called with since {@link runBoth} began. */
let notes: unknown[] = []

const imports: WebAssembly.Imports = {
  env: { host: tableOf() },
  test: {
    note(first: number, second: bigint) {
      notes.push([first, second])
      return BigInt.asIntN(64, second * 3n + BigInt(first))
    },
  },
}

const interpreter = new Interpreter(heap, [note, tabled], imports)

/** A table whose entry is a function of the assembler that calls back. */
function tableOf(): WebAssembly.Table {
  const module = new ModuleBuilder(heap.pages)
  const target = module.importFunction('test', 'called', tabled.params, tabled.results)
  const { builder: f } = module.defineFunction(tabled.params, tabled.results, 'call')
  for (const at of tabled.params.keys()) f.get(f.param(at))
  f.call(target)
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytesOf(module)), {
    env: { memory },
    test: {
      called(...given: number[]) {
        notes.push(given)
        return given.reduce((sum, value) => (sum * 7 + value) | 0, 1)
      },
    },
  })
  const table = new WebAssembly.Table({ element: 'anyfunc', initial: 1 })
  table.set(0, instance.exports['call'])
  return table
}

function bytesOf(module: ModuleBuilder): Uint8Array<ArrayBuffer> {
  return module.finish() as Uint8Array<ArrayBuffer>
}

/** The bytes that are left in memory, as digits, what imports were called with, and how the run ended. */
export interface Trace {
  readonly memory: string
  readonly notes: readonly unknown[]
  readonly error: string | undefined
}

/** Fills the memory before a run, and what else the run is given. */
export interface Round {
  readonly prepare: (address: number) => void
  readonly second?: number
  readonly third?: number
}

/**
 * Runs the export `run(address, second, third)` of a module by the engine and by the interpreter, round after
 * round, each over memory of its own of which it gets the address.
 */
export function runBoth(
  module: ModuleBuilder,
  bytes: number,
  rounds: readonly Round[],
): readonly (readonly [engine: Trace, interpreted: Trace])[] {
  const arena = new Arena(heap)
  try {
    const binary = bytesOf(module)
    const engine = new WebAssembly.Instance(new WebAssembly.Module(binary), {
      ...imports,
      env: { ...imports['env'], memory },
    }).exports
    const translated = interpreter.translate(binary, module.outline())
    const interpreted = interpreter.load(arena, translated)
    const block = arena.allocate(bytes)
    const trace = (
      exports: Readonly<Record<string, unknown>>,
      { prepare, second = 0, third = 0 }: Round,
    ): Trace => {
      heap.u8.fill(0, block, block + bytes)
      prepare(block)
      notes = []
      const run = exports['run'] as (...args: number[]) => void
      let error: string | undefined
      try {
        run(block, second, third)
      } catch (thrown) {
        error = thrown instanceof Error ? thrown.message : String(thrown)
      }
      const memory = Buffer.from(heap.u8.slice(block, block + bytes)).toString('hex')
      return { memory, notes, error }
    }
    return rounds.map((round) => [trace(engine, round), trace(interpreted, round)])
  } finally {
    arena.release()
  }
}
