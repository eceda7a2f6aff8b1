import { assert } from '../../base/assert.ts'
import type { ErrorData } from '../../base/errors.ts'
import { buildGraph, WHOLE_OUTPUT, type TaskGraph } from '../graph/task-graph.ts'
import { edgeColumns, GIVEN, REPEATABLE, taskColumns } from './columns.ts'
import type { GraphSubmitted, ResultsGiven } from './events.ts'
import { fillWorkers } from './placement.ts'
import { takeRange } from './range-allocator.ts'
import { goneError, make, restart, settleRestarted } from './recovery.ts'
import { failTask } from './release.ts'
import { setState, slotOf, type SchedulerGraph, type SchedulerState } from './state.ts'
import { taskIdOf, type GraphId, type TaskId } from './task-id.ts'
import { FORGOTTEN, MEMORY, RELEASED, WAITING } from './task-state.ts'
import { want } from './wants.ts'

/** Expected of a kind of task of which none has finished: small, so that the first batch is small. */
const FIRST_ESTIMATE_MS = 0.5
const STATES = 8

/** User priorities come first, then graphs in the order of their ids. */
const GENERATIONS = 2 ** 40

/** Takes a graph in, whose tasks may read results of earlier ones: what of those was released is made again. */
export function submitGraph(scheduler: SchedulerState, event: GraphSubmitted): void {
  const { client, graph: id, tasks: graph } = event
  assert(!scheduler.graphs.has(id), `graph ${id} is submitted twice`)
  if (graph.tasks === 0) {
    scheduler.instructions.push({ kind: 'graph-forgotten', graph: id })
    return
  }
  const others = Int32Array.from(graph.others, (other) => otherSlot(scheduler, other as TaskId))
  const record = reserve(scheduler, id, graph)
  writeTasks(scheduler, record, graph)
  const { tasks } = scheduler
  const released = others.filter((slot) => slot >= 0 && tasks.state[slot] === RELEASED)
  const restarted = restart(scheduler, [...released])
  const doomed = writeEdges(scheduler, record, graph, others)
  const begin: number[] = []
  for (let index = 0; index < graph.tasks; index++) {
    if (graph.wanted[index] === 1) want(scheduler, client, record.start + index)
    begin.push(record.start + index)
  }
  for (const slot of restarted) if (tasks.client[slot]! >= 0) begin.push(slot)
  make(scheduler, begin, doomed)
  settleRestarted(scheduler, restarted)
  fillWorkers(scheduler)
}

/** Takes results in that a client has brought to workers. */
export function giveResults(scheduler: SchedulerState, event: ResultsGiven): void {
  const { client, graph: id, results } = event
  assert(!scheduler.graphs.has(id), `graph ${id} is submitted twice`)
  assert(results.length > 0, 'no results are given')
  const graph = buildGraph(
    results.map(({ name }) => ({
      payload: undefined,
      group: 'given',
      isRepeatable: true,
      ...(name === undefined ? {} : { name }),
    })),
  )
  const record = reserve(scheduler, id, graph)
  writeTasks(scheduler, record, graph)
  const { tasks, workers } = scheduler
  for (const [index, { bytes, holders }] of results.entries()) {
    const slot = record.start + index
    tasks.flags[slot]! |= GIVEN
    want(scheduler, client, slot)
    const there = holders.flatMap((holder) => workers.get(holder) ?? [])
    const [first, ...replicas] = there
    if (first === undefined) {
      setState(scheduler, slot, WAITING)
      failTask(scheduler, slot, goneError(taskIdOf(id, index)))
      continue
    }
    setState(scheduler, slot, MEMORY)
    tasks.bytes[slot] = bytes
    tasks.worker[slot] = first.id
    for (const worker of there) worker.heldBytes += bytes
    if (replicas.length === 0) continue
    scheduler.replicas.set(
      slot,
      replicas.map((worker) => worker.id),
    )
  }
}

/** The slot of a task of another graph; -1 when it is forgotten or was never known. */
function otherSlot(scheduler: SchedulerState, id: TaskId): number {
  const slot = slotOf(scheduler, id)
  return slot >= 0 && scheduler.tasks.state[slot] === FORGOTTEN ? -1 : slot
}

function reserve(scheduler: SchedulerState, id: GraphId, graph: TaskGraph): SchedulerGraph {
  const record: SchedulerGraph = {
    id,
    start: takeRange(scheduler.slots, graph.tasks),
    tasks: graph.tasks,
    edgeStart: graph.inputs.length === 0 ? 0 : takeRange(scheduler.edgeRanges, graph.inputs.length),
    edges: graph.inputs.length,
    groupStart: takeRange(scheduler.groupRanges, graph.groups.length),
    groups: graph.groups.length,
    payloads: graph.payloads,
    names: graph.names,
    resources: graph.resources,
    remaining: graph.tasks,
  }
  const slotsEnd = scheduler.slots.end
  if (slotsEnd > scheduler.tasks.capacity) scheduler.tasks = taskColumns(slotsEnd, scheduler.tasks)
  const edgesEnd = scheduler.edgeRanges.end
  if (edgesEnd > scheduler.edges.capacity) scheduler.edges = edgeColumns(edgesEnd, scheduler.edges)
  scheduler.graphs.set(id, record)
  return record
}

function writeTasks(scheduler: SchedulerState, record: SchedulerGraph, graph: TaskGraph): void {
  const { tasks } = scheduler
  const priority = record.id - graph.userPriority * GENERATIONS
  const sizes = new Uint32Array(graph.groups.length)
  const inputs = new Uint32Array(graph.groups.length)
  for (let index = 0; index < graph.tasks; index++) {
    const slot = record.start + index
    const group = graph.groupOf[index]!
    const edges = graph.inputStart[index + 1]! - graph.inputStart[index]!
    sizes[group]!++
    inputs[group]! += edges
    tasks.id[slot] = taskIdOf(record.id, index)
    tasks.run[slot] = tasks.id[slot]!
    tasks.state[slot] = RELEASED
    tasks.client[slot] = -1
    tasks.retriesLeft[slot] = graph.retriesMax[index]!
    tasks.errorRetriesLeft[slot] = graph.errorRetriesMax[index]!
    tasks.flags[slot] = graph.isRepeatable[index] === 1 ? REPEATABLE : 0
    tasks.lossMs[slot] = Number.NEGATIVE_INFINITY
    tasks.group[slot] = record.groupStart + group
    tasks.priority[slot] = priority
    tasks.rank[slot] = graph.order[index]!
    tasks.waiters[slot] = 0
    tasks.dependents[slot] = 0
    tasks.head[slot] = -1
    tasks.edgeStart[slot] = record.edgeStart + graph.inputStart[index]!
    tasks.edgeCount[slot] = edges
    tasks.bytes[slot] = 0
    tasks.worker[slot] = -1
  }
  for (const [group, name] of graph.groups.entries()) {
    const states = new Int32Array(STATES)
    states[RELEASED] = sizes[group]!
    scheduler.groups[record.groupStart + group] = {
      name,
      tasks: sizes[group]!,
      inputs: inputs[group]!,
      states,
      finished: 0,
      meanMs: FIRST_ESTIMATE_MS,
      meanBytes: 0,
    }
  }
}

/**
 * Links tasks with their inputs, `others` being the slots of those of other graphs; gives the tasks of
 * which an input is not there any more.
 */
function writeEdges(
  scheduler: SchedulerState,
  record: SchedulerGraph,
  graph: TaskGraph,
  others: Int32Array,
): Map<number, ErrorData> {
  const { tasks } = scheduler
  const doomed = new Map<number, ErrorData>()
  for (let index = 0; index < graph.tasks; index++) {
    const owner = record.start + index
    let edge = tasks.edgeStart[owner]!
    for (let n = graph.inputStart[index]!; n < graph.inputStart[index + 1]!; n++) {
      const number = graph.inputs[n]!
      const other = number - graph.tasks
      const input = other < 0 ? record.start + number : others[other]!
      if (input >= 0) link(scheduler, { edge: edge++, input, owner, slice: graph.slices[n]! })
      else doomed.set(owner, goneError(graph.others[other]! as TaskId))
    }
    tasks.edgeCount[owner] = edge - tasks.edgeStart[owner]!
  }
  return doomed
}

function link(
  { tasks, edges }: SchedulerState,
  {
    edge,
    input,
    owner,
    slice,
  }: {
    readonly edge: number
    readonly input: number
    readonly owner: number
    readonly slice: number
  },
): void {
  const next = tasks.head[input]!
  assert(
    next < 0 || (slice === WHOLE_OUTPUT) === (edges.slice[next] === WHOLE_OUTPUT),
    'an output is read whole and in pieces',
  )
  edges.input[edge] = input
  edges.owner[edge] = owner
  edges.slice[edge] = slice
  edges.next[edge] = next
  edges.previous[edge] = -1
  if (next >= 0) edges.previous[next] = edge
  tasks.head[input] = edge
  tasks.dependents[input]!++
}
