import { unreachable } from '../../base/assert.ts'
import { replicaAdded, taskErred, taskFinished } from './completion.ts'
import type { SchedulerEvent, SchedulerInstruction } from './events.ts'
import { fillWorkers, retryWithoutWorker } from './placement.ts'
import { releaseUnneeded } from './release.ts'
import { slotOf, type SchedulerState } from './state.ts'
import { submitGraph } from './submit.ts'
import type { GraphId, TaskId } from './task-id.ts'
import { inputsUnreachable, workerJoined, workerLeft } from './workers.ts'
import { tick, workerHeard } from './silence.ts'

/**
 * Tells the scheduler what happened and returns what is to be done about it. The only way to change
 * a scheduler: no clock, timer, promise or chance inside, so the same events give the same
 * instructions. `nowMs` is any monotonic time; it only dates the stories.
 */
export function step(
  scheduler: SchedulerState,
  events: readonly SchedulerEvent[],
  nowMs: number,
): readonly SchedulerInstruction[] {
  scheduler.nowMs = nowMs
  for (const event of events) apply(scheduler, event)
  const { instructions } = scheduler
  scheduler.instructions = []
  return instructions
}

function apply(scheduler: SchedulerState, event: SchedulerEvent): void {
  switch (event.kind) {
    case 'worker-joined':
      return workerJoined(scheduler, event)
    case 'worker-left':
      return workerLeft(scheduler, event.worker)
    case 'graph-submitted':
      return submitGraph(scheduler, event.graph, event.tasks)
    case 'graph-cancelled':
      return cancelGraph(scheduler, event.graph)
    case 'results-released':
      return releaseResults(scheduler, event.tasks)
    case 'task-finished':
      return taskFinished(scheduler, event)
    case 'task-erred':
      return taskErred(scheduler, event)
    case 'replica-added':
      return replicaAdded(scheduler, event.worker, event.task)
    case 'inputs-unreachable':
      return inputsUnreachable(scheduler, event)
    case 'worker-heard':
      return workerHeard(scheduler, event.worker)
    case 'tick':
      return tick(scheduler)
    default:
      return unreachable(event)
  }
}

function cancelGraph(scheduler: SchedulerState, id: GraphId): void {
  const graph = scheduler.graphs.get(id)
  if (graph === undefined) return
  const end = graph.start + graph.tasks
  scheduler.tasks.wanted.fill(0, graph.start, end)
  for (let slot = graph.start; slot < end; slot++) releaseUnneeded(scheduler, slot)
  retryWithoutWorker(scheduler)
  fillWorkers(scheduler)
}

function releaseResults(scheduler: SchedulerState, ids: readonly TaskId[]): void {
  for (const id of ids) {
    const slot = slotOf(scheduler, id)
    if (slot < 0) continue
    scheduler.tasks.wanted[slot] = 0
    releaseUnneeded(scheduler, slot)
  }
  retryWithoutWorker(scheduler)
  fillWorkers(scheduler)
}
