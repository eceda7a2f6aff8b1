import { existsSync, readFileSync } from 'node:fs'
import { assert, present } from '../../base/assert.ts'
import { builtFile } from '../../base/built-file.ts'
import type { Heap } from '../../data/arenas/heap.ts'
import type { KernelArguments, KernelName, KernelResult } from './signatures.ts'

/** The static kernel library of one thread: AssemblyScript, instantiated over the shared memory. */
export interface Kernels {
  /** A kernel by name for calls from TypeScript. Addresses come back signed: wrap them in `address`. */
  call<K extends KernelName>(name: K, ...args: KernelArguments<K>): KernelResult<K>
  /** All exports, as the import object `kernel` of generated modules. */
  readonly exports: Readonly<
    Record<string, (...args: readonly (number | bigint)[]) => number | bigint>
  >
}

/** Built from `assembly/` by `npm run build`; the same file serves `src` (tests) and `dist`. */
const file = builtFile('kernels.wasm', import.meta.url)

let compiled: WebAssembly.Module | undefined

/** Whether the library lies where it was built; else it must be given by {@link useKernels}. */
export function hasKernelsFile(): boolean {
  return file !== undefined && existsSync(file)
}

/** Takes the library from memory, where an application's bundle has no file of it. */
export function useKernels(binary: Uint8Array<ArrayBuffer>): void {
  compiled ??= new WebAssembly.Module(binary)
}

/** The compiled library, for posting to threads so that each of them need not compile it again. */
export function kernelModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(readFileSync(present(file, 'place of the kernels')))
  return compiled
}

/** What kernels have of Math, which engines know and call as code of their own. */
const mathematics = {
  exp: Math.exp,
  sinh: Math.sinh,
  cosh: Math.cosh,
  tanh: Math.tanh,
  log: Math.log,
  log10: Math.log10,
  pow: Math.pow,
  cbrt: Math.cbrt,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  atan2: Math.atan2,
}

/** Instantiates the library over the heap's memory. Each thread has its own instance. */
export function loadKernels(heap: Heap, module: WebAssembly.Module = kernelModule()): Kernels {
  const instance = new WebAssembly.Instance(module, {
    env: { memory: heap.memory },
    math: mathematics,
  })
  const exports = instance.exports as Kernels['exports']
  return {
    exports,
    call<K extends KernelName>(name: K, ...args: KernelArguments<K>) {
      const kernel = exports[name]
      assert(kernel !== undefined, `unknown kernel ${name}`)
      return kernel(...args) as KernelResult<K>
    },
  }
}
