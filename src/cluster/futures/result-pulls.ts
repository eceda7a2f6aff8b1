import { QueryError } from '../../base/errors.ts'
import type { RunId, WorkerId } from '../../scheduler/scheduler/task-id.ts'
import type { BytesLease } from '../comm/result-lease.ts'
import type { TaskCluster } from './task-cluster.ts'

/** Results of one request. */
const RUNS_MAX = 1_000

interface Wanted {
  readonly run: RunId
  readonly resolve: (result: BytesLease) => void
  readonly reject: (reason: unknown) => void
}

/** Asks each worker for all results at once that are wanted of it in a turn. */
export class ResultPulls {
  readonly #cluster: TaskCluster
  readonly #wanted = new Map<WorkerId, Wanted[]>()

  constructor(cluster: TaskCluster) {
    this.#cluster = cluster
  }

  /** The result is the caller's to release. Rejects as {@link TaskCluster.pull}. */
  pull(worker: WorkerId, run: RunId): Promise<BytesLease> {
    return new Promise((resolve, reject) => {
      const known = this.#wanted.get(worker)
      if (known === undefined) queueMicrotask(() => void this.#pullAll(worker))
      const wanted = known ?? []
      wanted.push({ run, resolve, reject })
      this.#wanted.set(worker, wanted)
    })
  }

  async #pullAll(worker: WorkerId): Promise<void> {
    const wanted = this.#wanted.get(worker) ?? []
    this.#wanted.delete(worker)
    for (let from = 0; from < wanted.length; from += RUNS_MAX) {
      await this.#pullSome(worker, wanted.slice(from, from + RUNS_MAX))
    }
  }

  async #pullSome(worker: WorkerId, wanted: readonly Wanted[]): Promise<void> {
    try {
      const results = await this.#cluster.pull(
        worker,
        wanted.map(({ run }) => run),
      )
      for (const [n, result] of results.entries()) wanted[n]!.resolve(result)
    } catch (error) {
      if (wanted.length === 1 || !(error instanceof QueryError)) {
        return wanted.forEach(({ reject }) => reject(error))
      }
      // What one of them fails by is not the others' fault.
      for (const one of wanted) await this.#pullSome(worker, [one])
    }
  }
}
