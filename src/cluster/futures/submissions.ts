import { createHash } from 'node:crypto'
import { assert, present } from '../../base/assert.ts'
import { QueryError } from '../../base/errors.ts'
import {
  buildGraph,
  type OtherInput,
  type ResourceNeeds,
  type TaskSpec,
} from '../../scheduler/graph/task-graph.ts'
import {
  graphOf,
  taskIdOf,
  taskIndexOf,
  type GraphId,
  type TaskId,
} from '../../scheduler/scheduler/task-id.ts'
import type { SchedulerClient } from '../scheduler-shell.ts'
import type { WorkOf } from '../task-kinds.ts'
import { identityOf, type FunctionCode } from '../user-functions/function-code.ts'
import { encodeSmallValue } from '../values/encode-value.ts'
import { FutureEntry, type Submission } from './future-entry.ts'
import { Future, type FutureOwner } from './future.ts'
import { checkArguments, checkSubmitOptions, type SubmitOptions } from './options.ts'

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

const NO_INPUTS: readonly FutureEntry[] = []
const NO_NUMBERS: readonly number[] = []

/**
 * Tasks that are submitted in one turn, as one graph for each priority: what depends on each other is ordered
 * and placed as a whole, and costs a tenth of many small graphs.
 */
export class Submissions {
  readonly #owner: FutureOwner
  readonly #resources: ResourceNeeds
  readonly #functionNumbers = new Map<string, number>()
  /** Entries by identity, as long as they are neither released nor cancelled. */
  readonly #known = new Map<string, FutureEntry>()
  #waiting: FutureEntry[] = []
  #entries = 0
  #functions = 0

  /** `resources`: what each worker has. */
  constructor(owner: FutureOwner, resources: ResourceNeeds) {
    this.#owner = owner
    this.#resources = resources
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0
  }

  /** The entry of a call, a known one where it is the same. */
  add(code: FunctionCode, args: readonly unknown[], options: SubmitOptions): FutureEntry {
    checkSubmitOptions(options, this.#resources)
    checkArguments(args)
    let numbers: Map<FutureEntry, number> | undefined
    const bytes = encodeSmallValue(args, {
      bytesMax: ARGUMENT_BYTES_MAX,
      what: 'arguments',
      inputOf: (value) => {
        if (!(value instanceof Future)) return undefined
        numbers ??= new Map()
        return this.#inputOf(value, numbers)
      },
    })
    const inputs =
      numbers === undefined ? NO_INPUTS : [...(numbers as Map<FutureEntry, number>).keys()]
    const identity = this.#identity(code, bytes, inputs, options)
    const known = identity === undefined ? undefined : this.#known.get(identity)
    if (known !== undefined) return known
    const call: Submission = { code, args: bytes, inputs, options }
    const entry = new FutureEntry(this.#entries++, identity, call)
    if (identity !== undefined) this.#known.set(identity, entry)
    this.#waiting.push(entry)
    return entry
  }

  /** An entry for a value that is brought, not computed. */
  given(): FutureEntry {
    return new FutureEntry(this.#entries++, undefined, undefined)
  }

  /** The same call is another task from now on. */
  forget(entry: FutureEntry): void {
    const { identity } = entry
    // By then it may be another task already.
    if (identity !== undefined && this.#known.get(identity) === entry) this.#known.delete(identity)
  }

  /** Submits what was added; `submitted` is told of the entries of each graph before any of its results. */
  submit(client: SchedulerClient, submitted: (task: TaskId, entry: FutureEntry) => void): void {
    const submissions = this.#waiting
    this.#waiting = []
    for (const graph of graphsOf(submissions)) submitGraph(client, graph, submitted)
  }

  #inputOf(value: Future, inputs: Map<FutureEntry, number>): number {
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
    args: Buffer,
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
    const digest = isLong
      ? createHash('sha256').update(args).digest('hex')
      : args.toString('latin1')
    const others = inputs.length === 0 ? '' : inputs.map(({ id }) => id).join()
    return `${number} ${others} ${isLong ? '#' : ''}${digest}`
  }
}

/** Tasks that follow each other with the same priority, so that none comes before what it reads. */
function* graphsOf(entries: readonly FutureEntry[]): Iterable<readonly FutureEntry[]> {
  let graph: FutureEntry[] = []
  let characters = 0
  let functions = new Set<FunctionCode>()
  for (const entry of entries) {
    const [first] = graph
    const { code } = submissionOf(entry)
    if (!functions.has(code)) characters += identityOf(code).length
    const isOther = first !== undefined && priorityOf(first) !== priorityOf(entry)
    const isFull = graph.length >= GRAPH_TASKS || characters > GRAPH_CHARACTERS_MAX
    if (graph.length > 0 && (isOther || isFull)) {
      yield graph
      graph = []
      characters = identityOf(code).length
      functions = new Set()
    }
    functions.add(code)
    graph.push(entry)
  }
  if (graph.length > 0) yield graph
}

function priorityOf(entry: FutureEntry): number {
  return submissionOf(entry).options.priority ?? 0
}

function submissionOf({ call }: FutureEntry): Submission {
  return present(call, 'a task without a call')
}

function submitGraph(
  client: SchedulerClient,
  entries: readonly FutureEntry[],
  submitted: (task: TaskId, entry: FutureEntry) => void,
): void {
  const id = client.reserve()
  for (const [n, entry] of entries.entries()) submitted(taskIdOf(id, n), entry)
  const functions = new Map<FunctionCode, number>()
  const specs = entries.map((entry): TaskSpec => {
    const { code, args, inputs, options } = submissionOf(entry)
    const fn = functions.get(code) ?? functions.size
    functions.set(code, fn)
    const payload: WorkOf<'function'> = { kind: 'function', fn, args }
    const spec: TaskSpec = {
      payload,
      inputs: inputs.length === 0 ? NO_NUMBERS : inputs.map((input) => inputNumber(id, input)),
      group: code.name,
      wanted: true,
      retriesMax: LOSSES_MAX,
      isRepeatable: options.pure ?? true,
    }
    const { key, retries, resources } = options
    if (key === undefined && retries === undefined && resources === undefined) return spec
    return {
      ...spec,
      ...(retries !== undefined && { errorRetriesMax: retries }),
      ...(key !== undefined && { name: key }),
      ...(resources !== undefined && { resources }),
    }
  })
  const graph = buildGraph(specs, { userPriority: priorityOf(entries[0]!) })
  client.submit(graph, { function: { functions: [...functions.keys()] } }, id)
}

/** An input as a task of this graph or of another. */
function inputNumber(graph: GraphId, { task }: FutureEntry): number | OtherInput {
  assert(task !== undefined, 'a task reads one that was not submitted')
  return graphOf(task) === graph ? taskIndexOf(task) : { other: task }
}
