/**
 * A piece of SQL that knows how it may become smaller: what a generator makes and a shrinker cuts down.
 * Parts are joined as they are; each of `smaller` can stand in the piece's place.
 */
export interface Piece {
  readonly parts: readonly (string | Piece)[]
  readonly smaller: readonly Piece[]
}

export function piece(parts: readonly (string | Piece)[], smaller: readonly Piece[] = []): Piece {
  return { parts, smaller }
}

/** `sql` is a template whose pieces stay pieces. */
export function sql(strings: TemplateStringsArray, ...values: readonly (string | Piece)[]): Piece {
  return piece(
    strings.flatMap((text, index) => (index === 0 ? [text] : [values[index - 1]!, text])),
  )
}

/** Something that may be left out. */
export function optional(inner: Piece): Piece {
  return piece([inner], [nothing])
}

export const nothing: Piece = piece([''])

/** Items with separators between them, of which any may go while `itemsMin` are left. */
export function list(items: readonly Piece[], separator: string, itemsMin = 1): Piece {
  const parts = items.flatMap((item, index) => (index === 0 ? [item] : [separator, item]))
  if (items.length <= itemsMin) return piece(parts)
  return {
    parts,
    // Made when asked for: a list has as many smaller ones as there are sets.
    get smaller() {
      const half = items.slice(0, Math.max(itemsMin, items.length >> 1))
      const fewer = items.map((_, dropped) => items.filter((_, index) => index !== dropped))
      return [half, ...fewer].map((rest) => list(rest, separator, itemsMin))
    },
  }
}

/** Parts with commas between them, of which none may go. */
export function separated(items: readonly Piece[]): readonly (string | Piece)[] {
  return items.flatMap((item, index) => (index === 0 ? [item] : [', ', item]))
}

/** The text of a piece. */
export function render({ parts }: Piece): string {
  return parts.map((part) => (typeof part === 'string' ? part : render(part))).join('')
}

/** Every piece that is one step smaller; those that leave out most come first. */
export function* smallerPieces(whole: Piece): Generator<Piece> {
  yield* whole.smaller
  for (const [index, part] of whole.parts.entries()) {
    if (typeof part === 'string') continue
    for (const smaller of smallerPieces(part)) {
      yield {
        parts: whole.parts.with(index, smaller),
        get smaller() {
          return whole.smaller
        },
      }
    }
  }
}

/**
 * The smallest piece found that still shows what `shows` looks for: greedy descent, at most
 * `attemptsMax` questions.
 */
export async function shrink(
  whole: Piece,
  attemptsMax: number,
  shows: (smaller: Piece) => Promise<boolean>,
): Promise<Piece> {
  let attempts = 0
  let current = whole
  for (let found = true; found;) {
    found = false
    for (const candidate of smallerPieces(current)) {
      if (++attempts > attemptsMax) return current
      if (!(await shows(candidate))) continue
      current = candidate
      found = true
      break
    }
  }
  return current
}
