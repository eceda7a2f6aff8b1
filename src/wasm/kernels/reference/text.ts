// Text as JavaScript has it. Offsets that kernels count in bytes are counted in UTF-8 here, too.

/** The reference of `textOrder`: by unsigned bytes, a prefix first. */
export function compareTexts(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right))
}

/** The reference of `textFind`: the byte offset of the first occurrence from a byte on, or -1. */
export function findText(text: string, needle: string, from: number): number {
  const bytes = Buffer.from(text)
  return from > bytes.length ? -1 : bytes.indexOf(needle, from)
}

/** The reference of `textLike`: 1 match, 0 none, 2 the pattern ends with its escape character. */
export function like(text: string, pattern: string, escape: string | undefined): number {
  return likeCharacters([...text], [...pattern], escape)
}

function likeCharacters(
  text: readonly string[],
  pattern: readonly string[],
  escape: string | undefined,
): number {
  const [head, ...rest] = pattern
  if (head === undefined) return text.length === 0 ? 1 : 0
  if (head === '%' && escape !== '%') {
    for (let skipped = 0; skipped <= text.length; skipped++) {
      const outcome = likeCharacters(text.slice(skipped), rest, escape)
      if (outcome !== 0) return outcome
    }
    return 0
  }
  if (text.length === 0) return 0
  if (head === escape) {
    if (rest.length === 0) return 2
    return rest[0] === text[0] ? likeCharacters(text.slice(1), rest.slice(1), escape) : 0
  }
  const fits = head === '_' || head === text[0]
  return fits ? likeCharacters(text.slice(1), rest, escape) : 0
}

/** The reference of `textSlice`: characters from number `from` (from 0) up to number `to`. */
export function sliceText(text: string, from: number, to: number): string {
  return [...text].slice(Math.max(0, from), Math.max(0, to)).join('')
}

/** The reference of `textLeft`: a negative count leaves out that many characters at the end. */
export function leftOf(text: string, count: number): string {
  return [...text].slice(0, count).join('')
}

/** The reference of `textRight`: a negative count leaves out that many at the start. */
export function rightOf(text: string, count: number): string {
  const characters = [...text]
  if (count === -(2 ** 31)) return text
  const first = count >= 0 ? Math.max(0, characters.length - count) : -count
  return characters.slice(first).join('')
}

/** The reference of `textPosition`: in characters from 1, 0 without the needle. */
export function positionOf(text: string, needle: string): number {
  const at = text.indexOf(needle)
  const before = text.slice(0, at)
  return at < 0 ? 0 : [...before].length + 1
}

/** The reference of `textTrim`: bit 0 of `sides` is the start, bit 1 the end. */
export function trim(text: string, set: string, sides: number): string {
  const characters = [...text]
  const kept = characters.map((character) => !set.includes(character))
  const first = (sides & 1) === 0 ? 0 : kept.indexOf(true)
  const last = (sides & 2) === 0 ? kept.length - 1 : kept.lastIndexOf(true)
  return first < 0 ? '' : characters.slice(first, last + 1).join('')
}
