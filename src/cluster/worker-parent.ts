import { createInterface } from 'node:readline'
import type { WorkerProcessOptions } from './worker-process.ts'

/**
 * Obeys the process that started this one. The first line of input says where the scheduler is and
 * what may be used (the token must not show in the process table); the end of the input is the end
 * of the parent, and of this process.
 */
export function serveParent(work: (options: WorkerProcessOptions) => Promise<void>): void {
  const input = createInterface({ input: process.stdin })
  input.once('line', (line) => {
    work(JSON.parse(line) as WorkerProcessOptions).then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
        process.exit(1)
      },
    )
  })
  input.once('close', () => process.exit(0))
}
