/** How much a query was too much for the memory. */
export interface RunFigures {
  /** Into how many parts its rows were divided; 1 where it fit. */
  parts: number
  /** Bytes that were written to files, by all of its runs. */
  spilledBytes: number
  /** Whether a task found the memory full that is its stage's only one: more parts do not make it smaller. */
  isUndivided?: boolean
}
