import { Chooser } from '../chooser.ts'
import type { FuzzOptions } from '../fuzzer.ts'
import { newTally, Play, type Finding } from './play.ts'
import { openHeddle, openPostgres } from './sides.ts'
import { preparation, randomSteps, type Step } from './steps.ts'

const FINDINGS_MAX = 20
const SHRINK_ATTEMPTS_MAX = 300

/**
 * Sessions that take turns with transactions at every level, step by step the same on Heddle and on
 * PostgreSQL 15 (found by the usual PG* variables). A step for which PostgreSQL would wait for another
 * session is left out on both.
 */
export async function run(options: FuzzOptions): Promise<number> {
  const { seconds, seed, findingsMax = FINDINGS_MAX, shrinks } = options
  const ends = performance.now() + seconds * 1000
  const [heddle, postgres] = await Promise.all([openHeddle(), openPostgres()])
  const tally = newTally()
  const play = new Play(heddle, postgres, tally)
  const shrinking = new Play(heddle, postgres, newTally())
  const known = new Set<string>()
  try {
    for (let round = 0; performance.now() < ends && known.size < findingsMax; round++) {
      const steps = randomSteps(new Chooser(seed + round))
      const finding = await play.run(steps)
      if (finding === undefined) continue
      const smaller = shrinks ? await shrink(shrinking, steps, finding) : { steps, finding }
      if (known.has(smaller.finding.label)) continue
      known.add(smaller.finding.label)
      report(seed + round, smaller.steps, smaller.finding)
    }
  } finally {
    await heddle.close()
    await postgres.close()
  }
  const { sequences, compared, failed, waited, passedOver, undecided } = tally
  console.log(
    `${sequences} sequences: ${compared} steps compared (${failed} of them errors), ` +
      `${waited} would wait, ${passedOver} past a kept snapshot, ${undecided} sequences undecided`,
  )
  if (compared === 0) throw new Error('no step was compared: such a run shows nothing')
  return known.size
}

interface Found {
  readonly steps: readonly Step[]
  readonly finding: Finding
}

/** The same fault with as few steps as may be: half of them left out, a quarter, ... one. */
async function shrink(play: Play, steps: readonly Step[], finding: Finding): Promise<Found> {
  let smallest: Found = { steps, finding }
  let attempts = 0
  for (let size = steps.length >> 1; size >= 1; size >>= 1) {
    for (let at = 0; at < smallest.steps.length && attempts < SHRINK_ATTEMPTS_MAX; attempts++) {
      const fewer = smallest.steps.toSpliced(at, size)
      const still = await play.run(fewer)
      if (still?.label === finding.label) smallest = { steps: fewer, finding: still }
      else at += size
    }
  }
  return smallest
}

function report(seed: number, steps: readonly Step[], { label, details }: Finding): void {
  const lines = steps.map(({ session, kind, text }) => {
    const what = kind === 'leave' ? 'the client leaves' : text
    return `${session}: ${what}${kind === 'prepared' ? ' -- prepared' : ''}`
  })
  const before = preparation.map((text) => `-: ${text}`)
  console.log(
    [`\nFOUND with --seed ${seed} (${label}): ${details}`, ...before, ...lines].join('\n'),
  )
}
