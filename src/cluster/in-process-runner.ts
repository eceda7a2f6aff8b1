import { setMaxListeners } from 'node:events'
import { assert, present } from '../base/assert.ts'
import type { Heap } from '../data/arenas/heap.ts'
import type { ChunkLease } from '../data/vectors/chunk-lease.ts'
import { runFragment } from '../exec/fragment/fragment.ts'
import type { ThreadPool } from '../exec/jobs/thread.ts'
import type { Parts } from '../plan/physical/in-parts.ts'
import type { StagedPlan } from '../plan/physical/plan.ts'
import type { WorkerId } from '../scheduler/scheduler/task-id.ts'
import { SpillStore } from '../storage/spill-store.ts'
import type { Kernels } from '../wasm/kernels/loader.ts'
import { Admission, type Admitted } from './admission.ts'
import { createCancelWords } from './cancel-words.ts'
import { rowsOf } from './comm/result-lease.ts'
import { fragmentKind } from './fragment-kind.ts'
import { functionKind } from './function-kind.ts'
import { callingThread } from './host/calling-thread.ts'
import { systemClock } from './host/clock.ts'
import { temporaryDirectory } from './host/machine.ts'
import { PartsRunner } from './parts.ts'
import { Places, type Waiting } from './places.ts'
import { RoundsRunner, type Rounds } from './rounds.ts'
import {
  endsAtMsOf,
  runQuery,
  shuttingDown,
  until,
  untilStopped,
  type QueryRunOptions,
  type ResultSource,
} from './run-query.ts'
import { heldResult, withHeldStream } from './unread-rows.ts'
import { createSchedulerShell, type SchedulerShell } from './scheduler-shell.ts'
import { isSoleTask, SoleTasks } from './sole-tasks.ts'
import {
  createWorkerShell,
  type Spilling,
  type WorkerShell,
  type WorkerShellOptions,
} from './worker-shell.ts'

/** Of the memory; results of plans in parts go to files while more is in use. */
const IN_USE_PART_MAX = 0.25
/** Results of fewer bytes are not worth a file, unless so many of them are in the way that a part of the memory is. */
const RESULT_BYTES_MIN = 65_536
const RESULT_PART_MIN = 1 / 2_048

/** Bytes. */
export interface MemoryClaims {
  readonly claimedBytes: number
  readonly waitingBytes: number
}

/** Runs plans somewhere: in this process or on a cluster. */
export interface QueryRunner {
  /**
   * Rejects with the query's first error, and with QUERY_CANCELED on abort or timeout; nothing of the
   * query runs in this process and nothing of it is held any more when it rejects.
   */
  run(plan: StagedPlan, options: QueryRunOptions): Promise<ChunkLease>
  /** Works in rounds of kernels over memory of this process; see {@link Rounds}. Rejects as `run`. */
  rounds<T>(options: QueryRunOptions, work: (rounds: Rounds) => Promise<T>): Promise<T>
  /** What runs that share the working memory of this process have claimed of it, and what those that wait would. */
  readonly claims: MemoryClaims
  /** Stops what runs. Outputs that are not released are gone with it. */
  close(): Promise<void>
}

export interface InProcessOptions {
  readonly heap: Heap
  readonly kernels: Kernels
  /** Undefined: everything runs on the calling thread. */
  readonly pool: ThreadPool | undefined
  /** Fragments that run at once, sharing the pool; more wait. */
  readonly executingMax?: number
  readonly runFragment?: typeof runFragment
  /** Where results wait that the memory has no room for. */
  readonly spill?: SpillPlace
}

export interface SpillPlace {
  /** Somebody's who closes it; undefined: one of its own, as the others say. */
  readonly store?: SpillStore | undefined
  /** Undefined: where the system has temporary files. */
  readonly directory?: string | undefined
  /** What all files may take together; undefined: as much as the disk has room for. */
  readonly bytesMax?: number | undefined
  /** For tests: all plans that can be are run in so many parts, and whatever waits does so in files. */
  readonly alwaysParts?: number | undefined
  /** They are divided as in so many a try; see {@link Parts.attempt}. The second where it is left out. */
  readonly alwaysAttempt?: number | undefined
}

// More than a server has clients, as even the shortest statement would wait for a long one to end.
const EXECUTING_MAX = 256

/**
 * The same way as on a cluster, with one worker in this process: nothing is serialized or copied,
 * results are handed over by reference. A plan of one task is not scheduled.
 */
export function inProcessRunner(options: InProcessOptions): QueryRunner {
  const {
    heap,
    kernels,
    pool,
    executingMax = EXECUTING_MAX,
    runFragment: run = runFragment,
  } = options
  const scheduler = createSchedulerShell(systemClock)
  const env = callingThread(heap, kernels)
  const places = new Places(executingMax)
  const cancelWords = createCancelWords(heap)
  const spilling = spillingOf(heap, kernels, options.spill)
  const admission = new Admission(() => heap.bytesMax - heap.usage.table)
  const { bytesMax } = heap
  const parts = new PartsRunner({ bytesMax, admission, always: alwaysOf(options.spill) })
  const inPlace: typeof run = (...task) => places.during(() => run(...task))
  const worker = addWorker(scheduler, {
    heap,
    kinds: {
      fragment: fragmentKind({ env, pool, runFragment: inPlace }),
      function: functionKind(undefined),
    },
    machine: { executingMax },
    cancelWords,
    spilling,
  })
  const closing = new AbortController()
  setMaxListeners(0, closing.signal)
  const rounds = new RoundsRunner(env, pool, closing.signal)
  const graphs = new Graphs(scheduler, worker, closing.signal)
  const soleTasks = new SoleTasks({
    env,
    pool,
    places,
    cancelWords,
    closing: closing.signal,
    runFragment: run,
  })
  return {
    claims: admission,
    rounds: (runOptions, work) => rounds.run(runOptions, work),
    run: async (given, callerOptions) => {
      const givenOptions = withHeldStream(admission, heap, callerOptions)
      const endsAtMs = endsAtMsOf(givenOptions)
      const wait = (waiting: Waiting<Admitted>): Promise<Admitted> =>
        letIn(waiting, until(endsAtMs, givenOptions), closing.signal)
      const result = await parts.run(
        given,
        givenOptions.figures,
        wait,
        (plan, figures, isFirst) => {
          const runOptions = isFirst ? givenOptions : until(endsAtMs, givenOptions)
          if (isSoleTask(plan)) return soleTasks.run(plan, runOptions)
          return graphs.run(plan, { ...runOptions, figures })
        },
      )
      return heldResult(admission, heap, result)
    },
    async close() {
      closing.abort(shuttingDown())
      await rounds.settled()
      await soleTasks.close()
      await worker.close()
      cancelWords.close()
      if (options.spill?.store === undefined) spilling.store.close()
    },
  }
}

/** Runs plans of several tasks on the one worker. */
class Graphs {
  readonly #scheduler: SchedulerShell
  readonly #source: ResultSource

  constructor(scheduler: SchedulerShell, worker: WorkerShell, closing: AbortSignal) {
    this.#scheduler = scheduler
    this.#source = {
      stops: () => [closing],
      isCopy: false,
      collect: ({ run }) =>
        rowsOf(present(worker.read({ task: run, slice: 0 }), 'a result is not where it was')),
      settled: (graph) => worker.settled(graph),
    }
  }

  run(plan: StagedPlan, options: QueryRunOptions): Promise<ChunkLease> {
    return runQuery(this.#scheduler, this.#source, plan, options)
  }
}

/** Waits to be let in, and tells of it. */
async function letIn(
  waiting: Waiting<Admitted>,
  options: QueryRunOptions,
  closing: AbortSignal,
): Promise<Admitted> {
  options.waits?.(true)
  try {
    return await untilStopped(waiting, options, [closing], (admitted) => admitted.end())
  } finally {
    options.waits?.(false)
  }
}

function alwaysOf({ alwaysParts: parts, alwaysAttempt = 2 }: SpillPlace = {}): Parts | undefined {
  return parts === undefined ? undefined : { parts, broadcastBytesMax: 0, attempt: alwaysAttempt }
}

function spillingOf(heap: Heap, kernels: Kernels, place: SpillPlace = {}): Spilling {
  const { directory = temporaryDirectory(), bytesMax, alwaysParts } = place
  const store = place.store ?? new SpillStore({ heap, kernels, directory, bytesMax })
  if (alwaysParts !== undefined) return { store, bytesInUseMax: 0, resultBytesMin: 0 }
  return {
    store,
    bytesInUseMax: heap.bytesMax * IN_USE_PART_MAX,
    resultBytesMin: Math.min(RESULT_BYTES_MIN, heap.bytesMax * RESULT_PART_MIN),
  }
}

/** The one worker: all that a scheduler asks of it is a call. */
function addWorker(
  scheduler: SchedulerShell,
  options: Omit<WorkerShellOptions, 'id' | 'clock' | 'report' | 'fetch'> & {
    readonly machine: { readonly executingMax: number }
  },
): WorkerShell {
  const id = 0 as WorkerId
  const worker = createWorkerShell({
    ...options,
    id,
    clock: systemClock,
    report: (event) => scheduler.tell(event),
    fetch: () => Promise.reject(new Error('a single worker has nobody to fetch from')),
  })
  scheduler.addWorker({
    slots: options.machine.executingMax,
    memoryBytesMax: options.heap.bytesMax,
    resources: {},
    welcome: (given) => assert(given === id, 'the only worker is the first one'),
    openGraph: (graph, contexts) => worker.openGraph(graph, contexts),
    closeGraph: (graph) => worker.closeGraph(graph),
    runTask: (task) => worker.runTask(task),
    forgetTasks: (tasks) => worker.forgetTasks(tasks),
    silent: () => assert(false, 'a worker in this process is not listened for'),
  })
  return worker
}
