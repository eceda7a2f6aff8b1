/**
 * Whether a text ends with a `;` that is not inside a string, a quoted name, a comment or a dollar
 * quote: what tells the shell that a statement is complete.
 */
export function isComplete(text: string): boolean {
  let at = 0
  let complete = false
  while (at < text.length) {
    const rest = text.slice(at)
    const skipped = /^(?:\s+|--[^\n]*|\/\*[\s\S]*?\*\/)/.exec(rest)?.[0]
    if (skipped !== undefined) {
      at += skipped.length
      continue
    }
    const token = quoted(rest)
    if (token === undefined) return false
    complete = token === ';'
    at += token.length
  }
  return complete
}

/** The token at the start of a text; undefined when it is not closed. */
function quoted(text: string): string | undefined {
  const dollar = /^\$(?:[A-Za-z_]\w*)?\$/.exec(text)?.[0]
  if (dollar !== undefined) {
    const end = text.indexOf(dollar, dollar.length)
    return end < 0 ? undefined : text.slice(0, end + dollar.length)
  }
  if (text.startsWith("'")) return /^'(?:[^']|'')*'/.exec(text)?.[0]
  if (text.startsWith('"')) return /^"(?:[^"]|"")*"/.exec(text)?.[0]
  if (text.startsWith('/*')) return undefined
  return text[0]
}
