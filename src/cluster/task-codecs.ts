import { protocolViolation } from '../base/protocol-violation.ts'
import type { FunctionCatalogue } from '../functions/catalogue.ts'
import { GRAPH_TASKS_MAX } from '../scheduler/graph/task-graph.ts'
import {
  receivedArray,
  receivedBytes,
  receivedInteger,
  receivedObject,
  receivedString,
  type Received,
} from './comm/checks.ts'
import { decodePlan, encodePlan } from './plan-transfer.ts'
import type { ContextOf, GraphContexts, PayloadOf, TaskKindName, TaskWork } from './task-kinds.ts'
import { receivedCode } from './user-functions/function-code.ts'

/** How tasks of a kind are told to other processes, as plain data. */
interface TaskCodec<K extends TaskKindName> {
  /** What other processes need of a context. Throws PROGRAM_LIMIT_EXCEEDED where it is too large for a message. */
  encodeContext(context: ContextOf<K>): Received
  /** The same over the functions of this process. Throws PROTOCOL_VIOLATION. */
  decodeContext(context: Received, functions: FunctionCatalogue): ContextOf<K>
  /** Throws PROTOCOL_VIOLATION where the payload is none of this kind. */
  checkPayload(payload: Received): PayloadOf<K>
}

const QUERY_ID_CHARACTERS_MAX = 1_000

/** Of a graph. */
const FUNCTIONS_MAX = 65_536

/** The process of a client tells nobody of its clock, nor where it notes how tasks ran. */
const fragment: TaskCodec<'fragment'> = {
  encodeContext: ({ queryId, plan }) => ({ queryId, plan: encodePlan(plan) }),
  decodeContext: ({ queryId, plan }, functions) => ({
    queryId: receivedString(queryId, QUERY_ID_CHARACTERS_MAX, 'a query id'),
    plan: decodePlan(receivedBytes(plan, 'a plan'), functions),
  }),
  checkPayload: ({ stage, partition }) => ({
    stage: receivedInteger(stage, 0, GRAPH_TASKS_MAX, 'a stage'),
    partition: receivedInteger(partition, 0, GRAPH_TASKS_MAX, 'a partition'),
  }),
}

const calls: TaskCodec<'function'> = {
  encodeContext: ({ functions }) => ({ functions: functions.map((code) => ({ ...code })) }),
  decodeContext: ({ functions }) => ({
    functions: receivedArray(functions, FUNCTIONS_MAX, 'functions').map((code) =>
      receivedCode(receivedObject(code, 'a function')),
    ),
  }),
  checkPayload: ({ fn, args }) => ({
    fn: receivedInteger(fn, 0, FUNCTIONS_MAX, 'a function'),
    args: receivedBytes(args, 'arguments'),
  }),
}

const codecs: { readonly [K in TaskKindName]: TaskCodec<K> } = { fragment, function: calls }

/** What workers of other processes need to know before the first task of a graph. */
export function encodeContexts(contexts: GraphContexts): Readonly<Record<string, Received>> {
  const encoded: Record<string, Received> = {}
  for (const kind of Object.keys(contexts) as TaskKindName[]) {
    const context = contexts[kind]
    if (context !== undefined) encoded[kind] = encodeContext(kind, context)
  }
  return encoded
}

/** The contexts of {@link encodeContexts}. Throws PROTOCOL_VIOLATION. */
export function decodeContexts(
  received: Readonly<Record<string, Received>>,
  functions: FunctionCatalogue,
): GraphContexts {
  const contexts = Object.entries(received).map(([name, context]) => {
    const kind = kindOf(name)
    return [kind, decodeContext(kind, context, functions)] as const
  })
  return Object.fromEntries(contexts)
}

function encodeContext<K extends TaskKindName>(kind: K, context: ContextOf<K>): Received {
  const codec: TaskCodec<K> = codecs[kind]
  return codec.encodeContext(context)
}

function decodeContext<K extends TaskKindName>(
  kind: K,
  context: Received,
  functions: FunctionCatalogue,
): ContextOf<K> {
  const codec: TaskCodec<K> = codecs[kind]
  return codec.decodeContext(context, functions)
}

/** A task as another process sent it. Throws PROTOCOL_VIOLATION. */
export function checkWork(work: Received): TaskWork {
  const kind = kindOf(work['kind'])
  // Of one kind, whichever it is.
  return { kind, ...codecs[kind].checkPayload(work) } as TaskWork
}

function kindOf(kind: unknown): TaskKindName {
  if (typeof kind !== 'string' || !Object.hasOwn(codecs, kind)) {
    throw protocolViolation('a task of an unknown kind')
  }
  return kind as TaskKindName
}
