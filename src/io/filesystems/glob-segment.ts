/** What one place of a pattern takes: a character of some kind, or any number of any. */
type Token = { readonly kind: 'star' } | { readonly kind: 'one'; takes(code: number): boolean }

/**
 * Tells which names match a pattern of one path segment: `*`, `?`, `[abc]`, `[a-z]`, `[!abc]`. A leading
 * dot must be written: `*` does not find hidden files. Takes time in proportion to both lengths.
 */
export function segmentMatcher(segment: string): { test(name: string): boolean } {
  // Most patterns end so: all names of a folder pass it.
  if (segment === '*') return { test: (name) => !name.startsWith('.') }
  const tokens = tokensOf(segment)
  const findsHidden = !/^[*?[]/.test(segment)
  return {
    test: (name) =>
      (findsHidden || !name.startsWith('.')) &&
      matches(
        tokens,
        Array.from(name, (character) => character.codePointAt(0)!),
      ),
  }
}

function tokensOf(segment: string): readonly Token[] {
  const tokens: Token[] = []
  for (let at = 0; at < segment.length; at++) {
    const character = String.fromCodePoint(segment.codePointAt(at)!)
    // A closing bracket in first place is a member.
    const from = at + (/^[!^]/.test(segment.slice(at + 1, at + 2)) ? 2 : 1)
    const end = character === '[' ? segment.indexOf(']', from + 1) : -1
    if (character === '*') tokens.push({ kind: 'star' })
    else if (character === '?') tokens.push({ kind: 'one', takes: () => true })
    else if (end < 0) tokens.push(literal(character))
    else {
      tokens.push(members(segment.slice(from, end), from > at + 1))
      at = end
    }
    at += character.length - 1
  }
  return tokens
}

function literal(character: string): Token {
  const wanted = character.codePointAt(0)
  return { kind: 'one', takes: (code) => code === wanted }
}

/** Characters and ranges of them; a range that ends before it begins has none. */
function members(list: string, negated: boolean): Token {
  const codes = Array.from(list, (character) => character.codePointAt(0)!)
  const ranges: (readonly [number, number])[] = []
  for (let at = 0; at < codes.length; at++) {
    const isRange = codes[at + 1] === HYPHEN && at + 2 < codes.length
    ranges.push([codes[at]!, codes[isRange ? at + 2 : at]!])
    if (isRange) at += 2
  }
  const isMember = (code: number): boolean =>
    ranges.some(([low, high]) => low <= code && code <= high)
  return { kind: 'one', takes: (code) => isMember(code) !== negated }
}

const HYPHEN = 45

/** Only the last star is ever tried again: an earlier one took the least that it could. */
function matches(tokens: readonly Token[], name: readonly number[]): boolean {
  let token = 0
  let star: { readonly token: number; at: number } | undefined
  for (let at = 0; at < name.length || token < tokens.length;) {
    const next = tokens[token]
    const code = name[at]
    if (next?.kind === 'star') star = { token: token++, at }
    else if (code !== undefined && next?.takes(code) === true) {
      token++
      at++
    } else {
      if (star === undefined || star.at >= name.length) return false
      at = ++star.at
      token = star.token + 1
    }
  }
  return true
}
