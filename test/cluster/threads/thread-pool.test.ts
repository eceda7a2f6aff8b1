import { execFileSync } from 'node:child_process'
import { afterAll, describe, expect, test } from 'vitest'
import { endOfThread } from '../../../src/cluster/threads/pool-thread.ts'
import { createThreadPool } from '../../../src/cluster/threads/thread-pool.ts'
import { Heap } from '../../../src/data/arenas/heap.ts'

const entry = new URL('job-thread.mjs', import.meta.url)
const heap = new Heap(Heap.createMemory(16 << 20))
const word = heap.allocate(64)
const pool = createThreadPool({ heap, threads: 3, entry })

afterAll(() => pool.close())

function freshWord(): number {
  Atomics.store(heap.i32, word >>> 2, 0)
  return word
}

/** The fields of the error that a job ends with. */
async function failure(job: unknown, threads: number): Promise<unknown> {
  const error = await pool.run(job, threads).then(
    () => undefined,
    (error: unknown) => error,
  )
  return error
}

describe('thread pool', () => {
  test('gives the job to the first threads and one report a thread, in order', async () => {
    for (const threads of [1, 2, 3]) {
      const reports = await pool.run({ kind: 'echo', value: 9n }, threads)
      expect(reports).toEqual(
        Array.from({ length: threads }, (_, thread) => ({ thread, value: 9n })),
      )
    }
  })

  test('all threads see one memory', async () => {
    const sum = freshWord()
    await Promise.all([1, 2, 3].map((value) => pool.run({ kind: 'add', word: sum, value }, 3)))
    expect(heap.i32[sum >>> 2]).toBe(18)
  })

  test('the first error wins, stops the others, and keeps code and details', async () => {
    const job = { kind: 'fail', thread: 1, cancel: freshWord() }
    expect(await failure(job, 3)).toMatchObject({
      code: 'DIVISION_BY_ZERO',
      message: 'division by zero',
      details: { row: 7 },
    })
  })

  const failures: readonly (readonly [string, unknown, object])[] = [
    ['a fault of ours', { kind: 'bug' }, { code: 'INTERNAL_ERROR' }],
    ['a report that cannot be cloned', { kind: 'unclonable' }, { code: 'INTERNAL_ERROR' }],
    ['a job that cannot be cloned', { kind: 'echo', value: () => 1 }, { name: 'DataCloneError' }],
  ]
  for (const [name, job, expected] of failures) {
    test(`${name} fails the job only`, async () => {
      expect(await failure(job, 2)).toMatchObject(expected)
      expect(await pool.run({ kind: 'echo', value: 1 }, 3)).toHaveLength(3)
    })
  }

  test('a thread that dies fails its job and is replaced', async () => {
    const job = { kind: 'exit', thread: 1, cancel: freshWord() }
    expect(await failure(job, 3)).toMatchObject({ code: 'INTERNAL_ERROR' })
    expect(await pool.run({ kind: 'echo', value: 1 }, 3)).toHaveLength(3)
  })

  test("that a thread has no memory left is nobody's mistake", () => {
    const full = Object.assign(new Error('JS heap out of memory'), {
      code: 'ERR_WORKER_OUT_OF_MEMORY',
    })
    const ends = [full, new TypeError('wrong'), 'gone'].map((error) => endOfThread(error).sqlState)
    expect(ends).toEqual(['53200', 'XX000', 'XX000'])
  })

  test('closing fails what waits and what comes after', async () => {
    const closing = createThreadPool({ heap, threads: 1, entry })
    const job = { kind: 'fail', thread: 1, cancel: freshWord() }
    const runs = [closing.run(job, 1), closing.run(job, 1)].map((run) =>
      run.then(
        () => 'done',
        (error: { code: string }) => error.code,
      ),
    )
    await closing.close()
    expect(await Promise.all(runs)).toEqual(['ADMIN_SHUTDOWN', 'ADMIN_SHUTDOWN'])
    await expect(closing.run(job, 1)).rejects.toMatchObject({ code: 'ADMIN_SHUTDOWN' })
  })

  test('warm idle threads do not keep the process alive', () => {
    const script = `
      import { Heap } from './dist/data/arenas/heap.js'
      import { createThreadPool } from './dist/cluster/threads/thread-pool.js'
      const heap = new Heap(Heap.createMemory(1 << 24))
      const entry = new URL(${JSON.stringify(entry.href)})
      const pool = createThreadPool({ heap, threads: 2, entry })
      console.log(JSON.stringify(await pool.run({ kind: 'echo', value: 5 }, 2)))`
    const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      timeout: 30_000,
    })
    expect(JSON.parse(output)).toEqual([
      { thread: 0, value: 5 },
      { thread: 1, value: 5 },
    ])
  })
})
