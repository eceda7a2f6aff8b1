import { present } from '../../base/assert.ts'
import { underBudget } from '../../base/budget.ts'
import { compilePipeline } from '../../compile/wasm/compile-pipeline.ts'
import type { Binding } from '../../compile/model/context.ts'
import type { ColumnShape } from '../../compile/model/shapes.ts'
import { shapeKey } from '../../compile/shape/shape-key.ts'
import { Arena } from '../../data/arenas/arena.ts'
import type { Address, Chunk, Vector } from '../../data/vectors/vector.ts'
import { partOf } from './bind-context.ts'
import {
  columnShapes,
  decideEntries,
  entryCells,
  memoOfEntries,
  type EntryTable,
} from './decide-entries.ts'
import { DenseDirectory } from './dense-directory.ts'
import { enter, instantiate } from './instances.ts'
import { Morsels } from './morsels.ts'
import type { Instance } from './run-state.ts'
import { canonicalForm, shapedPipeline, type ShapedPipeline } from './shaped-pipelines.ts'
import { SinkRun, CHECKPOINT_ROWS } from './sink-run.ts'
import {
  OutgrownError,
  type BreakerState,
  type CodeForm,
  type JobReport,
  type LimitState,
  type PipelineJob,
} from '../jobs/jobs.ts'
import { jobBudget } from '../jobs/job-budget.ts'
import { loadModule } from './module-cache.ts'
import { OutputWriter } from '../rows/output-writer.ts'
import { cutPage } from '../rows/page-writer.ts'
import { firstPace, rowsAtOnce, type Pace } from '../jobs/pace.ts'
import type { Steps } from '../jobs/steps.ts'
import type { ThreadEnvironment } from '../jobs/thread.ts'
import { topColumn, type TopColumn } from '../sort/top-values.ts'

/** Chunks of one shape: the pipeline for them, and its modules. */
interface ShapedChunks {
  readonly shaped: ShapedPipeline
  /** Groups are looked up by hash, or through the dense directory. */
  plain: Instance | undefined
  dense: Instance | undefined
}

/** One thread's share of a pipeline job: its morsels, its output, and modules by the shape of chunks. */
export class PipelineRun extends SinkRun {
  readonly job: PipelineJob
  readonly output: Arena
  readonly morsels: Morsels
  override readonly limits: readonly LimitState[]
  readonly #outputWriter: OutputWriter | undefined
  readonly #top: TopColumn | undefined
  readonly #dense: DenseDirectory
  readonly #shapes = new Map<string, ShapedChunks>()
  readonly #pace: Pace
  readonly #forms = new Set<CodeForm>()
  #flownRows = 0
  #rowsAtOnce = Number.POSITIVE_INFINITY

  constructor(env: ThreadEnvironment, job: PipelineJob, leaves?: () => boolean) {
    const { pipeline, tableBound } = job
    super(env, pipeline, tableBound)
    this.job = job
    this.limits = job.limits
    this.output = new Arena(env.heap, 'result')
    this.#pace = firstPace(job)
    this.#top = topColumn(pipeline)
    const { sink } = pipeline
    if (sink.kind === 'output') {
      const { rowsAThread } = job
      this.#outputWriter = new OutputWriter(this.output, env.kernels, sink, rowsAThread)
    } else this.#outputWriter = undefined
    this.#dense = new DenseDirectory(env, job, this.work, this.writers[0])
    const cut = (): readonly Chunk[] => present(this.#outputWriter, 'no output to cut').cut()
    this.morsels = new Morsels(env, job, leaves, cut, () => this.#setApart())
  }

  /** Rows to sort may be in order already: what does not follow what came before begins a page. */
  #setApart(): void {
    const { sink } = this.pipeline
    const isSorted = sink.kind === 'sort' && sink.sort.limitRows === undefined
    if (!isSorted && sink.kind !== 'window') return
    for (const writer of this.writers) cutPage(this.work, writer)
  }

  override get outputWriter(): OutputWriter | undefined {
    return this.#outputWriter
  }

  /** What decides which chunks a top-k can leave out. */
  override get top(): TopColumn | undefined {
    return this.#top
  }

  override get isDense(): boolean {
    return this.#dense.isBound
  }

  /** Runs rows of a chunk, or of those that the driver word points at, until no more are wanted. */
  *rowSteps(instance: Instance, rowStart: number, rowEnd: number): Steps<void> {
    const { clock } = this.env
    for (let start = rowStart; start < rowEnd && !this.morsels.isDone;) {
      const rows = Math.min(rowEnd - start, this.#pace.rows, this.#rowsAtOnce)
      const beganMs = clock.nowMs()
      enter(this, instance)
      instance.run(instance.context, start, start + rows)
      this.#pace.took(rows, clock.nowMs() - beganMs)
      start += rows
      yield
    }
  }

  /** Called by generated code when {@link CHECKPOINT_ROWS} more rows have flowed between legs. */
  override checkpoint(context: number): void {
    super.checkpoint(context)
    this.#flownRows += CHECKPOINT_ROWS
    const { flownRowsMax } = this.job
    if (flownRowsMax !== undefined && this.#flownRows > flownRowsMax) throw new OutgrownError()
  }

  /** The module for a chunk, with the chunk's columns bound. */
  bindChunk(chunk: Chunk): Instance {
    const chunks = this.#shapeOf(columnShapes(chunk))
    const { denseKeys } = chunks.shaped
    const strides = this.#dense.strides(denseKeys, chunk.columns)
    const instance = this.#instanceFor(chunks, strides !== undefined)
    this.bindColumns(instance, 0, chunk.columns)
    this.#rowsAtOnce = rowsAtOnce(this.env.heap, chunk)
    if (strides === undefined) this.#dense.leave()
    else this.#dense.bind(instance, strides, present(denseKeys, 'dense keys'))
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
    const shaped = shapedPipeline(this.pipeline, columns, key)
    const chunks = { shaped, plain: undefined, dense: undefined }
    this.#shapes.set(key, chunks)
    return chunks
  }

  #instanceFor(chunks: ShapedChunks, isDense: boolean): Instance {
    const known = isDense ? chunks.dense : chunks.plain
    if (known !== undefined) return known
    // Not given up for a deadline: it would begin anew each time, and is short enough or on a thread.
    const { heap } = this.env
    const { canonical, loaded } = underBudget(
      jobBudget(this.env, this.job.cancel, undefined),
      () => {
        const canonical = canonicalForm(chunks.shaped, isDense ? 'dense' : 'plain', heap.pages)
        return { canonical, loaded: loadModule('run', canonical, compilePipeline) }
      },
    )
    const form = loaded.formFor(this.job.interpretation)
    this.#forms.add(form)
    const instance = this.adopt(instantiate(this, loaded, canonical.side, form))
    if (isDense) chunks.dense = instance
    else chunks.plain = instance
    return instance
  }

  /** Writes the addresses of a source's vectors into the context. */
  override bindColumns(instance: Instance, source: number, vectors: readonly Vector[]): void {
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
    binding: Binding & { kind: 'decision' | 'memo' | 'entry-values' },
    vector: Vector,
  ): Address {
    const { heap, kernels } = this.env
    const dictionary = present(vector.dictionary, 'dictionary of a bound column')
    const { entryTables, loaded, side } = instance
    const before = entryTables.get(offset)
    const tableOf = (): EntryTable => {
      if (binding.kind === 'memo') return memoOfEntries(this.work, kernels, dictionary, before)
      if (binding.kind === 'entry-values') {
        const found = present(loaded.compiled.entryValues[binding.number], 'table of values')
        const valued = present(side.origins[found], 'expression')
        return entryCells(this.work, valued, dictionary, before)
      }
      const position = present(loaded.compiled.decisions[binding.decision], 'decision')
      const expr = present(side.origins[position], 'condition')
      return decideEntries(heap, this.work, expr, dictionary, before)
    }
    const table = tableOf()
    entryTables.set(offset, table)
    if (binding.kind === 'entry-values') instance.entryValues[binding.number] = table
    if (table.values !== undefined) this.host.entryTexts.add(table.values.texts)
    return table.address
  }

  override breaker(id: number): BreakerState {
    return present(this.job.breakers.get(id), `breaker ${id} is not finished`)
  }

  override takeLimit(
    limit: LimitState,
    rows: number,
  ): { readonly from: number; readonly to: number } {
    return this.morsels.takeLimit(limit, rows)
  }

  /** What was made; the memory goes to who reads the report. */
  report(): JobReport {
    const runs = this.morsels.finish()
    const chunks = this.#outputWriter?.finish() ?? []
    const sinks = this.sinkReports()
    const workBlocks = this.takeWork()
    const outputBlocks = this.output.takeBlocks()
    return { sinks, chunks, runs, workBlocks, outputBlocks, forms: [...this.#forms] }
  }

  override release(): void {
    super.release()
    this.output.release()
  }
}
