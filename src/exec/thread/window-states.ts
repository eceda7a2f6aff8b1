import { present } from '../../base/assert.ts'
import { BATCH_ROWS } from '../../compile/model/context.ts'
import type { Pipeline, WindowFill } from '../../compile/model/pipeline.ts'
import { canonicalize, canonicalMerge } from '../../compile/shape/canonical.ts'
import { viewPipeline } from '../../compile/shape/row-sources.ts'
import { compileMerge, compilePipeline } from '../../compile/wasm/compile-pipeline.ts'
import type { Address } from '../../data/vectors/vector.ts'
import { WideNumerics } from '../../data/vectors/numeric-slots.ts'
import type { ThreadEnvironment } from '../jobs/thread.ts'
import { copier } from '../windows/fill-values.ts'
import type { ListedRows } from '../windows/listed-rows.ts'
import { enter, instantiate } from './instances.ts'
import { loadModule } from './module-cache.ts'
import type { Instance } from './run-state.ts'
import type { MovingStates } from './moving-states.ts'
import { SinkRun } from './sink-run.ts'

/** Nodes of states that are kept in one block of memory. */
const NODES_A_BLOCK = 1_024

/**
 * The states of aggregates over runs of rows: generated code, the same as for groups, adds rows to one
 * row of states and adds up rows of states. Several aggregates go together.
 */
export class WindowStates implements MovingStates {
  readonly #rows: ListedRows
  readonly #run: SinkRun
  readonly #add: Instance
  readonly #merge: Instance
  readonly #addStates: AddStates
  readonly #state: number
  readonly #stateBytes: number
  readonly #copies: readonly ((from: number, to: number) => void)[]
  /** Offsets, in states and in rows, of numerics whose bytes may be apart. */
  readonly #numerics: readonly { readonly inState: number; readonly inRow: number }[]
  #wide: WideNumerics | undefined
  #entered: Instance | undefined
  #block = 0
  #blockNodes = NODES_A_BLOCK

  constructor(env: ThreadEnvironment, rows: ListedRows, list: Address, fill: AggregateFill) {
    const { table, fields } = fill
    this.#rows = rows
    const pipeline: Pipeline = {
      source: { kind: 'sorted', breaker: -1, layout: rows.layout },
      steps: [],
      sink: { kind: 'aggregate', tables: [table] },
      definitions: new Map(),
      bounds: new Map(),
      ordered: false,
      batchRows: BATCH_ROWS,
    }
    this.#run = new SinkRun(env, pipeline)
    const { pages } = env.heap
    const chunk = { columns: [], dense: undefined }
    const adding = canonicalize(viewPipeline(pipeline, []), chunk, pages)
    this.#add = this.#instance(loadModule('run', adding, compilePipeline), adding.side)
    const merging = canonicalMerge(pipeline, table, pages)
    this.#merge = this.#instance(loadModule('merge', merging, compileMerge), merging.side)
    this.#addStates = this.#merge.exports['merge0'] as AddStates
    this.#run.setDriver(this.#add, list)
    this.#state = present(this.#run.singleRow, 'row of states')
    this.#stateBytes = table.layout.rowBytes
    const pairs = table.layout.fields.map((field, at) => {
      return [field, rows.field(present(fields[at], 'field of an aggregate'))] as const
    })
    this.#copies = pairs.map(([from, to]) => copier(rows, from, to))
    this.#numerics = pairs.flatMap(([from, to]) =>
      from.state?.sum === 'numeric'
        ? [{ inState: from.lanes[0]!.offset, inRow: to.lanes[0]!.offset }]
        : [],
    )
  }

  /** To be called when other generated code may have run. */
  resume(): void {
    this.#entered = undefined
  }

  /** Begins anew. */
  clear(): void {
    this.#rows.heap.u8.fill(0, this.#state, this.#state + this.#stateBytes)
  }

  /** Adds rows of the list. */
  add(from: number, to: number): void {
    this.#enter(this.#add)
    this.#add.run(this.#add.context, from, to)
  }

  /** Adds up states that lie one after another. */
  addStates(first: number, count: number): void {
    this.#enter(this.#merge)
    this.#addStates(this.#merge.context, first, count)
  }

  /** Makes what was added the values of a row. */
  fill(row: number): void {
    const to = this.#rows.at(row)
    for (const copy of this.#copies) copy(this.#state, to)
    // What is added next would overwrite the bytes.
    for (const { inRow } of this.#numerics) this.#keeper().adopt(to + inRow)
  }

  /** Room for so many states that lie one after another. */
  room(count: number): number {
    if (this.#blockNodes + count > NODES_A_BLOCK) {
      const nodes = Math.max(NODES_A_BLOCK, count)
      this.#block = this.#run.work.allocate(nodes * this.#stateBytes)
      this.#blockNodes = 0
    }
    const at = this.#block + this.#blockNodes * this.#stateBytes
    this.#blockNodes += count
    return at
  }

  get stateBytes(): number {
    return this.#stateBytes
  }

  /** Keeps what was added at an address. */
  keep(at: number): void {
    this.#copy(this.#state, at)
    for (const { inState } of this.#numerics) this.#keeper().adopt(at + inState)
  }

  /** Goes on with a state that was kept, of numbers that lie in it. */
  restore(at: number): void {
    this.#copy(at, this.#state)
  }

  /** Whether all that a state has is in its own bytes. */
  get areNumbers(): boolean {
    return this.#numerics.length === 0
  }

  /** States are few words: a loop is quicker than asking for a move. */
  #copy(from: number, to: number): void {
    const { u32 } = this.#rows.heap
    const [source, target] = [from >>> 2, to >>> 2]
    for (let word = this.#stateBytes / 4 - 1; word >= 0; word--) {
      u32[target + word] = u32[source + word]!
    }
  }

  /** The memory that values of rows refer to goes to who asks; the rest with it. */
  takeBlocks(): readonly Address[] {
    return this.#run.takeWork()
  }

  release(): void {
    this.#run.release()
  }

  #keeper(): WideNumerics {
    this.#wide ??= new WideNumerics(this.#run.work)
    return this.#wide
  }

  #instance(
    loaded: Parameters<typeof instantiate>[1],
    side: Parameters<typeof instantiate>[2],
  ): Instance {
    return this.#run.adopt(instantiate(this.#run, loaded, side))
  }

  #enter(instance: Instance): void {
    if (this.#entered === instance) return
    enter(this.#run, instance)
    this.#entered = instance
  }
}

type AddStates = (context: number, from: number, count: number) => void

export type AggregateFill = WindowFill & { kind: 'aggregate' }
