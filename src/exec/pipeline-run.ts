import { assert, present } from '../base/assert.ts'
import { compilePipeline } from '../compile/pipeline/compile-pipeline.ts'
import {
  contextWords,
  sinkWords,
  type Binding,
  type StatePart,
} from '../compile/pipeline/context.ts'
import {
  DENSE_RANGE_SLOTS_MAX,
  DENSE_SLOTS_MAX,
  denseKeysOf,
  type DenseKey,
} from '../compile/pipeline/dense-keys.ts'
import { beginModule, type ChunkShape } from '../compile/pipeline/pipeline-module.ts'
import type { GroupTable, Pipeline } from '../compile/pipeline/pipeline.ts'
import { Arena } from '../data/arenas/arena.ts'
import { NO_ADDRESS, type Address, type Chunk, type Vector } from '../data/vectors/vector.ts'
import { columnShapes, decideEntries, memoOfEntries, type EntryTable } from './decide-entries.ts'
import { hostFunctions } from './host-functions.ts'
import {
  OutgrownError,
  type BreakerState,
  type JobReport,
  type PipelineJob,
  type SinkReport,
} from './jobs.ts'
import { describe, loadModule, type LoadedModule } from './module-cache.ts'
import { OutputWriter } from './output-writer.ts'
import {
  addPage,
  createPageWriter,
  growDirectory,
  pagesOf,
  type PageWriter,
} from './page-writer.ts'
import { canceled } from './raise-error.ts'
import type { ThreadEnvironment } from './thread.ts'

const CHECKPOINT_ROWS = 65_536

/** A module bound to a context block of this thread. */
export interface Instance {
  readonly loaded: LoadedModule
  readonly context: Address
  readonly exports: Record<string, unknown>
  /** Frees what a call-out held when an error stopped it. */
  readonly abandon: () => void
  readonly run: (context: number, rowStart: number, rowEnd: number) => void
  /** The chunk's vectors that are bound, by source. */
  readonly vectors: Map<number, readonly Vector[]>
  /** What is known of each entry of a dictionary, by the context word that names the table. */
  readonly entryTables: Map<number, EntryTable>
}

/** One thread's share of a pipeline job: its sinks, its memory, and modules by the shape of chunks. */
export class PipelineRun {
  readonly env: ThreadEnvironment
  readonly job: PipelineJob
  readonly pipeline: Pipeline
  readonly work: Arena
  readonly output: Arena
  readonly writers: readonly PageWriter[]
  readonly outputWriter: OutputWriter | undefined
  /** Rows of an aggregate without keys, by table. */
  readonly #singleRows: readonly Address[]
  readonly #instances = new Map<string, Instance>()
  readonly #pipelineKey: string
  #flownRows = 0
  readonly #groups: { readonly group: number; readonly chunks: readonly Chunk[] }[] = []
  #denseFor: readonly number[] = []
  #denseDirectory: Address = NO_ADDRESS
  /** A limit is reached: no more rows are wanted. */
  done = false
  /** The groups of the bound chunk are found through the dense directory. */
  isDense = false
  current: Instance | undefined
  /** The instance of the chunk that is bound. */
  bound: Instance | undefined

  constructor(env: ThreadEnvironment, job: PipelineJob) {
    this.env = env
    this.job = job
    this.pipeline = job.pipeline
    this.work = new Arena(env.heap)
    this.output = new Arena(env.heap)
    this.#pipelineKey = describe(job.pipeline)
    const { sink } = job.pipeline
    this.outputWriter =
      sink.kind === 'output' ? new OutputWriter(this.output, env.kernels, sink) : undefined
    const tables = sink.kind === 'aggregate' ? sink.tables : []
    this.writers = this.#createWriters(sink)
    tables.forEach((table, index) => {
      if (table.keys.length > 0) growDirectory(this.work, env.kernels, this.writers[index]!)
    })
    this.#singleRows = tables.map((table, index) => this.#singleRow(table, this.writers[index]!))
  }

  /** Runs rows of a chunk, or of the rows that the driver word points at. */
  runRows(instance: Instance, rowStart: number, rowEnd: number): void {
    this.checkCancel()
    this.current = instance
    instance.run(instance.context, rowStart, rowEnd)
  }

  /** Called by generated code when {@link CHECKPOINT_ROWS} more rows have flowed between stages. */
  checkpoint(context: number): void {
    this.checkCancel()
    this.#flownRows += CHECKPOINT_ROWS
    const { flownRowsMax } = this.job
    if (flownRowsMax !== undefined && this.#flownRows > flownRowsMax) throw new OutgrownError()
    this.env.heap.u32[(context + contextWords.checkpointRows) >>> 2] = CHECKPOINT_ROWS
  }

  checkCancel(): void {
    if (Atomics.load(this.env.heap.i32, this.job.cancel >>> 2) !== 0) throw canceled()
  }

  /** The module for a chunk, with the chunk's columns bound. */
  bindChunk(chunk: Chunk): Instance {
    const columns = columnShapes(chunk)
    const plain = { columns, dense: false }
    const dense = this.#denseStrides(plain, chunk.columns)
    const instance = this.instance({ columns, dense: dense !== undefined })
    this.bindColumns(instance, 0, chunk.columns)
    this.isDense = dense !== undefined
    if (dense === undefined) this.#leaveDense()
    else this.#bindDense(instance, dense)
    return instance
  }

  instance(shape: ChunkShape): Instance {
    const key = `${this.#pipelineKey} ${describe(shape)}`
    const known = this.#instances.get(key)
    if (known !== undefined) return known
    const { heap } = this.env
    const pages = heap.memory.buffer.byteLength / 65_536
    const loaded = loadModule(key, () => compilePipeline(this.pipeline, shape, pages))
    const instance = this.adopt(instantiate(this, loaded))
    this.#instances.set(key, instance)
    return instance
  }

  /** Binds an instance's state words and makes it the current one. */
  adopt(instance: Instance): Instance {
    for (const { offset, binding } of instance.loaded.compiled.bindings) {
      if (binding.kind !== 'state') continue
      this.env.heap.u32[(instance.context + offset) >>> 2] = this.#state(binding)
    }
    this.current = instance
    return instance
  }

  /** Frees what call-outs held when an error stopped them. */
  abandonCallOuts(): void {
    for (const instance of this.#instances.values()) instance.abandon()
  }

  /** Writes the addresses of a source's vectors into the context. */
  bindColumns(instance: Instance, source: number, vectors: readonly Vector[]): void {
    const { u32 } = this.env.heap
    instance.vectors.set(source, vectors)
    for (const { offset, binding } of instance.loaded.compiled.bindings) {
      if (!('column' in binding) || binding.source !== source) continue
      const vector = present(vectors[binding.column], 'vector of a bound column')
      u32[(instance.context + offset) >>> 2] =
        binding.kind === 'column'
          ? partOf(vector, binding.part)
          : this.#entryTable(instance, offset, binding, vector)
    }
  }

  #entryTable(
    instance: Instance,
    offset: number,
    binding: Binding & { kind: 'decision' | 'memo' },
    vector: Vector,
  ): Address {
    const { heap, kernels } = this.env
    const dictionary = present(vector.dictionary, 'dictionary of a bound column')
    const { entryTables, loaded } = instance
    const before = entryTables.get(offset)
    const { decisions } = loaded.compiled
    const table =
      binding.kind === 'memo'
        ? memoOfEntries(this.work, kernels, dictionary, before)
        : decideEntries(heap, this.work, decisions[binding.decision]!, dictionary, before)
    entryTables.set(offset, table)
    return table.address
  }

  setDriver(instance: Instance, address: Address): void {
    this.env.heap.u32[(instance.context + contextWords.driver) >>> 2] = address
  }

  breaker(id: number): BreakerState {
    return present(this.job.breakers.get(id), `breaker ${id} is not finished`)
  }

  /** Sets what was written apart, as the output of a group of sorted rows. */
  endGroup(group: number): void {
    const chunks = present(this.outputWriter, 'no output to group').finish().flat()
    this.#groups.push({ group, chunks })
  }

  /** What was made; the memory goes to who reads the report. */
  report(): JobReport {
    const chunks = this.outputWriter?.finish() ?? []
    const sinks = this.#sinkReports()
    return {
      sinks,
      chunks,
      groups: this.#groups,
      workBlocks: this.work.takeBlocks(),
      outputBlocks: this.output.takeBlocks(),
    }
  }

  release(): void {
    this.work.release()
    this.output.release()
  }

  #createWriters(sink: Pipeline['sink']): readonly PageWriter[] {
    switch (sink.kind) {
      case 'aggregate':
        return sink.tables.map(({ layout }) => createPageWriter(this.work, layout.rowBytes))
      case 'join-build':
        return [createPageWriter(this.work, sink.table.layout.rowBytes)]
      case 'sort':
        return [createPageWriter(this.work, sink.sort.layout.rowBytes)]
      case 'rows':
        return [createPageWriter(this.work, sink.layout.rowBytes)]
      case 'output':
        return []
    }
  }

  #singleRow(table: GroupTable, writer: PageWriter): Address {
    if (table.keys.length > 0) return NO_ADDRESS
    addPage(this.work, writer)
    const { u32, u8 } = this.env.heap
    const cursor = (writer.sink + sinkWords.cursor) >>> 2
    const row = (u32[cursor] ?? 0) as Address
    u8.fill(0, row, row + table.layout.rowBytes)
    u32[cursor] = row + table.layout.rowBytes
    return row
  }

  #state(binding: Binding & { kind: 'state' }): number {
    const { part, breaker } = binding
    if (part === 'sink') return present(this.writers[this.#sinkPosition(breaker)], 'writer').sink
    if (part === 'single-row') {
      return present(this.#singleRows[this.#sinkPosition(breaker)], 'row of an aggregate')
    }
    return joinWord(this.breaker(breaker), part)
  }

  #sinkPosition(breaker: number): number {
    const { sink } = this.pipeline
    if (sink.kind !== 'aggregate') return 0
    return sink.tables.findIndex((table) => table.breaker === breaker)
  }

  #sinkReports(): readonly SinkReport[] {
    const { sink } = this.pipeline
    return this.writers.map((writer, index) => ({
      breaker: breakerOf(sink, index),
      pages: pagesOf(this.work, writer),
      repeats: writer.repeats,
      nullKeys:
        sink.kind === 'join-build'
          ? (this.env.heap.u32[(writer.sink + sinkWords.count) >>> 2] ?? 0)
          : 0,
    }))
  }

  /** The step of each key's code in the dense directory, in bytes, if the groups fit one. */
  #denseStrides(shape: ChunkShape, vectors: readonly Vector[]): readonly number[] | undefined {
    const { sink } = this.pipeline
    const table = sink.kind === 'aggregate' ? sink.tables[0] : undefined
    if (table === undefined || table.keys.length === 0) return undefined
    const module = beginModule(this.pipeline, shape, 1)
    const keys = denseKeysOf(module, table)
    if (keys === undefined) return undefined
    let slots = 1
    const strides = keys.map((key) => {
      const stride = slots * 4
      if (key.kind === 'range') slots *= key.slots
      else {
        const dictionary = vectors[key.place.index]?.dictionary
        slots *= present(dictionary, 'dictionary of a dense key').length + (key.nullable ? 1 : 0)
      }
      return stride
    })
    if (slots > this.#denseSlotsMax(keys)) return undefined
    const dictionaries = keys.flatMap((key) =>
      key.kind === 'range'
        ? []
        : [vectors[key.place.index]?.dictionary?.values ?? 0, key.nullable ? 1 : 0],
    )
    this.#prepareDense([...strides, ...dictionaries, slots], slots)
    return strides
  }

  /** As many as pay: clearing and reading a large directory must be less than hashing the rows. */
  #denseSlotsMax(keys: readonly DenseKey[]): number {
    const { input } = this.job
    if (input.kind !== 'chunks' || keys.some(({ kind }) => kind !== 'range')) return DENSE_SLOTS_MAX
    const rows = input.chunks.reduce((total, chunk) => total + chunk.rows, 0)
    return Math.min(DENSE_RANGE_SLOTS_MAX, Math.max(DENSE_SLOTS_MAX, rows * 2))
  }

  /** A directory for these dictionaries, empty unless they are the last chunk's. */
  #prepareDense(identity: readonly number[], slots: number): void {
    const isFile = this.job.input.kind === 'units'
    const same =
      !isFile &&
      identity.length === this.#denseFor.length &&
      identity.every((part, index) => part === this.#denseFor[index])
    if (same) return
    this.#leaveDense()
    if (this.#denseDirectory === NO_ADDRESS || slots > DENSE_SLOTS_MAX) {
      this.#denseDirectory = this.work.allocate(Math.max(DENSE_SLOTS_MAX, slots) * 4)
    }
    this.env.kernels.call('fill', this.#denseDirectory, 0, slots * 4)
    this.#denseFor = identity
  }

  /** The dense directory knew all groups; without it, an emptied table makes some of them again. */
  #leaveDense(): void {
    const writer = this.writers[0]
    if (writer?.emptied === true) writer.repeats = true
  }

  #bindDense(instance: Instance, strides: readonly number[]): void {
    const { u32 } = this.env.heap
    u32[(instance.context + contextWords.denseDirectory) >>> 2] = this.#denseDirectory
    for (const { offset, binding } of instance.loaded.compiled.bindings) {
      if (binding.kind !== 'dense-stride') continue
      u32[(instance.context + offset) >>> 2] = present(strides[binding.key], 'stride of a key')
    }
  }
}

/** Instantiates a module for a run and fills in its literals. */
export function instantiate(run: PipelineRun, loaded: LoadedModule): Instance {
  const { heap, kernels } = run.env
  const { compiled, module } = loaded
  const context = run.work.allocateZeroed(compiled.contextBytes)
  const vectors = new Map<number, readonly Vector[]>()
  const host = hostFunctions(run, () => present(run.current, 'no instance runs'))
  const instance = new WebAssembly.Instance(module, {
    env: { memory: heap.memory },
    kernel: kernels.exports,
    host,
  })
  for (const { offset, binding } of compiled.bindings) {
    if (binding.kind !== 'text') continue
    const bytes = run.work.allocate(binding.bytes.length)
    heap.u8.set(binding.bytes, bytes)
    heap.u32[(context + offset) >>> 2] = bytes
  }
  const { exports } = instance
  const abandon = host['callOutAbort'] as () => void
  const entryTables = new Map<number, EntryTable>()
  const start = exports['run'] as Instance['run']
  return { loaded, context, exports, run: start, vectors, abandon, entryTables }
}

function breakerOf(sink: Pipeline['sink'], index: number): number {
  assert(sink.kind !== 'output', 'an output is no breaker')
  return sink.kind === 'aggregate' ? present(sink.tables[index], 'table').breaker : sink.breaker
}

function partOf(vector: Vector, part: (Binding & { kind: 'column' })['part']): number {
  switch (part) {
    case 'values':
      return vector.values
    case 'validity':
      return vector.validity
    case 'offsets':
      return vector.offsets
    case 'dictionary-values':
      return present(vector.dictionary, 'dictionary').values
    case 'dictionary-offsets':
      return present(vector.dictionary, 'dictionary').offsets
  }
}

function joinWord(state: BreakerState, part: StatePart): number {
  const join = present(state.join, 'state of a join')
  switch (part) {
    case 'directory':
      return join.directory
    case 'shift':
      return join.shift
    case 'bloom':
      return join.bloom
    case 'bloom-shift':
      return join.bloomShift
    case 'rank-words':
      return join.rankWords
    case 'rank-rows':
      return join.rankRows
    case 'null-row':
      return join.nullRow
    case 'build-is-empty':
      return join.isEmpty ? 1 : 0
    case 'build-has-null':
      return join.hasNull ? 1 : 0
    case 'pages':
      return join.pageList
    case 'page-count':
      return join.pageCount
    case 'sink':
    case 'single-row':
      return assert(false, `${part} of a finished breaker`) as never
  }
}
