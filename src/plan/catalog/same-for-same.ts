/**
 * A function of an object and a text that gives the same result each time: a change is applied again over another root, and
 * what it makes there of the parts that are the same is to be the same, too.
 */
export function sameForSame<Part extends object, Result>(
  make: (part: Part, key: string) => Result,
): (part: Part, key: string) => Result {
  const known = new WeakMap<Part, Map<string, Result>>()
  return (part, key) => {
    const made = known.get(part) ?? new Map<string, Result>()
    known.set(part, made)
    if (!made.has(key)) made.set(key, make(part, key))
    return made.get(key) as Result
  }
}
