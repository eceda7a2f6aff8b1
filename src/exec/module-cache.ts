import type { CompiledPipeline } from '../compile/pipeline/compile-pipeline.ts'

/** A compiled pipeline with its WebAssembly module, which the engine optimizes as it runs. */
export interface LoadedModule {
  readonly compiled: CompiledPipeline
  readonly module: WebAssembly.Module
}

const MODULES_MAX = 256

/** Least recently used first. Each thread has its own; the engine shares code of equal bytes. */
const modules = new Map<string, LoadedModule>()

/** The module for a key, compiled when it is new. The key must tell apart all that the bytes depend on. */
export function loadModule(key: string, compile: () => CompiledPipeline): LoadedModule {
  const known = modules.get(key)
  if (known !== undefined) {
    modules.delete(key)
    modules.set(key, known)
    return known
  }
  const compiled = compile()
  const loaded = { compiled, module: new WebAssembly.Module(compiled.bytes) }
  modules.set(key, loaded)
  if (modules.size > MODULES_MAX) modules.delete(modules.keys().next().value ?? key)
  return loaded
}

/** A text that is equal for equal descriptions: maps and bigints included. */
export function describe(value: unknown): string {
  return JSON.stringify(value, (_name, part: unknown) => {
    if (typeof part === 'bigint') return `${part}n`
    if (typeof part === 'number' && !Number.isFinite(part)) return `number ${part}`
    if (Object.is(part, -0)) return 'number -0'
    if (part instanceof Map) return { map: [...part] }
    if (part instanceof Uint8Array) return { bytes: [...part] }
    return part
  })
}
