import type { Arena } from '../../data/arenas/arena.ts'
import { buildMachine } from './machine.ts'
import { InstructionSet, type LinkedFunction } from './instruction-set.ts'
import { translateModule, type TranslatedModule } from './translate.ts'
import type { ModuleOutline } from '../assembler/module-builder.ts'
import type { Heap } from '../../data/arenas/heap.ts'

/** A function of an interpreted module: its parameters are i32, three at most, and it returns nothing. */
export type InterpretedFunction = (...params: readonly number[]) => void

type Enter = (fn: number, stack: number, ...params: readonly number[]) => void

/**
 * Runs modules of the assembler without giving them to the engine, which takes longer to load one than few
 * rows take to run: the same code over the same memory, so nobody sees which of both ran. Each thread has
 * its own, as it has its own kernels.
 */
export class Interpreter {
  readonly #set: InstructionSet
  readonly #enter: Enter

  /** `imports` holds the functions that `linked` describes, by module and name, and `env.memory`. */
  constructor(heap: Heap, linked: readonly LinkedFunction[], imports: WebAssembly.Imports) {
    this.#set = new InstructionSet(linked)
    const machine = buildMachine(heap.pages, this.#set) as Uint8Array<ArrayBuffer>
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(machine), {
      ...imports,
      env: { ...imports['env'], memory: heap.memory },
    })
    this.#enter = exports['enter'] as Enter
  }

  /** Translates a module for {@link load}: once, however often it is loaded. */
  translate(bytes: Uint8Array, outline: ModuleOutline): TranslatedModule {
    return translateModule(bytes, outline, this.#set)
  }

  /** The functions that a module exports, to be called as long as the arena lives, one at a time. */
  load(
    arena: Arena,
    { words, exports, stackBytes }: TranslatedModule,
  ): Readonly<Record<string, InterpretedFunction>> {
    const code = arena.allocate(words.byteLength + stackBytes)
    arena.heap.i32.set(words, code >>> 2)
    const stack = code + words.byteLength
    const enter = this.#enter
    const load = (start: number): InterpretedFunction => {
      const fn = code + start
      return (...params) => enter(fn, stack, params[0]!, params[1]!, params[2]!)
    }
    return Object.fromEntries([...exports].map(([name, start]) => [name, load(start)]))
  }
}
