import { QueryError } from '../../base/errors.ts'
import { givenRecord, isRecord, kindOf } from '../../base/given.ts'
import { noTrace, type Trace } from '../../base/trace.ts'
import {
  clusterBytesMax,
  clusterBytesMin,
  HEAP_BYTES_MAX,
  HEAP_BYTES_MIN,
} from '../../cluster/host/memory-shares.ts'
import { heartbeatTimeoutDefaultMs, restartDefaults } from '../../cluster/restart-times.ts'

/** How an engine is set up. Everything has a default; sizes and times carry their unit. */
export interface ConnectOptions {
  /**
   * A folder in which tables are kept, made where there is none: what was committed is there when it is opened again, whatever
   * became of the process. One engine has it at a time. Default: tables go with the engine.
   */
  readonly path?: string
  /** Threads that run queries in this process (in each worker of a cluster). Default: all cores. */
  readonly threads?: number
  /**
   * Bytes that tables and running queries may take together, in all processes of the engine. Default: 4 GiB.
   * One process works in up to 4 GiB of it; rows of tables that have no room there are kept in files, which the
   * system keeps in memory while others leave room for that. Of a cluster the process that connects has half,
   * the workers share the other half equally; no share may be less than 16 MiB or more than 4 GiB.
   */
  readonly memoryBytesMax?: number
  /**
   * Where rows of queries and tables lie in files that memory has no room for: a folder, made where there is none.
   * Default: the system's for temporary files. Worker processes have no such files.
   */
  readonly tempDirectory?: string
  /** Bytes that these files may take together. Default: nine tenths of what their disk has free at first. */
  readonly tempBytesMax?: number
  /** Folders that SQL may read files from; default: the working directory. `['/']` allows all. */
  readonly allowedRoots?: readonly string[]
  /** Whether SQL may read http and https locations. Default: false. */
  readonly allowUrls?: boolean
  /** A statement that runs longer is cancelled; 0 means no limit. Default: 0. */
  readonly statementTimeoutMs?: number
  /** Run queries on worker processes of this machine instead of this process's threads. */
  readonly cluster?: ClusterOptions
  /** Where the engine tells what it does: spans, counters, events. Default: nowhere. */
  readonly trace?: Trace
}

export interface ClusterOptions {
  readonly workers: number
  readonly threadsPerWorker?: number
  /** A worker that is not heard of for so long is ended and replaced. Default: 10 seconds. */
  readonly heartbeatTimeoutMs?: number
  /** A worker process that ends is started anew so often within the window. Default: 5. */
  readonly restartsMax?: number
  /** Default: a minute. */
  readonly restartWindowMs?: number
}

export interface ResolvedOptions {
  /** Undefined: tables are in memory only. */
  readonly path: string | undefined
  readonly threads: number
  readonly memoryBytesMax: number
  readonly tempDirectory: string
  /** Undefined: as much as the disk has room for. */
  readonly tempBytesMax: number | undefined
  readonly allowedRoots: readonly string[]
  readonly allowUrls: boolean
  readonly statementTimeoutMs: number
  readonly cluster: Required<ClusterOptions> | undefined
  readonly trace: Trace
}

/** What one process is told that it may take; it works in {@link HEAP_BYTES_MAX} of it. */
const PROCESS_BYTES_MAX = 2 ** 40
const THREADS_MAX = 256
const WORKERS_MAX = 64
/** Beats go five times as often, and a busy process gives one late. */
const HEARTBEAT_TIMEOUT_MS_MIN = 500
const HEARTBEAT_TIMEOUT_MS_MAX = 3_600_000
const RESTARTS_MAX = 1_000
const RESTART_WINDOW_MS_MAX = 86_400_000

/** What this machine has. */
interface Environment {
  readonly cores: number
  readonly workingDirectory: string
  readonly temporaryDirectory: string
}

/** Fills in defaults and refuses values out of range. */
export function resolveOptions(options: ConnectOptions, environment: Environment): ResolvedOptions {
  givenRecord('options', options)
  const threads = integer('threads', options.threads ?? environment.cores, 1, THREADS_MAX)
  const cluster = options.cluster === undefined ? undefined : resolveCluster(options.cluster)
  const memoryBytesMax = options.memoryBytesMax ?? HEAP_BYTES_MAX
  return {
    path: options.path === undefined ? undefined : folder('path', options.path),
    threads,
    memoryBytesMax:
      cluster === undefined
        ? integer('memoryBytesMax', memoryBytesMax, HEAP_BYTES_MIN, PROCESS_BYTES_MAX)
        : sharedMemory(memoryBytesMax, cluster.workers),
    tempDirectory: folder('tempDirectory', options.tempDirectory ?? environment.temporaryDirectory),
    tempBytesMax:
      options.tempBytesMax === undefined
        ? undefined
        : integer('tempBytesMax', options.tempBytesMax, 0, Number.MAX_SAFE_INTEGER),
    allowedRoots: folders(options.allowedRoots ?? [environment.workingDirectory]),
    allowUrls: flag('allowUrls', options.allowUrls ?? false),
    statementTimeoutMs: integer(
      'statementTimeoutMs',
      options.statementTimeoutMs ?? 0,
      0,
      2_147_483_647,
    ),
    cluster,
    trace: options.trace === undefined ? noTrace : traceOf(options.trace),
  }
}

function resolveCluster(options: ClusterOptions): Required<ClusterOptions> {
  const {
    workers,
    threadsPerWorker = 1,
    heartbeatTimeoutMs = heartbeatTimeoutDefaultMs,
    restartsMax = restartDefaults.restartsMax,
    restartWindowMs = restartDefaults.windowMs,
  } = isRecord(options) ? options : refuse('cluster', 'an object', kindOf(options))
  return {
    workers: integer('cluster.workers', workers, 1, WORKERS_MAX),
    threadsPerWorker: integer('cluster.threadsPerWorker', threadsPerWorker, 1, THREADS_MAX),
    heartbeatTimeoutMs: integer(
      'cluster.heartbeatTimeoutMs',
      heartbeatTimeoutMs,
      HEARTBEAT_TIMEOUT_MS_MIN,
      HEARTBEAT_TIMEOUT_MS_MAX,
    ),
    restartsMax: integer('cluster.restartsMax', restartsMax, 0, RESTARTS_MAX),
    restartWindowMs: integer('cluster.restartWindowMs', restartWindowMs, 1, RESTART_WINDOW_MS_MAX),
  }
}

/** What the processes of a cluster share, enough for each of them. */
function sharedMemory(bytesMax: number, workers: number): number {
  const [min, max] = [clusterBytesMin(workers), clusterBytesMax(workers)]
  try {
    return integer('memoryBytesMax', bytesMax, min, max)
  } catch (error) {
    if (!(error instanceof QueryError)) throw error
    const plural = workers === 1 ? '1 worker' : `${workers} workers`
    throw new QueryError(error.code, error.message, {
      ...error.details,
      hint: `With ${plural} it takes ${min} bytes at least: half stays with the client, the workers share the other half.`,
    })
  }
}

function integer(name: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value
  const found = typeof value === 'number' ? String(value) : kindOf(value)
  return refuse(name, `an integer from ${min} to ${max}`, found)
}

function flag(name: string, value: boolean): boolean {
  return typeof value === 'boolean' ? value : refuse(name, 'true or false', kindOf(value))
}

function traceOf(value: Trace): Trace {
  const isTrace =
    isRecord(value) && [value.span, value.count, value.log].every((it) => typeof it === 'function')
  return isTrace ? value : refuse('trace', 'an object with span, count and log', kindOf(value))
}

function folder(name: string, value: string): string {
  if (typeof value === 'string' && value !== '') return value
  return refuse(name, 'the path of a folder', kindOf(value))
}

function folders(value: readonly string[]): readonly string[] {
  const found = Array.isArray(value) ? value.find((item) => typeof item !== 'string') : value
  if (Array.isArray(value) && found === undefined) return value
  return refuse('allowedRoots', 'an array of strings', kindOf(found))
}

function refuse(name: string, expected: string, found: string): never {
  const message = `invalid value for option "${name}"`
  throw new QueryError('INVALID_PARAMETER_VALUE', message, { expected, found })
}
