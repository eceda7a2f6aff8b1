import { createInterface } from 'node:readline'
import { runWorkerProcess, type WorkerProcessOptions } from './worker-process.ts'

// The entry of a worker process. Its first line of input says where its scheduler is and what it
// may use (the token must not show in the process table); the end of its input is the end of the
// process that started it, and its own.
const input = createInterface({ input: process.stdin })

input.once('line', (line) => {
  runWorkerProcess(JSON.parse(line) as WorkerProcessOptions).then(
    () => process.exit(0),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
      process.exit(1)
    },
  )
})
input.once('close', () => process.exit(0))
