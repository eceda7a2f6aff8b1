import { fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { FuzzOptions } from '../fuzzer.ts'
import type { LengthCost, LengthReport } from './child.ts'
import { lengthKinds, type LengthKind } from './kinds.ts'

const SIZES: readonly number[] = [10, 100, 1_000, 3_000, 10_000, 30_000, 100_000]
/** No kind may take longer with all its sizes: processor time where it can be told, and else the clock's. */
const KIND_PROCESSOR_MS_MAX = 60_000
const KIND_MS_MAX = 600_000
const LOOK_MS = 500
/** What the last two sizes may tell of how it grows: 1 is linear. Little time says nothing. */
const EXPONENT_MAX = 1.4
const TELLING_MS = 300
const HELD_MS_MAX = 50
const LATE_MS_MAX = 100
const GROWN_BYTES_MAX = 1_000_000_000
const HEAP_MIB = 2_048

/** What may be answered instead of rows: too large or deep, not there, out of range, of other types. */
const answers = /^(?:54|0A000|22|42|21000|53)/

/** Everything that was seen of a kind. */
interface Finding {
  readonly costs: readonly LengthCost[]
  readonly lateMs: number | undefined
  /** How the process of the statement ended where it did not come to its end. */
  readonly died: string | undefined
}

/**
 * Runs every clause and form of the grammar again and again in one statement, or in itself, in sizes up to
 * 100,000, each kind in a process of its own, and tells a line for each: processor time, how that grows
 * from the last size but one, the longest hold of the event loop, memory, and how much is done yet once it is cancelled.
 * Findings are marked. `--only=TEXT` runs those with the text in their names, `--size=N` none that is
 * larger. The seed is not used.
 */
export async function run({ seconds, rest }: FuzzOptions): Promise<number> {
  const option = (name: string): string | undefined =>
    rest.find((one) => one.startsWith(`--${name}=`))?.slice(name.length + 3)
  const sizeMax = Number(option('size') ?? SIZES.at(-1))
  const kinds = lengthKinds().filter(({ name }) => name.includes(option('only') ?? ''))
  const ends = performance.now() + seconds * 1000
  let [findings, ran] = [0, 0]
  for (const kind of kinds) {
    if (performance.now() > ends) break
    ran++
    const sizes = SIZES.filter((size) => size <= Math.min(sizeMax, kind.sizeMax))
    const found = await measured(kind, sizes)
    const faults = faultsOf(found)
    if (faults.length > 0) findings++
    console.log(shown(kind, found, faults))
  }
  console.log(`${ran} of ${kinds.length} kinds`)
  return findings
}

function measured({ name }: LengthKind, sizes: readonly number[]): Promise<Finding> {
  return new Promise((resolve) => {
    const costs: LengthCost[] = []
    let lateMs: number | undefined
    const child = fork(new URL('child.js', import.meta.url), [name, ...sizes.map(String)], {
      execArgv: [`--max-old-space-size=${HEAP_MIB}`],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    const began = performance.now()
    const timer = setInterval(() => {
      const isLong = processorMsOf(child.pid!) > KIND_PROCESSOR_MS_MAX
      if (isLong || performance.now() - began > KIND_MS_MAX) child.kill('SIGKILL')
    }, LOOK_MS)
    child.on('message', (said: LengthReport) => {
      if (said.kind === 'cost') costs.push(said.cost)
      else lateMs = said.processorMs
    })
    child.on('exit', (code, signal) => {
      clearInterval(timer)
      const next = sizes[costs.length]
      const how = signal === 'SIGKILL' ? 'takes too long' : `ends the process (${signal ?? code})`
      const at = next === undefined ? 'when it is cancelled' : `at ${next}`
      resolve({ costs, lateMs, died: code === 0 ? undefined : `${how} ${at}` })
    })
  })
}

/** What a process had of a processor so far, as Linux tells it in hundredths of a second; 0 elsewhere. */
function processorMsOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) * 10
  } catch {
    return 0
  }
}

function faultsOf({ costs, lateMs = 0, died }: Finding): readonly string[] {
  const faults = died === undefined ? [] : [died]
  const ours = costs.find(({ state }) => state !== '' && !answers.test(state))
  if (ours !== undefined) faults.push(`ends with ${ours.state} ${ours.message} at ${ours.size}`)
  if (exponentOf(costs) > EXPONENT_MAX) faults.push('grows')
  if (heldMs(costs) > HELD_MS_MAX) faults.push('holds the loop')
  if (costs.some(({ grownBytes }) => grownBytes > GROWN_BYTES_MAX)) faults.push('takes much memory')
  if (lateMs > LATE_MS_MAX) faults.push('ends late')
  return faults
}

const heldMs = (costs: readonly LengthCost[]): number =>
  Math.max(0, ...costs.map((cost) => cost.heldMs))

/** How time grows with the size, by the two largest that had the same outcome. */
function exponentOf(costs: readonly LengthCost[]): number {
  const answered = costs.filter(({ state }) => state === costs.at(-1)?.state)
  const [before, last] = answered.slice(-2)
  if (before === undefined || last === undefined || last.processorMs < TELLING_MS) return 0
  return Math.log(last.processorMs / before.processorMs) / Math.log(last.size / before.size)
}

function shown({ name }: LengthKind, found: Finding, faults: readonly string[]): string {
  const { costs, lateMs } = found
  const times = costs.map(({ processorMs }) => processorMs.toFixed(0)).join(' ')
  const last = costs.at(-1)
  const state = last === undefined || last.state === '' ? '' : ` (${last.state})`
  const grown = Math.max(0, ...costs.map(({ grownBytes }) => grownBytes)) / 1e6
  const late = lateMs === undefined ? '' : `, late ${lateMs.toFixed(0)} ms`
  const marks = faults.length === 0 ? '' : `  <- ${faults.join(', ')}`
  return (
    `${name.padEnd(36)} to ${last?.size ?? 0}: ${times} ms${state}, ` +
    `^${exponentOf(costs).toFixed(1)}, held ${heldMs(costs).toFixed(0)} ms, ` +
    `${grown.toFixed(0)} MB${late}${marks}`
  )
}
