import { assert } from '../../base/assert.ts'
import { ByteSink } from './byte-sink.ts'
import { FunctionBuilder, type FunctionIndex } from './function-builder.ts'
import { valueTypeCodes, type ValueType } from './opcodes.ts'

interface ImportedFunction {
  readonly module: string
  readonly name: string
  readonly type: number
}

interface DefinedFunction {
  readonly builder: FunctionBuilder
  readonly type: number
}

/** What a finished module holds, for who runs its functions without the engine. */
export interface ModuleOutline {
  /** Imported functions, which are numbered first, and those that are defined. */
  readonly imports: readonly { readonly module: string; readonly name: string }[]
  readonly functions: readonly OutlinedFunction[]
  /** Positions among the defined functions by name. */
  readonly exports: ReadonlyMap<string, number>
}

export interface OutlinedFunction {
  readonly params: readonly ValueType[]
  readonly results: readonly ValueType[]
  /** Where its body begins: local declarations, then code. */
  readonly bodyOffset: number
}

/** Builds one WebAssembly module that imports the shared memory as `env.memory`. */
export class ModuleBuilder {
  readonly #types: string[] = []
  readonly #typeBytes: Uint8Array[] = []
  readonly #imports: ImportedFunction[] = []
  readonly #importIndex = new Map<string, FunctionIndex>()
  readonly #functions: DefinedFunction[] = []
  readonly #exports: { name: string; index: FunctionIndex }[] = []
  #table: { readonly module: string; readonly name: string } | undefined
  readonly #memoryPages: number
  #bodyOffsets: readonly number[] = []

  /** `memoryPages`: the exact size, in 64 KiB pages, of the memory that will be imported. */
  constructor(memoryPages: number) {
    this.#memoryPages = memoryPages
  }

  /** Imports a function; the same module and name give the same index. May be called at any time. */
  importFunction(
    module: string,
    name: string,
    params: readonly ValueType[],
    results: readonly ValueType[],
  ): FunctionIndex {
    const key = `${module}.${name}`
    const known = this.#importIndex.get(key)
    if (known !== undefined) return known
    const index = (IMPORT_BASE + this.#imports.length) as FunctionIndex
    this.#imports.push({ module, name, type: this.#type(params, results) })
    this.#importIndex.set(key, index)
    return index
  }

  /**
   * Imports a table of functions, at most one a module, with at least one entry; returns the type
   * index of such functions for {@link FunctionBuilder.callIndirect}.
   */
  importTable(
    module: string,
    name: string,
    params: readonly ValueType[],
    results: readonly ValueType[],
  ): number {
    this.#table = { module, name }
    return this.#type(params, results)
  }

  /** Declares a function; its body is emitted through the builder until {@link finish}. */
  defineFunction(
    params: readonly ValueType[],
    results: readonly ValueType[],
    exportName?: string,
  ): { readonly builder: FunctionBuilder; readonly index: FunctionIndex } {
    const builder = new FunctionBuilder(params, results)
    const index = this.#functions.length as FunctionIndex
    this.#functions.push({ builder, type: this.#type(params, results) })
    if (exportName !== undefined) this.#exports.push({ name: exportName, index })
    return { builder, index }
  }

  /** The module's bytes; the builder is not to be used afterwards but for {@link outline}. */
  finish(): Uint8Array {
    const out = new ByteSink(4_096)
    out.bytes(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]))
    section(out, 1, (s) => vector(s, this.#typeBytes, (bytes) => s.bytes(bytes)))
    section(out, 2, (s) => this.#writeImports(s))
    section(out, 3, (s) => vector(s, this.#functions, (f) => s.unsigned(f.type)))
    section(out, 7, (s) =>
      vector(s, this.#exports, (e) => {
        s.name(e.name)
        s.byte(0)
        s.unsigned(this.#imports.length + e.index)
      }),
    )
    const bodies: number[] = []
    const code = section(out, 10, (s) =>
      vector(s, this.#functions, (f) => {
        const body = f.builder.finish((index) => this.#resolve(index))
        s.unsigned(body.length)
        bodies.push(s.length)
        s.bytes(body.view())
        body.recycle()
      }),
    )
    this.#bodyOffsets = bodies.map((offset) => code + offset)
    const bytes = out.view().slice()
    out.recycle()
    return bytes
  }

  /** What the finished module holds. */
  outline(): ModuleOutline {
    const offsets = this.#bodyOffsets
    assert(offsets.length === this.#functions.length, 'outline of an unfinished module')
    return {
      imports: this.#imports,
      functions: this.#functions.map(({ builder: { params, results } }, at) => ({
        params,
        results,
        bodyOffset: offsets[at]!,
      })),
      exports: new Map(this.#exports.map(({ name, index }) => [name, index])),
    }
  }

  /** Imports are numbered first in the binary, yet may be discovered while bodies are emitted. */
  #resolve(index: FunctionIndex): number {
    return index >= IMPORT_BASE ? index - IMPORT_BASE : this.#imports.length + index
  }

  #writeImports(out: ByteSink): void {
    const table = this.#table
    out.unsigned(this.#imports.length + (table === undefined ? 1 : 2))
    out.name('env')
    out.name('memory')
    out.byte(2)
    out.byte(3)
    out.unsigned(this.#memoryPages)
    out.unsigned(this.#memoryPages)
    if (table !== undefined) {
      out.name(table.module)
      out.name(table.name)
      for (const byte of [1, FUNCTION_REFERENCE, 0, 1]) out.byte(byte)
    }
    for (const imported of this.#imports) {
      out.name(imported.module)
      out.name(imported.name)
      out.byte(0)
      out.unsigned(imported.type)
    }
  }

  #type(params: readonly ValueType[], results: readonly ValueType[]): number {
    const key = `${params.join()}>${results.join()}`
    const known = this.#types.indexOf(key)
    if (known >= 0) return known
    const bytes = new ByteSink(16)
    bytes.byte(0x60)
    vector(bytes, params, (type) => bytes.byte(valueTypeCodes[type]))
    vector(bytes, results, (type) => bytes.byte(valueTypeCodes[type]))
    this.#types.push(key)
    this.#typeBytes.push(bytes.view().slice())
    bytes.recycle()
    return this.#types.length - 1
  }
}

/** Imported functions are numbered from here until the module is finished. */
const IMPORT_BASE = 1_000_000
const FUNCTION_REFERENCE = 0x70

/** Returns where the section's content begins. */
function section(out: ByteSink, id: number, write: (sink: ByteSink) => void): number {
  const content = new ByteSink()
  write(content)
  assert(content.length > 0, 'empty section')
  out.byte(id)
  out.unsigned(content.length)
  const start = out.length
  out.bytes(content.view())
  content.recycle()
  return start
}

function vector<T>(out: ByteSink, items: readonly T[], write: (item: T) => void): void {
  out.unsigned(items.length)
  for (const item of items) write(item)
}
