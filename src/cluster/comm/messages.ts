import type { ErrorData } from '../../base/errors.ts'
import { GRAPH_TASKS_MAX, type ResourceNeeds } from '../../scheduler/graph/task-graph.ts'
import type { InputLocation } from '../../scheduler/scheduler/events.ts'
import type { GraphId, RunId, WorkerId } from '../../scheduler/scheduler/task-id.ts'
import {
  receivedAmount,
  receivedArray,
  receivedBytes,
  receivedError,
  receivedInteger,
  receivedObject,
  receivedString,
  type Received,
} from './checks.ts'
import { protocolViolation } from '../../base/protocol-violation.ts'

/** Raised when messages change their meaning; both ends must have the same. */
export const PROTOCOL_VERSION = 5

/** What a worker process tells the scheduler's process. */
export type WorkerMessage =
  | WorkerHello
  | {
      readonly kind: 'task-finished'
      readonly task: RunId
      readonly bytes: number
      readonly durationMs: number
      /** The result itself, where it is small. */
      readonly value?: Uint8Array | undefined
    }
  | { readonly kind: 'task-erred'; readonly task: RunId; readonly error: ErrorData }
  | { readonly kind: 'replica-added'; readonly task: RunId }
  /** A result that the client brought is held now, or why it is not. */
  | {
      readonly kind: 'result-taken'
      readonly task: RunId
      readonly error?: ErrorData | undefined
    }
  | {
      readonly kind: 'inputs-unreachable'
      readonly holder: WorkerId
      readonly tasks: readonly RunId[]
    }
  | WorkerHeartbeat

/** A sign of life, each way, as often as the welcome says. */
export interface Heartbeat {
  readonly kind: 'heartbeat'
}

export interface WorkerHeartbeat extends Heartbeat {
  /** What queries and their results take of the worker's heap: nothing while none runs. */
  readonly queryBytes: number
}

/** The first message of a connection. */
export interface WorkerHello {
  readonly kind: 'hello'
  readonly protocol: number
  readonly processId: number
  /** Where the worker serves results, on the host that it connects from. */
  readonly dataPort: number
  readonly slots: number
  readonly memoryBytesMax: number
  readonly resources: ResourceNeeds
}

/** What the scheduler's process tells a worker process. */
export type SchedulerMessage =
  | {
      readonly kind: 'welcome'
      readonly worker: WorkerId
      readonly heartbeatMs: number
      /** Whoever hears nothing for so long ends the connection. */
      readonly silenceMs: number
    }
  | Heartbeat
  /** Another process serves results: `worker`, or with -1 the client (tables in its memory). */
  | { readonly kind: 'peer-joined'; readonly worker: WorkerId; readonly address: PeerAddress }
  | { readonly kind: 'peer-left'; readonly worker: WorkerId }
  | {
      readonly kind: 'graph-opened'
      readonly graph: GraphId
      /** By the kind of tasks, what those of the graph have in common; the kind's to check. */
      readonly contexts: Readonly<Record<string, Received>>
    }
  | { readonly kind: 'graph-closed'; readonly graph: GraphId }
  | RunTaskMessage
  /** The client has a result, which is to be held here as that of this run. */
  | { readonly kind: 'take-result'; readonly task: RunId }
  | { readonly kind: 'forget-tasks'; readonly tasks: readonly RunId[] }
  | { readonly kind: 'shut-down' }

export interface PeerAddress {
  readonly host: string
  readonly port: number
}

export interface RunTaskMessage {
  readonly kind: 'run-task'
  readonly graph: GraphId
  readonly task: RunId
  readonly priority: number
  readonly rank: number
  readonly inputs: readonly InputLocation[]
  /** What the task is, the kind's to check. */
  readonly work: Received
}

/** The process of the client among the holders of data. */
export const CLIENT_HOLDER = -1 as WorkerId

const WORKERS_MAX = 65_535
const SLOTS_MAX = 65_535
const MESSAGES_MAX = 1 << 20
const TIME_MS_MAX = 2 ** 31 - 1
const NAME_CHARACTERS_MAX = 1_000
const KINDS_MAX = 64
const VALUE_BYTES_MAX = 4_096

/** Checks every field of a frame from a worker; throws PROTOCOL_VIOLATION. */
export function parseWorkerMessages(frame: unknown): readonly WorkerMessage[] {
  return receivedArray(frame, MESSAGES_MAX, 'a frame').map((value) => {
    const message = receivedObject(value, 'a message')
    switch (message['kind']) {
      case 'hello':
        return parseHello(message)
      case 'task-finished':
        return {
          kind: 'task-finished',
          task: taskId(message['task']),
          bytes: receivedAmount(message['bytes'], 'bytes'),
          durationMs: receivedAmount(message['durationMs'], 'durationMs'),
          value: smallValue(message['value']),
        }
      case 'task-erred':
        return {
          kind: 'task-erred',
          task: taskId(message['task']),
          error: receivedError(message['error']),
        }
      case 'replica-added':
        return { kind: 'replica-added', task: taskId(message['task']) }
      case 'result-taken': {
        const { error } = message
        return {
          kind: 'result-taken',
          task: taskId(message['task']),
          error: error === undefined ? undefined : receivedError(error),
        }
      }
      case 'inputs-unreachable':
        return {
          kind: 'inputs-unreachable',
          holder: workerId(message['holder']),
          tasks: receivedArray(message['tasks'], GRAPH_TASKS_MAX, 'tasks').map(taskId),
        }
      case 'heartbeat':
        return {
          kind: 'heartbeat',
          queryBytes: receivedAmount(message['queryBytes'], 'queryBytes'),
        }
      default:
        throw protocolViolation('a message of an unknown kind from a worker')
    }
  })
}

/** Checks every field of a frame from the scheduler; throws PROTOCOL_VIOLATION. */
export function parseSchedulerMessages(frame: unknown): readonly SchedulerMessage[] {
  return receivedArray(frame, MESSAGES_MAX, 'a frame').map((value) =>
    parseSchedulerMessage(receivedObject(value, 'a message')),
  )
}

function parseSchedulerMessage(message: Received): SchedulerMessage {
  switch (message['kind']) {
    case 'welcome':
      return {
        kind: 'welcome',
        worker: workerId(message['worker']),
        heartbeatMs: receivedInteger(message['heartbeatMs'], 1, TIME_MS_MAX, 'heartbeatMs'),
        silenceMs: receivedInteger(message['silenceMs'], 1, TIME_MS_MAX, 'silenceMs'),
      }
    case 'heartbeat':
      return { kind: 'heartbeat' }
    case 'peer-joined': {
      const { host, port } = receivedObject(message['address'], 'an address')
      const address = {
        host: receivedString(host, NAME_CHARACTERS_MAX, 'a host'),
        port: portNumber(port),
      }
      return { kind: 'peer-joined', worker: workerId(message['worker']), address }
    }
    case 'peer-left':
      return { kind: 'peer-left', worker: workerId(message['worker']) }
    case 'graph-opened':
      return parseGraphOpened(message)
    case 'graph-closed':
      return { kind: 'graph-closed', graph: graphId(message['graph']) }
    case 'run-task':
      return parseRunTask(message)
    case 'take-result':
      return { kind: 'take-result', task: taskId(message['task']) }
    case 'forget-tasks':
      return {
        kind: 'forget-tasks',
        tasks: receivedArray(message['tasks'], GRAPH_TASKS_MAX, 'tasks').map(taskId),
      }
    case 'shut-down':
      return { kind: 'shut-down' }
    default:
      throw protocolViolation('a message of an unknown kind from the scheduler')
  }
}

function parseHello(message: Received): WorkerHello {
  const resources = receivedObject(message['resources'], 'resources')
  return {
    kind: 'hello',
    protocol: receivedInteger(message['protocol'], 0, 1 << 30, 'the protocol version'),
    processId: receivedInteger(message['processId'], 0, 2 ** 32, 'a process id'),
    dataPort: portNumber(message['dataPort']),
    slots: receivedInteger(message['slots'], 1, SLOTS_MAX, 'slots'),
    memoryBytesMax: receivedAmount(message['memoryBytesMax'], 'memoryBytesMax'),
    resources: Object.fromEntries(
      Object.entries(resources).map(([name, amount]) => [name, receivedAmount(amount, name)]),
    ),
  }
}

function parseGraphOpened(
  message: Received,
): Extract<SchedulerMessage, { readonly kind: 'graph-opened' }> {
  const contexts = Object.entries(receivedObject(message['contexts'], 'contexts'))
  if (contexts.length > KINDS_MAX) throw protocolViolation('a graph of too many kinds of tasks')
  return {
    kind: 'graph-opened',
    graph: graphId(message['graph']),
    contexts: Object.fromEntries(
      contexts.map(([kind, context]) => [kind, receivedObject(context, 'a context')]),
    ),
  }
}

function parseRunTask(message: Received): RunTaskMessage {
  return {
    kind: 'run-task',
    graph: graphId(message['graph']),
    task: taskId(message['task']),
    priority: receivedInteger(message['priority'], -(2 ** 52), 2 ** 52, 'a priority'),
    rank: receivedInteger(message['rank'], 0, GRAPH_TASKS_MAX, 'a rank'),
    inputs: receivedArray(message['inputs'], GRAPH_TASKS_MAX, 'inputs').map((value) => {
      const input = receivedObject(value, 'an input')
      return {
        task: taskId(input['task']),
        slice: receivedInteger(input['slice'], -1, GRAPH_TASKS_MAX, 'a slice'),
        bytes: receivedAmount(input['bytes'], 'bytes'),
        holders: receivedArray(input['holders'], WORKERS_MAX, 'holders').map(workerId),
      }
    }),
    work: receivedObject(message['work'], 'work'),
  }
}

/** Not a part of the frame's memory: it may stay longer. */
function smallValue(value: unknown): Uint8Array | undefined {
  if (value === undefined) return undefined
  const bytes = receivedBytes(value, 'a small result')
  if (bytes.byteLength > VALUE_BYTES_MAX) throw protocolViolation('a small result that is large')
  return Uint8Array.from(bytes)
}

function taskId(value: unknown): RunId {
  return receivedInteger(value, 0, Number.MAX_SAFE_INTEGER, 'a task id') as RunId
}

function graphId(value: unknown): GraphId {
  return receivedInteger(value, 0, 2 ** 31, 'a graph id') as GraphId
}

function workerId(value: unknown): WorkerId {
  return receivedInteger(value, -1, 2 ** 31, 'a worker id') as WorkerId
}

function portNumber(value: unknown): number {
  return receivedInteger(value, 1, 65_535, 'a port')
}
