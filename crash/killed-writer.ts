import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Chooser } from '../fuzz/chooser.ts'
import type { WriterMessage, WriterOptions } from './messages.ts'

/** Until it is killed after it has opened the folder. */
const WORK_MS_MAX = 3_000
/** Some are killed so soon that they still open it. */
const OPENING_PART = 0.1
const OPENING_MS_MAX = 400

/** What a process did until it was killed. */
export interface KilledReport {
  readonly acknowledged: readonly number[]
  readonly faults: readonly string[]
  readonly rows: number
}

/** Has a process write until it is killed at a random moment. Faults: what it found wrong, or that it ended by itself. */
export async function runKilled(options: WriterOptions, chooser: Chooser): Promise<KilledReport> {
  const acknowledged = [...options.acknowledged]
  const faults: string[] = []
  let rows = 0
  const program = fileURLToPath(new URL('writer.js', import.meta.url))
  const writer = fork(program, [JSON.stringify(options)], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let isKilled = false
  const killIn = (timeMs: number): void => {
    setTimeout(() => {
      isKilled = true
      writer.kill('SIGKILL')
    }, timeMs).unref()
  }
  const errors: string[] = []
  writer.stderr?.on('data', (data: Buffer) => errors.push(String(data)))
  writer.on('message', (received) => {
    const message = received as WriterMessage
    if (message.kind === 'acknowledged') {
      acknowledged[message.session] = message.number
      return
    }
    rows = message.rows
    faults.push(...message.faults)
    killIn(chooser.between(0, WORK_MS_MAX))
  })
  if (chooser.chance(OPENING_PART)) killIn(chooser.between(0, OPENING_MS_MAX))
  await once(writer, 'close')
  if (!isKilled) faults.push(`the writer ended by itself: ${errors.join('')}`)
  return { acknowledged, faults, rows }
}
