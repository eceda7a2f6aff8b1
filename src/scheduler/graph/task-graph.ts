import { assert } from '../../base/assert.ts'
import { QueryError } from '../../base/errors.ts'
import { staticOrder } from './order.ts'

/** How many tasks one graph may have. */
export const GRAPH_TASKS_MAX = 4_194_304

/** Stands for the whole output of a task where a piece could be named. */
export const WHOLE_OUTPUT = -1

/** User priorities are integers from minus this to this; higher runs first. */
export const USER_PRIORITY_MAX = 255

export type ResourceNeeds = Readonly<Record<string, number>>

/**
 * An input of a task: the output of another task of the graph, or one piece of it. Either all readers of
 * an output take the whole or all take pieces: a copy of the whole cannot serve pieces.
 */
export interface TaskInput {
  readonly task: number
  readonly slice: number
}

/** The whole output of a task of another graph, by the id that the scheduler knows it by. */
export interface OtherInput {
  readonly other: number
}

/** A task as it is described one by one; {@link buildGraph} turns a list of them into columns. */
export interface TaskSpec {
  readonly payload: unknown
  readonly inputs?: readonly (number | TaskInput | OtherInput)[]
  /** Only for tasks that somebody will ask for by name. */
  readonly name?: string
  /** Tasks of one group do the same kind of work; durations and sizes are learned per group. */
  readonly group?: string
  /** The result is kept until it is released; without any wanted task all outputs are wanted. */
  readonly wanted?: boolean
  /** How often it is run again because a worker or a connection was lost. */
  readonly retriesMax?: number
  /** How often it is run again because of an error of its own; without it such errors are final. */
  readonly errorRetriesMax?: number
  /**
   * Whether it gives the same every time that it is run on the same inputs. When a result is lost, what was
   * computed from it stays valid only then.
   */
  readonly isRepeatable?: boolean
  readonly resources?: ResourceNeeds
}

/**
 * Tasks in columns, numbered from 0; the inputs of task i are `inputs[inputStart[i]]` up to
 * `inputs[inputStart[i + 1]]`. Numbers from `tasks` on stand for tasks of other graphs: `tasks + n` for that
 * of the id `others[n]`. Payloads are opaque to everything in this room.
 */
export interface TaskGraph {
  readonly tasks: number
  readonly inputStart: Uint32Array
  readonly inputs: Uint32Array
  readonly others: Float64Array
  /** Piece of each input; {@link WHOLE_OUTPUT} for all of it. */
  readonly slices: Int32Array
  /** The rank of each task in the static depth-first order. */
  readonly order: Uint32Array
  readonly groups: readonly string[]
  readonly groupOf: Uint32Array
  readonly wanted: Uint8Array
  readonly retriesMax: Uint8Array
  readonly errorRetriesMax: Uint8Array
  readonly isRepeatable: Uint8Array
  readonly payloads: readonly unknown[]
  readonly names: ReadonlyMap<string, number>
  readonly resources: ReadonlyMap<number, ResourceNeeds>
  readonly userPriority: number
}

export interface GraphOptions {
  /** -{@link USER_PRIORITY_MAX} to {@link USER_PRIORITY_MAX}; higher runs first. */
  readonly userPriority?: number
}

/** Throws INVALID_PARAMETER_VALUE when tasks depend on each other in a circle. */
export function buildGraph(specs: readonly TaskSpec[], options: GraphOptions = {}): TaskGraph {
  const tasks = specs.length
  if (tasks > GRAPH_TASKS_MAX) {
    const message = `a graph of ${tasks} tasks, more than the ${GRAPH_TASKS_MAX} allowed`
    throw new QueryError('PROGRAM_LIMIT_EXCEEDED', message)
  }
  const userPriority = options.userPriority ?? 0
  assert(Math.abs(userPriority) <= USER_PRIORITY_MAX, 'user priority out of range')
  const { inputStart, inputs, slices, others } = inputColumns(specs)
  const { groups, groupOf } = groupColumns(specs)
  return {
    tasks,
    inputStart,
    inputs,
    others,
    slices,
    order: staticOrder(inputStart, inputs, others.length),
    groups,
    groupOf,
    wanted: wantedColumn(specs, inputs),
    retriesMax: Uint8Array.from(specs, (spec) => spec.retriesMax ?? 0),
    errorRetriesMax: Uint8Array.from(specs, (spec) => spec.errorRetriesMax ?? 0),
    isRepeatable: Uint8Array.from(specs, (spec) => (spec.isRepeatable === true ? 1 : 0)),
    payloads: specs.map((spec) => spec.payload),
    names: namesOf(specs),
    resources: resourcesOf(specs),
    userPriority,
  }
}

function inputColumns(
  specs: readonly TaskSpec[],
): Pick<TaskGraph, 'inputStart' | 'inputs' | 'slices' | 'others'> {
  const inputStart = new Uint32Array(specs.length + 1)
  let total = 0
  for (const [index, spec] of specs.entries()) {
    total += spec.inputs?.length ?? 0
    inputStart[index + 1] = total
  }
  const inputs = new Uint32Array(total)
  const slices = new Int32Array(total)
  const isWhole = new Map<number, boolean>()
  const others = new Map<number, number>()
  let edge = 0
  for (const spec of specs) {
    for (const input of spec.inputs ?? []) {
      if (typeof input === 'object' && 'other' in input) {
        const number = others.get(input.other) ?? others.size
        others.set(input.other, number)
        inputs[edge] = specs.length + number
        slices[edge++] = WHOLE_OUTPUT
        continue
      }
      const { task, slice } =
        typeof input === 'number' ? { task: input, slice: WHOLE_OUTPUT } : input
      assert(task >= 0 && task < specs.length, 'a task depends on one outside of its graph')
      const whole = slice === WHOLE_OUTPUT
      assert((isWhole.get(task) ?? whole) === whole, 'an output is read whole and in pieces')
      isWhole.set(task, whole)
      inputs[edge] = task
      slices[edge++] = slice
    }
  }
  return { inputStart, inputs, slices, others: Float64Array.from(others.keys()) }
}

function groupColumns(specs: readonly TaskSpec[]): Pick<TaskGraph, 'groups' | 'groupOf'> {
  const numbers = new Map<string, number>()
  const groupOf = new Uint32Array(specs.length)
  for (const [index, spec] of specs.entries()) {
    const group = spec.group ?? 'task'
    const number = numbers.get(group) ?? numbers.size
    numbers.set(group, number)
    groupOf[index] = number
  }
  return { groups: [...numbers.keys()], groupOf }
}

function wantedColumn(specs: readonly TaskSpec[], inputs: Uint32Array): Uint8Array {
  if (specs.some((spec) => spec.wanted === true)) {
    return Uint8Array.from(specs, (spec) => (spec.wanted === true ? 1 : 0))
  }
  const wanted = new Uint8Array(specs.length).fill(1)
  for (const input of inputs) if (input < specs.length) wanted[input] = 0
  return wanted
}

function namesOf(specs: readonly TaskSpec[]): ReadonlyMap<string, number> {
  const names = new Map<string, number>()
  for (const [index, { name }] of specs.entries()) {
    if (name === undefined) continue
    assert(!names.has(name), `two tasks of a graph are named ${name}`)
    names.set(name, index)
  }
  return names
}

function resourcesOf(specs: readonly TaskSpec[]): ReadonlyMap<number, ResourceNeeds> {
  const resources = new Map<number, ResourceNeeds>()
  for (const [index, spec] of specs.entries()) {
    if (spec.resources !== undefined) resources.set(index, spec.resources)
  }
  return resources
}
