import type { CompiledPipeline } from '../../compile/wasm/compile-pipeline.ts'
import type { Canonical } from '../../compile/model/canonical-form.ts'

/** A compiled pipeline with its WebAssembly module, which the engine optimizes as it runs. */
export interface LoadedModule {
  readonly compiled: CompiledPipeline
  readonly module: WebAssembly.Module
}

const MODULES_MAX = 512

/** Least recently used first. Each thread has its own; the engine shares code of equal bytes. */
const modules = new Map<string, LoadedModule>()
let hits = 0
let misses = 0

/** What the cache of this thread has seen since it began. */
export interface ModuleCacheStatistics {
  readonly modules: number
  readonly hits: number
  readonly misses: number
}

/**
 * The module of a canonical pipeline, compiled when it is new. `compile` sees nothing but what the key
 * tells apart; `purpose` names it.
 */
export function loadModule(
  purpose: 'run' | 'merge',
  canonical: Canonical,
  compile: (canonical: Canonical) => CompiledPipeline,
): LoadedModule {
  const key = `${purpose} ${canonical.key}`
  const known = modules.get(key)
  if (known !== undefined) {
    hits++
    modules.delete(key)
    modules.set(key, known)
    return known
  }
  misses++
  const compiled = compile(canonical)
  const loaded = { compiled, module: new WebAssembly.Module(compiled.bytes) }
  modules.set(key, loaded)
  if (modules.size > MODULES_MAX) modules.delete(modules.keys().next().value ?? key)
  return loaded
}

export function moduleCacheStatistics(): ModuleCacheStatistics {
  return { modules: modules.size, hits, misses }
}
