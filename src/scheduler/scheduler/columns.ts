/** Task columns, indexed by slot. All grow together; about 105 bytes a task. */
export interface TaskColumns {
  readonly capacity: number
  /** The task's id as clients know it. */
  readonly id: Float64Array
  /** Its latest run, as workers know it. */
  readonly run: Float64Array
  readonly state: Uint8Array
  /** The client that wants the result, or the first of several; -1 for none. */
  readonly client: Int32Array
  readonly retriesLeft: Uint8Array
  readonly errorRetriesLeft: Uint8Array
  /** {@link REPEATABLE}, {@link GIVEN} and {@link UNTRIED}. */
  readonly flags: Uint8Array
  /** When the loss of a worker last took a retry; -Infinity for never. */
  readonly lossMs: Float64Array
  readonly group: Int32Array
  /** Lower runs first; ties are broken by `rank`. */
  readonly priority: Float64Array
  readonly rank: Uint32Array
  /** Inputs that are not in memory yet. */
  readonly missing: Int32Array
  /** Inputs of unfinished tasks that point here. */
  readonly waiters: Int32Array
  /** Inputs of tasks not forgotten that point here. */
  readonly dependents: Int32Array
  /** First edge of the list of dependents; -1 for none. */
  readonly head: Int32Array
  readonly edgeStart: Uint32Array
  readonly edgeCount: Uint32Array
  readonly bytes: Float64Array
  /** The worker that runs it, or the first that holds its result; -1 for none. */
  readonly worker: Int32Array
  /** Milliseconds that it was expected to take when it was assigned. */
  readonly estimateMs: Float32Array
  /** Bytes that its result was expected to have when it was assigned. */
  readonly estimateBytes: Float32Array
}

/** It gives the same every time that it is run on the same inputs. */
export const REPEATABLE = 1

/** It is on a worker, and nobody knew how long its like take when it was given to it. */
export const UNTRIED = 4

/** Its result was brought by a client: nothing can make it again. */
export const GIVEN = 2

/**
 * Edge columns. An edge says that `owner` needs `input` (both slots). The edges of one task follow
 * each other; those that point to one task are linked through `next`, and back through `previous`.
 */
export interface EdgeColumns {
  readonly capacity: number
  readonly input: Int32Array
  readonly owner: Int32Array
  readonly next: Int32Array
  readonly previous: Int32Array
  readonly slice: Int32Array
}

function grown<T extends { set(source: T): void }>(target: T, source: T | undefined): T {
  if (source !== undefined) target.set(source)
  return target
}

/** Columns of at least `needed` tasks with the contents of `old`. */
export function taskColumns(needed: number, old?: TaskColumns): TaskColumns {
  const capacity = roomFor(needed, old?.capacity)
  return {
    capacity,
    id: grown(new Float64Array(capacity), old?.id),
    run: grown(new Float64Array(capacity), old?.run),
    state: grown(new Uint8Array(capacity), old?.state),
    client: grown(new Int32Array(capacity), old?.client),
    retriesLeft: grown(new Uint8Array(capacity), old?.retriesLeft),
    errorRetriesLeft: grown(new Uint8Array(capacity), old?.errorRetriesLeft),
    flags: grown(new Uint8Array(capacity), old?.flags),
    lossMs: grown(new Float64Array(capacity), old?.lossMs),
    group: grown(new Int32Array(capacity), old?.group),
    priority: grown(new Float64Array(capacity), old?.priority),
    rank: grown(new Uint32Array(capacity), old?.rank),
    missing: grown(new Int32Array(capacity), old?.missing),
    waiters: grown(new Int32Array(capacity), old?.waiters),
    dependents: grown(new Int32Array(capacity), old?.dependents),
    head: grown(new Int32Array(capacity), old?.head),
    edgeStart: grown(new Uint32Array(capacity), old?.edgeStart),
    edgeCount: grown(new Uint32Array(capacity), old?.edgeCount),
    bytes: grown(new Float64Array(capacity), old?.bytes),
    worker: grown(new Int32Array(capacity), old?.worker),
    estimateMs: grown(new Float32Array(capacity), old?.estimateMs),
    estimateBytes: grown(new Float32Array(capacity), old?.estimateBytes),
  }
}

/** Columns of at least `needed` edges with the contents of `old`. */
export function edgeColumns(needed: number, old?: EdgeColumns): EdgeColumns {
  const capacity = roomFor(needed, old?.capacity)
  return {
    capacity,
    input: grown(new Int32Array(capacity), old?.input),
    owner: grown(new Int32Array(capacity), old?.owner),
    next: grown(new Int32Array(capacity), old?.next),
    previous: grown(new Int32Array(capacity), old?.previous),
    slice: grown(new Int32Array(capacity), old?.slice),
  }
}

function roomFor(needed: number, old = 256): number {
  let capacity = old
  while (capacity < needed) capacity *= 2
  return capacity
}
