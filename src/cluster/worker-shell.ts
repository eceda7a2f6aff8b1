import { assert, present, unreachable } from '../base/assert.ts'
import { underBudget } from '../base/budget.ts'
import { errorToData, QueryError } from '../base/errors.ts'
import type { Clock } from '../base/world.ts'
import { isWorkingMemoryFull } from '../data/arenas/heap.ts'
import { LeaseScope, type Lease } from '../data/arenas/lease.ts'
import { chunksBytes } from '../data/vectors/chunk-bytes.ts'
import { PartitionsLease, type ChunkLease } from '../data/vectors/chunk-lease.ts'
import type { Address, Chunk } from '../data/vectors/vector.ts'
import { runFragment } from '../exec/fragment/fragment.ts'
import type { FragmentTask } from '../exec/fragment/fragment-task.ts'
import type { ThreadEnvironment, ThreadPool } from '../exec/jobs/thread.ts'
import type { Stage } from '../plan/physical/plan.ts'
import { WHOLE_OUTPUT } from '../scheduler/graph/task-graph.ts'
import type { RunTask, SchedulerEvent } from '../scheduler/scheduler/events.ts'
import type { GraphId, RunId, WorkerId } from '../scheduler/scheduler/task-id.ts'
import type {
  Execute,
  InputRef,
  WorkerEvent,
  WorkerInstruction,
} from '../scheduler/worker/events.ts'
import type { SpillStore } from '../storage/spill-store.ts'
import { createWorker, inputKey, type WorkerOptions } from '../scheduler/worker/state.ts'
import { stepWorker } from '../scheduler/worker/step.ts'
import {
  createCancelWords,
  isCancelWordSet,
  setCancelWord,
  type CancelWords,
} from './cancel-words.ts'
import { HeldResults } from './held-results.ts'
import { inputStagesOf, stageOf } from './query-graph.ts'
import type { StageTask } from './comm/messages.ts'
import type { RunFigures } from './run-figures.ts'
import { canceled, inTime } from './run-query.ts'
import { OneByOne } from './one-by-one.ts'
import { OwnParts, type OwnStage } from './own-parts.ts'
import { RangeSamples } from './range-samples.ts'
import type { QueryContext } from './scheduler-shell.ts'

export interface WorkerShellOptions {
  readonly id: WorkerId
  readonly env: ThreadEnvironment
  readonly pool: ThreadPool | undefined
  readonly clock: Clock
  readonly machine?: Partial<WorkerOptions>
  /** Sends to the scheduler, in order. */
  readonly report: (event: WorkerReport) => void
  /** Pulls from another worker: all of the inputs, in order, or an error and nothing held. */
  readonly fetch: (holder: WorkerId, inputs: readonly InputRef[]) => Promise<readonly ChunkLease[]>
  /**
   * Gets what a task reads besides its inputs (rows of tables that live elsewhere) and returns the
   * stage that reads them, held. Undefined where everything is in this heap already.
   */
  readonly localize?: (query: QueryContext, stage: Stage, task: StageTask) => Promise<Lease<Stage>>
  /** Those of others, which stay when it closes. Undefined: it has its own. */
  readonly cancelWords?: CancelWords
  /** Where results wait that memory is short for. Undefined: they stay in memory. */
  readonly spilling?: Spilling | undefined
  /** Runs a fragment; {@link runFragment} unless a test says otherwise. */
  readonly runFragment?: typeof runFragment
}

/** When and where to results are written while they wait. */
export interface Spilling {
  readonly store: SpillStore
  /** Results of a plan in parts leave the memory while more of it is in use than this. */
  readonly bytesInUseMax: number
  /** Results of fewer bytes are not worth a file. */
  readonly resultBytesMin: number
}

/** What a worker tells its scheduler. */
export type WorkerReport = Extract<
  SchedulerEvent,
  { kind: 'task-finished' | 'task-erred' | 'replica-added' | 'inputs-unreachable' }
>

/** What the worker machine passes through. */
interface Work {
  readonly graph: GraphId
  readonly stageTask: StageTask
}

interface RunningQuery {
  readonly query: QueryContext
  readonly parts: QueryParts | undefined
}

/** What is found out of a query in parts while it runs. */
interface QueryParts {
  readonly ranges: RangeSamples
  readonly own: OwnParts
}

interface Execution {
  readonly graph: GraphId
  readonly cancel: Address
}

interface Settling {
  /** Undefined: every graph. */
  readonly graph: GraphId | undefined
  readonly resolve: () => void
}

/** Performs what the worker machine wants: runs fragments, holds results, pulls inputs. */
export interface WorkerShell {
  readonly id: WorkerId
  openQuery(graph: GraphId, query: QueryContext): void
  closeQuery(graph: GraphId): void
  runTask(task: RunTask): void
  forgetTasks(tasks: readonly RunId[]): void
  /** The chunks of a result or copy held here; undefined when it is not. */
  read(ref: InputRef): ChunkLease | undefined
  /** Resolves when no fragment of the graph runs here (any more). */
  settled(graph: GraphId): Promise<void>
  /** Stops everything, waits for running fragments and frees what is held. */
  close(): Promise<void>
}

export function createWorkerShell(options: WorkerShellOptions): WorkerShell {
  return new Shell(options)
}

class Shell implements WorkerShell {
  readonly id: WorkerId
  readonly #options: WorkerShellOptions
  readonly #machine
  readonly #cancelWords: CancelWords
  readonly #queries = new Map<GraphId, QueryContext>()
  /** Of the queries whose plans are in parts. */
  readonly #parts = new Map<GraphId, QueryParts>()
  readonly #executions = new Map<RunId, Execution>()
  readonly #held: HeldResults
  /** Of the queries whose plans are in parts. */
  readonly #oneByOne = new OneByOne<GraphId>()
  readonly #settling = new Set<Settling>()
  #pending: WorkerEvent[] = []
  #isStepping = false
  #isClosed = false

  constructor(options: WorkerShellOptions) {
    this.id = options.id
    this.#options = options
    this.#machine = createWorker(options.id, options.machine)
    this.#cancelWords = options.cancelWords ?? createCancelWords(options.env.heap)
    this.#held = new HeldResults(options.spilling?.store, options.spilling?.resultBytesMin)
  }

  openQuery(graph: GraphId, query: QueryContext): void {
    this.#queries.set(graph, query)
    if (query.plan.isInParts === true) {
      const { heap } = this.#options.env
      const ranges = new RangeSamples(heap, query.plan)
      this.#parts.set(graph, { ranges, own: new OwnParts(heap) })
    }
  }

  closeQuery(graph: GraphId): void {
    this.#queries.delete(graph)
    this.#parts.delete(graph)
  }

  runTask({ graph, task, priority, rank, inputs, payload: stageTask }: RunTask): void {
    const payload: Work = { graph, stageTask: stageTask as StageTask }
    this.#tell({ kind: 'task-assigned', task, priority, rank, inputs, payload })
  }

  forgetTasks(tasks: readonly RunId[]): void {
    this.#tell({ kind: 'tasks-forgotten', tasks })
  }

  read(ref: InputRef): ChunkLease | undefined {
    const copy = this.#held.read(inputKey(ref), WHOLE_OUTPUT)
    return copy ?? this.#held.read(resultName(ref.task), ref.slice)
  }

  settled(graph: GraphId | undefined): Promise<void> {
    if (!this.#isBusy(graph)) return Promise.resolve()
    return new Promise((resolve) => {
      this.#settling.add({ graph, resolve })
    })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    for (const task of this.#executions.keys()) this.#stop(task)
    await this.settled(undefined)
    this.#held.dropAll()
    if (this.#options.cancelWords === undefined) this.#cancelWords.close()
  }

  #isBusy(graph: GraphId | undefined): boolean {
    if (graph === undefined) return this.#executions.size > 0
    for (const execution of this.#executions.values()) if (execution.graph === graph) return true
    return false
  }

  #tell(event: WorkerEvent): void {
    if (this.#isClosed) return
    this.#pending.push(event)
    if (this.#isStepping) return
    this.#isStepping = true
    try {
      while (this.#pending.length > 0) {
        const events = this.#pending
        this.#pending = []
        const nowMs = this.#options.clock.nowMs()
        for (const instruction of stepWorker(this.#machine, events, nowMs)) {
          this.#perform(instruction)
        }
      }
    } finally {
      this.#isStepping = false
    }
  }

  #perform(instruction: WorkerInstruction): void {
    const { id: worker, report } = this.#options
    switch (instruction.kind) {
      case 'execute':
        return void this.#execute(instruction)
      case 'stop-execution':
        return this.#stop(instruction.task)
      case 'fetch':
        return void this.#fetch(instruction.holder, instruction.inputs)
      case 'drop-result':
        return this.#held.drop(resultName(instruction.task))
      case 'drop-input':
        return this.#held.drop(inputKey(instruction.input))
      case 'report-finished': {
        const { task, bytes, durationMs } = instruction
        return report({ kind: 'task-finished', worker, task, bytes, durationMs })
      }
      case 'report-erred':
        return report({
          kind: 'task-erred',
          worker,
          task: instruction.task,
          error: instruction.error,
        })
      case 'report-replica':
        return report({ kind: 'replica-added', worker, task: instruction.task })
      case 'report-unreachable': {
        const { holder, tasks } = instruction
        return report({ kind: 'inputs-unreachable', worker, holder, tasks })
      }
      default:
        return unreachable(instruction)
    }
  }

  async #execute({ task, payload, inputs }: Execute): Promise<void> {
    const cancel = this.#cancelWords.take()
    const work = payload as Work
    this.#executions.set(task, { graph: work.graph, cancel })
    const query = present(this.#queries.get(work.graph), 'a task of a query that is not open')
    const context = { query, parts: this.#parts.get(work.graph) }
    const execute = (): Promise<WorkerEvent> => this.#executed(context, task, work, inputs, cancel)
    const { isInParts } = query.plan
    const ended = await (isInParts ? this.#oneByOne.run(work.graph, execute) : execute())
    this.#executions.delete(task)
    this.#cancelWords.giveBack(cancel)
    this.#tell(ended)
    for (const settling of this.#settling) {
      if (this.#isBusy(settling.graph)) continue
      this.#settling.delete(settling)
      settling.resolve()
    }
  }

  /** Runs a task and holds its output; what to tell of it. */
  async #executed(
    { query, parts }: RunningQuery,
    task: RunId,
    { stageTask }: Work,
    inputs: readonly InputRef[],
    cancel: Address,
  ): Promise<WorkerEvent> {
    const { clock, env, spilling } = this.#options
    try {
      // Nothing is read for one that was stopped while it waited for its turn.
      if (isCancelWordSet(env.heap, cancel)) throw canceled()
      const startMs = clock.nowMs()
      const planned = stageOf(query.plan, stageTask.stage)
      const { partition } = stageTask
      const divided = parts?.ranges.stage(planned) ?? planned
      const own = parts?.own.stage(divided, partition) ?? wholeStage(planned)
      const output = await this.#run(query, own, stageTask, inputs, cancel)
      const bytes = chunksBytes(env.heap, output.partitions.flat())
      this.#held.hold(resultName(task), output)
      try {
        parts?.ranges.add(planned, output.partitions)
        parts?.own.add(planned, partition, output.partitions)
        if (parts !== undefined && spilling !== undefined) {
          await this.#relieve(spilling, query.figures)
        }
      } catch (error) {
        // Without its file, or where ranges begin, a task has no result.
        this.#held.drop(resultName(task))
        throw error
      }
      const durationMs = clock.nowMs() - startMs
      return { kind: 'task-executed', task, bytes, durationMs }
    } catch (error) {
      const { figures, plan } = query
      const isOnlyOne = stageOf(plan, stageTask.stage).partitions === 1
      if (figures !== undefined && isWorkingMemoryFull(error)) figures.isUndivided = isOnlyOne
      return { kind: 'task-failed', task, error: errorToData(error) }
    }
  }

  /** Writes results to files while too much memory is in use. */
  async #relieve({ bytesInUseMax }: Spilling, figures: RunFigures | undefined): Promise<void> {
    const { heap } = this.#options.env
    const bytes = await this.#held.spill(() => heap.bytesInUse <= bytesInUseMax)
    if (figures !== undefined) figures.spilledBytes += bytes
  }

  async #run(
    query: QueryContext,
    own: OwnStage,
    stageTask: StageTask,
    inputRefs: readonly InputRef[],
    cancel: Address,
  ): Promise<PartitionsLease> {
    const { stage } = own
    const { partition } = stageTask
    const { pool, env, localize, runFragment: run = runFragment } = this.#options
    const leases = new LeaseScope()
    try {
      const fragment: FragmentTask = {
        queryId: query.queryId,
        stage,
        partition,
        inputs: await this.#gather(query, { own, partition }, inputRefs, leases),
        cancel,
        noted: query.noted,
      }
      if (localize === undefined) {
        return await underBudget(inTime(query.endsAtMs, env.clock), () => run(fragment, pool, env))
      }
      const localized = leases.add(await localize(query, stage, stageTask))
      return await run({ ...fragment, stage: localized.value }, pool, env)
    } finally {
      leases.close()
    }
  }

  /** What a task reads, in memory until the scope closes. */
  async #gather(
    query: QueryContext,
    { own: { stage, unread }, partition }: { readonly own: OwnStage; readonly partition: number },
    refs: readonly InputRef[],
    leases: LeaseScope,
  ): Promise<ReadonlyMap<number, readonly Chunk[]>> {
    const inputs = new Map<number, readonly Chunk[]>()
    let next = 0
    for (const input of inputStagesOf(query.plan, stage)) {
      const chunks: Chunk[] = []
      for (let from = 0; from < input.partitions; from++) {
        const ref = present(refs[next++], 'a task with fewer inputs than its stage has')
        const isOthers = input.output.kind === 'stay' && from !== partition
        if (isOthers || unread.has(input.id)) continue
        const held =
          (await this.#held.load(inputKey(ref), WHOLE_OUTPUT)) ??
          (await this.#held.load(resultName(ref.task), ref.slice))
        const lease = leases.add(present(held, `input ${inputKey(ref)} is not here`))
        // Not spread into the call: there may be more than a stack has room for.
        for (const chunk of lease.chunks) chunks.push(chunk)
      }
      inputs.set(input.id, chunks)
    }
    const waited = stage.isSequential === true && partition > 0 ? 1 : 0
    assert(next + waited === refs.length, 'a task with more inputs than its stage has')
    return inputs
  }

  #stop(task: RunId): void {
    const execution = this.#executions.get(task)
    if (execution !== undefined) setCancelWord(this.#options.env.heap, execution.cancel)
  }

  async #fetch(holder: WorkerId, inputs: readonly InputRef[]): Promise<void> {
    try {
      const fetched = await this.#options.fetch(holder, inputs)
      assert(fetched.length === inputs.length, 'a fetch brought another number of inputs')
      for (const [index, input] of fetched.entries()) {
        if (this.#isClosed) input.release()
        else this.#held.hold(inputKey(inputs[index]!), asPieces(input))
      }
      this.#tell({ kind: 'inputs-fetched', holder, inputs })
    } catch (error) {
      const isLost = error instanceof QueryError && error.code === 'CONNECTION_FAILURE'
      if (isLost || inputs.length === 1) {
        return this.#tell({ kind: 'fetch-failed', holder, inputs, error: errorToData(error) })
      }
      // Inputs of several queries travel together; what one of them fails by is not the others' fault.
      for (const input of inputs) await this.#fetch(holder, [input])
    }
  }
}

/** A stage of which all tasks run the same plan. */
function wholeStage(stage: Stage): OwnStage {
  return { stage, unread: new Set() }
}

/** An input has one piece. */
function asPieces(input: ChunkLease): PartitionsLease {
  return new PartitionsLease([input.chunks], () => input.release())
}

function resultName(task: RunId): string {
  return `${task}`
}
