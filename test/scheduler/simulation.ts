import { seededRandom } from '../../src/base/world.ts'
import type { SchedulerEvent, SchedulerInstruction } from '../../src/scheduler/scheduler/events.ts'
import { createScheduler } from '../../src/scheduler/scheduler/state.ts'
import { step } from '../../src/scheduler/scheduler/step.ts'
import {
  taskIdOf,
  type ClientId,
  type GraphId,
  type RunId,
  type WorkerId,
} from '../../src/scheduler/scheduler/task-id.ts'
import type { InputRef, WorkerEvent, WorkerInstruction } from '../../src/scheduler/worker/events.ts'
import { createWorker, inputKey, type WorkerState } from '../../src/scheduler/worker/state.ts'
import { stepWorker } from '../../src/scheduler/worker/step.ts'
import { check, checkBooks, checkEmpty, type Provenance } from './invariants.ts'
import { SimulatedClients, type ClientRates } from './simulated-clients.ts'

export interface SimulationOptions extends Omit<ClientRates, 'withResources'> {
  readonly seed: number
  readonly errorRate: number
  readonly lossRate: number
  /** Losses of which the scheduler learns by silence only. */
  readonly silenceRate: number
  /** Of reports that arrive twice. */
  readonly duplicateRate: number
}

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
  readonly cancelled: number
  readonly retried: number
  readonly given: number
  readonly losses: number
  readonly silences: number
  readonly reruns: number
  readonly fetches: number
}

/**
 * One scheduler, a few workers and clients in a simulated world: messages of one link arrive in
 * order after random delays, so those of different links overtake each other. Throws when an
 * invariant breaks.
 */
export function simulate(options: SimulationOptions): SimulationOutcome {
  return new Simulation(options).run()
}

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
  readonly #clients: SimulatedClients
  #nowMs = 0
  #order = 0
  #workerCount = 0
  /** Whether the scheduler may have changed since its books were checked. */
  #isTold = true
  readonly #taskOf = new Map<RunId, string>()
  readonly #repeatable = new Set<RunId>()
  readonly #madeOf = new Map<RunId, Provenance>()
  #counts = { losses: 0, silences: 0, reruns: 0, fetches: 0 }

  constructor(options: SimulationOptions) {
    this.#options = options
    const random = seededRandom(options.seed)
    this.#next = () => random.next()
    for (let n = this.#below(3) + 1; n > 0; n--) this.#join()
    this.#clients = new SimulatedClients(
      {
        next: this.#next,
        after: (delayMs, act) => this.#after(delayMs, act),
        tell: (event) => this.#tell(event),
        give: (client, graph, bytes) => this.#give(client, graph, bytes),
        mayRepeat: () => this.#counts.losses > 0 || options.retryRate > 0 || options.staleRate > 0,
      },
      { ...options, withResources: options.lossRate === 0 && options.silenceRate === 0 },
    )
  }

  run(): SimulationOutcome {
    this.#beat()
    for (let steps = 0; this.#agenda.length > 0; steps++) {
      check(steps < 200_000, 'the simulation does not end')
      this.#agenda.sort((a, b) => a.atMs - b.atMs || a.order - b.order)
      const next = this.#agenda.shift()!
      this.#nowMs = next.atMs
      next.act()
      if (this.#isTold) checkBooks(this.#scheduler, this.#madeOf)
      this.#isTold = false
    }
    this.#checkEnd()
    this.#counts.reruns = this.#scheduler.rerunCount
    return { ...this.#counts, ...this.#clients.counts }
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

  /** A client's result goes to a worker, which tells the scheduler of it, or is lost before it does. */
  #give(client: ClientId, graph: GraphId, bytes: number): void {
    const task = taskIdOf(graph, 0)
    const [id, worker] = this.#anyAlive() ?? [-1 as WorkerId, undefined]
    const arrives = (holders: readonly WorkerId[]): void => {
      this.#clients.given(client, graph)
      this.#tell({ kind: 'results-given', client, graph, results: [{ bytes, holders }] })
    }
    if (worker === undefined) return arrives([])
    this.#after(this.#next() * 10, () => {
      if (worker.alive) {
        worker.results.set(task, new Map())
        this.#tellWorker(id, { kind: 'result-given', task })
      }
      this.#after(this.#next() * 10, () => arrives(worker.alive ? [id] : []))
    })
  }

  #tell(event: SchedulerEvent): void {
    this.#isTold = true
    for (const instruction of step(this.#scheduler, [event], this.#nowMs)) {
      this.#perform(instruction)
    }
  }

  #perform(instruction: SchedulerInstruction): void {
    switch (instruction.kind) {
      case 'run-task': {
        const { worker, task, priority, rank, inputs, payload } = instruction
        this.#taskOf.set(task, `${instruction.graph}/${(payload as { index: number }).index}`)
        if ((payload as { isRepeatable: boolean }).isRepeatable) this.#repeatable.add(task)
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
      case 'task-failed':
      case 'tasks-cancelled':
        return this.#clients.told(instruction)
      case 'worker-silent':
        return this.#silent(instruction.worker)
      case 'graph-forgotten':
        check(this.#clients.liveGraphs.delete(instruction.graph), 'a graph is forgotten twice')
    }
  }

  #tellWorker(id: WorkerId, event: WorkerEvent): void {
    const worker = this.#workers.get(id)!
    if (!worker.alive) return
    const instructions = stepWorker(worker.state, [event], this.#nowMs)
    for (const instruction of instructions) this.#performWorker(id, worker, instruction)
    check(worker.state.executing <= worker.state.options.executingMax, 'too many tasks execute')
  }

  #report(id: WorkerId, event: SchedulerEvent): void {
    const copies = this.#next() < this.#options.duplicateRate ? 2 : 1
    for (let n = 0; n < copies; n++) {
      this.#send(`${id}>s`, () => {
        if (this.#workers.get(id)!.alive) this.#tell(event)
      })
    }
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
    const runs = new Map<string, RunId>()
    // Runs of a repeatable task on the same inputs are as good as one.
    if (!this.#repeatable.has(task)) runs.set(this.#taskOf.get(task)!, task)
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
    // Fetches from a stopped worker hang until somebody notices.
    const isStopped = [...this.#workers.values()].some(({ stopped }) => stopped)
    if (!this.#clients.isBusy && !isStopped) return
    for (const [id, worker] of this.#workers) {
      if (worker.alive) this.#report(id, { kind: 'worker-heard', worker: id })
    }
    this.#tell({ kind: 'tick' })
    this.#after(BEAT_MS, () => this.#beat())
  }

  #checkEnd(): void {
    this.#clients.checkEnd()
    checkEmpty(this.#scheduler)
    for (const { alive, state, results, copies, executing } of this.#workers.values()) {
      if (!alive) continue
      const sizes = [state.tasks.size, state.inputs.size, state.toFetch.size, state.executing]
      const held = [results.size, copies.size, executing.size]
      check(sizes.join() === '0,0,0,0', `worker ${state.id} keeps something: ${sizes.join()}`)
      check(held.join() === '0,0,0', `worker ${state.id} holds something: ${held.join()}`)
    }
  }
}
