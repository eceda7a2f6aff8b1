import type { SchedulerState } from './state.ts'
import type { WorkerId } from './task-id.ts'

/** A tick that comes late counts for this part of the permitted silence at most. */
const LATE_PART = 0.25

export function workerHeard(scheduler: SchedulerState, id: WorkerId): void {
  const worker = scheduler.workers.get(id)
  // Once it is given up nothing brings it back: it is being ended.
  if (worker !== undefined && Number.isFinite(worker.silentMs)) worker.silentMs = 0
}

/** Tells of workers that have been silent for too long, of each once. */
export function tick(scheduler: SchedulerState): void {
  const { nowMs, tickedMs = nowMs, workers, instructions } = scheduler
  const { silenceMs } = scheduler.options
  scheduler.tickedMs = nowMs
  const passedMs = passedBetween(tickedMs, nowMs, silenceMs)
  for (const worker of workers.values()) {
    worker.silentMs += passedMs
    if (worker.silentMs < silenceMs || worker.silentMs === Number.POSITIVE_INFINITY) continue
    worker.silentMs = Number.POSITIVE_INFINITY
    instructions.push({ kind: 'worker-silent', worker: worker.id })
  }
}

/**
 * The time between two ticks in which the other side could have been heard: whoever was stopped or
 * busy meanwhile (a laptop asleep, Ctrl-Z) has heard nothing without anybody's fault.
 */
export function passedBetween(tickedMs: number, nowMs: number, silenceMs: number): number {
  return Math.min(nowMs - tickedMs, silenceMs * LATE_PART)
}
