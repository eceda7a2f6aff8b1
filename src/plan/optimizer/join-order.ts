import { assert, present } from '../../base/assert.ts'
import { NODE_STEPS, spend } from '../../base/budget.ts'
import type { ColumnId, Expression } from '../logical/expression.ts'
import type { Relation } from '../logical/relation.ts'
import { columnsUsed } from '../logical/walk.ts'
import type { Estimator } from './cardinality.ts'
import type { RelationProfile } from './profile.ts'
import { joinCost, nestedLoopCost } from './cost.ts'

/** How a region of inner joins is to be joined. */
export type JoinTree =
  | { readonly kind: 'leaf'; readonly relation: Relation }
  | {
      readonly kind: 'join'
      readonly left: JoinTree
      readonly right: JoinTree
      readonly conjuncts: readonly Expression[]
    }

/** What estimating a join of two parts costs. */
const PAIR_STEPS = 8 * NODE_STEPS
/** Up to so many relations every order is tried; above, the cheapest pair is joined each time. */
const EXHAUSTIVE_RELATIONS_MAX = 10
/** Up to so many relations all pairs are looked at; of more, so many at a time, so that time grows with their number. */
const GREEDY_RELATIONS_MAX = 64

interface Candidate {
  readonly tree: JoinTree
  readonly profile: RelationProfile
  readonly cost: number
  /** The leaves in it, as bits. */
  readonly members: bigint
}

interface Predicate {
  readonly expr: Expression
  /** The leaves that it needs, as bits. */
  readonly needs: bigint
}

/**
 * The cheapest bushy tree by dynamic programming over connected subsets (the search space of G.
 * Moerkotte, Th. Neumann: Analysis of Two Existing and One New Dynamic Programming Algorithm, VLDB
 * 2006), or a greedy one (operator ordering, L. Fegaras, 1998) for larger regions. Relations that no
 * conjunct connects are multiplied last.
 */
export function cheapestTree(
  leaves: readonly Relation[],
  conjuncts: readonly Expression[],
  estimator: Estimator,
): JoinTree {
  const leafOf = new Map(leaves.flatMap(({ columns }, leaf) => columns.map(({ id }) => [id, leaf])))
  const predicates = conjuncts.map((expr) => ({ expr, needs: leavesOf(expr, leafOf) }))
  const candidates = leaves.map((relation, i): Candidate => ({
    tree: { kind: 'leaf', relation },
    profile: estimator.profile(relation),
    cost: 0,
    members: 1n << BigInt(i),
  }))
  const best =
    leaves.length <= EXHAUSTIVE_RELATIONS_MAX
      ? exhaustive(candidates, predicates, estimator)
      : greedyInParts(candidates, predicates, estimator)
  return withUnbound(best.tree, predicates)
}

function leavesOf(expr: Expression, leafOf: ReadonlyMap<ColumnId, number>): bigint {
  let bits = 0n
  for (const id of columnsUsed(expr)) {
    const leaf = leafOf.get(id)
    if (leaf !== undefined) bits |= 1n << BigInt(leaf)
  }
  return bits
}

/** The conjuncts that can be tested on the union of two sets of leaves and not on either alone. */
function between(
  predicates: readonly Predicate[],
  left: bigint,
  right: bigint,
): readonly Expression[] {
  const all = left | right
  spend(predicates.length + 1)
  return predicates
    .filter(({ needs }) => (needs & all) === needs && (needs & left) !== needs)
    .filter(({ needs }) => (needs & right) !== needs)
    .map(({ expr }) => expr)
}

function joined(
  left: Candidate,
  right: Candidate,
  conjuncts: readonly Expression[],
  estimator: Estimator,
): Candidate {
  spend(PAIR_STEPS)
  const profile = estimator.innerJoin(left.profile, right.profile, conjuncts)
  const [a, b] = [left.profile.rows, right.profile.rows]
  const own =
    conjuncts.length === 0 ? nestedLoopCost(a, b, profile.rows) : joinCost(a, b, profile.rows)
  const tree = { kind: 'join', left: left.tree, right: right.tree, conjuncts } as const
  const cost = left.cost + right.cost + own
  return { tree, profile, cost, members: left.members | right.members }
}

function exhaustive(
  leaves: readonly Candidate[],
  predicates: readonly Predicate[],
  estimator: Estimator,
): Candidate {
  const all = (1 << leaves.length) - 1
  const best: (Candidate | undefined)[] = Array.from({ length: all + 1 })
  for (const [i, leaf] of leaves.entries()) best[1 << i] = leaf
  for (let set = 1; set <= all; set++) {
    if (best[set] !== undefined) continue
    // Each split once: the half with the lowest leaf is `left`.
    const lowest = set & -set
    for (let left = (set - 1) & set; left > 0; left = (left - 1) & set) {
      if ((left & lowest) === 0) continue
      const [a, b] = [best[left], best[set ^ left]]
      if (a === undefined || b === undefined) continue
      const conjuncts = between(predicates, a.members, b.members)
      if (conjuncts.length === 0) continue
      const candidate = joined(a, b, conjuncts, estimator)
      if (candidate.cost < (best[set]?.cost ?? Infinity)) best[set] = candidate
    }
  }
  const whole = best[all]
  if (whole !== undefined) return whole
  return greedy(components(best, leaves.length), predicates, estimator)
}

/** The best trees of the connected parts of a region that is not connected. */
function components(best: readonly (Candidate | undefined)[], count: number): readonly Candidate[] {
  const parts: Candidate[] = []
  let rest = (1 << count) - 1
  while (rest !== 0) {
    const lowest = rest & -rest
    let largest = lowest
    for (let set = rest; set > 0; set = (set - 1) & rest) {
      if ((set & lowest) !== 0 && best[set] !== undefined && set > largest) {
        if (bits(set) > bits(largest)) largest = set
      }
    }
    parts.push(present(best[largest], 'a leaf has no tree'))
    rest &= ~largest
  }
  return parts
}

function bits(set: number): number {
  let count = 0
  for (let rest = set; rest !== 0; rest &= rest - 1) count += 1
  return count
}

/** A tree among those that are still to be joined, numbered as they came. */
interface Part {
  readonly number: number
  readonly candidate: Candidate
}

/** Two parts and what joining them gives. */
interface Pair {
  readonly left: Part
  readonly right: Part
  readonly joined: Candidate
}

/** As {@link greedy}: of many leaves some that are connected, then the result with some more, and so on. */
function greedyInParts(
  leaves: readonly Candidate[],
  predicates: readonly Predicate[],
  estimator: Estimator,
): Candidate {
  if (leaves.length <= GREEDY_RELATIONS_MAX) return greedy(leaves, predicates, estimator)
  const [first, ...others] = inConnectedOrder(leaves, predicates)
  let whole = present(first, 'no relations to join')
  let open = predicates
  for (let at = 0; at < others.length; at += GREEDY_RELATIONS_MAX - 1) {
    const part = [whole, ...others.slice(at, at + GREEDY_RELATIONS_MAX - 1)]
    const members = part.reduce((bits, candidate) => bits | candidate.members, 0n)
    spend(open.length)
    const within = open.filter(({ needs }) => (needs & members) === needs)
    open = open.filter(({ needs }) => (needs & members) !== needs)
    whole = greedy(part, within, estimator)
  }
  return whole
}

/** The leaves such that each is connected to one before it, as far as conjuncts of two leaves do that. */
function inConnectedOrder(
  leaves: readonly Candidate[],
  predicates: readonly Predicate[],
): readonly Candidate[] {
  const neighbours: number[][] = leaves.map(() => [])
  for (const { needs } of predicates) {
    const ends = membersOf(needs)
    const [left, right] = ends
    if (left === undefined || right === undefined || ends.length > 2) continue
    neighbours[left]!.push(right)
    neighbours[right]!.push(left)
  }
  const seen = new Set<number>()
  const order: number[] = []
  const add = (leaf: number): void => {
    if (!seen.has(leaf)) order.push(leaf)
    seen.add(leaf)
  }
  let visited = 0
  for (const start of leaves.keys()) {
    add(start)
    for (; visited < order.length; visited++) neighbours[order[visited]!]!.forEach(add)
  }
  return order.map((leaf) => leaves[leaf]!)
}

/** The positions of the bits that are set, lowest first. */
function membersOf(set: bigint): readonly number[] {
  const members: number[] = []
  const digits = set.toString(2)
  for (let at = digits.length - 1; at >= 0; at--) {
    if (digits[at] === '1') members.push(digits.length - 1 - at)
  }
  return members
}

/**
 * Joins the connected pair of the fewest rows again and again, and the smallest parts where none is
 * connected. What pairs give is kept: a join makes new ones with its result only.
 */
function greedy(
  leaves: readonly Candidate[],
  predicates: readonly Predicate[],
  estimator: Estimator,
): Candidate {
  let parts: readonly Part[] = []
  let pairs: readonly Pair[] = []
  let made = 0
  const enter = (candidate: Candidate): void => {
    const part = { number: made++, candidate }
    pairs = [...pairs, ...pairsWith(parts, part, predicates, estimator)]
    parts = [...parts, part]
  }
  for (const leaf of leaves) enter(leaf)
  while (parts.length > 1) {
    const next = cheapestPair(pairs) ?? smallestPair(parts, estimator)
    const isLeft = (part: Part): boolean => part !== next.left && part !== next.right
    parts = parts.filter(isLeft)
    pairs = pairs.filter(({ left, right }) => isLeft(left) && isLeft(right))
    enter(next.joined)
  }
  return present(parts[0], 'no relations to join').candidate
}

/** The pairs of a new part with those that a conjunct connects it to. */
function pairsWith(
  parts: readonly Part[],
  part: Part,
  predicates: readonly Predicate[],
  estimator: Estimator,
): readonly Pair[] {
  const { candidate } = part
  const touching = predicates.filter(
    ({ needs }) => (needs & candidate.members) !== 0n && (needs & candidate.members) !== needs,
  )
  return parts.flatMap((other): readonly Pair[] => {
    const conjuncts = between(touching, other.candidate.members, candidate.members)
    if (conjuncts.length === 0) return []
    const result = joined(other.candidate, candidate, conjuncts, estimator)
    return [{ left: other, right: part, joined: result }]
  })
}

/** The pair of the fewest rows; of equals, that of the parts that came first. */
function cheapestPair(pairs: readonly Pair[]): Pair | undefined {
  let best: Pair | undefined
  for (const pair of pairs) {
    const rows = pair.joined.profile.rows
    const bestRows = best?.joined.profile.rows ?? Infinity
    const isFirst =
      best !== undefined &&
      rows === bestRows &&
      (pair.left.number - best.left.number || pair.right.number - best.right.number) < 0
    if (best === undefined || rows < bestRows || isFirst) best = pair
  }
  return best
}

/** The two parts of the fewest rows, multiplied. */
function smallestPair(parts: readonly Part[], estimator: Estimator): Pair {
  const bySize = [...parts].sort(
    (a, b) => a.candidate.profile.rows - b.candidate.profile.rows || a.number - b.number,
  )
  const [left, right] = bySize.slice(0, 2).sort((a, b) => a.number - b.number)
  assert(left !== undefined && right !== undefined, 'no pair to join')
  return { left, right, joined: joined(left.candidate, right.candidate, [], estimator) }
}

/** Conjuncts over one leaf or none, which filters below have usually taken, are kept at the top. */
function withUnbound(tree: JoinTree, predicates: readonly Predicate[]): JoinTree {
  const unbound = predicates.filter(({ needs }) => (needs & (needs - 1n)) === 0n || needs === 0n)
  if (unbound.length === 0 || tree.kind === 'leaf') return tree
  return { ...tree, conjuncts: [...tree.conjuncts, ...unbound.map(({ expr }) => expr)] }
}
