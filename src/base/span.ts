/** A half-open range of UTF-16 code units in the text of a statement. */
export interface Span {
  readonly start: number
  readonly end: number
}

export function spanOver(first: Span, last: Span): Span {
  return { start: first.start, end: last.end }
}
