/** What the writing process is told. */
export interface WriterOptions {
  readonly path: string
  readonly seed: number
  /** By session how many transactions were acknowledged so far. */
  readonly acknowledged: readonly number[]
  readonly checkpointBytes: number
}

/** What it tells. */
export type WriterMessage =
  | { readonly kind: 'opened'; readonly rows: number; readonly faults: readonly string[] }
  | { readonly kind: 'acknowledged'; readonly session: number; readonly number: number }
