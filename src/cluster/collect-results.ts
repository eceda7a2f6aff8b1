import { QueryError } from '../base/errors.ts'
import { ChunkLease } from '../data/vectors/chunk-lease.ts'
import type { RunId, TaskId, WorkerId } from '../scheduler/scheduler/task-id.ts'
import type { SchedulerShell } from './scheduler-shell.ts'

/** The result of a task where it was made. */
export interface MadeResult {
  readonly task: TaskId
  readonly run: RunId
  readonly holders: readonly WorkerId[]
}

/** How results come to where they are wanted. */
export interface ResultTransfer {
  /** Whether what is collected has memory of its own, or is where the task left it. */
  readonly isCopy: boolean
  /**
   * A result's chunks in this heap. Rejects with CONNECTION_FAILURE when it cannot be had. The controller's
   * signal, which takes longer to make than a small result to collect, says when it is no longer wanted.
   */
  collect(made: MadeResult, abandoned: AbortController): ChunkLease | Promise<ChunkLease>
}

interface Entry {
  readonly made: MadeResult
  lease: ChunkLease | undefined
}

/**
 * Collects the results of a query's last tasks as they are made, each on its own. One that is lost is made
 * again, perhaps with others that were collected already: what is given in the end are the results of runs
 * that stood side by side, never of different ones.
 */
export class ResultCollector {
  readonly #scheduler: SchedulerShell
  readonly #transfer: ResultTransfer
  readonly #count: number
  readonly #entries = new Map<TaskId, Entry>()
  readonly #pulls = new Set<Promise<void>>()
  readonly #abandoned = new AbortController()
  /** The chunks of all results, in the order of their tasks. Rejects with the first error. */
  readonly all: Promise<ChunkLease>
  #resolve: (result: ChunkLease) => void = () => {}
  #reject: (reason: unknown) => void = () => {}
  #hasFailed = false

  /** Of a graph with `count` results. */
  constructor(scheduler: SchedulerShell, transfer: ResultTransfer, count: number) {
    this.#scheduler = scheduler
    this.#transfer = transfer
    this.#count = count
    this.all = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    // An error may come before anybody waits.
    this.all.catch(() => {})
  }

  made(made: MadeResult): void {
    if (this.#hasFailed) return
    this.#entries.get(made.task)?.lease?.release()
    const entry: Entry = { made, lease: undefined }
    this.#entries.set(made.task, entry)
    const pull = this.#pull(entry)
    this.#pulls.add(pull)
    void pull.finally(() => this.#pulls.delete(pull))
  }

  failed(reason: unknown): void {
    this.#hasFailed = true
    this.#reject(reason)
  }

  /** Resolves when nothing is pulled any more, and nothing that was collected is held. */
  async abandon(): Promise<void> {
    this.#abandoned.abort()
    await Promise.all(this.#pulls)
    for (const { lease } of this.#entries.values()) lease?.release()
    this.#entries.clear()
  }

  async #pull(entry: Entry): Promise<void> {
    const { task, run, holders } = entry.made
    try {
      const lease = await this.#transfer.collect(entry.made, this.#abandoned)
      if (this.#entries.get(task) === entry) entry.lease = lease
      else lease.release()
      this.#giveIfComplete()
    } catch (error) {
      if (this.#entries.get(task) !== entry) return
      if (error instanceof QueryError && error.code === 'CONNECTION_FAILURE') {
        this.#scheduler.unreachable(run, holders)
      } else this.failed(error)
    }
  }

  #giveIfComplete(): void {
    if (this.#hasFailed || this.#entries.size < this.#count) return
    const entries = [...this.#entries].toSorted(([left], [right]) => left - right)
    const leases: ChunkLease[] = []
    for (const [, { made, lease }] of entries) {
      // One that is no longer in memory is about to be made again, and then told of again.
      if (lease === undefined || !this.#scheduler.isInMemory(made.run)) return
      leases.push(lease)
    }
    this.#entries.clear()
    const { isCopy } = this.#transfer
    const tasks = entries.map(([task]) => task)
    if (isCopy) this.#scheduler.release(tasks)
    this.#resolve(
      ChunkLease.together(leases, () => {
        if (!isCopy) this.#scheduler.release(tasks)
      }),
    )
  }
}
