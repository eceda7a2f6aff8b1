import { freeRange } from './range-allocator.ts'
import type { SchedulerGraph, SchedulerState } from './state.ts'

/** Takes a graph of which every task is forgotten out of the books. */
export function forgetGraph(scheduler: SchedulerState, graph: SchedulerGraph): void {
  scheduler.graphs.delete(graph.id)
  freeRange(scheduler.slots, graph.start, graph.tasks)
  freeRange(scheduler.edgeRanges, graph.edgeStart, graph.edges)
  freeRange(scheduler.groupRanges, graph.groupStart, graph.groups)
  scheduler.groups.fill(undefined, graph.groupStart, graph.groupStart + graph.groups)
  scheduler.instructions.push({ kind: 'graph-forgotten', graph: graph.id })
}

/** Takes an edge to a task of another graph, which may live longer, out of that one's list. */
export function unlink({ tasks, edges }: SchedulerState, edge: number): void {
  const next = edges.next[edge]!
  const previous = edges.previous[edge]!
  if (previous < 0) tasks.head[edges.input[edge]!] = next
  else edges.next[previous] = next
  if (next >= 0) edges.previous[next] = previous
}
