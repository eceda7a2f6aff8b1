import { seededRandom } from '../../src/base/world.ts'
import { buildGraph, WHOLE_OUTPUT, type TaskSpec } from '../../src/scheduler/graph/task-graph.ts'
import type { SchedulerEvent, SchedulerInstruction } from '../../src/scheduler/scheduler/events.ts'
import { createScheduler, holdersOf } from '../../src/scheduler/scheduler/state.ts'
import { step } from '../../src/scheduler/scheduler/step.ts'
import {
  graphOf,
  taskIdOf,
  type GraphId,
  type RunId,
  type TaskId,
  type WorkerId,
} from '../../src/scheduler/scheduler/task-id.ts'
import {
  MEMORY,
  needsInputs,
  PROCESSING,
  WAITING,
} from '../../src/scheduler/scheduler/task-state.ts'
import type { InputRef, WorkerEvent, WorkerInstruction } from '../../src/scheduler/worker/events.ts'
import { createWorker, inputKey, type WorkerState } from '../../src/scheduler/worker/state.ts'
import { stepWorker } from '../../src/scheduler/worker/step.ts'

export interface SimulationOptions {
  readonly seed: number
  readonly errorRate: number
  readonly cancelRate: number
  readonly lossRate: number
  /** Losses of which the scheduler learns by silence only. */
  readonly silenceRate: number
  /** Of a task. */
  readonly retriesMin: number
  readonly retriesMax: number
}

/** Which run of each task took part in a result: those of two inputs must agree. */
type Provenance = ReadonlyMap<string, RunId>

interface SimulatedWorker {
  readonly state: WorkerState
  alive: boolean
  /** Stopped rather than dead: connections to it stay open. */
  stopped: boolean
  /** Results and copies that the shell would hold. */
  readonly results: Map<RunId, Provenance>
  readonly copies: Map<string, Provenance>
  readonly executing: Set<RunId>
  /** What fetchers do when the connection to it ends; those of a stopped worker wait for that. */
  readonly hanging: (() => void)[]
}

/** Counts of what a run went through, to see that it went through it. */
export interface SimulationOutcome {
  readonly inMemory: number
  readonly failed: number
  readonly cancelledGraphs: number
  readonly losses: number
  readonly silences: number
  readonly reruns: number
  readonly fetches: number
}

/**
 * One scheduler, a few workers and a client in a simulated world: messages of one link arrive in
 * order after random delays, so those of different links overtake each other. Throws when an
 * invariant breaks.
 */
export function simulate(options: SimulationOptions): SimulationOutcome {
  return new Simulation(options).run()
}

const GRAPHS = 4
const SILENCE_MS = 80
const BEAT_MS = 10

class Simulation {
  readonly #options: SimulationOptions
  readonly #next: () => number
  readonly #scheduler = createScheduler({
    saturation: 1.1,
    windowMs: 0,
    silenceMs: SILENCE_MS,
    lossWindowMs: 1,
  })
  readonly #workers = new Map<WorkerId, SimulatedWorker>()
  readonly #agenda: { atMs: number; order: number; act: () => void }[] = []
  readonly #linkFreeMs = new Map<string, number>()
  readonly #wanted = new Set<TaskId>()
  readonly #liveGraphs = new Set<GraphId>()
  #nowMs = 0
  #order = 0
  #workerCount = 0
  #graphCount = 0
  readonly #taskOf = new Map<RunId, string>()
  readonly #madeOf = new Map<RunId, Provenance>()
  #counts = {
    inMemory: 0,
    failed: 0,
    cancelledGraphs: 0,
    losses: 0,
    silences: 0,
    reruns: 0,
    fetches: 0,
  }

  constructor(options: SimulationOptions) {
    this.#options = options
    const random = seededRandom(options.seed)
    this.#next = () => random.next()
  }

  run(): SimulationOutcome {
    for (let n = this.#below(3) + 1; n > 0; n--) this.#join()
    this.#beat()
    for (let n = 0; n < GRAPHS; n++) this.#after(this.#below(30), () => this.#submit(n as GraphId))
    for (let steps = 0; this.#agenda.length > 0; steps++) {
      check(steps < 200_000, 'the simulation does not end')
      this.#agenda.sort((a, b) => a.atMs - b.atMs || a.order - b.order)
      const next = this.#agenda.shift()!
      this.#nowMs = next.atMs
      next.act()
      this.#checkBooks()
    }
    this.#checkEnd()
    this.#counts.reruns = this.#scheduler.rerunCount
    return this.#counts
  }

  #below(limit: number): number {
    return Math.floor(this.#next() * limit)
  }

  #after(delayMs: number, act: () => void): void {
    this.#agenda.push({ atMs: this.#nowMs + delayMs, order: this.#order++, act })
  }

  /** Sends over a link that keeps the order of its own messages. */
  #send(link: string, act: () => void): void {
    const slow = this.#next() < 0.1 ? 50 : 5
    const arrival = this.#nowMs + this.#next() * slow
    const atMs = Math.max(arrival, this.#linkFreeMs.get(link) ?? 0)
    this.#linkFreeMs.set(link, atMs)
    this.#agenda.push({ atMs, order: this.#order++, act })
  }

  #join(): void {
    const id = this.#workerCount++ as WorkerId
    const slots = this.#below(2) + 1
    const state = createWorker(id, { executingMax: slots, flightsMax: 2, flightBytesMax: 100 })
    this.#workers.set(id, {
      state,
      alive: true,
      stopped: false,
      results: new Map(),
      copies: new Map(),
      executing: new Set(),
      hanging: [],
    })
    this.#tell({
      kind: 'worker-joined',
      worker: id,
      slots,
      memoryBytesMax: 1_000,
      resources: id === 0 ? { gpu: 1 } : {},
    })
  }

  #submit(id: GraphId): void {
    const { retriesMin, retriesMax } = this.#options
    const count = 1 + this.#below(25)
    const isWhole = Array.from({ length: count }, () => this.#next() < 0.5)
    const specs: TaskSpec[] = Array.from({ length: count }, (_, index) => {
      const inputs = Array.from({ length: index === 0 ? 0 : this.#below(4) }, () => {
        const task = this.#below(index)
        return { task, slice: isWhole[task]! ? WHOLE_OUTPUT : this.#below(3) }
      })
      return {
        payload: { index },
        inputs,
        group: `g${this.#below(2)}`,
        retriesMax: retriesMin + this.#below(retriesMax - retriesMin + 1),
        ...(this.#options.lossRate === 0 && this.#next() < 0.1 ? { resources: { gpu: 1 } } : {}),
      }
    })
    const tasks = buildGraph(specs, { userPriority: this.#below(3) - 1 })
    this.#liveGraphs.add(id)
    this.#graphCount++
    for (const [index, wanted] of tasks.wanted.entries()) {
      if (wanted === 1) this.#wanted.add(taskIdOf(id, index))
    }
    this.#tell({ kind: 'graph-submitted', graph: id, tasks })
    if (this.#next() >= this.#options.cancelRate) return
    this.#after(this.#below(60), () => {
      if (!this.#liveGraphs.has(id)) return
      this.#counts.cancelledGraphs++
      for (const task of this.#wanted) if (graphOf(task) === id) this.#wanted.delete(task)
      this.#tell({ kind: 'graph-cancelled', graph: id })
    })
  }

  #tell(event: SchedulerEvent): void {
    for (const instruction of step(this.#scheduler, [event], this.#nowMs)) {
      this.#perform(instruction)
    }
  }

  #perform(instruction: SchedulerInstruction): void {
    switch (instruction.kind) {
      case 'run-task': {
        const { worker, task, priority, rank, inputs, payload } = instruction
        this.#taskOf.set(task, `${instruction.graph}/${(payload as { index: number }).index}`)
        const event = { kind: 'task-assigned', task, priority, rank, inputs, payload } as const
        this.#send(`s>${worker}`, () => this.#tellWorker(worker, event))
        return
      }
      case 'forget-tasks': {
        const { worker, tasks } = instruction
        this.#send(`s>${worker}`, () =>
          this.#tellWorker(worker, { kind: 'tasks-forgotten', tasks }),
        )
        return
      }
      case 'task-in-memory':
        return this.#settled(instruction.task, 'inMemory')
      case 'task-failed':
        return this.#settled(instruction.task, 'failed')
      case 'worker-silent':
        return this.#silent(instruction.worker)
      case 'graph-forgotten':
        check(this.#liveGraphs.delete(instruction.graph), 'a graph is forgotten twice')
    }
  }

  #settled(task: TaskId, how: 'inMemory' | 'failed'): void {
    this.#counts[how]++
    const wasWanted = this.#wanted.delete(task)
    // A loss may take a result away that the client was told of and has not released yet: it is told again.
    const mayRepeat = how === 'failed' || this.#counts.losses > 0
    check(wasWanted || mayRepeat, `task ${task} is reported twice`)
    this.#after(this.#below(20), () => this.#tell({ kind: 'results-released', tasks: [task] }))
  }

  #tellWorker(id: WorkerId, event: WorkerEvent): void {
    const worker = this.#workers.get(id)!
    if (!worker.alive) return
    const instructions = stepWorker(worker.state, [event], this.#nowMs)
    for (const instruction of instructions) this.#performWorker(id, worker, instruction)
    check(worker.state.executing <= worker.state.options.executingMax, 'too many tasks execute')
  }

  #report(id: WorkerId, event: SchedulerEvent): void {
    this.#send(`${id}>s`, () => {
      if (this.#workers.get(id)!.alive) this.#tell(event)
    })
  }

  #performWorker(id: WorkerId, worker: SimulatedWorker, instruction: WorkerInstruction): void {
    switch (instruction.kind) {
      case 'execute':
        return this.#execute(id, worker, instruction.task, instruction.inputs)
      case 'stop-execution':
        check(worker.executing.has(instruction.task), 'what is stopped does not execute')
        return
      case 'fetch':
        return this.#fetch(id, instruction.holder, instruction.inputs)
      case 'drop-result':
        check(worker.results.delete(instruction.task), 'a dropped result is not there')
        return
      case 'drop-input':
        check(worker.copies.delete(inputKey(instruction.input)), 'a dropped copy is not there')
        return
      case 'report-finished': {
        const { task, bytes, durationMs } = instruction
        this.#report(id, { kind: 'task-finished', worker: id, task, bytes, durationMs })
        return
      }
      case 'report-erred': {
        const { task, error } = instruction
        this.#report(id, { kind: 'task-erred', worker: id, task, error })
        return
      }
      case 'report-replica':
        this.#report(id, { kind: 'replica-added', worker: id, task: instruction.task })
        return
      case 'report-unreachable': {
        const { holder, tasks } = instruction
        this.#report(id, { kind: 'inputs-unreachable', worker: id, holder, tasks })
      }
    }
  }

  #execute(id: WorkerId, worker: SimulatedWorker, task: RunId, inputs: readonly InputRef[]): void {
    const inputsHere = (): boolean =>
      inputs.every((ref) => worker.results.has(ref.task) || worker.copies.has(inputKey(ref)))
    check(inputsHere(), `task ${task} starts without an input`)
    worker.executing.add(task)
    const made = this.#provenance(worker, task, inputs)
    this.#madeOf.set(task, made)
    this.#after(this.#next() * 10, () => {
      if (!worker.alive) return
      check(inputsHere(), `task ${task} loses an input while it runs`)
      worker.executing.delete(task)
      if (this.#next() < this.#options.errorRate) {
        const error = {
          code: 'DIVISION_BY_ZERO',
          message: 'division by zero',
          details: {},
        } as const
        this.#tellWorker(id, { kind: 'task-failed', task, error })
      } else {
        worker.results.set(task, made)
        this.#tellWorker(id, { kind: 'task-executed', task, bytes: this.#below(60), durationMs: 1 })
      }
      if (this.#next() < this.#options.lossRate) this.#lose()
      if (this.#next() < this.#options.silenceRate) this.#stop()
    })
  }

  /** Pieces of different runs of one task must not meet. */
  #provenance(worker: SimulatedWorker, task: RunId, inputs: readonly InputRef[]): Provenance {
    const runs = new Map<string, RunId>([[this.#taskOf.get(task)!, task]])
    for (const ref of inputs) {
      const input = worker.copies.get(inputKey(ref)) ?? worker.results.get(ref.task)!
      for (const [name, run] of input) {
        check((runs.get(name) ?? run) === run, `runs ${runs.get(name)} and ${run} of ${name} meet`)
        runs.set(name, run)
      }
    }
    return runs
  }

  #fetch(id: WorkerId, holder: WorkerId, inputs: readonly InputRef[]): void {
    check(id !== holder, 'a worker fetches from itself')
    this.#counts.fetches++
    this.#send(`${id}>${holder}`, () => {
      const from = this.#workers.get(holder)!
      const served =
        from.alive &&
        inputs.every((ref) => from.results.has(ref.task) || from.copies.has(inputKey(ref)))
      const found = inputs.map(
        (ref) => from.copies.get(inputKey(ref)) ?? from.results.get(ref.task),
      )
      const answer = (): void => {
        const worker = this.#workers.get(id)!
        if (!worker.alive) return
        if (served) {
          for (const [n, ref] of inputs.entries()) worker.copies.set(inputKey(ref), found[n]!)
          this.#tellWorker(id, { kind: 'inputs-fetched', holder, inputs })
          return
        }
        const error = { code: 'CONNECTION_FAILURE', message: 'lost', details: {} } as const
        this.#tellWorker(id, { kind: 'fetch-failed', holder, inputs, error })
      }
      if (from.stopped) from.hanging.push(answer)
      else this.#send(`${holder}>${id}`, answer)
    })
  }

  #lose(): void {
    const victim = this.#anyAlive()
    if (victim === undefined) return
    const [id, worker] = victim
    this.#counts.losses++
    worker.alive = false
    this.#send(`lost ${id}`, () => this.#leave(id))
    // Sometimes all go at once.
    if (this.#next() < 0.3) this.#lose()
  }

  /** Nobody is told: the worker says nothing any more, and connections to it hang. */
  #stop(): void {
    const victim = this.#anyAlive()
    if (victim === undefined) return
    victim[1].alive = false
    victim[1].stopped = true
  }

  #anyAlive(): readonly [WorkerId, SimulatedWorker] | undefined {
    const alive = [...this.#workers].filter(([, worker]) => worker.alive)
    return alive[this.#below(alive.length)]
  }

  /** The shell ends a silent worker, which may only have been slow. */
  #silent(id: WorkerId): void {
    const worker = this.#workers.get(id)!
    this.#counts.silences++
    this.#counts.losses++
    worker.alive = false
    worker.stopped = false
    this.#after(0, () => {
      this.#leave(id)
      for (const fail of worker.hanging.splice(0)) this.#after(this.#below(10), fail)
    })
  }

  #leave(id: WorkerId): void {
    this.#tell({ kind: 'worker-left', worker: id })
    this.#after(this.#below(40), () => this.#join())
  }

  #beat(): void {
    const isBusy = this.#graphCount < GRAPHS || this.#liveGraphs.size > 0
    if (!isBusy) return
    for (const [id, worker] of this.#workers) {
      if (worker.alive) this.#report(id, { kind: 'worker-heard', worker: id })
    }
    this.#tell({ kind: 'tick' })
    this.#after(BEAT_MS, () => this.#beat())
  }

  #checkBooks(): void {
    for (const worker of this.#scheduler.workers.values()) {
      check(worker.processing >= 0 && worker.heldBytes >= 0, 'books below zero')
      for (const used of worker.resourcesInUse.values())
        check(used <= 1, 'a resource is overbooked')
    }
    for (const graph of this.#scheduler.graphs.values()) {
      this.#checkGraph(graph)
      this.#checkResults(graph)
    }
  }

  /** Wanted results that are in memory at one moment are of runs that belong together. */
  #checkResults({ start, tasks: count }: { readonly start: number; readonly tasks: number }): void {
    const { tasks } = this.#scheduler
    const runs = new Map<string, RunId>()
    for (let slot = start; slot < start + count; slot++) {
      if (tasks.state[slot] !== MEMORY || tasks.wanted[slot] !== 1) continue
      for (const [name, run] of this.#madeOf.get(tasks.run[slot]! as RunId)!) {
        check(
          (runs.get(name) ?? run) === run,
          `results of runs ${runs.get(name)} and ${run} of ${name}`,
        )
        runs.set(name, run)
      }
    }
  }

  /** What is counted on the way is what counting from the states gives. */
  #checkGraph({ start, tasks: count }: { readonly start: number; readonly tasks: number }): void {
    const { tasks, edges, workers } = this.#scheduler
    const waiters = new Int32Array(count)
    for (let slot = start; slot < start + count; slot++) {
      const state = tasks.state[slot]!
      let missing = 0
      for (let n = 0; n < tasks.edgeCount[slot]!; n++) {
        const input = edges.input[tasks.edgeStart[slot]! + n]!
        if (tasks.state[input] !== MEMORY) missing++
        if (needsInputs(state)) waiters[input - start]!++
      }
      if (state === WAITING) check(missing === tasks.missing[slot], 'missing inputs miscounted')
      else check(!needsInputs(state) || missing === 0, 'a task goes ahead without an input')
      const holders = state === MEMORY ? holdersOf(this.#scheduler, slot) : []
      check(state !== MEMORY || holders.length > 0, 'a result is in memory of nobody')
      check(
        holders.every((id) => workers.has(id)),
        'a result is held by a worker that left',
      )
      const isKnown = state !== PROCESSING || workers.has(tasks.worker[slot]! as WorkerId)
      check(isKnown, 'a task runs on a worker that left')
    }
    for (let n = 0; n < count; n++) {
      check(waiters[n] === tasks.waiters[start + n], 'waiters miscounted')
    }
  }

  #checkEnd(): void {
    check(this.#wanted.size === 0, 'a wanted task ended neither in memory nor erred')
    check(this.#liveGraphs.size === 0, 'a graph is left over')
    const { graphs, groups, slots, edgeRanges, workers } = this.#scheduler
    const { replicas, errors, reruns } = this.#scheduler
    const maps = [graphs, replicas, errors, reruns].map((map) => map.size)
    const left = [slots.end, edgeRanges.end, ...maps]
    check(left.join() === '0,0,0,0,0,0', `the scheduler keeps something: ${left.join()}`)
    check(
      groups.every((group) => group === undefined),
      'the scheduler keeps a group',
    )
    for (const { processing, occupancyMs, heldBytes } of workers.values()) {
      check(processing === 0 && occupancyMs === 0 && heldBytes === 0, 'worker books not at zero')
    }
    for (const { alive, state, results, copies, executing } of this.#workers.values()) {
      if (!alive) continue
      const sizes = [state.tasks.size, state.inputs.size, state.toFetch.size, state.executing]
      const held = [results.size, copies.size, executing.size]
      check(sizes.join() === '0,0,0,0', `worker ${state.id} keeps something: ${sizes.join()}`)
      check(held.join() === '0,0,0', `worker ${state.id} holds something: ${held.join()}`)
    }
  }
}

function check(condition: boolean, message: string): void {
  if (!condition) throw new Error(message)
}
