/** So many items, one after another. */
export const listed = (count: number, item: (at: number) => string, separator = ', '): string =>
  Array.from({ length: count }, (_, at) => item(at)).join(separator)

/** A leaf with so many levels around it, the innermost first. */
export function nested(
  levels: number,
  leaf: string,
  around: (inner: string, at: number) => string,
): string {
  let text = leaf
  for (let level = 0; level < levels; level++) text = around(text, level)
  return text
}
