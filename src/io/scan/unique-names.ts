import { textOfUtf8 } from '../../base/utf8.ts'

/** Bytes of a name that a query can say: longer ones are cut, as PostgreSQL cuts its identifiers. */
const NAME_BYTES_MAX = 63

/** `a, a, a` become `a, a_1, a_2`. */
export function uniqueNames(names: readonly string[]): readonly string[] {
  return distinct(names, (name, ending) => name + ending)
}

/** Names that a query can say, each a column's own: cut to 63 bytes, equal ones numbered. */
export function nameableNames(names: readonly string[]): readonly string[] {
  return distinct(
    names.map((name) => cut(name, NAME_BYTES_MAX)),
    (name, ending) => cut(name, NAME_BYTES_MAX - ending.length) + ending,
  )
}

function distinct(
  names: readonly string[],
  numbered: (name: string, ending: string) => string,
): readonly string[] {
  const taken = new Set<string>()
  // Where to go on counting, so that a thousand equal names are not a million tries.
  const counts = new Map<string, number>()
  return names.map((name) => {
    let unique = name
    let count = counts.get(name) ?? 0
    for (; taken.has(unique); unique = numbered(name, `_${count}`)) count++
    counts.set(name, count)
    taken.add(unique)
    return unique
  })
}

function cut(name: string, bytesMax: number): string {
  const bytes = new TextEncoder().encode(name)
  if (bytes.length <= bytesMax) return name
  let end = bytesMax
  // Not within a character.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--
  return textOfUtf8(bytes.subarray(0, end))
}
