/** What physical planning may know of where the plan will run. */
export interface PhysicalContext {
  /** Tasks that a stage may be spread over; 1 gives a plan of one stage (one more for each CTE). */
  readonly workers: number
  /** A build side of more estimated bytes is never sent to all workers. */
  readonly broadcastBytesMax?: number
  /**
   * The tasks are parts of what one process could not hold at once, one run after another. Whatever has
   * state that grows with its rows is spread then, also where the rows come from one task, and nothing stays
   * whole because few groups are expected: estimates have just been wrong.
   */
  readonly isInParts?: boolean
  /** How often the plan was tried in parts, this time included. */
  readonly attempt?: number
}

export const DEFAULT_BROADCAST_BYTES_MAX = 64 * 1024 * 1024
