import { setTimeout as delay } from 'node:timers/promises'
import type { Engine } from '#heddle/engine/process/engine.js'
import type { Chooser } from '../chooser.ts'

/** Something that happens to worker processes while statements run. */
export interface Harm {
  readonly afterMs: number
  /** Killed, or stopped so that nothing is heard of it any more. */
  readonly signal: 'SIGKILL' | 'SIGSTOP'
  /** Which worker; beyond their number: all of them. */
  readonly worker: number
}

/** Waited out by silence, which takes time. */
const STOP_CHANCE = 0.15
const AFTER_MS_MAX = 60

export function randomHarm(choose: Chooser, workers: number): Harm {
  return {
    afterMs: choose.between(0, AFTER_MS_MAX),
    signal: choose.chance(STOP_CHANCE) ? 'SIGSTOP' : 'SIGKILL',
    worker: choose.between(0, workers),
  }
}

/** Does harm while `work` is done, if that takes long enough. */
export async function harmed<T>(
  engine: Engine,
  harm: Harm | undefined,
  work: () => Promise<T>,
): Promise<T> {
  if (harm === undefined) return work()
  const done = new AbortController()
  const doing = delay(harm.afterMs, undefined, { signal: done.signal }).then(
    () => strike(engine, harm),
    () => undefined,
  )
  try {
    return await work()
  } finally {
    done.abort()
    await doing
  }
}

function strike({ workerProcesses }: Engine, { worker, signal }: Harm): void {
  const victims =
    workerProcesses[worker] === undefined ? workerProcesses : [workerProcesses[worker]]
  for (const { processId } of victims) {
    try {
      process.kill(processId, signal)
    } catch {
      // It ended by itself, or by an earlier harm.
    }
  }
}
