import { assert } from '../../base/assert.ts'
import type { TaskGraph } from '../graph/task-graph.ts'
import { edgeColumns, taskColumns } from './columns.ts'
import { fillWorkers, placeReady } from './placement.ts'
import { freeRange, takeRange } from './range-allocator.ts'
import { setState, type SchedulerGraph, type SchedulerState } from './state.ts'
import { taskIdOf, type GraphId } from './task-id.ts'
import { MEMORY, RELEASED, WAITING } from './task-state.ts'

/** Expected of a kind of task of which none has finished: small, so that the first batch is small. */
const FIRST_ESTIMATE_MS = 0.5
const STATES = 8

/** User priorities come first, then graphs in the order of their ids. */
const GENERATIONS = 2 ** 40

export function submitGraph(scheduler: SchedulerState, id: GraphId, graph: TaskGraph): void {
  assert(!scheduler.graphs.has(id), `graph ${id} is submitted twice`)
  if (graph.tasks === 0) {
    scheduler.instructions.push({ kind: 'graph-forgotten', graph: id })
    return
  }
  const record = reserve(scheduler, id, graph)
  writeTasks(scheduler, record, graph)
  writeEdges(scheduler, record, graph)
  const { tasks } = scheduler
  for (let slot = record.start; slot < record.start + record.tasks; slot++) {
    setState(scheduler, slot, WAITING)
    tasks.missing[slot] = tasks.edgeCount[slot]!
  }
  // Nothing of the graph is in memory yet: whoever has no inputs can start.
  for (let slot = record.start; slot < record.start + record.tasks; slot++) {
    if (tasks.edgeCount[slot] === 0) placeReady(scheduler, slot)
  }
  fillWorkers(scheduler)
}

/** Takes a graph of which every task is forgotten out of the books. */
export function forgetGraph(scheduler: SchedulerState, graph: SchedulerGraph): void {
  scheduler.graphs.delete(graph.id)
  freeRange(scheduler.slots, graph.start, graph.tasks)
  freeRange(scheduler.edgeRanges, graph.edgeStart, graph.edges)
  freeRange(scheduler.groupRanges, graph.groupStart, graph.groups)
  scheduler.groups.fill(undefined, graph.groupStart, graph.groupStart + graph.groups)
  scheduler.instructions.push({ kind: 'graph-forgotten', graph: graph.id })
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
    tasks.wanted[slot] = graph.wanted[index]!
    tasks.retriesLeft[slot] = graph.retriesMax[index]!
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

function writeEdges(scheduler: SchedulerState, record: SchedulerGraph, graph: TaskGraph): void {
  const { tasks, edges } = scheduler
  for (let index = 0; index < graph.tasks; index++) {
    for (let n = graph.inputStart[index]!; n < graph.inputStart[index + 1]!; n++) {
      const edge = record.edgeStart + n
      const input = record.start + graph.inputs[n]!
      assert(tasks.state[input] !== MEMORY, 'a new task is in memory')
      edges.input[edge] = input
      edges.owner[edge] = record.start + index
      edges.slice[edge] = graph.slices[n]!
      edges.next[edge] = tasks.head[input]!
      tasks.head[input] = edge
      tasks.dependents[input]!++
      tasks.waiters[input]!++
    }
  }
}
