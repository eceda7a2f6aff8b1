/** One thing to time. */
export interface Contender {
  readonly name: string
  /**
   * Runs once; resolves when the answer is complete in the engine's memory. What times itself gives its
   * milliseconds.
   */
  run(): Promise<number | void>
  /** Untimed, before each run. */
  before?(): void
  /** Untimed, after each run. */
  after?(): Promise<void>
}

export interface Timing {
  readonly medianMs: number
  readonly minMs: number
  /** Processor time of all threads of this process, median of rounds; NaN of what timed itself. */
  readonly cpuMs: number
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
  const rounds: (readonly Sample[])[] = []
  while (rounds.length < runs) rounds.push(await runRound(contenders, rounds.length))
  return contenders.map((_, index) => {
    const samples = rounds.map((round) => round[index]!)
    const timing = summarize(samples.map(({ wallMs }) => wallMs))
    return { ...timing, cpuMs: median(samples.map(({ cpuMs }) => cpuMs)) }
  })
}

interface Sample {
  readonly wallMs: number
  readonly cpuMs: number
}

/** Runs each contender once. */
async function runRound(
  contenders: readonly Contender[],
  round: number,
): Promise<readonly Sample[]> {
  const samples: Sample[] = []
  const order = contenders.map((_, index) => (index + round) % contenders.length)
  for (const index of order) {
    contenders[index]!.before?.()
    const [started, used] = [performance.now(), process.cpuUsage()]
    const told = await contenders[index]!.run()
    const { user, system } = process.cpuUsage(used)
    samples[index] =
      told === undefined
        ? { wallMs: performance.now() - started, cpuMs: (user + system) / 1_000 }
        : { wallMs: told, cpuMs: NaN }
    await contenders[index]!.after?.()
  }
  return samples
}

export function summarize(samples: readonly number[]): Timing {
  const sorted = samples.toSorted((a, b) => a - b)
  const [medianMs, minMs = NaN] = [quantile(sorted, 0.5), sorted[0]]
  return { medianMs, minMs, cpuMs: NaN, samplesMs: samples }
}

export function median(samples: readonly number[]): number {
  return quantile(
    samples.toSorted((a, b) => a - b),
    0.5,
  )
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
