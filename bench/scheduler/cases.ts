import { buildGraph, type TaskGraph, type TaskSpec } from '../../src/scheduler/graph/task-graph.ts'
import type { SchedulerEvent, SchedulerInstruction } from '../../src/scheduler/scheduler/events.ts'
import { createScheduler, type SchedulerState } from '../../src/scheduler/scheduler/state.ts'
import { step } from '../../src/scheduler/scheduler/step.ts'
import {
  taskIdOf,
  type ClientId,
  type GraphId,
  type TaskId,
  type WorkerId,
} from '../../src/scheduler/scheduler/task-id.ts'

/** A load of the scheduler's machine whose workers are done at once. */
export interface SchedulerCase {
  readonly name: string
  /** How many tasks there are in all. */
  readonly tasks: number
  readonly run: (world: SchedulerWorld) => void
}

const client = 0 as ClientId
const WORKERS = 2

/** A scheduler, and workers and a client that answer at once. */
export class SchedulerWorld {
  readonly state: SchedulerState = createScheduler()
  readonly done: TaskId[] = []
  #reports: SchedulerEvent[] = []
  #nowMs = 0
  #graphs = 0

  constructor() {
    for (let worker = 0; worker < WORKERS; worker++) {
      this.tell({
        kind: 'worker-joined',
        worker: worker as WorkerId,
        slots: 1,
        memoryBytesMax: 1 << 30,
        resources: {},
      })
    }
  }

  tell(event: SchedulerEvent): void {
    this.#take(step(this.state, [event], this.#nowMs++))
    while (this.#reports.length > 0) {
      const reports = this.#reports
      this.#reports = []
      this.#take(step(this.state, reports, this.#nowMs++))
    }
  }

  /** What its columns take, and took at most: they only grow. */
  get columnBytes(): number {
    return columnBytesOf(this.state)
  }

  submit(tasks: TaskGraph): GraphId {
    const graph = this.#graphs++ as GraphId
    this.tell({ kind: 'graph-submitted', client, graph, tasks })
    return graph
  }

  give(): TaskId {
    const graph = this.#graphs++ as GraphId
    const results = [{ bytes: 8, holders: [0 as WorkerId] }]
    this.tell({ kind: 'results-given', client, graph, results })
    return taskIdOf(graph, 0)
  }

  release(tasks: readonly TaskId[]): void {
    this.tell({ kind: 'results-released', client, tasks })
  }

  #take(instructions: readonly SchedulerInstruction[]): void {
    for (const instruction of instructions) {
      if (instruction.kind === 'task-in-memory') this.done.push(instruction.task)
      if (instruction.kind !== 'run-task') continue
      const { worker, task } = instruction
      this.#reports.push({ kind: 'task-finished', worker, task, bytes: 8, durationMs: 0.01 })
    }
  }
}

function columnBytesOf({ tasks, edges }: SchedulerState): number {
  let bytes = 0
  for (const column of [...Object.values(tasks), ...Object.values(edges)] as unknown[]) {
    if (ArrayBuffer.isView(column)) bytes += column.byteLength
  }
  return bytes
}

/** The same for every run: what the scheduler does, not the building of graphs, is measured. */
function whole(name: string, specs: readonly TaskSpec[]): SchedulerCase {
  const graph = buildGraph(specs)
  return {
    name,
    tasks: specs.length,
    run(world) {
      world.submit(graph)
      world.release([...world.done])
    },
  }
}

/** A tree of sums over 2^depth leaves. */
function treeSpecs(depth: number): readonly TaskSpec[] {
  const specs: TaskSpec[] = Array.from({ length: 2 ** depth }, (_, n) => ({ payload: n }))
  for (let from = 0, width = 2 ** depth; width > 1; width /= 2) {
    const next = specs.length
    for (let n = 0; n < width; n += 2) {
      specs.push({ payload: n, inputs: [from + n, from + n + 1], group: `${width}` })
    }
    from = next
  }
  return specs
}

const CALLS = 10_000

/** Loads of so many tasks, as far as they are not of a size of their own. */
export function schedulerCases(tasks: number): readonly SchedulerCase[] {
  return [
    whole(
      'a map',
      Array.from({ length: tasks }, (_, n) => ({ payload: n })),
    ),
    whole('a tree of 2^15', treeSpecs(15)),
    {
      name: 'calls one by one, each on the last result',
      tasks: CALLS,
      run(world) {
        let last: TaskId | undefined
        for (let n = 0; n < CALLS; n++) {
          const inputs = last === undefined ? [] : [{ other: last }]
          const next = taskIdOf(world.submit(buildGraph([{ payload: n, inputs }])), 0)
          if (last !== undefined) world.release([last])
          last = next
        }
        if (last !== undefined) world.release([last])
      },
    },
    {
      name: 'calls one by one, all on one result',
      tasks: CALLS,
      run(world) {
        const shared = world.give()
        for (let n = 0; n < CALLS; n++) {
          world.submit(buildGraph([{ payload: n, inputs: [{ other: shared }] }]))
        }
        world.release([shared, ...world.done])
      },
    },
  ]
}
