import { unreachable } from '../../base/assert.ts'
import { replicaAdded, taskErred, taskFinished } from './completion.ts'
import type { SchedulerEvent, SchedulerInstruction } from './events.ts'
import {
  cancelGraph,
  cancelTasks,
  clientLeft,
  releaseResults,
  retryTasks,
  wantResults,
} from './clients.ts'
import type { SchedulerState } from './state.ts'
import { giveResults, submitGraph } from './submit.ts'
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
  scheduler.story.nowMs = nowMs
  for (const event of events) {
    scheduler.story.cause = event.kind
    apply(scheduler, event)
  }
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
      return submitGraph(scheduler, event)
    case 'results-given':
      return giveResults(scheduler, event)
    case 'graph-cancelled':
      return cancelGraph(scheduler, event.client, event.graph)
    case 'results-wanted':
      return wantResults(scheduler, event.client, event.tasks)
    case 'results-released':
      return releaseResults(scheduler, event.client, event.tasks)
    case 'tasks-cancelled':
      return cancelTasks(scheduler, event.client, event.tasks)
    case 'tasks-retried':
      return retryTasks(scheduler, event.tasks)
    case 'client-left':
      return clientLeft(scheduler, event.client)
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
