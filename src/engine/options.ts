import { QueryError } from '../base/errors.ts'

/** How an engine is set up. Everything has a default; sizes and times carry their unit. */
export interface ConnectOptions {
  /** Threads that run queries in this process (in each worker of a cluster). Default: all cores. */
  readonly threads?: number
  /** Bytes that tables and running queries may take together, up to 4 GiB. */
  readonly memoryBytesMax?: number
  /** Folders that SQL may read files from; default: the working directory. `['/']` allows all. */
  readonly allowedRoots?: readonly string[]
  /** Whether SQL may read http and https locations. Default: false. */
  readonly allowUrls?: boolean
  /** A statement that runs longer is cancelled; 0 means no limit. Default: 0. */
  readonly statementTimeoutMs?: number
  /** Run queries on worker processes of this machine instead of this process's threads. */
  readonly cluster?: ClusterOptions
}

export interface ClusterOptions {
  readonly workers: number
  readonly threadsPerWorker?: number
}

export interface ResolvedOptions {
  readonly threads: number
  readonly memoryBytesMax: number
  readonly allowedRoots: readonly string[]
  readonly allowUrls: boolean
  readonly statementTimeoutMs: number
  readonly cluster: Required<ClusterOptions> | undefined
}

const THREADS_MAX = 256
const WORKERS_MAX = 64
const MEMORY_BYTES_MIN = 16 * 1_048_576
const MEMORY_BYTES_MAX = 4_294_967_296

/** Fills in defaults and refuses values out of range. `cores` is what this machine has. */
export function resolveOptions(
  options: ConnectOptions,
  environment: { readonly cores: number; readonly workingDirectory: string },
): ResolvedOptions {
  const threads = integer('threads', options.threads ?? environment.cores, 1, THREADS_MAX)
  const { cluster } = options
  return {
    threads,
    memoryBytesMax: integer(
      'memoryBytesMax',
      options.memoryBytesMax ?? MEMORY_BYTES_MAX,
      MEMORY_BYTES_MIN,
      MEMORY_BYTES_MAX,
    ),
    allowedRoots: options.allowedRoots ?? [environment.workingDirectory],
    allowUrls: options.allowUrls ?? false,
    statementTimeoutMs: integer(
      'statementTimeoutMs',
      options.statementTimeoutMs ?? 0,
      0,
      2_147_483_647,
    ),
    cluster:
      cluster === undefined
        ? undefined
        : {
            workers: integer('cluster.workers', cluster.workers, 1, WORKERS_MAX),
            threadsPerWorker: integer(
              'cluster.threadsPerWorker',
              cluster.threadsPerWorker ?? 1,
              1,
              THREADS_MAX,
            ),
          },
  }
}

function integer(name: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value
  throw new QueryError('INVALID_PARAMETER_VALUE', `invalid value for option "${name}"`, {
    expected: `an integer from ${min} to ${max}`,
    found: String(value),
  })
}
