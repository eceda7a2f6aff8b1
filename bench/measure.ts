/** One thing to time. */
export interface Contender {
  readonly name: string
  /**
   * Runs once; resolves when the answer is complete in the engine's memory. What times itself gives its
   * milliseconds.
   */
  run(): Promise<number | void>
  /** Untimed, after each run. */
  after?(): Promise<void>
}

export interface Timing {
  readonly medianMs: number
  readonly minMs: number
  /** One a round, in the order of rounds. */
  readonly samplesMs: readonly number[]
}

export interface MeasureOptions {
  /** Untimed rounds: at least so many, and for at least so long, until compilers have done their work. */
  readonly warmUpRuns: number
  readonly warmUpMs: number
  readonly runs: number
}

/**
 * Times contenders in turn (A B A B ...), so that a change in the machine's speed meets all of them.
 * The first of each round alternates.
 */
export async function measure(
  contenders: readonly Contender[],
  { warmUpRuns, warmUpMs, runs }: MeasureOptions,
): Promise<readonly Timing[]> {
  const warm = performance.now() + warmUpMs
  for (let round = 0; round < warmUpRuns || performance.now() < warm; round++) {
    await runRound(contenders, round)
  }
  const rounds: (readonly number[])[] = []
  while (rounds.length < runs) rounds.push(await runRound(contenders, rounds.length))
  return contenders.map((_, index) => summarize(rounds.map((times) => times[index] ?? NaN)))
}

/** Runs each contender once; their times in milliseconds. */
async function runRound(contenders: readonly Contender[], round: number): Promise<number[]> {
  const times: number[] = contenders.map(() => NaN)
  const order = contenders.map((_, index) => (index + round) % contenders.length)
  for (const index of order) {
    const started = performance.now()
    const told = await contenders[index]!.run()
    times[index] = told ?? performance.now() - started
    await contenders[index]!.after?.()
  }
  return times
}

export function summarize(samples: readonly number[]): Timing {
  const sorted = samples.toSorted((a, b) => a - b)
  return { medianMs: quantile(sorted, 0.5), minMs: sorted[0] ?? NaN, samplesMs: samples }
}

/** A quantile of ascending samples, by linear interpolation. */
export function quantile(sorted: readonly number[], fraction: number): number {
  const at = (sorted.length - 1) * fraction
  const [low, high] = [sorted[Math.floor(at)] ?? NaN, sorted[Math.ceil(at)] ?? NaN]
  return low + (high - low) * (at - Math.floor(at))
}

export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length)
}
