import { alphaRanges, graphRanges, lowerRanges, upperRanges } from './letter-classes.ts'

/** Code points as ranges: first, last, first, last ...; rising, and never touching each other. */
export type CharacterSet = readonly number[]

export const CODE_POINT_MAX = 0x10ffff

export const everything: CharacterSet = [0, CODE_POINT_MAX]

/** The set of all code points that lie in any of the ranges, which may come in any order. */
export function setOfRanges(ranges: readonly (readonly [first: number, last: number])[]): number[] {
  const result: number[] = []
  for (const [first, last] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const end = result.at(-1) ?? -2
    if (first > last) continue
    if (first <= end + 1) result[result.length - 1] = Math.max(end, last)
    else result.push(first, last)
  }
  return result
}

function rangesOf(set: CharacterSet): (readonly [number, number])[] {
  const ranges: [number, number][] = []
  for (let at = 0; at < set.length; at += 2) ranges.push([set[at] ?? 0, set[at + 1] ?? 0])
  return ranges
}

export function union(...sets: readonly CharacterSet[]): CharacterSet {
  return setOfRanges(sets.flatMap(rangesOf))
}

export function complement(set: CharacterSet): CharacterSet {
  const result: number[] = []
  let next = 0
  for (let at = 0; at < set.length; at += 2) {
    const first = set[at] ?? 0
    if (first > next) result.push(next, first - 1)
    next = (set[at + 1] ?? 0) + 1
  }
  if (next <= CODE_POINT_MAX) result.push(next, CODE_POINT_MAX)
  return result
}

export function setHas(set: CharacterSet, code: number): boolean {
  let low = 0
  let high = set.length / 2
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((set[2 * middle + 1] ?? 0) < code) low = middle + 1
    else high = middle
  }
  return low < set.length / 2 && (set[2 * low] ?? 0) <= code
}

function decode(lines: readonly string[]): CharacterSet {
  const result: number[] = []
  let last = 0
  for (const word of lines.join(' ').split(' ')) {
    last += Number.parseInt(word, 36)
    result.push(last)
  }
  return result
}

const digit: CharacterSet = [48, 57]
const newlines: CharacterSet = [9, 13, 0x2028, 0x2029]
const blanks = setOfRanges([
  [0x20, 0x20],
  [0x1680, 0x1680],
  [0x2000, 0x2006],
  [0x2008, 0x200a],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
])

export type ClassName =
  | 'alpha'
  | 'upper'
  | 'lower'
  | 'graph'
  | 'digit'
  | 'alnum'
  | 'word'
  | 'punct'
  | 'print'
  | 'space'
  | 'blank'
  | 'cntrl'
  | 'xdigit'
  | 'ascii'

/** PostgreSQL's character classes, as it has them in the locale C.UTF-8, and how each is made. */
const makers: Readonly<Record<ClassName, () => CharacterSet>> = {
  alpha: () => decode(alphaRanges),
  upper: () => decode(upperRanges),
  lower: () => decode(lowerRanges),
  graph: () => decode(graphRanges),
  digit: () => digit,
  alnum: () => union(characterClass('alpha'), digit),
  word: () => union(characterClass('alnum'), [95, 95]),
  punct: () => complement(union(complement(characterClass('graph')), characterClass('alnum'))),
  print: () => union(characterClass('graph'), blanks),
  space: () => union(newlines, blanks),
  blank: () => [9, 9, 32, 32],
  cntrl: () => [1, 31, 127, 159],
  xdigit: () => [48, 57, 65, 70, 97, 102],
  ascii: () => [0, 127],
}

export function isClassName(name: string): name is ClassName {
  return Object.hasOwn(makers, name)
}

const made = new Map<ClassName, CharacterSet>()

/** A class by its name in `[[:name:]]`; made when it is first asked for. */
export function characterClass(name: ClassName): CharacterSet {
  const known = made.get(name)
  if (known !== undefined) return known
  const set = makers[name]()
  made.set(name, set)
  return set
}
