import { createHash, randomUUID } from 'node:crypto'
import { assert } from '../../base/assert.ts'
import { QueryError } from '../../base/errors.ts'
import { buildGraph, type TaskSpec } from '../../scheduler/graph/task-graph.ts'
import { taskIdOf, type TaskId } from '../../scheduler/scheduler/task-id.ts'
import type { SchedulerClient } from '../scheduler-shell.ts'
import type { WorkOf } from '../task-kinds.ts'
import { identityOf, type FunctionCode } from '../user-functions/function-code.ts'
import { encodeValue } from '../values/encode-value.ts'
import { FutureEntry } from './future-entry.ts'
import { Future, type FutureOwner } from './future.ts'
import { checkSubmitOptions, type SubmitOptions } from './options.ts'

/** Bytes of the arguments of one call; larger values are scattered. */
export const ARGUMENT_BYTES_MAX = 16 << 20

/** Characters of all functions of one graph. */
const GRAPH_CHARACTERS_MAX = 16 << 20

/** As Dask's allowed-failures: how many losses of workers a task survives. */
const LOSSES_MAX = 3

const FUNCTIONS_KNOWN_MAX = 10_000

/** Tasks of one graph; more are several. */
const GRAPH_TASKS = 1 << 20

/** Longer arguments are known by their digest. */
const IDENTITY_BYTES_MAX = 256

interface Submission {
  readonly entry: FutureEntry
  readonly code: FunctionCode
  readonly args: Uint8Array
  readonly inputs: readonly FutureEntry[]
  readonly options: SubmitOptions
}

/**
 * Tasks that are submitted in one turn, as one graph for each priority: what depends on each other is ordered
 * and placed as a whole, and costs a tenth of many small graphs.
 */
export class Submissions {
  readonly #owner: FutureOwner
  readonly #functionNumbers = new Map<string, number>()
  /** Entries by identity, as long as they are neither released nor cancelled. */
  readonly #known = new Map<string, FutureEntry>()
  #waiting: Submission[] = []
  #entries = 0
  #functions = 0

  constructor(owner: FutureOwner) {
    this.#owner = owner
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0
  }

  /** The entry of a call, a known one where it is the same. */
  add(code: FunctionCode, args: readonly unknown[], options: SubmitOptions): FutureEntry {
    checkSubmitOptions(options)
    const numbers = new Map<FutureEntry, number>()
    const bytes = encodeValue(args, {
      bytesMax: ARGUMENT_BYTES_MAX,
      what: 'arguments',
      inputOf: (value) => this.#inputOf(value, numbers),
    })
    const inputs = [...numbers.keys()]
    const identity = this.#identity(code, bytes, inputs, options)
    const known = identity === undefined ? undefined : this.#known.get(identity)
    if (known !== undefined) return known
    const keyOf = (): string =>
      options.key ?? `${code.name}-${tokenOf(code, bytes, inputs, options)}`
    const entry = new FutureEntry(this.#entries++, identity, keyOf)
    if (identity !== undefined) this.#known.set(identity, entry)
    this.#waiting.push({ entry, code, args: bytes, inputs, options })
    return entry
  }

  /** An entry for a value that is brought, not computed. */
  given(): FutureEntry {
    return new FutureEntry(this.#entries++, undefined, () => `given-${randomUUID()}`)
  }

  /** The same call is another task from now on. */
  forget({ identity }: FutureEntry): void {
    if (identity !== undefined) this.#known.delete(identity)
  }

  /** Submits what was added; `submitted` is told of the entries of each graph before any of its results. */
  submit(client: SchedulerClient, submitted: (task: TaskId, entry: FutureEntry) => void): void {
    const submissions = this.#waiting
    this.#waiting = []
    for (const graph of graphsOf(submissions)) submitGraph(client, graph, submitted)
  }

  #inputOf(value: object, inputs: Map<FutureEntry, number>): number | undefined {
    if (!(value instanceof Future)) return undefined
    if (!value.isOf(this.#owner)) {
      throw new QueryError('INVALID_PARAMETER_VALUE', 'a future of another client is an argument')
    }
    const { entry } = value
    const number = inputs.get(entry) ?? inputs.size
    inputs.set(entry, number)
    return number
  }

  #identity(
    code: FunctionCode,
    args: Uint8Array,
    inputs: readonly FutureEntry[],
    { key, pure = true }: SubmitOptions,
  ): string | undefined {
    if (key !== undefined) return `key ${key}`
    if (!pure) return undefined
    const text = identityOf(code)
    let number = this.#functionNumbers.get(text)
    if (number === undefined) {
      // What is the same is not recognized once in a long while.
      if (this.#functionNumbers.size >= FUNCTIONS_KNOWN_MAX) this.#functionNumbers.clear()
      number = this.#functions++
      this.#functionNumbers.set(text, number)
    }
    const isLong = args.byteLength > IDENTITY_BYTES_MAX
    const view = Buffer.from(args.buffer, args.byteOffset, args.byteLength)
    const digest = isLong
      ? createHash('sha256').update(view).digest('hex')
      : view.toString('latin1')
    const others = inputs.length === 0 ? '' : inputs.map(({ id }) => id).join()
    return `${number} ${others} ${isLong ? '#' : ''}${digest}`
  }
}

/** Tasks that follow each other with the same priority, so that none comes before what it reads. */
function* graphsOf(submissions: readonly Submission[]): Iterable<readonly Submission[]> {
  let graph: Submission[] = []
  let characters = 0
  for (const submission of submissions) {
    const [first] = graph
    characters += identityOf(submission.code).length
    const isOther = first !== undefined && priorityOf(first) !== priorityOf(submission)
    if (isOther || graph.length >= GRAPH_TASKS || characters > GRAPH_CHARACTERS_MAX) {
      yield graph
      graph = []
      characters = 0
    }
    graph.push(submission)
  }
  if (graph.length > 0) yield graph
}

function priorityOf({ options }: Submission): number {
  return options.priority ?? 0
}

function submitGraph(
  client: SchedulerClient,
  submissions: readonly Submission[],
  submitted: (task: TaskId, entry: FutureEntry) => void,
): void {
  const functions = new Map<FunctionCode, number>()
  const numbers = new Map(submissions.map(({ entry }, n) => [entry, n]))
  const specs = submissions.map(({ entry, code, args, inputs, options }): TaskSpec => {
    const fn = functions.get(code) ?? functions.size
    functions.set(code, fn)
    const payload: WorkOf<'function'> = { kind: 'function', fn, args }
    const { key, retries, pure = true, resources } = options
    return {
      payload,
      inputs: inputs.map((input) => numbers.get(input) ?? { other: taskOf(input) }),
      group: code.name,
      wanted: true,
      retriesMax: LOSSES_MAX,
      isRepeatable: pure,
      ...(retries !== undefined && { errorRetriesMax: retries }),
      ...(key !== undefined && { name: entry.key }),
      ...(resources !== undefined && { resources }),
    }
  })
  const graph = buildGraph(specs, { userPriority: priorityOf(submissions[0]!) })
  const id = client.reserve()
  for (const [n, { entry }] of submissions.entries()) submitted(taskIdOf(id, n), entry)
  client.submit(graph, { function: { functions: [...functions.keys()] } }, id)
}

function taskOf({ task }: FutureEntry): TaskId {
  assert(task !== undefined, 'a task reads one that was not submitted')
  return task
}

/** Names a call to whoever looks: of equal calls of pure functions the same, in every process. */
function tokenOf(
  code: FunctionCode,
  args: Uint8Array,
  inputs: readonly FutureEntry[],
  { pure = true }: SubmitOptions,
): string {
  if (!pure) return randomUUID()
  const hash = createHash('sha256').update(identityOf(code)).update('\0').update(args)
  for (const { key } of inputs) hash.update('\0').update(key)
  return hash.digest('hex').slice(0, 32)
}
