/** Inclusive bounds of an integer-like value (integers, decimals, dates, times), in the unit it is stored in. */
export interface ValueBounds {
  readonly min: bigint
  readonly max: bigint
}
