import type { CompiledPipeline } from '../../compile/wasm/compile-pipeline.ts'
import type { Canonical } from '../../compile/model/canonical-form.ts'
import type { Interpreter } from '../../wasm/interpreter/interpreter.ts'
import type { CodeForm, Interpretation } from '../jobs/jobs.ts'
import type { TranslatedModule } from '../../wasm/interpreter/translate.ts'

/**
 * What loading a module takes, in rows that could be interpreted meanwhile: code is interpreted until it has
 * cost as much as loading it would have. Whatever comes then, it costs at most twice the better choice
 * (Karlin, Manasse, Rudolph and Sleator 1988 on renting and buying).
 */
const LOADING_ROWS = 1_000
/** What a run costs however few rows it has, in rows. */
const RUN_ROWS = 100

/**
 * Making the interpreter takes a thread as long as loading so many modules: it has loaded as many before, so
 * that a process that runs a few statements does not wait for it.
 */
const LOADINGS_BEFORE = 64

/** A compiled pipeline: interpreted while it meets few rows, then a WebAssembly module that the engine optimizes. */
export class LoadedModule {
  readonly compiled: CompiledPipeline
  #module: WebAssembly.Module | undefined
  #translated: TranslatedModule | undefined
  #interpretedRows = 0

  constructor(compiled: CompiledPipeline) {
    this.compiled = compiled
  }

  get module(): WebAssembly.Module {
    if (this.#module === undefined) {
      loadings++
      this.#module = new WebAssembly.Module(this.compiled.bytes)
    }
    return this.#module
  }

  /** The code as an interpreter runs it; the same for those of all threads. */
  translated(interpreter: Interpreter): TranslatedModule {
    const { bytes, outline } = this.compiled
    this.#translated ??= interpreter.translate(bytes, outline)
    return this.#translated
  }

  /** How the next run is done. */
  formFor(interpretation: Interpretation): CodeForm {
    const isInterpreted = interpretation === 'always' || this.#mayInterpret(interpretation.rowsMax)
    if (isInterpreted) interpretedRuns++
    else loadedRuns++
    return isInterpreted ? 'interpreted' : 'loaded'
  }

  #mayInterpret(rows: number): boolean {
    const all = this.#interpretedRows + RUN_ROWS + rows
    if (this.#module !== undefined || all > LOADING_ROWS) return false
    if (loadings < LOADINGS_BEFORE) return false
    this.#interpretedRows = all
    return true
  }
}

/** Of each purpose. */
const MODULES_MAX = 512

type Purpose = 'run' | 'merge'

/** By canonical key, least recently used first. Each thread has its own; the engine shares code of equal bytes. */
const modules: { readonly [P in Purpose]: Map<string, LoadedModule> } = {
  run: new Map(),
  merge: new Map(),
}
let hits = 0
let misses = 0
let loadings = 0
let interpretedRuns = 0
let loadedRuns = 0

/** What the cache of this thread has seen since it began. */
export interface ModuleCacheStatistics {
  readonly modules: number
  /** Of their code, as it was generated. */
  readonly bytes: number
  readonly hits: number
  readonly misses: number
  /** Modules that the engine loaded; the others are interpreted only. */
  readonly loadings: number
  /** Runs of pipelines by interpreted and by loaded code. */
  readonly interpretedRuns: number
  readonly loadedRuns: number
}

/**
 * The module of a canonical pipeline, compiled when it is new. `compile` sees nothing but what the key
 * tells apart; `purpose` names it.
 */
export function loadModule(
  purpose: Purpose,
  canonical: Canonical,
  compile: (canonical: Canonical) => CompiledPipeline,
): LoadedModule {
  // The key itself, and nothing made of it: a long text is hashed once.
  const { key } = canonical
  const ofPurpose = modules[purpose]
  const known = ofPurpose.get(key)
  if (known !== undefined) {
    hits++
    ofPurpose.delete(key)
    ofPurpose.set(key, known)
    return known
  }
  misses++
  const made = new LoadedModule(compile(canonical))
  ofPurpose.set(key, made)
  if (ofPurpose.size > MODULES_MAX) ofPurpose.delete(ofPurpose.keys().next().value ?? key)
  return made
}

export function moduleCacheStatistics(): ModuleCacheStatistics {
  const { run, merge } = modules
  const all = [...run.values(), ...merge.values()]
  const bytes = all.reduce((sum, { compiled }) => sum + compiled.bytes.byteLength, 0)
  return { modules: all.length, bytes, hits, misses, loadings, interpretedRuns, loadedRuns }
}
