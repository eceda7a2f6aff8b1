import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { connect } from '../../src/index.ts'

const MIB = 1_048_576
const LOSS_TIMEOUT_MS = 90_000

const digits = `create table digits as select * from
  (values ${Array.from({ length: 100 }, (_, n) => `(${n})`).join(', ')}) v (n)`

test(
  'workers end with a process that is killed in the middle of their queries',
  async () => {
    const script = `
      import { connect } from './dist/index.js'
      const db = await connect({ memoryBytesMax: 2 ** 26, cluster: { workers: 2, threadsPerWorker: 2 } })
      await db.query(\`${digits}\`)
      const endless = \`select count(*) from digits a, digits b, digits c, digits d, digits e, digits f
        where (a.n + b.n * c.n + d.n + e.n * f.n) % 7 = 3\`
      for (let n = 0; n < 3; n++) db.session().query(endless).catch(() => {})
      const busy = () => db.engine.workerProcesses.some((worker) => worker.queryBytes > 0)
      while (!busy()) await new Promise((resolve) => setTimeout(resolve, 20))
      console.log(JSON.stringify(db.engine.workerProcesses.map((worker) => worker.processId)))`
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = (await once(createInterface({ input: parent.stdout }), 'line')) as [string]
    const workers = JSON.parse(line) as number[]
    expect(workers).toHaveLength(2)
    parent.kill('SIGKILL')
    for (const id of workers) await untilGone(id)
  },
  LOSS_TIMEOUT_MS,
)

test(
  'out of memory after a loss: the survivor says so, holds nothing, and goes on',
  async () => {
    const db = await connect({
      memoryBytesMax: 64 * MIB,
      cluster: { workers: 2, threadsPerWorker: 1, restartsMax: 0, heartbeatTimeoutMs: 5_000 },
    })
    await db.query(digits)
    const before = db.engine.heap.bytesInUse
    // A million groups do not fit 16 MiB.
    const running =
      db.query(`select count(*) from (select count(*) from digits a, digits b, digits c
      group by repeat('x', 50) || (a.n * 10000 + b.n * 100 + c.n)) g`)
    const [lost] = db.engine.workerProcesses
    process.kill(lost!.processId, 'SIGKILL')
    await expect(running).rejects.toMatchObject({
      code: 'OUT_OF_MEMORY',
      details: { hint: expect.stringContaining(`${16 * MIB} bytes`) as string },
    })
    await expect.poll(() => db.engine.workerProcesses.length, { timeout: 30_000 }).toBe(1)
    const [survivor] = db.engine.workerProcesses
    await expect.poll(() => survivor!.queryBytes, { timeout: 30_000 }).toBe(0)
    expect((await db.query('select sum(n) from digits')).values()).toEqual([[4_950n]])
    expect(db.engine.heap.bytesInUse).toBe(before)
    await db.close()
  },
  LOSS_TIMEOUT_MS,
)

/** Resolves when the process is gone; the test's own timeout bounds the wait. */
async function untilGone(processId: number): Promise<void> {
  for (;;) {
    try {
      process.kill(processId, 0)
    } catch {
      return
    }
    await delay(10)
  }
}
