import { seededRandom } from '../../src/base/world.ts'
import { buildGraph, WHOLE_OUTPUT, type TaskSpec } from '../../src/scheduler/graph/task-graph.ts'
import type { SchedulerEvent, SchedulerInstruction } from '../../src/scheduler/scheduler/events.ts'
import { createScheduler } from '../../src/scheduler/scheduler/state.ts'
import { step } from '../../src/scheduler/scheduler/step.ts'
import {
  graphOf,
  taskIdOf,
  type GraphId,
  type TaskId,
  type WorkerId,
} from '../../src/scheduler/scheduler/task-id.ts'
import type { InputRef, WorkerEvent, WorkerInstruction } from '../../src/scheduler/worker/events.ts'
import { createWorker, inputKey, type WorkerState } from '../../src/scheduler/worker/state.ts'
import { stepWorker } from '../../src/scheduler/worker/step.ts'

export interface SimulationOptions {
  readonly seed: number
  readonly errorRate: number
  readonly cancelRate: number
  readonly lossRate: number
}

interface SimulatedWorker {
  readonly state: WorkerState
  alive: boolean
  /** Results and copies that the shell would hold. */
  readonly results: Set<TaskId>
  readonly copies: Set<string>
  readonly executing: Set<TaskId>
}

/** Counts of what a run went through, to see that it went through it. */
export interface SimulationOutcome {
  readonly inMemory: number
  readonly failed: number
  readonly cancelledGraphs: number
  readonly losses: number
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

class Simulation {
  readonly #options: SimulationOptions
  readonly #next: () => number
  readonly #scheduler = createScheduler({ saturation: 1.1, windowMs: 0 })
  readonly #workers = new Map<WorkerId, SimulatedWorker>()
  readonly #agenda: { atMs: number; order: number; act: () => void }[] = []
  readonly #linkFreeMs = new Map<string, number>()
  readonly #wanted = new Set<TaskId>()
  readonly #liveGraphs = new Set<GraphId>()
  #nowMs = 0
  #order = 0
  #workerCount = 0
  #counts = { inMemory: 0, failed: 0, cancelledGraphs: 0, losses: 0, fetches: 0 }

  constructor(options: SimulationOptions) {
    this.#options = options
    const random = seededRandom(options.seed)
    this.#next = () => random.next()
  }

  run(): SimulationOutcome {
    for (let n = this.#below(3) + 1; n > 0; n--) this.#join()
    for (let n = 0; n < 4; n++) this.#after(this.#below(30), () => this.#submit(n as GraphId))
    for (let steps = 0; this.#agenda.length > 0; steps++) {
      check(steps < 200_000, 'the simulation does not end')
      this.#agenda.sort((a, b) => a.atMs - b.atMs || a.order - b.order)
      const next = this.#agenda.shift()!
      this.#nowMs = next.atMs
      next.act()
      this.#checkBooks()
    }
    this.#checkEnd()
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
      results: new Set(),
      copies: new Set(),
      executing: new Set(),
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
    const count = 1 + this.#below(25)
    const specs: TaskSpec[] = Array.from({ length: count }, (_, index) => {
      const inputs = Array.from({ length: index === 0 ? 0 : this.#below(4) }, () => ({
        task: this.#below(index),
        slice: this.#next() < 0.5 ? WHOLE_OUTPUT : this.#below(3),
      }))
      return {
        payload: { index },
        inputs,
        group: `g${this.#below(2)}`,
        retriesMax: this.#below(3),
        ...(this.#options.lossRate === 0 && this.#next() < 0.1 ? { resources: { gpu: 1 } } : {}),
      }
    })
    const tasks = buildGraph(specs, { userPriority: this.#below(3) - 1 })
    this.#liveGraphs.add(id)
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
      case 'graph-forgotten':
        check(this.#liveGraphs.delete(instruction.graph), 'a graph is forgotten twice')
    }
  }

  #settled(task: TaskId, how: 'inMemory' | 'failed'): void {
    this.#counts[how]++
    const wasWanted = this.#wanted.delete(task)
    // A loss may take a result away that the client was told of and has not released yet.
    check(wasWanted || how === 'failed', `task ${task} is reported twice`)
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
    }
  }

  #execute(id: WorkerId, worker: SimulatedWorker, task: TaskId, inputs: readonly InputRef[]): void {
    const inputsHere = (): boolean =>
      inputs.every((ref) => worker.results.has(ref.task) || worker.copies.has(inputKey(ref)))
    check(inputsHere(), `task ${task} starts without an input`)
    worker.executing.add(task)
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
        worker.results.add(task)
        this.#tellWorker(id, { kind: 'task-executed', task, bytes: this.#below(60), durationMs: 1 })
      }
      if (this.#next() < this.#options.lossRate) this.#lose()
    })
  }

  #fetch(id: WorkerId, holder: WorkerId, inputs: readonly InputRef[]): void {
    check(id !== holder, 'a worker fetches from itself')
    this.#counts.fetches++
    this.#send(`${id}>${holder}`, () => {
      const from = this.#workers.get(holder)!
      const served =
        from.alive &&
        inputs.every((ref) => from.results.has(ref.task) || from.copies.has(inputKey(ref)))
      this.#send(`${holder}>${id}`, () => {
        const worker = this.#workers.get(id)!
        if (!worker.alive) return
        if (served) {
          for (const ref of inputs) worker.copies.add(inputKey(ref))
          this.#tellWorker(id, { kind: 'inputs-fetched', holder, inputs })
          return
        }
        const error = { code: 'CONNECTION_FAILURE', message: 'lost', details: {} } as const
        this.#tellWorker(id, { kind: 'fetch-failed', holder, inputs, error })
      })
    })
  }

  #lose(): void {
    const alive = [...this.#workers].filter(([, worker]) => worker.alive)
    const [id, worker] = alive[this.#below(alive.length)]!
    this.#counts.losses++
    worker.alive = false
    this.#send(`lost ${id}`, () => this.#tell({ kind: 'worker-left', worker: id }))
    this.#after(this.#below(40), () => this.#join())
  }

  #checkBooks(): void {
    for (const worker of this.#scheduler.workers.values()) {
      check(worker.processing >= 0 && worker.heldBytes >= 0, 'books below zero')
      for (const used of worker.resourcesInUse.values())
        check(used <= 1, 'a resource is overbooked')
    }
  }

  #checkEnd(): void {
    check(this.#wanted.size === 0, 'a wanted task ended neither in memory nor erred')
    check(this.#liveGraphs.size === 0, 'a graph is left over')
    const { graphs, groups, slots, edgeRanges, replicas, errors, workers } = this.#scheduler
    const left = [graphs.size, slots.end, edgeRanges.end, replicas.size, errors.size]
    check(left.join() === '0,0,0,0,0', `the scheduler keeps something: ${left.join()}`)
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
