import { expect } from 'vitest'
import { EventLoop } from '../../src/base/event-loop.ts'
import { Arena } from '../../src/data/arenas/arena.ts'
import { Heap } from '../../src/data/arenas/heap.ts'
import type { Scalar } from '../../src/data/types/scalar.ts'
import { scalarsOf } from '../../src/data/vectors/column-scalars.ts'
import type { Chunk } from '../../src/data/vectors/vector.ts'
import { runFragment, startThreadJob } from '../../src/exec/fragment/fragment.ts'
import type { Tuning } from '../../src/exec/fragment/fragment-task.ts'
import { runReference } from '../../src/exec/reference/run-reference.ts'
import { finishSteps } from '../../src/exec/jobs/steps.ts'
import type { ThreadEnvironment, ThreadPool } from '../../src/exec/jobs/thread.ts'
import type { Stage } from '../../src/plan/physical/plan.ts'
import { loadKernels } from '../../src/wasm/kernels/loader.ts'
import { builtInFunctions } from '../../src/functions/built-in.ts'

/** Nothing takes time by it, so that no test depends on how fast it runs. */
export const stoppedClock = { nowMs: () => 0 }

/** A heap with everything that running a fragment takes. */
export function createEnvironment(bytesMax = 1 << 30): ThreadEnvironment {
  const heap = new Heap(Heap.createMemory(bytesMax))
  return { heap, kernels: loadKernels(heap), threadIndex: 0, clock: stoppedClock }
}

/** A thread whose clock goes on by so much whenever somebody looks; its turns end when somebody waits. */
export function slowThread(env: ThreadEnvironment, lookMs: number, sinceMs = 0) {
  let [nowMs, pauses] = [0, 0]
  let endTurn = (): void => {}
  const clock = { nowMs: () => (nowMs += lookMs) }
  class WaitedLoop extends EventLoop {
    override turnFor(isBrief: boolean): Promise<void> {
      pauses++
      queueMicrotask(() => endTurn())
      return super.turnFor(isBrief)
    }
  }
  const eventLoop = new WaitedLoop(clock, (go) => (endTurn = go))
  // The first turn has lasted a while.
  nowMs = eventLoop.turnBeganMs + sinceMs
  return { thread: { ...env, clock, eventLoop }, pauses: () => pauses }
}

function threadEnvironments(env: ThreadEnvironment, threads: number): readonly ThreadEnvironment[] {
  return Array.from({ length: threads }, (_, threadIndex) => ({
    ...env,
    kernels: loadKernels(env.heap),
    threadIndex,
  }))
}

/** A pool whose threads are calls one after another: the same jobs, the same reports. */
export function inlinePool(env: ThreadEnvironment, threads: number): ThreadPool {
  const environments = threadEnvironments(env, threads)
  return {
    threads,
    isReady: true,
    warm: () => {},
    async run(job, count, lost) {
      const reports: unknown[] = []
      try {
        for (const thread of environments.slice(0, count)) {
          reports.push(finishSteps(startThreadJob(thread, structuredClone(job), builtInFunctions)))
        }
        return reports
      } catch (error) {
        for (const report of reports) lost?.(report)
        throw error
      }
    },
  }
}

/** A pool whose threads take their steps in a random order, as those of a busy machine do. */
export function interleavedPool(
  env: ThreadEnvironment,
  threads: number,
  random: () => number,
): ThreadPool {
  const environments = threadEnvironments(env, threads)
  return {
    threads,
    isReady: true,
    warm: () => {},
    async run(job, count) {
      const running = environments.slice(0, count).map((thread) => {
        return startThreadJob(thread, structuredClone(job), builtInFunctions)
      })
      const reports: unknown[] = []
      while (running.length > 0) {
        const at = Math.floor(random() * running.length)
        const { done, value } = running[at]!.next()
        if (done !== true) continue
        reports.push(value)
        running.splice(at, 1)
      }
      return reports
    },
  }
}

export function rowsOfChunks(env: ThreadEnvironment, chunks: readonly Chunk[]): Scalar[][] {
  return chunks.flatMap((chunk) => {
    const columns = chunk.columns.map((vector) => scalarsOf(env.heap, vector))
    return Array.from({ length: chunk.rows }, (_, row) => columns.map((c) => c[row] ?? null))
  })
}

/** Runs a stage; the rows of each output partition. */
export async function runStage(
  env: ThreadEnvironment,
  stage: Stage,
  pool?: ThreadPool,
  inputs: ReadonlyMap<number, readonly Chunk[]> = new Map(),
  partition = 0,
  tuning: Partial<Tuning> = {},
): Promise<Scalar[][][]> {
  const arena = new Arena(env.heap)
  const cancel = arena.allocateZeroed(4)
  try {
    // Chunks keep their layouts, and code is loaded, which tests are to cover; `tuning` asks for others.
    const task = {
      queryId: 'test',
      stage,
      partition,
      inputs,
      cancel,
      tuning: { uniformRowsMax: 0, evaluationsMax: 0, interpretation: 'never' as const, ...tuning },
    }
    const output = await runFragment(task, pool, env)
    const rows = output.partitions.map((chunks) => rowsOfChunks(env, chunks))
    output.release()
    return rows
  } finally {
    arena.release()
  }
}

export function referenceRows(env: ThreadEnvironment, stage: Stage): Scalar[][] {
  const rows = runReference(stage.root, { heap: env.heap, stageInputs: new Map() })
  return rows.map((row) => stage.root.columns.map(({ id }) => row.get(id) ?? null))
}

/** A row as text that is equal for values that are the same to a user (-0 and 0 apart). */
export function rowText(row: readonly Scalar[]): string {
  return row.map(scalarText).join(' | ')
}

function scalarText(value: Scalar): string {
  if (value === null) return 'NULL'
  if (typeof value === 'number') return Object.is(value, -0) ? '0' : String(value)
  if (value instanceof Uint8Array) return `\\x${[...value].join('.')}`
  if (typeof value !== 'object') return `${typeof value === 'string' ? `'${value}'` : value}`
  if ('unscaled' in value) return `${value.unscaled}e-${value.scale}`
  return `${value.months}mon ${value.days}d ${value.micros}us`
}

/**
 * Runs a stage on two threads under each tuning, and by interpreted code under the last; rows, in any order,
 * must be the reference's.
 */
export async function checkByReference(
  env: ThreadEnvironment,
  stage: Stage,
  tunings: readonly Partial<Tuning>[],
): Promise<void> {
  const expected = referenceRows(env, stage).map(rowText).sort()
  const ways = [...tunings, { ...tunings.at(-1), interpretation: 'always' as const }]
  for (const tuning of ways) {
    const before = env.heap.bytesInUse
    const pool = inlinePool(env, 2)
    const some = { poolRowsMin: 0, ...tuning }
    const rows = (await runStage(env, stage, pool, new Map(), 0, some)).flat().map(rowText)
    expect(rows.sort(), JSON.stringify(tuning)).toEqual(expected)
    expect(env.heap.bytesInUse).toBe(before)
  }
  env.heap.inspect()
}
