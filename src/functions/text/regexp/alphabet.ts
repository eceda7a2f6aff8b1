import { present } from '../../../base/assert.ts'
import { characterClass, type CharacterSet, CODE_POINT_MAX, setHas } from '../character-set.ts'
import type { Tree } from './tree.ts'

/** What a place's neighbour is to the conditions on places. */
export const EDGE = 0
export const NEWLINE = 1
export const WORD = 2
export const OTHER = 3

const LATIN = 256
const SMALL_SET = 16
const NEWLINE_CODE = 10

/**
 * The characters sorted into classes, such that all of a class are alike to every set of a pattern:
 * its programs then look at a small number instead of at a code point.
 */
export interface Alphabet {
  /** The class beyond both ends of a text; the others are smaller. */
  readonly edge: number
  /** The kind of a class, for conditions: EDGE, NEWLINE, WORD, OTHER. */
  readonly kinds: Uint8Array
  /** For each set of the pattern, which classes are in it. */
  readonly members: ReadonlyMap<CharacterSet, Uint8Array>
  /** Classes of the first code points. */
  readonly latin: Uint16Array
  /** First code points of the ranges, rising, and the class of each. */
  readonly starts: Int32Array
  readonly classes: Uint16Array
}

/** The class of a code point. */
export function classOf({ latin, starts, classes }: Alphabet, code: number): number {
  if (code < LATIN) return latin[code] ?? 0
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >>> 1
    if ((starts[middle] ?? 0) <= code) low = middle
    else high = middle - 1
  }
  return classes[low] ?? 0
}

export function alphabetOf(tree: Tree): Alphabet {
  const found: Found = { sets: new Map(), referred: new Set(), words: false, lines: false }
  collect(tree, found)
  const sets = [...new Map([...found.sets].map(([set, key]) => [key, set])).values()]
  const word: CharacterSet = found.words ? characterClass('word') : []
  const line: CharacterSet = found.lines ? [NEWLINE_CODE, NEWLINE_CODE] : []
  const starts = boundaries([...sets, word, line])
  const classes = new Uint16Array(starts.length)
  const numbers = new Map<string, number>()
  const samples: number[] = []
  const walkers = [...sets, word, line].map(walker)
  starts.forEach((start, at) => {
    const key = walkers.map((has) => (has(start) ? '1' : '0')).join('')
    const number = numbers.get(key) ?? numbers.size
    if (number === numbers.size) {
      numbers.set(key, number)
      samples.push(start)
    }
    classes[at] = number
  })
  const kinds = new Uint8Array(samples.length + 1)
  samples.forEach((code, number) => {
    kinds[number] = setHas(line, code) ? NEWLINE : setHas(word, code) ? WORD : OTHER
  })
  const byKey = new Map(
    sets.map((set) => [
      found.sets.get(set),
      Uint8Array.from(samples, (code) => (setHas(set, code) ? 1 : 0)),
    ]),
  )
  const members = new Map(
    [...found.sets].map(([set, key]) => [set, present(byKey.get(key), 'a set without members')]),
  )
  const alphabet = { edge: samples.length, kinds, members, starts, classes }
  const latin = new Uint16Array(0)
  const slow = { ...alphabet, latin }
  return { ...alphabet, latin: Uint16Array.from({ length: LATIN }, (_, code) => find(slow, code)) }
}

function find({ starts, classes }: Alphabet, code: number): number {
  let at = 0
  while (at + 1 < starts.length && (starts[at + 1] ?? 0) <= code) at++
  return classes[at] ?? 0
}

/** Whether a set has code points that are asked for in rising order. */
function walker(set: CharacterSet): (code: number) => boolean {
  let at = 0
  return (code) => {
    while (at < set.length && (set[at + 1] ?? 0) < code) at += 2
    return at < set.length && (set[at] ?? 0) <= code
  }
}

function boundaries(sets: readonly CharacterSet[]): Int32Array {
  const starts = new Set([0])
  for (const set of sets) {
    for (let at = 0; at < set.length; at += 2) {
      starts.add(set[at] ?? 0)
      const next = (set[at + 1] ?? 0) + 1
      if (next <= CODE_POINT_MAX) starts.add(next)
    }
  }
  return Int32Array.from(starts).sort()
}

interface Found {
  /** Equal small sets have equal keys. */
  readonly sets: Map<CharacterSet, CharacterSet | string>
  /** What back references may match, each looked at once. */
  readonly referred: Set<Tree>
  words: boolean
  lines: boolean
}

function collect(tree: Tree, found: Found): void {
  switch (tree.kind) {
    case 'characters':
      found.sets.set(tree.set, tree.set.length > SMALL_SET ? tree.set : tree.set.join())
      break
    case 'place':
      found.words ||= tree.name.startsWith('word')
      found.lines ||= tree.name.startsWith('line')
      break
    case 'sequence':
      for (const item of tree.items) collect(item, found)
      break
    case 'choice':
      for (const branch of tree.branches) collect(branch, found)
      break
    case 'back':
      // Its group may be out of the tree: {0} takes it away.
      if (!found.referred.has(tree.body)) {
        found.referred.add(tree.body)
        collect(tree.body, found)
      }
      break
    case 'group':
    case 'look':
    case 'repeat':
      collect(tree.body, found)
      break
    case 'empty':
      break
  }
}
