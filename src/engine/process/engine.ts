import type { EventLoop } from '../../base/event-loop.ts'
import { noTrace, traced, type Trace } from '../../base/trace.ts'
import type { Clock } from '../../base/world.ts'
import { systemClock, systemEventLoop } from '../../cluster/host/clock.ts'
import type { ClusterWorker } from '../../cluster/local-cluster.ts'
import { memoryShares } from '../../cluster/host/memory-shares.ts'
import { machineCores, temporaryDirectory, workingDirectory } from '../../cluster/host/machine.ts'
import { findProgramParts } from '../../cluster/program-parts.ts'
import type { Rounds } from '../../cluster/rounds.ts'
import type { RunFigures } from '../../cluster/run-figures.ts'
import type { QueryRunOptions } from '../../cluster/run-query.ts'
import { startRuntime, type Runtime, type RuntimeParts } from '../../cluster/runtime.ts'
import { Heap } from '../../data/arenas/heap.ts'
import type { ChunkLease } from '../../data/vectors/chunk-lease.ts'
import type { RunningStream } from '../../data/vectors/chunk-stream.ts'
import { builtInFunctions } from '../../functions/built-in.ts'
import type { FunctionCatalogue } from '../../functions/catalogue.ts'
import type { RunWay } from '../../exec/fragment/fragment-task.ts'
import { runFragment } from '../../exec/fragment/fragment.ts'
import type { StagedPlan } from '../../plan/physical/plan.ts'
import { SpillStore } from '../../storage/spill-store.ts'
import { loadKernels, type Kernels } from '../../wasm/kernels/loader.ts'
import { memoryText } from '../settings/setting-kinds.ts'
import type { SettingName } from '../settings/settings.ts'
import { CatalogStore } from '../catalog/catalog-store.ts'
import { DataFolder } from '../durability/data-folder.ts'
import type { LogDisk } from '../../storage/log/disk.ts'
import { resolveOptions, type ConnectOptions, type ResolvedOptions } from './options.ts'
import { memoryParts, type MemoryPart } from './memory-parts.ts'
import { OvertakenStatements } from './overtaken-statements.ts'
import { SystemTables } from '../system-catalog/system-tables.ts'
import { RunningQueries } from './running-queries.ts'
import { TableRoom, type TableBounds } from './table-room.ts'

/** How a staged plan is to be run. */
export interface EngineRunOptions {
  readonly signal: AbortSignal | undefined
  /** 0: no limit. */
  readonly timeoutMs: number
  /** Told how tasks were run, as far as that was in this process. */
  readonly noted?: ((way: RunWay) => void) | undefined
  /** See `QueryRunOptions`. */
  readonly waits?: QueryRunOptions['waits']
  /** Filled in as it runs. */
  readonly figures?: RunFigures | undefined
  /** Where it is given, the output may be its first rows only: what makes the others is handed over here. */
  readonly rest?: ((rest: RunningStream) => void) | undefined
}

/** What a test may put in place of the real thing. */
export interface EngineParts extends RuntimeParts {
  /** All that statements can call; see `withOwn`. */
  readonly functions?: FunctionCatalogue
  /** Instead of shares of the memory. */
  readonly tableBounds?: TableBounds
  /** Instead of the files of the data folder. */
  readonly disk?: LogDisk
  /** Bytes of log after which a checkpoint is made. */
  readonly checkpointBytes?: number
}

/** Where its rows lie. */
interface EngineMemory {
  readonly heap: Heap
  readonly kernels: Kernels
  readonly store: SpillStore
  readonly tableRoom: TableRoom
}

/** What all sessions of a process share: memory, threads or workers, and the catalog. */
export class Engine {
  readonly options: ResolvedOptions
  readonly clock: Clock = systemClock
  /** For what holds the event loop long: writing large results out. */
  readonly eventLoop: EventLoop = systemEventLoop
  readonly heap: Heap
  readonly kernels: Kernels
  /** What tables may have of the memory. */
  readonly tableRoom: TableRoom
  readonly catalog = new CatalogStore()
  /** The catalogs of PostgreSQL over that. */
  readonly systemTables: SystemTables
  /** The functions that its statements can call. */
  readonly functions: FunctionCatalogue
  /** Where it tells what it does. */
  readonly trace: Trace
  /** The statements that run now. */
  readonly running = new RunningQueries()
  /** The statements that run again as others were first. */
  readonly overtaken = new OvertakenStatements()
  #dataFolder: DataFolder | undefined
  readonly #store: SpillStore
  readonly #runtime: Runtime
  #queries = 0
  #sessions = 0

  private constructor(
    options: ResolvedOptions,
    functions: FunctionCatalogue,
    { heap, kernels, store, tableRoom }: EngineMemory,
    runtime: Runtime,
  ) {
    this.options = options
    this.functions = functions
    this.trace = options.trace
    this.heap = heap
    this.kernels = kernels
    this.tableRoom = tableRoom
    this.#store = store
    this.#runtime = runtime
    this.systemTables = new SystemTables(this)
  }

  static async start(
    options: ConnectOptions = {},
    { functions = builtInFunctions, ...parts }: EngineParts = {},
  ): Promise<Engine> {
    const resolved = resolveOptions(options, {
      cores: machineCores(),
      workingDirectory: workingDirectory(),
      temporaryDirectory: temporaryDirectory(),
    })
    await findProgramParts()
    const { threads, memoryBytesMax, cluster, tempDirectory: directory } = resolved
    const { tempBytesMax: bytesMax } = resolved
    const shares = cluster && memoryShares(memoryBytesMax, cluster.workers)
    const heap = new Heap(Heap.createMemory(shares?.clientBytesMax ?? memoryBytesMax))
    const kernels = loadKernels(heap)
    const workers = shares && { ...cluster, memoryBytesMax: shares.workerBytesMax }
    const store = new SpillStore({ heap, kernels, directory, bytesMax })
    const runtime = await startRuntime(
      { heap, kernels, threads, cluster: workers, store },
      {
        ...parts,
        ...(resolved.trace === noTrace ? {} : tracedFragments(resolved.trace, parts)),
      },
    )
    const tableRoom = new TableRoom(heap, store, parts.tableBounds)
    const engine = new Engine(resolved, functions, { heap, kernels, store, tableRoom }, runtime)
    if (resolved.path !== undefined) await engine.#open(resolved.path, parts)
    return engine
  }

  async #open(path: string, { disk, checkpointBytes }: EngineParts): Promise<void> {
    const { heap, kernels, catalog, tableRoom: room, trace } = this
    const memory = { heap, kernels, catalog, room, trace }
    try {
      this.#dataFolder = await DataFolder.open({ ...memory, path, disk, checkpointBytes })
    } catch (error) {
      await this.close()
      throw error
    }
  }

  /** Where its tables are kept; undefined: in memory only. */
  get dataFolder(): DataFolder | undefined {
    return this.#dataFolder
  }

  /** How many workers share a query: 1 in this process, else those of the cluster. */
  get workers(): number {
    return this.options.cluster?.workers ?? 1
  }

  /** What SHOW says of its memory and its temporary files. */
  get memorySettings(): readonly (readonly [SettingName, string])[] {
    const { memoryBytesMax, tempDirectory, tempBytesMax } = this.options
    return [
      ['memory_limit', memoryText(memoryBytesMax)],
      ['temp_directory', tempDirectory],
      ['max_temp_directory_size', tempBytesMax === undefined ? '' : memoryText(tempBytesMax)],
    ]
  }

  /** What the memory of this process is divided into. */
  get memory(): readonly MemoryPart[] {
    const { threads } = this.options
    const { claims } = this.#runtime.runner
    return memoryParts({ heap: this.heap, threads, fileBytes: this.#store.bytes, claims })
  }

  /** The worker processes that are there now: fewer than there should be while one is replaced. */
  get workerProcesses(): readonly ClusterWorker[] {
    return this.#runtime.workerProcesses()
  }

  /** A number that no other session of the engine has. */
  nextSession(): number {
    return ++this.#sessions
  }

  /** Runs a plan as tasks; the output lies in this process's memory while it is held. */
  run(
    plan: StagedPlan,
    { signal, timeoutMs, noted, waits, figures, rest }: EngineRunOptions,
  ): Promise<ChunkLease> {
    const queryId = `q${++this.#queries}`
    return this.#runtime.runner.run(plan, {
      queryId,
      noted,
      waits,
      figures,
      rest,
      ...(signal === undefined ? {} : { signal }),
      ...(timeoutMs === 0 ? {} : { timeoutMs }),
    })
  }

  /** Works in rounds of kernels over rows that lie in this process's memory. */
  rounds<T>(
    { signal, timeoutMs }: EngineRunOptions,
    work: (rounds: Rounds) => Promise<T>,
  ): Promise<T> {
    const options = {
      queryId: `q${++this.#queries}`,
      ...(signal === undefined ? {} : { signal }),
      ...(timeoutMs === 0 ? {} : { timeoutMs }),
    }
    return this.#runtime.runner.rounds(options, work)
  }

  /** Stops threads and workers; statements that still run fail with ADMIN_SHUTDOWN. */
  async close(): Promise<void> {
    await this.#runtime.close()
    await this.#dataFolder?.close()
    this.systemTables.close()
    this.#store.close()
  }
}

/** Tells of each fragment that runs in this process; those of worker processes are not told of. */
function tracedFragments(
  trace: Trace,
  { runFragment: run = runFragment }: RuntimeParts,
): RuntimeParts {
  return {
    runFragment: (task, pool, env) =>
      traced(trace.span('fragment'), async () => run(task, pool, env)),
  }
}
