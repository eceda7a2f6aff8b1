import { existsSync, readFileSync } from 'node:fs'
import { assert, present } from '../../base/assert.ts'
import { builtFile } from '../../base/built-file.ts'
import type { Heap } from '../../data/arenas/heap.ts'
import type { FloatKernelName, KernelArguments, KernelName, KernelResult } from './signatures.ts'

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

function instantiate(memory: WebAssembly.Memory, module: WebAssembly.Module): Kernels['exports'] {
  return new WebAssembly.Instance(module, { env: { memory } }).exports as Kernels['exports']
}

/** Instantiates the library over the heap's memory. Each thread has its own instance. */
export function loadKernels(heap: Heap, module: WebAssembly.Module = kernelModule()): Kernels {
  compiled ??= module
  const exports = instantiate(heap.memory, module)
  return {
    exports,
    call<K extends KernelName>(name: K, ...args: KernelArguments<K>) {
      const kernel = exports[name]
      assert(kernel !== undefined, `unknown kernel ${name}`)
      return kernel(...args) as KernelResult<K>
    },
  }
}

let ofFloats: Kernels['exports'] | undefined

/**
 * A kernel that takes and gives floats, for TypeScript: code and TypeScript have the same bits because they run the
 * same instructions. Its instance has the library's tables and no other memory.
 */
export function floatKernel<K extends FloatKernelName>(
  name: K,
): (...args: KernelArguments<K>) => number {
  return (...args) => {
    ofFloats ??= instantiate(
      new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }),
      kernelModule(),
    )
    return Number(present(ofFloats[name], name)(...args))
  }
}
