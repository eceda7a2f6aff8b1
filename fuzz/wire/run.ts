import type { NetConnectOpts } from 'node:net'
import { serialize } from 'pg-protocol'
import { Chooser } from '../chooser.ts'
import type { FuzzOptions } from '../fuzzer.ts'
import { answersOf, disorder, field, summary, type Answer } from './answers.ts'
import { conversation, preparation, sync } from './conversations.ts'
import { garble, randomStart } from './garble.ts'
import { startInside, type Inside } from './inside.ts'
import { openPostgres, type Peer } from './postgres.ts'
import { talk, type Heard, type Step } from './talk.ts'

/** A conversation, and what is to be held of its answers. */
interface Case {
  readonly kind: 'valid' | 'garbled' | 'start'
  readonly start: Buffer
  readonly steps: readonly Step[]
  readonly isFramed: boolean
  readonly pieceBytes: readonly number[]
}

const FINDINGS_MAX = 20
const SHRINK_ATTEMPTS_MAX = 150
const MEMORY_PATIENCE_MS = 5_000
const SHOWN_BYTES_MAX = 400

const goodStart = serialize.startup({ user: 'fuzz', database: 'fuzz' })

/** What follows every conversation: if this is answered, the connection is as good as new. */
const ending: readonly Step[] = [
  sync,
  { what: 'Query rollback', bytes: serialize.query('rollback') },
  { what: 'Query marker', bytes: serialize.query("select 'marker' as m") },
]

/**
 * Conversations of the PostgreSQL protocol, valid and garbled, with a server in this process. Valid
 * ones are held with PostgreSQL 15 too, where one is found (`--no-postgres` leaves it out), and the
 * answers compared.
 */
export async function run(options: FuzzOptions): Promise<number> {
  const { seconds, seed, findingsMax = FINDINGS_MAX, rest } = options
  const withPostgres = !rest.some((option) => option.startsWith('--no-postgres'))
  const inside = await startInside()
  const peer = withPostgres ? await openPostgres() : undefined
  if (peer === undefined) console.log('without PostgreSQL: answers are not compared')
  const fuzzer = new WireFuzzer(inside, peer)
  const ends = performance.now() + seconds * 1000
  let findings = 0
  try {
    for (let round = 0; performance.now() < ends && findings < findingsMax; round++) {
      const item = makeCase(new Chooser(seed + round))
      const finding = await fuzzer.judge(item)
      if (finding === undefined) continue
      findings += 1
      const { item: smaller, finding: said } = await fuzzer.shrink(item, finding)
      report(seed + round, smaller, said)
    }
  } finally {
    await peer?.close()
    await inside.close()
  }
  const { held, compared } = fuzzer
  console.log(`${held} conversations: ${compared} compared with PostgreSQL`)
  return findings
}

function makeCase(choose: Chooser): Case {
  const pieceBytes = choose.some(1, 4, () => choose.pick([1, 3, 7, 64, 1_024, 65_536, 65_536]))
  const kind = choose.pick(['valid', 'valid', 'garbled', 'garbled', 'garbled', 'start'] as const)
  if (kind === 'start') {
    return { kind, start: randomStart(choose), steps: [], isFramed: false, pieceBytes }
  }
  const steps = conversation(choose)
  if (kind === 'valid') return { kind, start: goodStart, steps, isFramed: true, pieceBytes }
  return { kind, start: goodStart, ...garble(choose, steps), pieceBytes }
}

class WireFuzzer {
  readonly #inside: Inside
  readonly #peer: Peer | undefined
  readonly #here: NetConnectOpts
  readonly #accidents: string[] = []
  #bytesBefore: number | undefined
  held = 0
  compared = 0

  constructor(inside: Inside, peer: Peer | undefined) {
    this.#inside = inside
    this.#peer = peer
    this.#here = { port: inside.port, host: '127.0.0.1' }
    const accident = (error: unknown): void => {
      this.#accidents.push(error instanceof Error ? (error.stack ?? error.message) : String(error))
    }
    process.on('unhandledRejection', accident)
    process.on('uncaughtException', accident)
  }

  /** Holds a conversation; tells what was wrong with it. */
  async judge(item: Case): Promise<string | undefined> {
    this.held += 1
    await this.#inside.clear()
    this.#bytesBefore ??= this.#inside.bytesInUse()
    if (item.kind !== 'start') await this.#hold(this.#here, goodStart, [prepare], [65_536])
    const heard = await this.#hold(this.#here, item.start, item.steps, item.pieceBytes)
    const wrong = judgeAnswers(item, heard) ?? (await this.#compare(item, heard))
    return wrong ?? (await this.#aftermath())
  }

  /** The same fault with as few steps as may be. */
  async shrink(item: Case, finding: string): Promise<{ item: Case; finding: string }> {
    let smallest = { item, finding }
    let attempts = 0
    for (
      let at = 0;
      at < smallest.item.steps.length && attempts < SHRINK_ATTEMPTS_MAX;
      attempts++
    ) {
      const steps = smallest.item.steps.filter((_, index) => index !== at)
      const smaller = { ...smallest.item, steps, pieceBytes: [65_536] }
      const still = await this.judge(smaller)
      if (still === undefined) at += 1
      else smallest = { item: smaller, finding: still }
    }
    return smallest
  }

  #hold(
    where: NetConnectOpts,
    start: Buffer,
    steps: readonly Step[],
    pieceBytes: readonly number[],
  ): Promise<Heard> {
    return talk(where, start, start === goodStart ? [...steps, ...ending] : steps, pieceBytes)
  }

  async #compare(item: Case, heard: Heard): Promise<string | undefined> {
    if (this.#peer === undefined || item.kind !== 'valid') return undefined
    this.compared += 1
    await this.#peer.clear()
    const { where, start } = this.#peer
    await talk(where, start, [prepare, ...ending], [65_536])
    const theirs = await talk(where, start, [...item.steps, ...ending], [65_536])
    const [ours, other] = [heard, theirs].map(({ bytes }) => conversed(answersOf(bytes).answers))
    if (isDropOfWhatIsUsed(ours!, other!)) return undefined
    return isAlike(ours!, other!)
      ? undefined
      : `answers differ\n  heddle   ${ours}\n  postgres ${other}`
  }

  /** A fresh connection works, nothing is held any more, and nothing went wrong behind the scenes. */
  async #aftermath(): Promise<string | undefined> {
    const heard = await this.#hold(this.#here, goodStart, [], [65_536])
    const wrong = judgeAnswers({ kind: 'valid', isFramed: true }, heard)
    if (wrong !== undefined) return `a fresh connection: ${wrong}`
    await this.#inside.clear()
    const ends = performance.now() + MEMORY_PATIENCE_MS
    while (this.#inside.bytesInUse() !== this.#bytesBefore && performance.now() < ends) {
      await new Promise<void>((resolve) => {
        setImmediate(resolve)
      })
    }
    const bytes = this.#inside.bytesInUse()
    if (bytes !== this.#bytesBefore) return `${bytes} bytes in use, not ${this.#bytesBefore}`
    const [accident] = this.#accidents.splice(0)
    return accident
  }
}

/**
 * Whether both said the same. PostgreSQL keeps the unnamed portal of a simple query that failed until the
 * transaction ends, Heddle has none then.
 */
function isAlike(ours: string, theirs: string): boolean {
  const [mine, other] = [ours.split(' '), theirs.split(' ')]
  return (
    mine.length === other.length &&
    mine.every((word, at) => {
      const isLeftOver = mine[at - 1] === 'ZE' && word === 'E34000'
      return word === other[at] || (isLeftOver && other[at] === 'E25P02')
    })
  )
}

/**
 * PostgreSQL does not drop a table that a portal is open over, and says at Bind that a table is gone; here a
 * portal keeps what it reads, and it is said at Execute.
 */
function isDropOfWhatIsUsed(ours: string, theirs: string): boolean {
  const [mine, other] = [ours.split(' '), theirs.split(' ')]
  const at = other.findIndex((word, index) => word !== mine[index])
  return other[at] === 'E55006' || (mine[at] === '2' && ['E42P01', 'E0A000'].includes(other[at]!))
}

const prepare: Step = { what: 'preparation', bytes: serialize.query(preparation) }

function judgeAnswers(
  { kind, isFramed, steps = [] }: Pick<Case, 'kind' | 'isFramed'> & Partial<Pick<Case, 'steps'>>,
  { bytes, closed }: Heard,
): string | undefined {
  if (!closed) return `no end of the connection after ${summary(answersOf(bytes).answers)}`
  // An encryption request is answered by a byte without a frame.
  if (kind === 'start') return undefined
  const { answers, rest } = answersOf(bytes)
  if (rest > 0) return `${rest} bytes that are no message`
  const wrong = disorder(answers)
  if (wrong !== undefined) return `${wrong} in ${conversed(answers)}`
  if (!isFramed) return undefined
  const last = summary(answers.slice(-4))
  const isMarked = /^T\{m:25:0\} \(0001000000066d61726b6572\) \[SELECT 1\] ZI$/.test(last)
  // A cancel request that is late meets what came behind the statement that it was sent for.
  const isCanceled = steps.some(({ isCancel }) => isCancel === true) && last.endsWith('E57014 ZI')
  return isMarked || isCanceled ? undefined : `not answered to the end: ${conversed(answers)}`
}

/** The answers behind the first ReadyForQuery. */
function conversed(answers: readonly Answer[]): string {
  const first = answers.findIndex(({ letter }) => letter === 'Z')
  const fatal = answers.find((a) => a.letter === 'E' && field(a, 'S') === 'FATAL')
  // PostgreSQL describes the rows of a simple query before it runs it, Heddle after.
  const said = summary(answers.slice(first + 1)).replaceAll(/T\{[^}]*\} (?=E)/g, '')
  return `${said}${fatal === undefined ? '' : ' (fatal)'}`
}

function report(seed: number, { kind, start, steps, pieceBytes }: Case, finding: string): void {
  const shown = steps.map(({ what, bytes }) => {
    const hex = bytes.toString('hex', 0, SHOWN_BYTES_MAX)
    return `  ${what}\n    ${hex}${bytes.length > SHOWN_BYTES_MAX ? '...' : ''}`
  })
  console.log(
    [
      `FOUND with --seed ${seed} (${kind}, pieces of ${pieceBytes.join(', ')} bytes): ${finding}`,
      ...(kind === 'start' ? [`  start ${start.toString('hex')}`] : shown),
    ].join('\n'),
  )
}
