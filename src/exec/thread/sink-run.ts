import { assert, present } from '../../base/assert.ts'
import { checkBudget } from '../../base/budget.ts'
import { contextWords, sinkWords, type StatePart } from '../../compile/model/context.ts'
import type { BreakerId, Pipeline } from '../../compile/model/pipeline.ts'
import { legsOf, type PipelineLeg } from '../../compile/shape/legs.ts'
import { Arena } from '../../data/arenas/arena.ts'
import type { Address, Vector } from '../../data/vectors/vector.ts'
import type { SinkWriter } from '../breakers/breaker.ts'
import { writersOf } from '../breakers/table.ts'
import type { BreakerState, LimitState, PipelineJob, SinkReport } from '../jobs/jobs.ts'
import type { ThreadEnvironment } from '../jobs/thread.ts'
import type { OutputWriter } from '../rows/output-writer.ts'
import { pagesOf, type PageWriter } from '../rows/page-writer.ts'
import type { TopColumn } from '../sort/top-values.ts'
import { joinOf, joinWord } from './bind-context.ts'
import { createHostState } from './host-functions.ts'
import type { Instance, RunState } from './run-state.ts'

/** Rows that may flow before generated code asks whether to go on. */
export const CHECKPOINT_ROWS = 65_536

/**
 * What generated code needs to run rows into a sink that is a breaker: memory, writers, and the words of
 * its context that say where these are. {@link PipelineRun} adds what whole pipelines have.
 */
export class SinkRun implements RunState {
  readonly env: ThreadEnvironment
  readonly pipeline: Pipeline
  readonly tableBound: PipelineJob['tableBound']
  readonly legs: readonly PipelineLeg[]
  readonly work: Arena
  readonly writers: readonly PageWriter[]
  readonly host = createHostState()
  readonly limits: readonly LimitState[] = []
  readonly #written: readonly SinkWriter[]

  constructor(
    env: ThreadEnvironment,
    pipeline: Pipeline,
    tableBound: PipelineJob['tableBound'] = 'none',
  ) {
    this.env = env
    this.pipeline = pipeline
    this.tableBound = tableBound
    this.legs = legsOf(pipeline)
    this.work = new Arena(env.heap)
    this.#written = writersOf(pipeline.sink, this.work, env)
    this.writers = this.#written.map(({ writer }) => writer)
  }

  get outputWriter(): OutputWriter | undefined {
    return undefined
  }

  get top(): TopColumn | undefined {
    return undefined
  }

  get isDense(): boolean {
    return false
  }

  /** Binds an instance's state words. */
  adopt(instance: Instance): Instance {
    const { u32, view } = this.env.heap
    for (const { offset, binding } of instance.loaded.compiled.bindings) {
      if (binding.kind !== 'state') continue
      const breaker = present(instance.side.breakers[binding.breaker], 'breaker')
      const value = this.#state(binding.part, breaker)
      if (typeof value === 'bigint') view.setBigInt64(instance.context + offset, value, true)
      else u32[(instance.context + offset) >>> 2] = value
    }
    return instance
  }

  checkpoint(context: number): void {
    checkBudget()
    this.env.heap.u32[(context + contextWords.checkpointRows) >>> 2] = CHECKPOINT_ROWS
  }

  breaker(id: BreakerId): BreakerState {
    return assert(false, `breaker ${id} is not read here`) as never
  }

  bindColumns(_instance: Instance, _source: number, _vectors: readonly Vector[]): void {
    assert(false, 'no chunks are read here')
  }

  takeLimit(_limit: LimitState, _rows: number): { readonly from: number; readonly to: number } {
    return assert(false, 'no limit is here') as never
  }

  /** Where rows are read or accumulated from: sets the word that generated code finds them by. */
  setDriver(instance: Instance, address: number): void {
    this.env.heap.u32[(instance.context + contextWords.driver) >>> 2] = address
  }

  /** The address of the one row of an aggregate without keys. */
  get singleRow(): number | undefined {
    return this.#written[0]?.singleRow
  }

  /** What was written so far. */
  sinkReports(): readonly SinkReport[] {
    return this.#written.map(({ breaker, writer }) => ({
      breaker,
      pages: pagesOf(this.work, writer),
      repeats: writer.repeats,
      counted: this.env.heap.u32[(writer.sink + sinkWords.count) >>> 2] ?? 0,
    }))
  }

  /** Frees what nobody reads once the rows are through: texts, and what call-outs held at an error. */
  endBatches(): void {
    const { callOuts, texts, entryTexts } = this.host
    for (const arena of entryTexts) arena.release()
    for (const arena of callOuts.values()) arena.release()
    for (const arenas of texts.values()) for (const arena of arenas) arena?.release()
    callOuts.clear()
    texts.clear()
    entryTexts.clear()
  }

  /** The blocks that hold what was written: whoever asks owns them. */
  takeWork(): readonly Address[] {
    this.endBatches()
    return this.work.takeBlocks()
  }

  release(): void {
    this.endBatches()
    this.work.release()
  }

  #state(part: StatePart, breaker: BreakerId): number | bigint {
    const written = this.#written.find((sink) => sink.breaker === breaker)
    if (part === 'sink') return present(written, 'writer of a sink').writer.sink
    if (part === 'single-row') return present(written, 'row of an aggregate').singleRow
    return joinWord(joinOf(this.breaker(breaker)), part)
  }
}
