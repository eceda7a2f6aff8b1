import { notSupported, QueryError } from '../../base/errors.ts'
import type { ResourceNeeds } from '../../scheduler/graph/task-graph.ts'

/** How a task is run. */
export interface SubmitOptions {
  /** Names the task, instead of a name from function and arguments: what has the same key is the same task. */
  readonly key?: string
  /**
   * Whether the function gives the same whenever it is called with the same arguments. Then equal calls are one
   * task, and what was computed from a lost result stays valid. Default: true.
   */
  readonly pure?: boolean
  /** How often it is run again when it throws. Default: 0. */
  readonly retries?: number
  /** Higher runs first: -255 to 255. Default: 0. */
  readonly priority?: number
  /** What the worker must have free for it, of what its cluster was started with: `{ gpu: 1 }`. */
  readonly resources?: Readonly<Record<string, number>>
}

/** How long to wait. */
export interface WaitOptions {
  /** Milliseconds; QUERY_CANCELED after that. The task goes on. */
  readonly timeoutMs?: number
  /** Its reason is thrown when it is aborted. The task goes on. */
  readonly signal?: AbortSignal
}

const RETRIES_MAX = 255
const PRIORITY_MAX = 255
/** Timers take no more. */
const TIMEOUT_MS_MAX = 2 ** 31 - 1

const submitOptions: ReadonlySet<string> = new Set([
  'key',
  'pure',
  'retries',
  'priority',
  'resources',
])

/** What Dask has beyond that. */
const laterOptions: ReadonlySet<string> = new Set(['workers', 'allowOtherWorkers', 'actor'])

/**
 * Throws INVALID_PARAMETER_VALUE, also for more of a resource than a worker has, as that would wait for ever, and
 * FEATURE_NOT_SUPPORTED for what Dask would do.
 */
export function checkSubmitOptions(options: SubmitOptions, available: ResourceNeeds): void {
  for (const name in options) {
    if (submitOptions.has(name)) continue
    if (laterOptions.has(name)) throw notSupported(`the option "${name}" of a call`)
    throw invalidOption(name, [...submitOptions].join(', '))
  }
  const { retries, priority, resources, key, pure } = options
  if (pure !== undefined && typeof pure !== 'boolean') throw invalidOption('pure', 'true or false')
  integerOption('retries', retries, 0, RETRIES_MAX)
  integerOption('priority', priority, -PRIORITY_MAX, PRIORITY_MAX)
  if (key !== undefined && (typeof key !== 'string' || key === '')) {
    throw invalidOption('key', 'a text')
  }
  for (const [name, amount] of Object.entries(resources ?? {})) {
    if (!(Number.isFinite(amount) && amount >= 0)) throw invalidOption(name, 'a number from 0 up')
    const has = Object.hasOwn(available, name) ? available[name]! : 0
    if (amount <= has) continue
    const message = `no worker has ${amount} of "${name}": each has ${has}`
    throw new QueryError('INVALID_PARAMETER_VALUE', message, {
      hint: `Start the cluster with resources: { ${name}: ${amount} }.`,
    })
  }
}

/** Throws INVALID_PARAMETER_VALUE for what is no list: its fields, or nothing, would be taken for arguments. */
export function checkArguments(args: unknown): void {
  if (Array.isArray(args)) return
  throw new QueryError('INVALID_PARAMETER_VALUE', 'the arguments of a call are no array', {
    hint: 'Write client.submit(fn, [first, second], options).',
  })
}

/** A time to wait for; undefined where it is longer than any. Throws INVALID_PARAMETER_VALUE. */
export function timeoutOf({ timeoutMs }: WaitOptions): number | undefined {
  if (timeoutMs === undefined || timeoutMs > TIMEOUT_MS_MAX) return undefined
  if (typeof timeoutMs === 'number' && timeoutMs >= 0) return timeoutMs
  throw invalidOption('timeoutMs', 'milliseconds, from 0 up')
}

export function integerOption(
  name: string,
  value: number | undefined,
  min: number,
  max: number,
): void {
  if (value === undefined || (Number.isInteger(value) && value >= min && value <= max)) return
  throw invalidOption(name, `an integer from ${min} to ${max}`)
}

export function invalidOption(name: string, expected: string): QueryError {
  const message = `invalid value for option "${name}"`
  return new QueryError('INVALID_PARAMETER_VALUE', message, { expected })
}
