/** The reference of `marksWithin`: which rows stay marked. */
export function within(
  marks: readonly boolean[],
  values: readonly bigint[],
  low: bigint,
  high: bigint,
): boolean[] {
  return marks.map((mark, row) => mark && values[row]! >= low && values[row]! <= high)
}

/** The reference of `marksByCode`. */
export function byCode(
  marks: readonly boolean[],
  codes: readonly number[],
  flags: readonly boolean[],
): boolean[] {
  return marks.map((mark, row) => mark && flags[codes[row]!]!)
}

/** The reference of `marksByRank`. */
export function byKeys(
  marks: readonly boolean[],
  values: readonly bigint[],
  keys: ReadonlySet<bigint>,
): boolean[] {
  return marks.map((mark, row) => mark && keys.has(values[row]!))
}

/** The reference of `marksOfNulls`. */
export function ofNulls(
  marks: readonly boolean[],
  before: readonly boolean[],
  valid: readonly boolean[],
  keepsNulls: boolean,
): boolean[] {
  return marks.map((mark, row) => (valid[row]! ? mark : keepsNulls && before[row]!))
}

/** The reference of `markedBlocks`. */
export function blocksOf(marks: readonly boolean[]): boolean[] {
  const count = Math.ceil(marks.length / 512)
  return Array.from({ length: count }, (_, block) =>
    marks.slice(block * 512, block * 512 + 512).includes(true),
  )
}
