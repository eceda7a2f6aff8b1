import { assert, present, unreachable } from '../base/assert.ts'
import { errorToData, QueryError } from '../base/errors.ts'
import type { Clock } from '../base/world.ts'
import type { Heap } from '../data/arenas/heap.ts'
import { chunksBytes } from '../data/vectors/chunk-bytes.ts'
import { PartitionsLease } from '../data/vectors/chunk-lease.ts'
import { WHOLE_OUTPUT } from '../scheduler/graph/task-graph.ts'
import type { RunTask, SchedulerEvent, TaskFinished } from '../scheduler/scheduler/events.ts'
import type { GraphId, RunId, WorkerId } from '../scheduler/scheduler/task-id.ts'
import type {
  Execute,
  InputRef,
  Urgency,
  WorkerEvent,
  WorkerInstruction,
} from '../scheduler/worker/events.ts'
import type { SpillStore } from '../storage/spill-store.ts'
import { createWorker, inputKey, type WorkerOptions } from '../scheduler/worker/state.ts'
import { stepWorker } from '../scheduler/worker/step.ts'
import { createCancelWords, type CancelWords } from './cancel-words.ts'
import {
  BytesLease,
  TOLD_BYTES_MAX,
  type ResultLease,
  type TaskResult,
} from './comm/result-lease.ts'
import { HeldResults } from './held-results.ts'
import { canceled } from './run-query.ts'
import { OneByOne } from './one-by-one.ts'
import {
  openTasks,
  type AnyOpenTasks,
  type GraphContexts,
  type TaskInputs,
  type TaskKindName,
  type TaskKinds,
  type TaskWork,
} from './task-kinds.ts'
import { TaskStop } from './task-stop.ts'

export interface WorkerShellOptions {
  readonly id: WorkerId
  readonly heap: Heap
  readonly clock: Clock
  readonly kinds: TaskKinds
  readonly machine?: Partial<WorkerOptions>
  /** Sends to the scheduler, in order. */
  readonly report: (event: WorkerReport) => void
  /** Pulls from another worker: all of the inputs, in order, or an error and nothing held. */
  readonly fetch: (holder: WorkerId, inputs: readonly InputRef[]) => Promise<readonly ResultLease[]>
  /** Those of others, which stay when it closes. Undefined: it has its own. */
  readonly cancelWords?: CancelWords
  /** Where results wait that memory is short for. Undefined: they stay in memory. */
  readonly spilling?: Spilling | undefined
  /** What results that are bytes may take, and copies of them. Undefined: whatever the process has. */
  readonly valueBytesMax?: number | undefined
}

/** When and where to results are written while they wait. */
export interface Spilling {
  readonly store: SpillStore
  /** Results leave the memory while more of it is in use than this; see {@link AnyOpenTasks.spilled}. */
  readonly bytesInUseMax: number
  /** Results of fewer bytes are not worth a file. */
  readonly resultBytesMin: number
}

/** What a worker tells its scheduler. */
export type WorkerReport =
  | Extract<SchedulerEvent, { kind: 'task-erred' | 'replica-added' | 'inputs-unreachable' }>
  | (TaskFinished & {
      /** The result itself, where it takes less than to ask for it. */
      readonly value?: Uint8Array | undefined
    })

/** What the worker machine passes through. */
interface Work {
  readonly graph: GraphId
  readonly work: TaskWork
  readonly tasks: AnyOpenTasks
  readonly urgency: Urgency
}

interface Execution {
  readonly graph: GraphId
  readonly stop: TaskStop
}

interface Settling {
  /** Undefined: every graph. */
  readonly graph: GraphId | undefined
  readonly resolve: () => void
}

/** Performs what the worker machine wants: runs tasks of any kind, holds results, pulls inputs. */
export interface WorkerShell {
  readonly id: WorkerId
  openGraph(graph: GraphId, contexts: GraphContexts): void
  closeGraph(graph: GraphId): void
  runTask(task: RunTask): void
  forgetTasks(tasks: readonly RunId[]): void
  /** Holds what a client brought as the result of a run. Throws OUT_OF_MEMORY where it has no room. */
  give(run: RunId, result: BytesLease): void
  /** A result or copy held here; undefined when it is not. */
  read(ref: InputRef): ResultLease | undefined
  /** Resolves when no task of the graph runs here (any more). */
  settled(graph: GraphId): Promise<void>
  /** Stops everything, waits for running tasks and frees what is held. */
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
  readonly #graphs = new Map<GraphId, ReadonlyMap<TaskKindName, AnyOpenTasks>>()
  readonly #executions = new Map<RunId, Execution>()
  readonly #held: HeldResults
  /** Of the graphs whose tasks want it so. */
  readonly #oneByOne = new OneByOne<GraphId>()
  readonly #settling = new Set<Settling>()
  #pending: WorkerEvent[] = []
  #isStepping = false
  #isClosed = false

  constructor(options: WorkerShellOptions) {
    this.id = options.id
    this.#options = options
    this.#machine = createWorker(options.id, options.machine)
    this.#cancelWords = options.cancelWords ?? createCancelWords(options.heap)
    this.#held = new HeldResults({
      store: options.spilling?.store,
      spilledBytesMin: options.spilling?.resultBytesMin,
      valueBytesMax: options.valueBytesMax,
    })
  }

  openGraph(graph: GraphId, contexts: GraphContexts): void {
    this.#graphs.set(graph, openTasks(this.#options.kinds, contexts))
  }

  closeGraph(graph: GraphId): void {
    this.#graphs.delete(graph)
  }

  runTask({ graph, task, priority, rank, inputs, payload: opaque }: RunTask): void {
    const work = opaque as TaskWork
    const open = present(this.#graphs.get(graph), 'a task of a graph that is not open')
    const tasks = present(open.get(work.kind), 'a task of a kind that its graph has no context of')
    const payload: Work = { graph, work, tasks, urgency: { priority, rank } }
    this.#tell({ kind: 'task-assigned', task, priority, rank, inputs, payload })
  }

  forgetTasks(tasks: readonly RunId[]): void {
    this.#tell({ kind: 'tasks-forgotten', tasks })
  }

  give(run: RunId, result: BytesLease): void {
    this.#held.hold(resultName(run), result)
    this.#tell({ kind: 'result-given', task: run })
  }

  read(ref: InputRef): ResultLease | undefined {
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
        const value = this.#held.smallValue(resultName(task), TOLD_BYTES_MAX)
        return report({ kind: 'task-finished', worker, task, bytes, durationMs, value })
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
    const taken = payload as Work
    const { graph, tasks } = taken
    const cancel = this.#cancelWords.take()
    const stop = new TaskStop(this.#options.heap, cancel)
    this.#executions.set(task, { graph, stop })
    const execute = (): Promise<WorkerEvent> => this.#executed(task, taken, inputs, stop)
    const ended = await (tasks.isOneByOne ? this.#oneByOne.run(graph, execute) : execute())
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
    task: RunId,
    { work, tasks, urgency }: Work,
    inputs: readonly InputRef[],
    stop: TaskStop,
  ): Promise<WorkerEvent> {
    const { clock, heap } = this.#options
    try {
      // Nothing is read for one that was stopped while it waited for its turn.
      if (stop.isStopped) throw canceled()
      const startMs = clock.nowMs()
      const output = await tasks.run(work, this.#inputs(inputs), stop, urgency)
      const bytes = bytesOf(heap, output)
      this.#held.hold(resultName(task), output)
      if (tasks.spilled !== undefined) await this.#relieve(task, tasks.spilled)
      const tookMs = output instanceof BytesLease ? output.tookMs : undefined
      const durationMs = tookMs ?? clock.nowMs() - startMs
      return { kind: 'task-executed', task, bytes, durationMs }
    } catch (error) {
      tasks.failed(work, error)
      return { kind: 'task-failed', task, error: errorToData(error) }
    }
  }

  /** Writes results to files while too much memory is in use; that of the task itself is gone if one cannot. */
  async #relieve(task: RunId, spilled: (bytes: number) => void): Promise<void> {
    const { heap, spilling } = this.#options
    if (spilling === undefined) return
    try {
      spilled(await this.#held.spill(() => heap.bytesTaken <= spilling.bytesInUseMax))
    } catch (error) {
      this.#held.drop(resultName(task))
      throw error
    }
  }

  #inputs(refs: readonly InputRef[]): TaskInputs {
    return {
      count: refs.length,
      load: async (n) => {
        const ref = present(refs[n], 'a task with fewer inputs than it reads')
        const held =
          (await this.#held.load(inputKey(ref), WHOLE_OUTPUT)) ??
          (await this.#held.load(resultName(ref.task), ref.slice))
        return present(held, `input ${inputKey(ref)} is not here`)
      },
    }
  }

  /** All of them, or none when one has no room. */
  #holdFetched(inputs: readonly InputRef[], fetched: readonly ResultLease[]): void {
    let count = 0
    try {
      for (; count < fetched.length; count++) {
        if (this.#isClosed) fetched[count]!.release()
        else this.#held.hold(inputKey(inputs[count]!), asPieces(fetched[count]!))
      }
    } catch (error) {
      for (const input of inputs.slice(0, count)) this.#held.drop(inputKey(input))
      for (const lease of fetched.slice(count + 1)) lease.release()
      throw error
    }
  }

  #stop(task: RunId): void {
    this.#executions.get(task)?.stop.stop()
  }

  async #fetch(holder: WorkerId, inputs: readonly InputRef[]): Promise<void> {
    try {
      const fetched = await this.#options.fetch(holder, inputs)
      assert(fetched.length === inputs.length, 'a fetch brought another number of inputs')
      this.#holdFetched(inputs, fetched)
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

function bytesOf(heap: Heap, result: TaskResult): number {
  if (result instanceof BytesLease) return result.bytes.byteLength
  return chunksBytes(heap, result.partitions.flat())
}

/** An input has one piece. */
function asPieces(input: ResultLease): TaskResult {
  if (input instanceof BytesLease) return input
  return new PartitionsLease([input.chunks], () => input.release())
}

function resultName(task: RunId): string {
  return `${task}`
}
