/** One thing to time. */
export interface Contender {
  readonly name: string
  /** Runs once; resolves when the answer is complete in the engine's memory. */
  run(): Promise<void>
  /** Untimed, after each run. */
  after?(): Promise<void>
}

export interface Timing {
  readonly medianMs: number
  readonly minMs: number
  readonly samples: number
}

export interface MeasureOptions {
  readonly warmUpRuns: number
  readonly runs: number
}

/**
 * Times contenders in turn (A B A B ...), so that a change in the machine's speed meets all of them.
 * The first of each round alternates.
 */
export async function measure(
  contenders: readonly Contender[],
  { warmUpRuns, runs }: MeasureOptions,
): Promise<readonly Timing[]> {
  const samples: number[][] = contenders.map(() => [])
  for (let round = -warmUpRuns; round < runs; round++) {
    const order = contenders.map((_, index) => (index + Math.max(round, 0)) % contenders.length)
    for (const index of order) {
      const started = performance.now()
      await contenders[index]!.run()
      if (round >= 0) samples[index]!.push(performance.now() - started)
      await contenders[index]!.after?.()
    }
  }
  return samples.map(summarize)
}

export function summarize(samples: readonly number[]): Timing {
  const sorted = samples.toSorted((a, b) => a - b)
  return { medianMs: quantile(sorted, 0.5), minMs: sorted[0] ?? NaN, samples: sorted.length }
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
