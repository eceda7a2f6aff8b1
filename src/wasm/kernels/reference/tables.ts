// What puts pieces of columns together: bits, offsets, dictionaries, widths.

/** The reference of `appendBits`: the bits before stay, ones where there is no source. */
export function appendBits(
  before: readonly boolean[],
  from: readonly boolean[] | undefined,
  count: number,
): readonly boolean[] {
  const added = from?.slice(0, count) ?? Array.from({ length: count }, () => true)
  return [...before, ...added]
}

/** The reference of `appendOffsets`: moved so that they begin at `base`. */
export function appendOffsets(offsets: readonly number[], base: number): readonly number[] {
  return offsets.map((offset) => offset - offsets[0]! + base)
}

/**
 * The reference of `dictionaryCodes`: codes in the order of first occurrence, 0 for NULL; ends before
 * the first text that does not fit any more. `entries` is what the dictionary has and grows.
 */
export function dictionaryCodes(
  entries: string[],
  entriesMax: number,
  bytesMax: number,
  texts: readonly (string | null)[],
): readonly number[] {
  const codes: number[] = []
  for (const text of texts) {
    if (text !== null && !entries.includes(text)) {
      const bytes = Buffer.byteLength(entries.join('') + text)
      if (entries.length === entriesMax || bytes > bytesMax) break
      entries.push(text)
    }
    codes.push(text === null ? 0 : entries.indexOf(text))
  }
  return codes
}

/** The reference of `decodeCodes`: the text of each row, empty for NULL. */
export function decodeCodes(
  codes: readonly number[],
  valid: readonly boolean[] | undefined,
  entries: readonly string[],
): readonly string[] {
  return codes.map((code, row) => (valid?.[row] === false ? '' : entries[code]!))
}

/** The reference of `convertIntegers`: what does not fit is cut off. */
export function convertIntegers(values: readonly bigint[], toBytes: number): readonly bigint[] {
  return values.map((value) => BigInt.asIntN(8 * toBytes, value))
}
