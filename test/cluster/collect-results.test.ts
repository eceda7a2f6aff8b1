import { describe, expect, test } from 'vitest'
import { QueryError } from '../../src/base/errors.ts'
import { ResultCollector } from '../../src/cluster/collect-results.ts'
import type { SchedulerShell } from '../../src/cluster/scheduler-shell.ts'
import { ChunkLease } from '../../src/data/vectors/chunk-lease.ts'
import type { RunId, TaskId, WorkerId } from '../../src/scheduler/scheduler/task-id.ts'

/** A collector of two results whose transfers end when the test says so. */
function collecting(isCopy = true) {
  const events: string[] = []
  const inMemory = new Set<number>()
  let held = 0
  const pulls = new Map<number, { arrive: () => void; fail: (error: unknown) => void }>()
  const scheduler: Pick<SchedulerShell, 'isInMemory' | 'release' | 'unreachable'> = {
    isInMemory: (run) => inMemory.has(run),
    release: (tasks) => void events.push(`release ${tasks.join(' ')}`),
    unreachable: (run) => void events.push(`unreachable ${run}`),
  }
  const collector = new ResultCollector(
    scheduler as SchedulerShell,
    {
      isCopy,
      collect: ({ run }) =>
        new Promise((resolve, reject) => {
          pulls.set(run, {
            arrive() {
              held++
              const chunks = [{ rows: run, columns: [], statistics: undefined }]
              resolve(new ChunkLease(chunks, () => void held--))
            },
            fail: reject,
          })
        }),
    },
    2,
  )
  return {
    collector,
    events,
    held: () => held,
    /** A run is done: the scheduler tells of it. */
    made(task: number, run: number) {
      inMemory.add(run)
      collector.made({ task: task as TaskId, run: run as RunId, holders: [0 as WorkerId] })
    },
    lost: (run: number) => void inMemory.delete(run),
    async arrive(run: number) {
      pulls.get(run)!.arrive()
      await turn()
    },
    async fail(run: number, error: unknown) {
      pulls.get(run)!.fail(error)
      await turn()
    },
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}

async function rowsOf({ all }: ResultCollector): Promise<readonly number[] | undefined> {
  const waiting = turn().then(() => undefined)
  const result = await Promise.race([all, waiting])
  return result?.chunks.map(({ rows }) => rows)
}

describe('two results', () => {
  test('come in any order and are given in theirs', async () => {
    const { collector, events, held, made, arrive } = collecting()
    made(1, 11)
    made(0, 10)
    await arrive(11)
    expect(await rowsOf(collector)).toBeUndefined()
    await arrive(10)
    expect(await rowsOf(collector)).toEqual([10, 11])
    expect(events).toEqual(['release 0 1'])
    expect(held()).toBe(2)
    ;(await collector.all).release()
    expect(held()).toBe(0)
  })

  test('one had already is given up when it has to be made again for the other', async () => {
    const { collector, held, made, lost, arrive } = collecting()
    made(0, 10)
    made(1, 11)
    await arrive(10)
    // The worker of 1 is lost, and so is what both were computed from.
    lost(10)
    lost(11)
    made(1, 21)
    await arrive(21)
    expect(await rowsOf(collector)).toBeUndefined()
    await arrive(11)
    expect(await rowsOf(collector)).toBeUndefined()
    made(0, 20)
    await arrive(20)
    expect(await rowsOf(collector)).toEqual([20, 21])
    expect(held()).toBe(2)
  })

  test('one that cannot be had is asked for again', async () => {
    const { collector, events, made, arrive, fail } = collecting()
    made(0, 10)
    made(1, 11)
    await arrive(10)
    await fail(11, new QueryError('CONNECTION_FAILURE', 'lost'))
    expect(events).toEqual(['unreachable 11'])
    made(1, 12)
    await arrive(12)
    expect(await rowsOf(collector)).toEqual([10, 12])
  })

  test('an error is the error of both, and nothing stays', async () => {
    const { collector, held, made, arrive, fail } = collecting()
    made(0, 10)
    made(1, 11)
    await arrive(10)
    await fail(11, new QueryError('OUT_OF_MEMORY', 'out of memory'))
    await expect(collector.all).rejects.toThrow('out of memory')
    await collector.abandon()
    expect(held()).toBe(0)
  })

  test('one that arrives after a stop is let go of', async () => {
    const { collector, held, made, arrive } = collecting()
    made(0, 10)
    made(1, 11)
    await arrive(10)
    collector.failed(new Error('stopped'))
    const abandoned = collector.abandon()
    await arrive(11)
    await abandoned
    await expect(collector.all).rejects.toThrow('stopped')
    expect(held()).toBe(0)
  })

  test('what lies where it was made is released there when the result is', async () => {
    const { collector, events, made, arrive } = collecting(false)
    made(0, 10)
    made(1, 11)
    await arrive(10)
    await arrive(11)
    const result = await collector.all
    expect(events).toEqual([])
    result.release()
    expect(events).toEqual(['release 0 1'])
  })
})
