// Directories over rows. Rows are named by their number here; lists say where each is found.

/** The reference of `groupEnter`: the row in each slot, next free slot on collision. */
export function enterGroups(hashes: readonly number[], slots: number): (number | undefined)[] {
  const directory = Array.from<number | undefined>({ length: slots })
  hashes.forEach((hash, row) => {
    let slot = hash % slots
    while (directory[slot] !== undefined) slot = (slot + 1) % slots
    directory[slot] = row
  })
  return directory
}

/** The reference of counting and scattering: the rows of each bucket, in their order. */
export function bucketsOf(bucketByRow: readonly number[], buckets: number): number[][] {
  const lists: number[][] = Array.from({ length: buckets }, () => [])
  bucketByRow.forEach((bucket, row) => lists[bucket]!.push(row))
  return lists
}

/** The reference of the chains that `joinLink` and `rankLink` make: the row that came last is first. */
export function chainsOf<T>(keys: readonly (T | undefined)[]): ReadonlyMap<T, readonly number[]> {
  const chains = new Map<T, number[]>()
  keys.forEach((key, row) => {
    if (key !== undefined) chains.set(key, [row, ...(chains.get(key) ?? [])])
  })
  return chains
}

/** The rows of a chain that `joinLink` looks at behind one. */
const CHAIN_LOOKED_AT = 8

/**
 * The reference of what `joinLink` says of each row of a chain: none behind it has its hash. It does not say
 * so where it would have to look further than it does.
 */
export function lastOfHash(chain: readonly number[]): readonly boolean[] {
  return chain.map(
    (hash, at) => chain.length - at - 1 <= CHAIN_LOOKED_AT && !chain.includes(hash, at + 1),
  )
}

/** The reference of the filter: the three bits that a hash sets in the word it belongs to. */
export function bloomBits(hash: number): bigint {
  return [0, 6, 12].reduce((bits, shift) => bits | (1n << BigInt((hash >>> shift) % 64)), 0n)
}

/** The reference of `rankMark` and `rankCount`: a word of marked keys, and how many lie before it. */
export function rankWords(
  keys: readonly number[],
  words: number,
): readonly { readonly bits: bigint; readonly before: number }[] {
  const marked = [...new Set(keys)]
  return Array.from({ length: words }, (_, word) => ({
    bits: marked
      .filter((key) => Math.floor(key / 64) === word)
      .reduce((bits, key) => bits | (1n << BigInt(key % 64)), 0n),
    before: marked.filter((key) => key < 64 * word).length,
  }))
}

/** The reference of `rankPlace`: the rows in the order of their keys, which are unique. */
export function rowsInOrder(keys: readonly number[]): readonly number[] {
  return keys.map((_, row) => row).toSorted((a, b) => keys[a]! - keys[b]!)
}
