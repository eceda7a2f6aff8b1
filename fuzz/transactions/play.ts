import type { Answer } from './client.ts'
import type { Inside, Side } from './sides.ts'
import { hasControl, relationNames, SESSIONS, type Step } from './steps.ts'

/** What the two servers did otherwise, and at which step. */
export interface Finding {
  /** Two of one label are taken for the same fault while shrinking. */
  readonly label: string
  readonly details: string
}

/** Counts of what steps came to. */
export interface Tally {
  sequences: number
  compared: number
  failed: number
  waited: number
  /** Steps of a kept snapshot over what others made or dropped since. */
  passedOver: number
  /** Sequences that ended early: after them the servers may be apart without a fault. */
  undecided: number
}

export function newTally(): Tally {
  return { sequences: 0, compared: 0, failed: 0, waited: 0, passedOver: 0, undecided: 0 }
}

interface SessionState {
  /** Whether its transaction keeps the snapshot of its first query. */
  keeps: boolean
  serializable: boolean
  began: number
  /** Relations that its transaction makes or drops. */
  defines: Set<string>
}

const SERIALIZATION_FAILURE = '40001'
const NOT_SUPPORTED = '0A000'

/** Has both servers go through the steps; tells the first disagreement. */
export class Play {
  readonly #heddle: Inside
  readonly #postgres: Side
  readonly #tally: Tally
  #sessions: SessionState[] = []
  /** When each relation was last made or dropped for all, in commits. */
  #definedAt = new Map<string, number>()
  #commits = 0

  constructor(heddle: Inside, postgres: Side, tally: Tally) {
    this.#heddle = heddle
    this.#postgres = postgres
    this.#tally = tally
  }

  async run(steps: readonly Step[]): Promise<Finding | undefined> {
    await Promise.all([this.#heddle.clear(), this.#postgres.clear()])
    this.#sessions = Array.from({ length: SESSIONS }, () => ({
      keeps: false,
      serializable: false,
      began: 0,
      defines: new Set(),
    }))
    this.#definedAt = new Map()
    this.#tally.sequences++
    for (const [at, step] of steps.entries()) {
      const outcome = await this.#step(step)
      if (outcome === 'undecided') {
        this.#tally.undecided++
        break
      }
      if (outcome !== undefined)
        return { ...outcome, details: `step ${at + 1}: ${outcome.details}` }
      const apart = mayCommit(step) ? await this.#apart() : undefined
      if (apart !== undefined)
        return { ...apart, details: `after step ${at + 1}: ${apart.details}` }
    }
    const left = await this.#heddle.leftover()
    return left === undefined ? undefined : { label: 'leftover', details: left }
  }

  async #step(step: Step): Promise<Finding | 'undecided' | undefined> {
    const state = this.#sessions[step.session]!
    if (this.#isPast(state, step)) {
      this.#tally.passedOver++
      return undefined
    }
    if (state.serializable && /^(?:commit|end)$/.test(step.text)) return this.#commit(step)
    const theirs = await this.#postgres.run(step)
    if (theirs === 'half done') return 'undecided'
    if (theirs === 'waits') {
      this.#tally.waited++
      return undefined
    }
    if (state.serializable && theirs.code === SERIALIZATION_FAILURE) return 'undecided'
    const ours = await this.#heddle.run(step)
    if (typeof ours === 'string' || ours.code === NOT_SUPPORTED) return 'undecided'
    if (/serializable/.test(step.text) && ours.code === SERIALIZATION_FAILURE) return 'undecided'
    this.#tally.compared++
    if (ours.code !== undefined) this.#tally.failed++
    this.#note(step, theirs)
    return difference(ours, theirs)
  }

  /**
   * Heddle refuses to commit a serializable transaction that wrote when another was committed meanwhile,
   * PostgreSQL when its reads and theirs make a circle (or may make one).
   */
  async #commit(step: Step): Promise<Finding | 'undecided' | undefined> {
    const ours = await this.#heddle.run(step)
    const refused = typeof ours !== 'string' && ours.code === SERIALIZATION_FAILURE
    const theirs = await this.#postgres.run(refused ? { ...step, text: 'rollback' } : step)
    if (typeof ours === 'string' || typeof theirs === 'string') return 'undecided'
    if (theirs.code === SERIALIZATION_FAILURE) return 'undecided'
    this.#tally.compared++
    this.#note(refused ? { ...step, text: 'rollback' } : step, theirs)
    return refused ? undefined : difference(ours, theirs)
  }

  /** PostgreSQL reads the catalog as it is now also where rows are read as they were. */
  #isPast({ keeps, began }: SessionState, { text }: Step): boolean {
    return keeps && namesIn(text).some((name) => (this.#definedAt.get(name) ?? 0) > began)
  }

  /** Keeps account of levels, and of what is made and dropped. */
  #note({ session, text }: Step, { status, code }: Answer): void {
    const state = this.#sessions[session]!
    const level = /isolation level (\w+)/.exec(text)?.[1]
    if (/\b(?:begin|start)\b/.test(text) && !state.keeps) state.began = this.#commits
    if (level !== undefined) {
      state.keeps = level === 'repeatable' || level === 'serializable'
      state.serializable = level === 'serializable'
    }
    if (/\b(?:create|drop)\b/.test(text)) {
      const gone = /cascade|index/.test(text) ? relationNames : namesIn(text)
      for (const name of gone) state.defines.add(name)
    }
    if (status !== 'I') return
    if (code === undefined) {
      this.#commits++
      for (const name of state.defines) this.#definedAt.set(name, this.#commits)
    }
    state.keeps = false
    state.serializable = false
    state.defines = new Set()
  }

  /** What one who looks on sees. */
  async #apart(): Promise<Finding | undefined> {
    for (const name of relationNames) {
      const text = `select * from ${name}`
      const [ours, theirs] = await Promise.all([this.#heddle.look(text), this.#postgres.look(text)])
      if (typeof ours === 'string' || typeof theirs === 'string') continue
      const found = difference(ours, theirs)
      if (found !== undefined) return { label: `${name} ${found.label}`, details: found.details }
    }
    return undefined
  }
}

function mayCommit({ text }: Step): boolean {
  return hasControl(text) || /\b(?:insert|create|drop)\b/.test(text)
}

function namesIn(text: string): readonly string[] {
  return relationNames.filter((name) => new RegExp(`\\b${name}\\b`).test(text))
}

function difference(ours: Answer, theirs: Answer): Finding | undefined {
  const [a, b] = [shown(ours), shown(theirs)]
  if (a === b) return undefined
  const label = `${ours.code ?? 'rows'}, not ${theirs.code ?? 'rows'}`
  const details = `\n  heddle   ${a} ${ours.message}\n  postgres ${b} ${theirs.message}`
  return { label, details }
}

function shown({ code, results, warnings, status }: Answer): string {
  // PostgreSQL looks at all rules of one row before the next row.
  const refused = code?.startsWith('23') === true ? 'a rule' : code
  const said = refused ?? results?.join('; ') ?? ''
  // Of what fails it is the error that counts.
  const warned = code === undefined ? warnings : []
  return `${said} [${warned.join(' ')}] ${status}`
}
