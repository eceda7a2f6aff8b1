/** What a fuzzer is told. */
export interface FuzzOptions {
  /** How long to look for faults; what is begun then is finished. */
  readonly seconds: number
  /** Everything random follows from it. */
  readonly seed: number
  /** A run ends early when it has found so much; undefined: as the fuzzer likes. */
  readonly findingsMax: number | undefined
  /** Whether findings are made smaller before they are told, where that takes long. */
  readonly shrinks: boolean
  /** What else stood on the command line. */
  readonly rest: readonly string[]
}

/**
 * A fuzzer: `fuzz/<name>/run.ts` exports it as `run`. It prints each finding, shrunk, with the seed
 * that gives it again, and tells how many it made.
 */
export type RunFuzzer = (options: FuzzOptions) => Promise<number>
