import { assert } from '../../base/assert.ts'
import { staticOrder } from './order.ts'
import type { TaskGraph } from './task-graph.ts'

/** A graph without the tasks that nothing wanted needs. */
export interface CulledGraph {
  readonly graph: TaskGraph
  /** The old number of each task that stayed, by its new number. */
  readonly kept: Uint32Array
}

/** Keeps the given tasks, which become the wanted ones, and what they need. */
export function cull(graph: TaskGraph, wanted: readonly number[]): CulledGraph {
  const needed = neededBy(graph, wanted)
  const kept = Uint32Array.from([...needed.keys()].filter((task) => needed[task] === 1))
  const renumbered = new Uint32Array(graph.tasks)
  for (const [task, old] of kept.entries()) renumbered[old] = task
  const inputStart = new Uint32Array(kept.length + 1)
  const inputs: number[] = []
  const slices: number[] = []
  for (const [task, old] of kept.entries()) {
    for (let edge = graph.inputStart[old]!; edge < graph.inputStart[old + 1]!; edge++) {
      inputs.push(renumbered[graph.inputs[edge]!]!)
      slices.push(graph.slices[edge]!)
    }
    inputStart[task + 1] = inputs.length
  }
  const inputColumn = Uint32Array.from(inputs)
  const wantedColumn = new Uint8Array(kept.length)
  for (const task of wanted) wantedColumn[renumbered[task]!] = 1
  return {
    kept,
    graph: {
      ...graph,
      tasks: kept.length,
      inputStart,
      inputs: inputColumn,
      slices: Int32Array.from(slices),
      order: staticOrder(inputStart, inputColumn),
      groupOf: kept.map((old) => graph.groupOf[old]!),
      wanted: wantedColumn,
      retriesMax: Uint8Array.from(kept, (old) => graph.retriesMax[old]!),
      payloads: Array.from(kept, (old) => graph.payloads[old]),
      names: keptKeys(graph.names, needed, renumbered),
      resources: new Map(
        [...graph.resources]
          .filter(([old]) => needed[old] === 1)
          .map(([old, needs]) => [renumbered[old]!, needs]),
      ),
    },
  }
}

function neededBy(graph: TaskGraph, wanted: readonly number[]): Uint8Array {
  const needed = new Uint8Array(graph.tasks)
  const stack = [...wanted]
  while (stack.length > 0) {
    const task = stack.pop()!
    assert(task >= 0 && task < graph.tasks, 'a wanted task is not in the graph')
    if (needed[task] === 1) continue
    needed[task] = 1
    for (let edge = graph.inputStart[task]!; edge < graph.inputStart[task + 1]!; edge++) {
      stack.push(graph.inputs[edge]!)
    }
  }
  return needed
}

function keptKeys(
  names: ReadonlyMap<string, number>,
  needed: Uint8Array,
  renumbered: Uint32Array,
): ReadonlyMap<string, number> {
  return new Map(
    [...names]
      .filter(([, old]) => needed[old] === 1)
      .map(([name, old]) => [name, renumbered[old]!]),
  )
}
