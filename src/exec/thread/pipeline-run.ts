import { assert, present } from '../../base/assert.ts'
import { checkBudget, underBudget } from '../../base/budget.ts'
import { canonicalize } from '../../compile/shape/canonical.ts'
import { compilePipeline } from '../../compile/wasm/compile-pipeline.ts'
import {
  contextWords,
  sinkWords,
  type Binding,
  type StatePart,
} from '../../compile/model/context.ts'
import {
  DENSE_RANGE_SLOTS_MAX,
  DENSE_SLOTS_MAX,
  denseKeysOf,
  denseShape,
} from '../../compile/shape/dense-keys.ts'
import type { BreakerId, GroupTable, Pipeline } from '../../compile/model/pipeline.ts'
import { viewPipeline } from '../../compile/shape/row-sources.ts'
import type { ColumnShape, DenseKey, PipelineView } from '../../compile/model/shapes.ts'
import { shapeKey } from '../../compile/shape/shape-key.ts'
import { stagesOf, type PipelineStage } from '../../compile/shape/stages.ts'
import { Arena } from '../../data/arenas/arena.ts'
import { NO_ADDRESS, type Address, type Chunk, type Vector } from '../../data/vectors/vector.ts'
import { joinWord, partOf } from './bind-context.ts'
import { columnShapes, decideEntries, memoOfEntries, type EntryTable } from './decide-entries.ts'
import { createHostState } from './host-functions.ts'
import { enter, instantiate } from './instances.ts'
import type { Instance, RunState } from './run-state.ts'
import {
  OutgrownError,
  type BreakerState,
  type JobReport,
  type LimitState,
  type PipelineJob,
  type SinkReport,
} from '../jobs/jobs.ts'
import { jobBudget } from '../jobs/job-budget.ts'
import { loadModule } from './module-cache.ts'
import { OutputWriter } from '../rows/output-writer.ts'
import { firstPace, type Pace } from '../jobs/pace.ts'
import {
  addPage,
  createPageWriter,
  growDirectory,
  pagesOf,
  type PageWriter,
} from '../rows/page-writer.ts'
import type { Steps } from '../jobs/steps.ts'
import type { ThreadEnvironment } from '../jobs/thread.ts'
import { topColumn, type TopColumn } from '../sort/top-values.ts'

const CHECKPOINT_ROWS = 65_536

/** Chunks of one shape: what is known of them, and the modules for them. */
interface ShapedChunks {
  readonly view: PipelineView
  readonly columns: readonly ColumnShape[]
  readonly denseKeys: readonly DenseKey[] | undefined
  /** Groups are looked up by hash, or through the dense directory. */
  plain: Instance | undefined
  dense: Instance | undefined
}

/** One thread's share of a pipeline job: its sinks, its memory, and modules by the shape of chunks. */
export class PipelineRun implements RunState {
  readonly env: ThreadEnvironment
  readonly job: PipelineJob
  readonly pipeline: Pipeline
  readonly work: Arena
  readonly output: Arena
  readonly writers: readonly PageWriter[]
  readonly outputWriter: OutputWriter | undefined
  /** What decides which chunks a top-k can leave out. */
  readonly top: TopColumn | undefined
  /** Rows of an aggregate without keys, by table. */
  readonly #singleRows: readonly Address[]
  readonly #shapes = new Map<string, ShapedChunks>()
  /** The pipeline's functions in order, as its modules number them. */
  readonly stages: readonly PipelineStage[]
  readonly host = createHostState()
  readonly #pace: Pace
  #flownRows = 0
  readonly #groups: { readonly group: number; readonly chunks: readonly Chunk[] }[] = []
  #denseFor: readonly number[] = []
  #denseDirectory: Address = NO_ADDRESS
  /** The morsels that the output which is being written was made of, and the rows of a limit in it. */
  #firstMorsel: number | undefined
  #lastMorsel = 0
  #limitedRows = 0
  /** A limit is reached: no more rows are wanted. */
  done = false
  /** The groups of the bound chunk are found through the dense directory. */
  isDense = false
  /** The instance of the chunk that is bound. */
  bound: Instance | undefined
  /** Asked before each morsel: whether the thread leaves the rest of the job to others. */
  readonly #leaves: (() => boolean) | undefined

  constructor(env: ThreadEnvironment, job: PipelineJob, leaves?: () => boolean) {
    this.env = env
    this.job = job
    this.#leaves = leaves
    this.pipeline = job.pipeline
    this.work = new Arena(env.heap)
    this.output = new Arena(env.heap, 'result')
    this.stages = stagesOf(job.pipeline)
    this.#pace = firstPace(job)
    this.top = topColumn(job.pipeline)
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

  /** Runs rows of a chunk, or of those that the driver word points at, until no more are wanted. */
  *rowSteps(instance: Instance, rowStart: number, rowEnd: number): Steps<void> {
    const { clock } = this.env
    for (let start = rowStart; start < rowEnd && !this.done;) {
      const rows = Math.min(rowEnd - start, this.#pace.rows)
      const beganMs = clock.nowMs()
      enter(this, instance)
      instance.run(instance.context, start, start + rows)
      this.#pace.took(rows, clock.nowMs() - beganMs)
      start += rows
      yield
    }
  }

  /** Called by generated code when {@link CHECKPOINT_ROWS} more rows have flowed between stages. */
  checkpoint(context: number): void {
    checkBudget()
    this.#flownRows += CHECKPOINT_ROWS
    const { flownRowsMax } = this.job
    if (flownRowsMax !== undefined && this.#flownRows > flownRowsMax) throw new OutgrownError()
    this.env.heap.u32[(context + contextWords.checkpointRows) >>> 2] = CHECKPOINT_ROWS
  }

  /** The module for a chunk, with the chunk's columns bound. */
  bindChunk(chunk: Chunk): Instance {
    const shaped = this.#shapeOf(columnShapes(chunk))
    const strides = this.#denseStrides(shaped, chunk.columns)
    const instance = this.#instanceFor(shaped, strides !== undefined)
    this.bindColumns(instance, 0, chunk.columns)
    this.isDense = strides !== undefined
    if (strides === undefined) this.#leaveDense()
    else this.#bindDense(instance, strides, present(shaped.denseKeys, 'dense keys'))
    return instance
  }

  /** The module for rows that do not come from chunks. */
  instanceForRows(): Instance {
    return this.#instanceFor(this.#shapeOf([]), false)
  }

  #shapeOf(columns: readonly ColumnShape[]): ShapedChunks {
    const key = shapeKey(columns)
    const known = this.#shapes.get(key)
    if (known !== undefined) return known
    const { sink } = this.pipeline
    const view = viewPipeline(this.pipeline, columns)
    const table = sink.kind === 'aggregate' ? sink.tables[0] : undefined
    const denseKeys = table === undefined ? undefined : denseKeysOf(view, table)
    const shaped = { view, columns, denseKeys, plain: undefined, dense: undefined }
    this.#shapes.set(key, shaped)
    return shaped
  }

  #instanceFor(shaped: ShapedChunks, isDense: boolean): Instance {
    const known = isDense ? shaped.dense : shaped.plain
    if (known !== undefined) return known
    const { view, columns, denseKeys } = shaped
    const dense = isDense ? denseKeys?.map(denseShape) : undefined
    // Not given up for a deadline: it would begin anew each time, and is short enough or on a thread.
    const { heap } = this.env
    const { canonical, loaded } = underBudget(jobBudget(heap, this.job.cancel, undefined), () => {
      const canonical = canonicalize(view, { columns, dense }, heap.pages)
      return { canonical, loaded: loadModule('run', canonical, compilePipeline) }
    })
    const instance = this.adopt(instantiate(this, loaded, canonical.side))
    if (isDense) shaped.dense = instance
    else shaped.plain = instance
    return instance
  }

  /** Binds an instance's state words. */
  adopt(instance: Instance): Instance {
    const { u32, view } = this.env.heap
    for (const { offset, binding } of instance.loaded.compiled.bindings) {
      if (binding.kind !== 'state') continue
      const value = this.#state(
        binding.part,
        present(instance.side.breakers[binding.breaker], 'breaker'),
      )
      if (typeof value === 'bigint') view.setBigInt64(instance.context + offset, value, true)
      else u32[(instance.context + offset) >>> 2] = value
    }
    return instance
  }

  /** Frees what call-outs held when an error stopped them. */
  abandonCallOuts(): void {
    for (const arena of this.host.callOuts.values()) arena.release()
    this.host.callOuts.clear()
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
    const { entryTables, loaded, side } = instance
    const before = entryTables.get(offset)
    const tableOf = (): EntryTable => {
      if (binding.kind === 'memo') return memoOfEntries(this.work, kernels, dictionary, before)
      const position = present(loaded.compiled.decisions[binding.decision], 'decision')
      const expr = present(side.origins[position], 'condition')
      return decideEntries(heap, this.work, expr, dictionary, before)
    }
    const table = tableOf()
    entryTables.set(offset, table)
    return table.address
  }

  setDriver(instance: Instance, address: Address): void {
    this.env.heap.u32[(instance.context + contextWords.driver) >>> 2] = address
  }

  breaker(id: number): BreakerState {
    return present(this.job.breakers.get(id), `breaker ${id} is not finished`)
  }

  /** Rows of this morsel come next: unless they follow those before, what was written is set apart. */
  beginMorsel(morsel: number): void {
    const { order } = this.job
    if (order === 'any') return
    const follows = order === 'runs' && morsel === this.#lastMorsel + 1
    if (this.#firstMorsel === undefined || !follows) {
      this.#endGroup()
      this.#firstMorsel = morsel
    }
    this.#lastMorsel = morsel
  }

  #endGroup(): void {
    const group = this.#firstMorsel
    if (group === undefined) return
    const chunks = present(this.outputWriter, 'no output to group').finish().flat()
    this.#groups.push({ group, chunks })
    this.#limitedRows = 0
  }

  /**
   * Takes a limit's share of rows that reach it: how many to skip, and where to end. Where order matters
   * it is cut when all is put together; until then no run of morsels needs more rows than are wanted.
   */
  takeLimit(limit: LimitState, rows: number): { readonly from: number; readonly to: number } {
    const { offsetRows, limitRows, seen, seenBefore } = limit
    const end = limitRows === undefined ? Infinity : offsetRows + limitRows
    const start = Number(Atomics.add(this.env.heap.i64, seen / 8, BigInt(rows)))
    if (this.job.order === 'any') {
      if (start + rows >= end) this.done = true
      const from = Math.min(Math.max(offsetRows, start), start + rows)
      return { from: from - start, to: Math.max(from, Math.min(end, start + rows)) - start }
    }
    const to = Math.min(rows, end - seenBefore - this.#limitedRows)
    this.#limitedRows += to
    if (this.#limitedRows >= end - seenBefore) this.done = true
    return { from: 0, to }
  }

  /** Whether a limit of this pipeline, not of another, has seen as many rows as are wanted. */
  get #isFull(): boolean {
    const { i64 } = this.env.heap
    return this.pipeline.steps.some((step) => {
      if (step.kind !== 'limit') return false
      const { seen, offsetRows, limitRows } = present(this.job.limits[step.limitId], 'limit')
      return (
        limitRows !== undefined && Number(Atomics.load(i64, seen / 8)) >= offsetRows + limitRows
      )
    })
  }

  /**
   * The next of so many morsels that no thread has taken; undefined: there is none, none is wanted, or
   * the thread leaves the rest to others.
   */
  takeMorsel(morsels: number): number | undefined {
    const { job, env } = this
    const { regions } = job
    if (this.done || this.#leaves?.() === true || this.#isFull) return undefined
    for (let tried = 0; tried < regions; tried++) {
      const region = (env.threadIndex + tried) % regions
      const start = Math.floor((morsels * region) / regions)
      const end = Math.floor((morsels * (region + 1)) / regions)
      const taken = start + Atomics.add(env.heap.i32, (job.counter >>> 2) + region, 1)
      if (taken < end) return taken
    }
    return undefined
  }

  /** What was made; the memory goes to who reads the report. */
  report(): JobReport {
    this.#endGroup()
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

  #state(part: StatePart, breaker: BreakerId): number | bigint {
    if (part === 'sink') return present(this.writers[this.#sinkPosition(breaker)], 'writer').sink
    if (part === 'single-row') {
      return present(this.#singleRows[this.#sinkPosition(breaker)], 'row of an aggregate')
    }
    return joinWord(present(this.breaker(breaker).join, 'state of a join'), part)
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
  #denseStrides(
    { denseKeys: keys }: ShapedChunks,
    vectors: readonly Vector[],
  ): readonly number[] | undefined {
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

  #bindDense(instance: Instance, strides: readonly number[], keys: readonly DenseKey[]): void {
    const { u32, view } = this.env.heap
    u32[(instance.context + contextWords.denseDirectory) >>> 2] = this.#denseDirectory
    for (const { offset, binding } of instance.loaded.compiled.bindings) {
      const at = instance.context + offset
      if (binding.kind === 'dense-stride') {
        u32[at >>> 2] = present(strides[binding.key], 'stride of a key')
      } else if (binding.kind === 'dense-base') {
        const key = present(keys[binding.key], 'dense key')
        view.setBigInt64(at, key.kind === 'range' ? key.min : 0n, true)
      }
    }
  }
}

function breakerOf(sink: Pipeline['sink'], index: number): number {
  assert(sink.kind !== 'output', 'an output is no breaker')
  return sink.kind === 'aggregate' ? present(sink.tables[index], 'table').breaker : sink.breaker
}
