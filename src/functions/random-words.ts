/** Random bits of the system, which is asked for as many at once as it gives: asking costs more than the bits. */
const words = new BigInt64Array(8_192)
let used = words.length

/** So many random words of 64 bits at most, one at least; none is given out twice. They are to be used at once. */
export function randomWords(wanted: number): BigInt64Array {
  if (used === words.length) {
    crypto.getRandomValues(words)
    used = 0
  }
  const taken = words.subarray(used, used + wanted)
  used += taken.length
  return taken
}

export function randomWord(): bigint {
  return randomWords(1)[0] ?? 0n
}
