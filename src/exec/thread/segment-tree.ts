/** Children of a node. */
const FANOUT = 32

/** States of aggregates that can be added up: what a tree needs of them. */
export interface RunStates {
  /** Bytes between states that lie one after another. */
  readonly stateBytes: number
  /** Begins anew. */
  clear(): void
  /** Adds rows. */
  add(from: number, to: number): void
  /** Adds up states that lie one after another. */
  addStates(first: number, count: number): void
  /** Room for so many states that lie one after another. */
  room(count: number): number
  /** Keeps what was added at an address. */
  keep(at: number): void
}

interface Level {
  /** Rows below a node. */
  readonly rows: number
  /** Where the level's states are, from the first node on. */
  readonly states: number
  readonly isMade: Uint8Array
}

/**
 * States of aggregates over runs of rows of a list, made when they are first wanted: any run is then a
 * few nodes (V. Leis et al.: Efficient Processing of Window Functions in Analytical SQL Queries, VLDB
 * 2015, section 4). No node is made that reaches beyond the run that is asked for, so nothing overflows
 * that no frame adds up.
 */
export class SegmentTree {
  readonly #states: RunStates
  readonly #levels: readonly Level[]

  constructor(count: number, states: RunStates) {
    this.#states = states
    const levels: Level[] = []
    for (let size = FANOUT; size <= count; size *= FANOUT) {
      const nodes = Math.floor(count / size)
      levels.push({ rows: size, states: states.room(nodes), isMade: new Uint8Array(nodes) })
    }
    this.#levels = levels
  }

  /** Makes the nodes that a run of rows needs; what was added before is lost. */
  prepare(from: number, to: number): void {
    this.#walk(from, to, 0, {
      rows: () => undefined,
      nodes: (level, first, last) => {
        for (let node = first; node < last; node++) this.#make(level, node)
      },
    })
  }

  /** Adds a run of rows whose nodes are made to what was added before. */
  add(from: number, to: number): void {
    const states = this.#states
    this.#walk(from, to, 0, {
      rows: (start, end) => states.add(start, end),
      nodes: ({ states: first }, start, end) => {
        states.addStates(first + start * states.stateBytes, end - start)
      },
    })
  }

  /** Rows at both ends, then nodes of ever higher levels; `depth` levels below are done. */
  #walk(from: number, to: number, depth: number, visit: Visit): void {
    const level = this.#levels[depth]
    const below = depth === 0 ? undefined : this.#levels[depth - 1]
    const take = (start: number, end: number): void => {
      if (start >= end) return
      if (below === undefined) visit.rows(start, end)
      else visit.nodes(below, start, end)
    }
    const [first, last] = [Math.ceil(from / FANOUT), Math.floor(to / FANOUT)]
    if (level === undefined || first >= last) return take(from, to)
    take(from, first * FANOUT)
    this.#walk(first, last, depth + 1, visit)
    take(last * FANOUT, to)
  }

  #make(level: Level, node: number): void {
    if (level.isMade[node] === 1) return
    const states = this.#states
    const depth = this.#levels.indexOf(level)
    const [from, to] = [node * FANOUT, (node + 1) * FANOUT]
    const below = depth === 0 ? undefined : this.#levels[depth - 1]
    if (below !== undefined) for (let child = from; child < to; child++) this.#make(below, child)
    states.clear()
    if (below === undefined) states.add(from, to)
    else states.addStates(below.states + from * states.stateBytes, FANOUT)
    states.keep(level.states + node * states.stateBytes)
    level.isMade[node] = 1
  }
}

interface Visit {
  rows(from: number, to: number): void
  nodes(level: Level, first: number, last: number): void
}
