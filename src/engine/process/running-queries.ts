/** The way by which a statement came. */
export type Door = 'embedded' | 'postgresql' | 'http'

/** A statement that runs, as {@link RunningQueries} tells of it. */
export interface RunningQuery {
  /** A number that no other statement of the engine has. */
  readonly id: number
  /** The beginning of a longer text; empty for a dataframe. */
  readonly text: string
  readonly user: string
  readonly door: Door
  /** In microseconds since 1970-01-01 UTC. */
  readonly startedMicros: bigint
  /** `planning` while it runs no tasks, `waiting` while the memory that they want is others'. */
  readonly state: 'planning' | 'waiting' | 'running'
  /** Rows that its queries have given so far: what an INSERT reads counts too. */
  readonly rows: number
}

/** As much of a text as PostgreSQL shows of one. */
const TEXT_CHARACTERS_MAX = 1_024

/** A statement's own line among those that run. */
export class QueryProgress implements RunningQuery {
  readonly id: number
  readonly text: string
  readonly user: string
  readonly door: Door
  readonly startedMicros: bigint
  #running = 0
  #waiting = 0
  #rows = 0

  constructor(id: number, about: QueryOrigin) {
    this.id = id
    this.text = about.text.slice(0, TEXT_CHARACTERS_MAX)
    this.user = about.user
    this.door = about.door
    this.startedMicros = about.startedMicros
  }

  get state(): RunningQuery['state'] {
    if (this.#running === 0) return 'planning'
    return this.#waiting < this.#running ? 'running' : 'waiting'
  }

  get rows(): number {
    return this.#rows
  }

  /** One of its queries begins to wait for memory, or no longer does. */
  waits(isWaiting: boolean): void {
    this.#waiting += isWaiting ? 1 : -1
  }

  /** Follows the tasks of one of its queries. */
  async during<T extends { readonly rows: number }>(tasks: () => Promise<T>): Promise<T> {
    this.#running++
    try {
      const output = await tasks()
      this.#rows += output.rows
      return output
    } finally {
      this.#running--
    }
  }
}

export type QueryOrigin = Pick<RunningQuery, 'text' | 'user' | 'door' | 'startedMicros'>

/** The statements that run on an engine: no more than its sessions run, each gone when it ends. */
export class RunningQueries {
  readonly #running = new Set<QueryProgress>()
  #begun = 0

  /** Follows a statement until {@link end}. */
  begin(origin: QueryOrigin): QueryProgress {
    const query = new QueryProgress(++this.#begun, origin)
    this.#running.add(query)
    return query
  }

  end(query: QueryProgress): void {
    this.#running.delete(query)
  }

  /** How many statements run now. */
  get count(): number {
    return this.#running.size
  }

  /** What runs now, as it is now, in the order in which it began. */
  list(): readonly RunningQuery[] {
    return [...this.#running].map((query) => ({
      id: query.id,
      text: query.text,
      user: query.user,
      door: query.door,
      startedMicros: query.startedMicros,
      state: query.state,
      rows: query.rows,
    }))
  }
}
