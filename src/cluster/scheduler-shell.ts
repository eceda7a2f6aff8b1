import { present, unreachable } from '../base/assert.ts'
import type { ErrorData } from '../base/errors.ts'
import type { Clock } from '../base/world.ts'
import type { ResourceNeeds, TaskGraph } from '../scheduler/graph/task-graph.ts'
import type {
  GivenResult,
  RunTask,
  SchedulerEvent,
  SchedulerInstruction,
} from '../scheduler/scheduler/events.ts'
import {
  createScheduler,
  holdersOf,
  isInMemory,
  slotOfRun,
  taskNamed,
  type SchedulerOptions,
} from '../scheduler/scheduler/state.ts'
import { storyOf } from '../scheduler/scheduler/story.ts'
import { step } from '../scheduler/scheduler/step.ts'
import {
  graphOf,
  type ClientId,
  type GraphId,
  type RunId,
  type TaskId,
  type WorkerId,
} from '../scheduler/scheduler/task-id.ts'
import type { GraphContexts } from './task-kinds.ts'

/** The scheduler's way to a worker. Messages arrive in the order in which they are sent. */
export interface WorkerLink {
  readonly slots: number
  readonly memoryBytesMax: number
  readonly resources: ResourceNeeds
  /** Before anything else: who it is. */
  welcome(worker: WorkerId): void
  openGraph(graph: GraphId, contexts: GraphContexts): void
  closeGraph(graph: GraphId): void
  runTask(task: RunTask): void
  forgetTasks(tasks: readonly RunId[]): void
  /** It was not heard of for too long; whoever keeps it ends it and removes it from the scheduler. */
  silent(): void
}

/** What the submitter of a graph hears of it. */
export interface GraphListener {
  /**
   * Again when the result was lost and made anew; `run` is what holders know it by. A small result is told
   * itself when it is made.
   */
  inMemory(task: TaskId, run: RunId, holders: readonly WorkerId[], value?: Uint8Array): void
  failed(task: TaskId, error: ErrorData): void
}

/** What a client hears of the results that it wants. */
export interface ClientListener extends GraphListener {
  /** It does not want these any more, because of what it cancelled. */
  cancelled(tasks: readonly TaskId[]): void
}

/** Somebody who holds on to results of several graphs, apart from all others who do. */
export interface SchedulerClient {
  /**
   * Wants what the graph says of it; its tasks may read results that are not forgotten. `id` is one that was
   * reserved.
   */
  submit(graph: TaskGraph, contexts: GraphContexts, id?: GraphId): GraphId
  /** The id of a graph that this client is about to submit or, see {@link give}, to bring. */
  reserve(): GraphId
  /** Results that workers hold by now; it wants all of them. Nothing can make them again. */
  give(graph: GraphId, results: readonly GivenResult[]): void
  /** Wants results of others, or that it released; one that is gone fails with UNDEFINED_OBJECT. */
  want(tasks: readonly TaskId[]): void
  release(tasks: readonly TaskId[]): void
  /** Wants neither these nor what depends on them; what nobody else needs is stopped. */
  cancel(tasks: readonly TaskId[]): void
  /** Runs failed tasks again, with all failed ones that they depend on or that depend on them. */
  retry(tasks: readonly TaskId[]): void
  /** Wants nothing any more, and hears nothing. */
  leave(): void
}

interface OpenGraph {
  readonly contexts: GraphContexts
  /** Undefined: that of its client is told. */
  readonly listener: GraphListener | undefined
  /** Workers that know the graph. */
  readonly workers: Set<WorkerId>
}

/** Performs what the scheduler machine wants. Events come in one by one, never within another. */
export interface SchedulerShell {
  addWorker(link: WorkerLink): WorkerId
  removeWorker(worker: WorkerId): void
  submit(graph: TaskGraph, contexts: GraphContexts, listener: GraphListener): GraphId
  addClient(listener: ClientListener): SchedulerClient
  /** The latest moves of a task by its id, or of the latest one of a name that is not forgotten; oldest first. */
  story(task: TaskId | string): readonly string[]
  /** Nothing of the graph is wanted any more; its listener hears no more of it. */
  cancel(graph: GraphId): void
  release(tasks: readonly TaskId[]): void
  /** A result could not be had from those who should hold it. */
  unreachable(run: RunId, holders: readonly WorkerId[]): void
  /** Who holds this run's result now: nobody where it is lost. */
  holders(run: RunId): readonly WorkerId[]
  /** Whether this run's result is there now. Those of one graph that are there belong together. */
  isInMemory(run: RunId): boolean
  /** For reports of workers; `value` is the result that is told of, where it is small. */
  tell(event: SchedulerEvent, value?: Uint8Array): void
  readonly workers: ReadonlyMap<WorkerId, WorkerLink>
  /** Graphs of which something is not forgotten. */
  readonly openGraphs: number
}

export function createSchedulerShell(
  clock: Clock,
  options: Partial<SchedulerOptions> = {},
): SchedulerShell {
  return new Shell(clock, options)
}

/** Reports of the client are nobody's. */
const NO_WORKER = -1 as WorkerId

/** The client of all graphs that this process submits for itself, each with a listener of its own. */
const OWN_CLIENT = 0 as ClientId

class Shell implements SchedulerShell {
  readonly #clock: Clock
  readonly #state
  readonly #graphs = new Map<GraphId, OpenGraph>()
  readonly #clients = new Map<ClientId, ClientListener>()
  readonly workers = new Map<WorkerId, WorkerLink>()
  /** Small results that are just told of. */
  readonly #values = new Map<RunId, Uint8Array>()
  #pending: SchedulerEvent[] = []
  #isStepping = false
  #workerCount = 0
  #clientCount = OWN_CLIENT + 1
  #graphCount = 0

  constructor(clock: Clock, options: Partial<SchedulerOptions>) {
    this.#clock = clock
    this.#state = createScheduler(options)
  }

  get openGraphs(): number {
    return this.#state.graphs.size
  }

  addWorker(link: WorkerLink): WorkerId {
    const worker = this.#workerCount++ as WorkerId
    this.workers.set(worker, link)
    link.welcome(worker)
    const { slots, memoryBytesMax, resources } = link
    this.tell({ kind: 'worker-joined', worker, slots, memoryBytesMax, resources })
    return worker
  }

  removeWorker(worker: WorkerId): void {
    if (!this.workers.delete(worker)) return
    for (const { workers } of this.#graphs.values()) workers.delete(worker)
    this.tell({ kind: 'worker-left', worker })
  }

  submit(tasks: TaskGraph, contexts: GraphContexts, listener: GraphListener): GraphId {
    return this.#submit(OWN_CLIENT, tasks, { contexts, listener, workers: new Set() })
  }

  addClient(listener: ClientListener): SchedulerClient {
    const client = this.#clientCount++ as ClientId
    this.#clients.set(client, listener)
    return {
      submit: (graph, contexts, id) =>
        this.#submit(client, graph, { contexts, listener: undefined, workers: new Set() }, id),
      reserve: () => this.#graphCount++ as GraphId,
      give: (graph, results) => this.tell({ kind: 'results-given', client, graph, results }),
      want: (tasks) => this.tell({ kind: 'results-wanted', client, tasks }),
      release: (tasks) => this.tell({ kind: 'results-released', client, tasks }),
      cancel: (tasks) => this.tell({ kind: 'tasks-cancelled', client, tasks }),
      retry: (tasks) => this.tell({ kind: 'tasks-retried', tasks }),
      leave: () => {
        if (this.#clients.delete(client)) this.tell({ kind: 'client-left', client })
      },
    }
  }

  story(task: TaskId | string): readonly string[] {
    const id = typeof task === 'string' ? taskNamed(this.#state, task) : task
    return id === undefined ? [] : storyOf(this.#state.story, id)
  }

  cancel(graph: GraphId): void {
    this.tell({ kind: 'graph-cancelled', client: OWN_CLIENT, graph })
  }

  release(tasks: readonly TaskId[]): void {
    this.tell({ kind: 'results-released', client: OWN_CLIENT, tasks })
  }

  unreachable(run: RunId, holders: readonly WorkerId[]): void {
    for (const holder of holders) {
      this.tell({ kind: 'inputs-unreachable', worker: NO_WORKER, holder, tasks: [run] })
    }
  }

  holders(run: RunId): readonly WorkerId[] {
    const slot = slotOfRun(this.#state, run)
    return isInMemory(this.#state, run) ? holdersOf(this.#state, slot) : []
  }

  isInMemory(run: RunId): boolean {
    return isInMemory(this.#state, run)
  }

  tell(event: SchedulerEvent, value?: Uint8Array): void {
    if (value !== undefined && event.kind === 'task-finished') this.#values.set(event.task, value)
    this.#pending.push(event)
    if (this.#isStepping) return
    this.#isStepping = true
    try {
      while (this.#pending.length > 0) {
        const events = this.#pending
        this.#pending = []
        for (const instruction of step(this.#state, events, this.#clock.nowMs())) {
          this.#perform(instruction)
        }
      }
    } finally {
      this.#isStepping = false
      this.#values.clear()
    }
  }

  #perform(instruction: SchedulerInstruction): void {
    switch (instruction.kind) {
      case 'run-task':
        return this.#run(instruction)
      case 'forget-tasks':
        this.workers.get(instruction.worker)?.forgetTasks(instruction.tasks)
        return
      case 'task-in-memory': {
        const { client, task, run, holders } = instruction
        return this.#listener(client, task)?.inMemory(task, run, holders, this.#values.get(run))
      }
      case 'task-failed': {
        const { client, task, error } = instruction
        return this.#listener(client, task)?.failed(task, error)
      }
      case 'tasks-cancelled':
        return this.#clients.get(instruction.client)?.cancelled(instruction.tasks)
      case 'worker-silent':
        return this.workers.get(instruction.worker)?.silent()
      case 'graph-forgotten':
        return this.#forgotten(instruction.graph)
      default:
        return unreachable(instruction)
    }
  }

  #submit(
    client: ClientId,
    tasks: TaskGraph,
    open: OpenGraph,
    graph = this.#graphCount++ as GraphId,
  ): GraphId {
    this.#graphs.set(graph, open)
    this.tell({ kind: 'graph-submitted', client, graph, tasks })
    return graph
  }

  /** Who is told of a result: a client that left meanwhile is not. */
  #listener(client: ClientId, task: TaskId): GraphListener | undefined {
    if (client !== OWN_CLIENT) return this.#clients.get(client)
    return this.#graphs.get(graphOf(task))?.listener
  }

  #run(task: RunTask): void {
    const link = this.workers.get(task.worker)
    // It left while the instruction was made; the scheduler hears of that next.
    if (link === undefined) return
    const id = task.graph
    const graph = present(this.#graphs.get(id), 'a task of a graph that nobody submitted')
    if (!graph.workers.has(task.worker)) {
      graph.workers.add(task.worker)
      link.openGraph(id, graph.contexts)
    }
    link.runTask(task)
  }

  #forgotten(id: GraphId): void {
    const graph = this.#graphs.get(id)
    this.#graphs.delete(id)
    for (const worker of graph?.workers ?? []) this.workers.get(worker)?.closeGraph(id)
  }
}
