import { availableParallelism } from 'node:os'
import type { ClientFutures } from './client-futures.ts'
import { integerOption, invalidOption } from './options.ts'
import type { TaskCluster, TaskClusterOptions } from './task-cluster.ts'

/** How a cluster of this machine is set up. Everything has a default. */
export interface LocalClusterOptions {
  /** Default: with processes one a core, without them one. */
  readonly workers?: number
  /** Functions that a worker runs at once. Default: the cores, divided among the workers. */
  readonly threadsPerWorker?: number
  /** Whether workers are processes of their own, or threads of this one. Default: true. */
  readonly processes?: boolean
  /** Bytes of results that each worker holds. Default: 1 GiB. */
  readonly memoryBytesMax?: number
  /** What each worker has for tasks that ask for it: `{ gpu: 1 }`. */
  readonly resources?: Readonly<Record<string, number>>
}

const WORKERS_MAX = 64
const THREADS_MAX = 256
const MEMORY_BYTES_MIN = 1 << 24
const MEMORY_BYTES_MAX = 2 ** 32
const MEMORY_BYTES = 1 << 30

/** Workers on this machine that run functions of users: whoever starts one allows that. */
export class LocalCluster {
  readonly #tasks: TaskCluster
  readonly #open: (tasks: TaskCluster) => ClientFutures

  /** By {@link LocalCluster.start}. */
  constructor(tasks: TaskCluster, open: (tasks: TaskCluster) => ClientFutures) {
    this.#tasks = tasks
    this.#open = open
  }

  /**
   * Starts workers and waits until all are there. Throws INVALID_PARAMETER_VALUE for options out of range,
   * CONNECTION_FAILURE where a process does not start.
   */
  static async start(options: LocalClusterOptions = {}): Promise<LocalCluster> {
    const resolved = resolveOptions(options)
    // Loaded when wanted: most processes start no cluster, and threads need no sockets.
    const { ClientFutures } = await import('./client-futures.ts')
    const open = (tasks: TaskCluster): ClientFutures => new ClientFutures(tasks)
    if (options.processes === false) {
      const { startThreadWorkers } = await import('./thread-workers.ts')
      return new LocalCluster(startThreadWorkers(resolved), open)
    }
    const { startProcessWorkers } = await import('./process-workers.ts')
    return new LocalCluster(await startProcessWorkers(resolved), open)
  }

  /** For a client. */
  openFutures(): ClientFutures {
    return this.#open(this.#tasks)
  }

  /** Workers that are there now, and the functions that each runs at once. */
  get workers(): ReadonlyMap<number, { readonly threads: number }> {
    return this.#tasks.workers
  }

  /** Ends all workers; what their clients wait for is rejected. */
  close(): Promise<void> {
    return this.#tasks.close()
  }
}

function resolveOptions(options: LocalClusterOptions): TaskClusterOptions {
  const cores = availableParallelism()
  const { processes = true, memoryBytesMax = MEMORY_BYTES, resources = {} } = options
  const { workers = processes ? Math.min(cores, WORKERS_MAX) : 1 } = options
  const { threadsPerWorker = Math.max(1, Math.floor(cores / workers)) } = options
  integerOption('workers', workers, 1, WORKERS_MAX)
  integerOption('threadsPerWorker', threadsPerWorker, 1, THREADS_MAX)
  integerOption('memoryBytesMax', memoryBytesMax, MEMORY_BYTES_MIN, MEMORY_BYTES_MAX)
  for (const [name, amount] of Object.entries(resources)) {
    if (!(Number.isFinite(amount) && amount >= 0)) throw invalidOption(name, 'a number from 0 up')
  }
  return { workers, threadsPerWorker, memoryBytesMax, resources }
}
