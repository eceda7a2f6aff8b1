import { assert, present } from '../../base/assert.ts'
import type { ErrorData } from '../../base/errors.ts'
import type { ResourceNeeds } from '../graph/task-graph.ts'
import { edgeColumns, taskColumns, type EdgeColumns, type TaskColumns } from './columns.ts'
import type { SchedulerInstruction } from './events.ts'
import { createPriorityHeap, type PriorityHeap } from './priority-heap.ts'
import { createRangeAllocator, type RangeAllocator } from './range-allocator.ts'
import { createStory, recordMove, storyOf, type Story } from './story.ts'
import {
  graphOf,
  isRerun,
  rerunIdOf,
  taskIdOf,
  taskIndexOf,
  type ClientId,
  type GraphId,
  type RunId,
  type TaskId,
  type WorkerId,
} from './task-id.ts'
import { mayFollow, MEMORY, stateNames } from './task-state.ts'

export interface SchedulerOptions {
  /** A worker may always hold this many root tasks for each of its slots (Dask's worker-saturation). */
  readonly saturation: number
  /** Beyond saturation it may hold root tasks until it has this much expected work for each slot. */
  readonly windowMs: number
  /** ... unless their expected results take more than this part of its memory. */
  readonly windowMemoryPart: number
  /** Whether nothing is put behind tasks of a kind of which none has finished: they may take any time. */
  readonly sparesUntried: boolean
  /** Assumed speed between workers, for weighing locality. */
  readonly bandwidthBytesPerMs: number
  /** A worker that is not heard of for so long is given up. */
  readonly silenceMs: number
  /** Losses so close to each other take one retry of a task: workers of one machine die together. */
  readonly lossWindowMs: number
  /** Transitions remembered for stories. */
  readonly storyMovesMax: number
}

export const schedulerDefaults: SchedulerOptions = {
  saturation: 1.1,
  windowMs: 5,
  windowMemoryPart: 0.01,
  sparesUntried: false,
  bandwidthBytesPerMs: 500_000,
  silenceMs: 10_000,
  lossWindowMs: 500,
  storyMovesMax: 4_096,
}

/** What is known of a worker. */
export interface SchedulerWorker {
  readonly id: WorkerId
  readonly slots: number
  readonly memoryBytesMax: number
  readonly resources: ResourceNeeds
  readonly resourcesInUse: Map<string, number>
  /** Tasks assigned and not finished, and the time and result bytes expected of them. */
  processing: number
  /** How many of them are of a kind of which none has finished: they may take any time. */
  untried: number
  /** When it last finished one, or had none. */
  finishedMs: number
  occupancyMs: number
  expectedBytes: number
  /** Bytes of results that it holds. */
  heldBytes: number
  /** Time that passed since it was heard of, as far as this scheduler's own process ran meanwhile. */
  silentMs: number
}

/** Tasks of one graph that do the same kind of work. */
export interface TaskGroup {
  readonly name: string
  readonly tasks: number
  readonly inputs: number
  /** How many tasks are in each state. */
  readonly states: Int32Array
  finished: number
  meanMs: number
  meanBytes: number
}

/** A graph of which some task is not forgotten. Its tasks are the slots from `start` on. */
export interface SchedulerGraph {
  readonly id: GraphId
  readonly start: number
  readonly tasks: number
  readonly edgeStart: number
  readonly edges: number
  readonly groupStart: number
  readonly groups: number
  readonly payloads: readonly unknown[]
  /** Numbers in the graph of the tasks that have a name. */
  readonly names: ReadonlyMap<string, number>
  /** By the task's number in the graph. */
  readonly resources: ReadonlyMap<number, ResourceNeeds>
  remaining: number
}

/**
 * Everything the scheduler knows. Changed only by `step`; holds no function, timer or handle, so a
 * run can be replayed from its events.
 */
export interface SchedulerState {
  readonly options: SchedulerOptions
  tasks: TaskColumns
  edges: EdgeColumns
  readonly slots: RangeAllocator
  readonly edgeRanges: RangeAllocator
  readonly groupRanges: RangeAllocator
  readonly graphs: Map<GraphId, SchedulerGraph>
  /** By the tasks' group column; a range of it belongs to a graph. */
  readonly groups: (TaskGroup | undefined)[]
  readonly workers: Map<WorkerId, SchedulerWorker>
  /** Clients that want a result besides the one in the client column, by slot. */
  readonly otherClients: Map<number, readonly ClientId[]>
  slotsTotal: number
  /** Root tasks that wait for a free slot somewhere. */
  readonly queue: PriorityHeap
  /** Slots of tasks that no worker can take now. */
  readonly withoutWorker: Set<number>
  /** Holders of a result besides the one in the worker column, by slot. */
  readonly replicas: Map<number, WorkerId[]>
  readonly errors: Map<number, ErrorData>
  /** Slots by their latest run, where that is not the first one. */
  readonly reruns: Map<RunId, number>
  rerunCount: number
  /** Of the latest tick; undefined before the first. */
  tickedMs: number | undefined
  readonly story: Story
  nowMs: number
  instructions: SchedulerInstruction[]
}

export function createScheduler(options: Partial<SchedulerOptions> = {}): SchedulerState {
  const settings = { ...schedulerDefaults, ...options }
  return {
    options: settings,
    tasks: taskColumns(0),
    edges: edgeColumns(0),
    slots: createRangeAllocator(),
    edgeRanges: createRangeAllocator(),
    groupRanges: createRangeAllocator(),
    graphs: new Map(),
    groups: [],
    workers: new Map(),
    otherClients: new Map(),
    slotsTotal: 0,
    queue: createPriorityHeap(),
    withoutWorker: new Set(),
    replicas: new Map(),
    errors: new Map(),
    reruns: new Map(),
    rerunCount: 0,
    tickedMs: undefined,
    story: createStory(settings.storyMovesMax),
    nowMs: 0,
    instructions: [],
  }
}

/** The slot of a task, or -1 when it is forgotten or was never known. */
export function slotOf(scheduler: SchedulerState, id: TaskId): number {
  const graph = scheduler.graphs.get(graphOf(id))
  const index = taskIndexOf(id)
  return graph === undefined || index >= graph.tasks ? -1 : graph.start + index
}

export function idOf(scheduler: SchedulerState, slot: number): TaskId {
  return scheduler.tasks.id[slot]! as TaskId
}

/** The slot of a task of which this is the latest run, or -1. */
export function slotOfRun(scheduler: SchedulerState, run: RunId): number {
  const slot = isRerun(run) ? (scheduler.reruns.get(run) ?? -1) : slotOf(scheduler, run)
  return slot >= 0 && scheduler.tasks.run[slot] === run ? slot : -1
}

/** The task of that name that was submitted last, of those that are not forgotten. */
export function taskNamed(scheduler: SchedulerState, name: string): TaskId | undefined {
  let found: TaskId | undefined
  for (const { id, names } of scheduler.graphs.values()) {
    const index = names.get(name)
    if (index !== undefined) found = taskIdOf(id, index)
  }
  return found
}

/** Whether a task's result is held as this run made it. */
export function isInMemory(scheduler: SchedulerState, run: RunId): boolean {
  const slot = slotOfRun(scheduler, run)
  return slot >= 0 && scheduler.tasks.state[slot] === MEMORY
}

export function runOf(scheduler: SchedulerState, slot: number): RunId {
  return scheduler.tasks.run[slot]! as RunId
}

/** What workers know of the task means nothing any more: its next run has another name. */
export function renewRun(scheduler: SchedulerState, slot: number): void {
  scheduler.reruns.delete(runOf(scheduler, slot))
  const run = rerunIdOf(scheduler.rerunCount++)
  scheduler.tasks.run[slot] = run
  scheduler.reruns.set(run, slot)
}

export function graphOfSlot(scheduler: SchedulerState, slot: number): SchedulerGraph {
  return present(scheduler.graphs.get(graphOf(idOf(scheduler, slot))), 'a task without its graph')
}

export function groupOfSlot(scheduler: SchedulerState, slot: number): TaskGroup {
  return present(scheduler.groups[scheduler.tasks.group[slot]!], 'a task without its group')
}

export function workerOf(scheduler: SchedulerState, id: number): SchedulerWorker {
  return present(scheduler.workers.get(id as WorkerId), 'a worker that left is asked for')
}

/** Who holds the result of a task. */
export function holdersOf(scheduler: SchedulerState, slot: number): readonly WorkerId[] {
  const first = scheduler.tasks.worker[slot]!
  if (first < 0) return []
  const others = scheduler.replicas.get(slot)
  return others === undefined ? [first as WorkerId] : [first as WorkerId, ...others]
}

/** Moves a task; a move that the table does not allow is a fault of ours, told with the story. */
export function setState(scheduler: SchedulerState, slot: number, to: number): void {
  const { tasks } = scheduler
  const from = tasks.state[slot]!
  const id = idOf(scheduler, slot)
  if (!mayFollow(from, to)) {
    const move = `${stateNames[from]} to ${stateNames[to]}`
    const story = storyOf(scheduler.story, id).join('\n')
    assert(false, `task ${id} cannot go from ${move}; its story:\n${story}`)
  }
  recordMove(scheduler.story, id, from, to)
  const { states } = groupOfSlot(scheduler, slot)
  states[from]!--
  states[to]!++
  tasks.state[slot] = to
}
