import type { Tree } from './tree.ts'

/**
 * What a match is divided into, to find where its groups are. PostgreSQL's rules (Spencer's): the
 * whole match is the leftmost, and the longest or shortest one by the preference of the whole; then
 * each part takes the longest or shortest share by its own preference, earlier parts first. Parts
 * without groups and of one preference stay whole: how these are divided shows nowhere.
 */
export interface Part {
  readonly kind: 'whole' | 'sequence' | 'choice' | 'loop' | 'wrapper' | 'back'
  readonly children: readonly Part[]
  /** What the part matches. */
  readonly tree: Tree
  /** The number of the group that the part is, else 0. */
  readonly capture: number
  readonly prefersShort: boolean
  readonly hasBack: boolean
  /** Of a loop or a back reference. */
  readonly min: number
  readonly max: number
  /** The group that a back reference repeats. */
  readonly group: number
  /** Bounds of the numbers of all groups inside, for forgetting them; empty if first > last. */
  readonly captures: readonly [first: number, last: number]
}

// Properties of a part; those below MIXED are its own preference, the others pass on to what holds it.
const LONGER = 1
const SHORTER = 2
const MIXED = 4
const CAPTURES = 8
const REFERS = 16
const OWN = LONGER | SHORTER

function passedOn(flags: number): number {
  return (flags & ~OWN) | ((flags << 2) & (flags << 1) & MIXED)
}

/** The first part's preference, if it has one, is the preference of both. */
function combined(first: number, second: number): number {
  return passedOn(first | second) | ((first & OWN) === 0 ? second & OWN : first & OWN)
}

function isDivided(flags: number): boolean {
  return (flags & (MIXED | CAPTURES | REFERS)) !== 0
}

interface Draft {
  kind: Part['kind']
  flags: number
  capture: number
  children: Draft[]
  tree: Tree
  min: number
  max: number
  group: number
}

function draft(kind: Part['kind'], flags: number, tree: Tree, children: Draft[] = []): Draft {
  return { kind, flags, tree, children, capture: 0, min: 1, max: 1, group: 0 }
}

export function partsOf(tree: Tree): Part {
  return finished(draftChoice(tree))
}

function finished(source: Draft): Part {
  const children = source.children.map(finished)
  const captures: [number, number] = [Infinity, 0]
  for (const [first, last] of children.map((child) => child.captures)) {
    captures[0] = Math.min(captures[0], first)
    captures[1] = Math.max(captures[1], last)
  }
  if (source.capture > 0) {
    captures[0] = Math.min(captures[0], source.capture)
    captures[1] = Math.max(captures[1], source.capture)
  }
  const { kind, flags, tree, capture, min, max, group } = source
  const prefersShort = (flags & SHORTER) !== 0
  const hasBack = (flags & REFERS) !== 0
  return { kind, children, tree, capture, prefersShort, hasBack, min, max, group, captures }
}

function draftChoice(tree: Tree): Draft {
  if (tree.kind !== 'choice') return draftBranch(itemsOf(tree), 0)
  const children = tree.branches.map((branch) => draftBranch(itemsOf(branch), 0))
  let flags = LONGER
  for (const child of children) flags |= passedOn(flags | child.flags)
  return isDivided(flags) ? draft('choice', flags, tree, children) : draft('whole', flags, tree)
}

function itemsOf(tree: Tree): readonly Tree[] {
  return tree.kind === 'sequence' ? tree.items : [tree]
}

function sequenceOf(items: readonly Tree[]): Tree {
  const [only] = items
  return items.length === 1 && only !== undefined ? only : { kind: 'sequence', items }
}

/** The items from a place on: a plain beginning, then a part that is divided, then the rest. */
function draftBranch(items: readonly Tree[], start: number): Draft {
  let flags = 0
  for (let at = start; at < items.length; at++) {
    const item = items[at]
    if (item === undefined || item.kind === 'place' || item.kind === 'look') continue
    const quantified = quantifiedOf(item)
    const { atom, prefer } = quantified
    const inner = draftAtom(atom)
    const all = flags | prefer | inner.flags
    const captures = atom.kind === 'back' || (atom.kind === 'group' && atom.capture > 0)
    if (!captures && !isDivided(passedOn(all))) {
      flags = all
      continue
    }
    const plain = draft('whole', flags, sequenceOf(items.slice(start, at)))
    const piece = draftPiece(item, quantified, inner)
    const rest = at + 1 < items.length ? draftBranch(items, at + 1) : undefined
    return joined(at > start ? plain : undefined, piece, prefer, inner.flags, rest)
  }
  return draft('whole', flags, sequenceOf(items.slice(start)))
}

function joined(
  plain: Draft | undefined,
  piece: Draft,
  prefer: number,
  innerFlags: number,
  rest: Draft | undefined,
): Draft {
  const before = plain?.flags ?? 0
  if (rest === undefined) {
    if (plain === undefined) return piece
    const flags = before | combined(before, piece.flags)
    return draft('sequence', flags, sequenceOf([plain.tree, piece.tree]), [plain, piece])
  }
  const tailTree = sequenceOf([piece.tree, rest.tree])
  const own = combined(prefer, innerFlags)
  let tail = draft('sequence', own | combined(own, rest.flags), tailTree, [piece, rest])
  const flags = before | combined(before, tail.flags)
  if (plain === undefined) return { ...tail, flags }
  // What was divided only for its preference may be whole again with what is behind it.
  const together = passedOn(piece.flags | rest.flags)
  if (piece.kind === 'whole' && rest.kind === 'whole' && !isDivided(together)) {
    tail = draft('whole', combined(piece.flags, rest.flags), tailTree)
  }
  return draft('sequence', flags, sequenceOf([plain.tree, tailTree]), [plain, tail])
}

interface Quantified {
  readonly atom: Tree
  readonly min: number
  readonly max: number
  readonly prefer: number
}

function quantifiedOf(item: Tree): Quantified {
  if (item.kind !== 'repeat') return { atom: item, min: 1, max: 1, prefer: 0 }
  const prefer = item.prefer === 'longest' ? LONGER : item.prefer === 'shortest' ? SHORTER : 0
  return { atom: item.body, min: item.min, max: item.max, prefer }
}

function draftAtom(atom: Tree): Draft {
  if (atom.kind === 'back') return { ...draft('back', REFERS, atom), group: atom.group }
  if (atom.kind !== 'group') return draft('whole', 0, atom)
  const inner = draftChoice(atom.body)
  if (atom.capture === 0) return inner
  const flags = inner.flags | CAPTURES
  if (inner.capture === 0) return { ...inner, flags, capture: atom.capture }
  return { ...draft('wrapper', flags, atom, [inner]), capture: atom.capture }
}

function draftPiece(item: Tree, { atom, min, max, prefer }: Quantified, inner: Draft): Draft {
  const flags = combined(prefer, inner.flags)
  if (atom.kind === 'back') {
    return { ...inner, tree: item, min, max, flags: inner.flags | flags }
  }
  const own = inner.flags & (OWN | MIXED)
  if (min === 1 && max === 1 && (prefer === 0 || own === 0 || prefer === own)) return inner
  if ((inner.flags & (CAPTURES | REFERS)) === 0) return draft('whole', flags, item)
  if (min > 0 && (inner.flags & REFERS) === 0) {
    // Only the last repetition's groups count: x{m,n} is x{m-1,n-1}, as a whole, and then x.
    const body = atom
    const before: Tree = { kind: 'repeat', body, min: min - 1, max: max - 1, prefer: 'longest' }
    return draft('sequence', flags, item, [draft('whole', flags & OWN, before), inner])
  }
  return { ...draft('loop', flags, item, [inner]), min, max }
}
