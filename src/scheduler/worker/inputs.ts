import { present } from '../../base/assert.ts'
import type { ErrorData } from '../../base/errors.ts'
import { WHOLE_OUTPUT } from '../graph/task-graph.ts'
import type { InputLocation } from '../scheduler/events.ts'
import type { RunId, WorkerId } from '../scheduler/task-id.ts'
import type { FetchFailed, InputRef, InputsFetched } from './events.ts'
import { pushReady } from './ready-heap.ts'
import {
  inputKey,
  setWorkerState,
  type RemoteInput,
  type WorkerState,
  type WorkerTask,
} from './state.ts'

/** Books what a new task needs: results that are here stay, others will be fetched. */
export function bookInputs(
  worker: WorkerState,
  task: WorkerTask,
  locations: readonly InputLocation[],
): void {
  for (const location of locations) {
    const local = worker.tasks.get(location.task)
    if (local?.state === 'memory') {
      local.readers++
      task.localInputs.push(local)
      continue
    }
    const input = remoteInput(worker, location)
    if (input.needers.has(task.id)) continue
    input.needers.add(task.id)
    task.remoteInputs.push(input)
    if (input.state !== 'memory') task.missing++
  }
}

/** The task has ended one way or another: lets go of its inputs. */
export function releaseInputs(worker: WorkerState, task: WorkerTask): void {
  for (const local of task.localInputs.splice(0)) {
    local.readers--
    dropIfReleased(worker, local)
  }
  for (const input of task.remoteInputs.splice(0)) {
    input.needers.delete(task.id)
    dropIfUnneeded(worker, input)
  }
}

/** Ends a released task once nothing runs it or reads its result. */
export function dropIfReleased(worker: WorkerState, task: WorkerTask): void {
  if (task.state !== 'released' || task.isExecuting || task.readers > 0) return
  worker.tasks.delete(task.id)
  if (task.hasResult) worker.instructions.push({ kind: 'drop-result', task: task.id })
}

/** The scheduler does not count on a fetched copy any more. */
export function releaseReplica(worker: WorkerState, ref: InputRef): void {
  const input = worker.inputs.get(inputKey(ref))
  if (input === undefined) return
  input.isReplica = false
  dropIfUnneeded(worker, input)
}

export function inputsFetched(worker: WorkerState, event: InputsFetched): void {
  worker.flights.delete(event.holder)
  for (const ref of event.inputs) {
    const input = present(worker.inputs.get(inputKey(ref)), 'an input came that nobody asked for')
    input.state = 'memory'
    if (input.needers.size > 0 && ref.slice === WHOLE_OUTPUT) {
      input.isReplica = true
      worker.instructions.push({ kind: 'report-replica', task: ref.task })
    }
    for (const id of input.needers) {
      const task = present(worker.tasks.get(id), 'an input is needed by a task that is gone')
      if (--task.missing === 0) makeReady(worker, task)
    }
    dropIfUnneeded(worker, input)
  }
}

/**
 * Another holder is asked. Without one the scheduler decides if only the connection failed, and takes
 * back what needs the input; other errors are those of what needs it.
 */
export function fetchFailed(worker: WorkerState, event: FetchFailed): void {
  worker.flights.delete(event.holder)
  const unreachable: RunId[] = []
  for (const ref of event.inputs) {
    const input = present(worker.inputs.get(inputKey(ref)), 'an input came that nobody asked for')
    input.holders = input.holders.filter((holder) => holder !== event.holder)
    input.state = 'fetch'
    worker.toFetch.add(input)
    if (input.holders.length === 0 && input.needers.size > 0) {
      if (event.error.code !== 'CONNECTION_FAILURE') failNeeders(worker, input, event.error)
      else if (!unreachable.includes(ref.task)) unreachable.push(ref.task)
    }
    dropIfUnneeded(worker, input)
  }
  if (unreachable.length === 0) return
  const { holder } = event
  worker.instructions.push({ kind: 'report-unreachable', holder, tasks: unreachable })
}

export function failNeeders(worker: WorkerState, input: RemoteInput, error: ErrorData): void {
  for (const id of input.needers) {
    const task = present(worker.tasks.get(id), 'an input is needed by a task that is gone')
    setWorkerState(worker, task, 'error')
    releaseInputs(worker, task)
    worker.instructions.push({ kind: 'report-erred', task: id, error })
  }
}

export function makeReady(worker: WorkerState, task: WorkerTask): void {
  setWorkerState(worker, task, 'ready')
  pushReady(worker.ready, task)
}

/** Asks holders for what is missing: one fetch to a holder at a time, in batches bounded by bytes. */
export function planFetches(worker: WorkerState): void {
  const { flights, options } = worker
  const batches = new Map<WorkerId, { inputs: InputRef[]; bytes: number }>()
  for (const input of worker.toFetch) {
    const holder = input.holders.find((id) => !flights.has(id) || batches.has(id))
    if (holder === undefined) continue
    const batch = batches.get(holder)
    if (batch === undefined) {
      if (flights.size >= options.flightsMax) continue
      batches.set(holder, { inputs: [input.ref], bytes: input.bytes })
      flights.add(holder)
    } else {
      if (batch.bytes + input.bytes > options.flightBytesMax) continue
      batch.inputs.push(input.ref)
      batch.bytes += input.bytes
    }
    input.state = 'flight'
    worker.toFetch.delete(input)
  }
  for (const [holder, { inputs }] of batches) {
    worker.instructions.push({ kind: 'fetch', holder, inputs })
  }
}

function remoteInput(worker: WorkerState, location: InputLocation): RemoteInput {
  const { task, slice, bytes } = location
  const key = inputKey(location)
  const existing = worker.inputs.get(key)
  if (existing !== undefined) {
    const isOrphan = existing.state === 'fetch' && existing.holders.length === 0
    if (isOrphan) existing.holders = location.holders.filter((holder) => holder !== worker.id)
    return existing
  }
  const input: RemoteInput = {
    key,
    ref: { task, slice },
    state: 'fetch',
    bytes,
    holders: location.holders.filter((holder) => holder !== worker.id),
    needers: new Set(),
    isReplica: false,
  }
  worker.inputs.set(key, input)
  worker.toFetch.add(input)
  return input
}

function dropIfUnneeded(worker: WorkerState, input: RemoteInput): void {
  // What is in flight is dropped when it arrives.
  if (input.needers.size > 0 || input.isReplica || input.state === 'flight') return
  if (!worker.inputs.delete(input.key)) return
  worker.toFetch.delete(input)
  if (input.state === 'memory') {
    worker.instructions.push({ kind: 'drop-input', input: input.ref })
  }
}
