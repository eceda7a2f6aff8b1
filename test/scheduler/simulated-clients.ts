import { buildGraph, WHOLE_OUTPUT, type TaskSpec } from '../../src/scheduler/graph/task-graph.ts'
import type { SchedulerEvent, SchedulerInstruction } from '../../src/scheduler/scheduler/events.ts'
import {
  graphOf,
  taskIdOf,
  type ClientId,
  type GraphId,
  type TaskId,
} from '../../src/scheduler/scheduler/task-id.ts'
import { check } from './invariants.ts'

export interface ClientRates {
  readonly clients: number
  readonly graphs: number
  readonly cancelRate: number
  /** Of an input that is another graph's, of a graph that starts from brought results, ... */
  readonly othersRate: number
  readonly givenRate: number
  readonly repeatableRate: number
  /** Of a result that another client wants too, of naming one that may be gone. */
  readonly shareRate: number
  readonly staleRate: number
  readonly retryRate: number
  readonly leaveRate: number
  /** Of a task. */
  readonly retriesMin: number
  readonly retriesMax: number
  readonly withResources: boolean
}

/** What clients can do. */
export interface ClientWorld {
  /** 0 to 1. */
  next(): number
  after(delayMs: number, act: () => void): void
  tell(event: SchedulerEvent): void
  /** Brings a result to some worker; tells the scheduler when it is there. */
  give(client: ClientId, graph: GraphId, bytes: number): void
  /** Whether a result may be reported again because it was lost. */
  mayRepeat(): boolean
}

interface Handle {
  status: 'pending' | 'memory' | 'failed'
  retries: number
}

/** Clients that submit graphs, hold on to results for a while, share them, retry, cancel and leave. */
export class SimulatedClients {
  readonly counts = {
    inMemory: 0,
    failed: 0,
    cancelledGraphs: 0,
    cancelled: 0,
    retried: 0,
    given: 0,
  }
  readonly liveGraphs = new Set<GraphId>()
  readonly #world: ClientWorld
  readonly #rates: ClientRates
  readonly #handles = new Map<ClientId, Map<TaskId, Handle>>()
  readonly #ever: TaskId[] = []
  #submitted = 0

  constructor(world: ClientWorld, rates: ClientRates) {
    this.#world = world
    this.#rates = rates
    for (let n = 0; n < rates.clients; n++) this.#handles.set(n as ClientId, new Map())
    for (let n = 0; n < rates.graphs; n++) {
      world.after(this.#below(8 * rates.graphs), () => this.#begin(n as GraphId))
    }
  }

  get isBusy(): boolean {
    return this.#submitted < this.#rates.graphs || this.liveGraphs.size > 0
  }

  /** What the scheduler says to clients. */
  told(
    instruction: Extract<
      SchedulerInstruction,
      { kind: 'task-in-memory' | 'task-failed' | 'tasks-cancelled' }
    >,
  ): void {
    const { client } = instruction
    if (instruction.kind === 'tasks-cancelled') {
      for (const task of instruction.tasks) {
        check(this.#of(client).delete(task), 'what is cancelled was not wanted')
        this.counts.cancelled++
      }
      return
    }
    const { task } = instruction
    const handle = this.#of(client).get(task)
    if (handle === undefined) throw new Error(`client ${client} is told of ${task} in vain`)
    const status = instruction.kind === 'task-failed' ? 'failed' : 'memory'
    this.counts[status === 'failed' ? 'failed' : 'inMemory']++
    const wasPending = handle.status === 'pending'
    check(wasPending || this.#world.mayRepeat(), `task ${task} is reported twice`)
    handle.status = status
    if (wasPending) this.#world.after(this.#below(60), () => this.#end(client, task))
  }

  checkEnd(): void {
    for (const [client, handles] of this.#handles) {
      check(handles.size === 0, `client ${client} still waits for ${[...handles.keys()].join()}`)
    }
    check(this.liveGraphs.size === 0, 'a graph is left over')
  }

  #below(limit: number): number {
    return Math.floor(this.#world.next() * limit)
  }

  #of(client: ClientId): Map<TaskId, Handle> {
    return this.#handles.get(client)!
  }

  #hold(client: ClientId, task: TaskId): void {
    this.#of(client).set(task, { status: 'pending', retries: 0 })
    this.#ever.push(task)
  }

  #begin(id: GraphId): void {
    const client = this.#below(this.#rates.clients) as ClientId
    this.#submitted++
    this.liveGraphs.add(id)
    if (this.#world.next() < this.#rates.givenRate) {
      this.counts.given++
      this.#world.give(client, id, this.#below(60))
      return
    }
    this.#submit(client, id)
    if (this.#world.next() < this.#rates.cancelRate) {
      this.#world.after(this.#below(60), () => this.#cancelGraph(client, id))
    }
    if (this.#world.next() < this.#rates.shareRate) {
      this.#world.after(this.#below(40), () => this.#share())
    }
    if (this.#world.next() < this.#rates.leaveRate) {
      this.#world.after(this.#below(80), () => this.#leave(client))
    }
  }

  /** The result of {@link ClientWorld.give} is where it should be, or not. */
  given(client: ClientId, graph: GraphId): void {
    const task = taskIdOf(graph, 0)
    this.#hold(client, task)
    const handle = this.#of(client).get(task)!
    // Nothing more is told of one that is there.
    handle.status = 'memory'
    this.#world.after(this.#below(60), () => this.#end(client, task))
  }

  #submit(client: ClientId, id: GraphId): void {
    const { retriesMin, retriesMax, othersRate, repeatableRate, withResources } = this.#rates
    const { next } = this.#world
    const count = 1 + this.#below(25)
    const isWhole = Array.from({ length: count }, () => next() < 0.5)
    const specs: TaskSpec[] = Array.from({ length: count }, (_, index) => {
      const own = Array.from({ length: index === 0 ? 0 : this.#below(4) }, () => {
        const task = this.#below(index)
        return { task, slice: isWhole[task]! ? WHOLE_OUTPUT : this.#below(3) }
      })
      const other = next() < othersRate ? this.#someResult(client) : undefined
      const isRepeatable = next() < repeatableRate
      return {
        payload: { index, isRepeatable },
        inputs: other === undefined ? own : [...own, { other }],
        group: `g${this.#below(2)}`,
        retriesMax: retriesMin + this.#below(retriesMax - retriesMin + 1),
        errorRetriesMax: this.#below(2),
        isRepeatable,
        ...(withResources && next() < 0.1 ? { resources: { gpu: 1 } } : {}),
      }
    })
    const tasks = buildGraph(specs, { userPriority: this.#below(3) - 1 })
    for (const [index, wanted] of tasks.wanted.entries()) {
      if (wanted === 1) this.#hold(client, taskIdOf(id, index))
    }
    this.#world.tell({ kind: 'graph-submitted', client, graph: id, tasks })
  }

  /** One that the client holds, or of any that ever was. */
  #someResult(client: ClientId): TaskId | undefined {
    const isStale = this.#world.next() < this.#rates.staleRate
    const all = isStale ? this.#ever : [...this.#of(client).keys()]
    return all[this.#below(all.length)]
  }

  /** A client wants what another has, or had. */
  #share(): void {
    const from = this.#below(this.#rates.clients) as ClientId
    const to = this.#below(this.#rates.clients) as ClientId
    const task = this.#someResult(from)
    if (task === undefined || this.#of(to).has(task)) return
    this.#hold(to, task)
    this.#world.tell({ kind: 'results-wanted', client: to, tasks: [task] })
  }

  /** The client has looked at a result. */
  #end(client: ClientId, task: TaskId): void {
    const handle = this.#of(client).get(task)
    if (handle === undefined || handle.status === 'pending') return
    const { retryRate, cancelRate, shareRate } = this.#rates
    if (this.#world.next() < shareRate / 4) this.#share()
    if (handle.status === 'failed' && handle.retries < 2 && this.#world.next() < retryRate) {
      handle.retries++
      handle.status = 'pending'
      this.counts.retried++
      this.#world.tell({ kind: 'tasks-retried', tasks: [task] })
      // What is gone cannot be retried; nothing more is told of it then.
      this.#world.after(400, () => this.#release(client, task))
      return
    }
    if (this.#world.next() < cancelRate / 4) {
      this.#world.tell({ kind: 'tasks-cancelled', client, tasks: [task] })
    }
    this.#release(client, task)
  }

  #release(client: ClientId, task: TaskId): void {
    if (!this.#of(client).delete(task)) return
    this.#world.tell({ kind: 'results-released', client, tasks: [task] })
  }

  #cancelGraph(client: ClientId, graph: GraphId): void {
    if (!this.liveGraphs.has(graph)) return
    this.counts.cancelledGraphs++
    for (const task of this.#of(client).keys()) {
      if (graphOf(task) === graph) this.#of(client).delete(task)
    }
    this.#world.tell({ kind: 'graph-cancelled', client, graph })
  }

  #leave(client: ClientId): void {
    this.#of(client).clear()
    this.#world.tell({ kind: 'client-left', client })
  }
}
