import { assert, present, unreachable } from '../../base/assert.ts'
import type { ErrorData } from '../../base/errors.ts'
import { WHOLE_OUTPUT } from '../graph/task-graph.ts'
import type { RunId } from '../scheduler/task-id.ts'
import type { TaskAssigned, TaskExecuted, WorkerEvent, WorkerInstruction } from './events.ts'
import {
  bookInputs,
  dropIfReleased,
  failNeeders,
  fetchFailed,
  inputsFetched,
  makeReady,
  planFetches,
  releaseInputs,
  releaseReplica,
} from './inputs.ts'
import { popReady } from './ready-heap.ts'
import { setWorkerState, type WorkerState, type WorkerTask } from './state.ts'

/**
 * Tells a worker what happened and returns what its shell has to do. The only way to change a
 * worker: no clock, timer, promise or chance inside. `nowMs` only dates the stories.
 */
export function stepWorker(
  worker: WorkerState,
  events: readonly WorkerEvent[],
  nowMs: number,
): readonly WorkerInstruction[] {
  worker.nowMs = nowMs
  for (const event of events) apply(worker, event)
  planFetches(worker)
  startExecutions(worker)
  const { instructions } = worker
  worker.instructions = []
  return instructions
}

function apply(worker: WorkerState, event: WorkerEvent): void {
  switch (event.kind) {
    case 'task-assigned':
      return taskAssigned(worker, event)
    case 'result-given':
      return resultGiven(worker, event.task)
    case 'tasks-forgotten':
      for (const id of event.tasks) forget(worker, id)
      return
    case 'task-executed':
      return taskExecuted(worker, event)
    case 'task-failed':
      return taskFailed(worker, event.task, event.error)
    case 'inputs-fetched':
      return inputsFetched(worker, event)
    case 'fetch-failed':
      return fetchFailed(worker, event)
    default:
      return unreachable(event)
  }
}

function taskAssigned(worker: WorkerState, event: TaskAssigned): void {
  assert(!worker.tasks.has(event.task), `task ${event.task} is assigned twice`)
  const task: WorkerTask = {
    id: event.task,
    priority: event.priority,
    rank: event.rank,
    payload: event.payload,
    inputs: event.inputs.map(({ task, slice }) => ({ task, slice })),
    state: 'waiting',
    missing: 0,
    readers: 0,
    isExecuting: false,
    hasResult: false,
    localInputs: [],
    remoteInputs: [],
  }
  worker.tasks.set(task.id, task)
  bookInputs(worker, task, event.inputs)
  if (task.missing === 0) {
    makeReady(worker, task)
    return
  }
  const orphan = task.remoteInputs.find(
    (input) => input.state === 'fetch' && input.holders.length === 0,
  )
  if (orphan !== undefined) failNeeders(worker, orphan, nobodyHolds(orphan.ref.task))
}

function resultGiven(worker: WorkerState, id: RunId): void {
  assert(!worker.tasks.has(id), `result ${id} is given twice`)
  worker.tasks.set(id, {
    id,
    priority: 0,
    rank: 0,
    payload: undefined,
    inputs: [],
    state: 'memory',
    missing: 0,
    readers: 0,
    isExecuting: false,
    hasResult: true,
    localInputs: [],
    remoteInputs: [],
  })
}

function startExecutions(worker: WorkerState): void {
  while (worker.executing < worker.options.executingMax) {
    const task = popReady(worker.ready)
    if (task === undefined) return
    setWorkerState(worker, task, 'executing')
    task.isExecuting = true
    worker.executing++
    const { id, payload, inputs } = task
    worker.instructions.push({ kind: 'execute', task: id, payload, inputs })
  }
}

function forget(worker: WorkerState, id: RunId): void {
  const task = worker.tasks.get(id)
  if (task === undefined) {
    releaseReplica(worker, { task: id, slice: WHOLE_OUTPUT })
    return
  }
  const { state } = task
  if (state === 'released') return
  setWorkerState(worker, task, 'released')
  if (state === 'executing') worker.instructions.push({ kind: 'stop-execution', task: id })
  else releaseInputs(worker, task)
  dropIfReleased(worker, task)
}

function taskExecuted(worker: WorkerState, event: TaskExecuted): void {
  const { task: id, bytes, durationMs } = event
  const task = endExecution(worker, id)
  task.hasResult = true
  if (task.state !== 'released') {
    setWorkerState(worker, task, 'memory')
    worker.instructions.push({ kind: 'report-finished', task: id, bytes, durationMs })
  }
  dropIfReleased(worker, task)
}

function taskFailed(worker: WorkerState, id: RunId, error: ErrorData): void {
  const task = endExecution(worker, id)
  if (task.state !== 'released') {
    setWorkerState(worker, task, 'error')
    worker.instructions.push({ kind: 'report-erred', task: id, error })
  }
  dropIfReleased(worker, task)
}

function endExecution(worker: WorkerState, id: RunId): WorkerTask {
  const task = present(worker.tasks.get(id), `task ${id} ended and was not there`)
  assert(task.isExecuting, `task ${id} ended and was not executing`)
  task.isExecuting = false
  worker.executing--
  releaseInputs(worker, task)
  return task
}

function nobodyHolds(task: RunId): ErrorData {
  const message = `nobody holds the result of task ${task}`
  return { code: 'INTERNAL_ERROR', message, details: {} }
}
