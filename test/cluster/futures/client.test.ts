import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Client } from '../../../src/cluster/futures/client.ts'
import { LocalCluster } from '../../../src/cluster/futures/cluster.ts'
import type { Future } from '../../../src/cluster/futures/future.ts'
import { ModuleFunction } from '../../../src/cluster/futures/module-function.ts'
import type { TaskContext } from '../../../src/cluster/user-functions/call-server.ts'

const increment = (n: number): number => n + 1
const add = (a: number, b: number): number => a + b
const fail = (text: string): never => {
  throw new RangeError(text)
}

/** Ends when it is cancelled. */
const wait = function (this: TaskContext): Promise<string> {
  const { signal } = this
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve('stopped'))
  })
}

describe('futures on threads of this process', () => {
  let cluster: LocalCluster
  let client: Client

  beforeAll(async () => {
    cluster = await LocalCluster.start({
      workers: 2,
      threadsPerWorker: 1,
      processes: false,
      resources: { lamp: 1 },
    })
    client = new Client(cluster)
  })
  afterAll(async () => {
    client.close()
    await cluster.close()
  })

  test('a call gives a future, and that its value', async () => {
    const future = client.submit(increment, [41])
    expect([future.status, future.done]).toEqual(['pending', false])
    expect(await future.result()).toBe(42)
    expect([future.status, future.done]).toEqual(['finished', true])
    expect(await future.exception()).toBeUndefined()
  })

  test('futures stand for their values, however deep, once for each reader', async () => {
    const one = client.submit(increment, [0])
    const shared = client.submit(() => ({ list: [1] }), [])
    const use = (given: { a: number; deep: readonly { list: number[] }[] }): unknown => {
      given.deep[0]!.list.push(2)
      return [given.a, given.deep]
    }
    const used = client.submit(use, [{ a: one, deep: [shared, shared] }])
    expect(await used.result()).toEqual([1, [{ list: [1, 2] }, { list: [1, 2] }]])
    expect(await shared.result()).toEqual({ list: [1] })
  })

  test('map, and gather in any shape', async () => {
    const squares = client.map((n: number) => n * n, [1, 2, 3])
    expect(await client.gather(squares)).toEqual([1, 4, 9])
    const [one, two] = squares
    expect(await client.gather({ one, rest: [two, 'x'], none: null })).toEqual({
      one: 1,
      rest: [4, 'x'],
      none: null,
    })
    const { done } = await client.wait(squares)
    expect(await client.gather(done)).toEqual([1, 4, 9])
    const named = new Map([
      ['one', one!],
      ['two', two!],
    ])
    expect(await client.gather(named.values())).toEqual([1, 4])
    const some = client.map((n: number) => (n === 2 ? JSON.parse('{') : n), [1, 2, 3])
    await expect(client.gather(some)).rejects.toBeInstanceOf(SyntaxError)
    expect(await client.gather(some, { errors: 'skip' })).toEqual([1, 3])
  })

  test('equal calls are one task, others are not', () => {
    const calls = [
      client.submit(add, [1, 2]),
      client.submit(add, [1, 2]),
      client.submit(add, [2, 1]),
      client.submit(add, [1, 2], { pure: false }),
      client.submit(increment, [1], { key: 'mine' }),
      client.submit(increment, [2], { key: 'mine' }),
    ]
    const keys = calls.map(({ key }) => key)
    expect(new Set(keys).size).toBe(4)
    expect(keys[0]).toBe(keys[1])
    expect(keys[0]).toMatch(/^add-[0-9a-f]{32}$/)
    expect(keys.slice(4)).toEqual(['mine', 'mine'])
    const onFuture = client.submit(increment, [calls[0]!])
    expect(client.submit(increment, [calls[1]!]).key).toBe(onFuture.key)
    expect(client.submit(increment, [calls[2]!]).key).not.toBe(onFuture.key)
  })

  test('an error goes on to what depends on it, as it was thrown', async () => {
    const failed = client.submit(fail, ['no luck'])
    const next = client.submit(increment, [failed])
    await expect(next.result()).rejects.toBeInstanceOf(RangeError)
    expect([failed.status, next.status]).toEqual(['error', 'error'])
    expect(await next.exception()).toMatchObject({ name: 'RangeError', message: 'no luck' })
  })

  test('a task that throws is run again as often as it may be, or when it is asked to', async () => {
    const flaky = (name: string, failures: number): number => {
      const counts = globalThis as unknown as Record<string, number>
      counts[name] = (counts[name] ?? 0) + 1
      if (counts[name] <= failures) throw new Error(`failure ${counts[name]}`)
      return counts[name]
    }
    // Of the one worker that has the lamp: it counts on its own thread.
    const one = { key: 'flaky-1', retries: 2, resources: { lamp: 1 } }
    const lamp = await LocalCluster.start({ workers: 1, processes: false, resources: { lamp: 1 } })
    const own = new Client(lamp)
    expect(await own.submit(flaky, ['a', 2], one).result()).toBe(3)
    const again = own.submit(flaky, ['b', 1])
    await expect(again.result()).rejects.toThrow('failure 1')
    again.retry()
    expect(again.status).toBe('pending')
    expect(await again.result()).toBe(2)
    own.close()
    await lamp.close()
  })

  test('what failed with a task is run again with it, across what was let go of', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'heddle-futures-'))
    const read = (file: string): number => {
      const { readFileSync } = process.getBuiltinModule('node:fs')
      return readFileSync(file, 'utf8').length
    }
    const [one, other] = [join(folder, 'one'), join(folder, 'other')]
    const sizes = [one, other].map((file) => client.submit(read, [file]))
    const next = client.submit(increment, [sizes[0]!])
    const last = client.submit(add, [next, sizes[1]!])
    const apart = client.submit(fail, ['apart'])
    await client.wait([...sizes, next, last, apart])
    next.release()
    writeFileSync(one, 'xx')
    writeFileSync(other, 'xxx')
    sizes[0]!.retry()
    expect([...sizes, last, apart].map(({ status }) => status)).toEqual([
      'pending',
      'pending',
      'pending',
      'error',
    ])
    expect(await client.gather([...sizes, last])).toEqual([2, 3, 6])
    rmSync(folder, { recursive: true })
  })

  test('what is cancelled stops, with what depends on it, and can be called anew', async () => {
    const waits = client.submit(wait, [])
    const next = client.submit((text: string) => text, [waits])
    const other = client.submit(increment, [7])
    await other.result()
    waits.cancel()
    expect([waits.status, next.status, other.status]).toEqual([
      'cancelled',
      'cancelled',
      'finished',
    ])
    await expect(next.result()).rejects.toMatchObject({ code: 'QUERY_CANCELED' })
    const anew = client.submit(wait, [])
    expect(anew.status).toBe('pending')
    anew.cancel()
  })

  test('a call that is cancelled and let go of is not taken for the one that was made anew', async () => {
    const random = (): number => Math.random()
    const first = client.submit(random, [])
    first.cancel()
    const second = client.submit(random, [])
    const value = await second.result()
    first.release()
    await client.submit(increment, [11]).result()
    expect(await client.submit(random, []).result()).toBe(value)
  })

  test('a future can be waited for so long, or until a signal', async () => {
    const waits = client.submit(wait, [])
    await expect(waits.result({ timeoutMs: 5 })).rejects.toMatchObject({ code: 'QUERY_CANCELED' })
    await expect(waits.result({ signal: AbortSignal.abort('enough') })).rejects.toBe('enough')
    expect(waits.status).toBe('pending')
    waits.release()
    expect(() => waits.status).toThrow('used after its release')
  })

  test('wait tells apart what is done and what is not', async () => {
    const slow = client.submit(wait, [])
    const fast = client.submit(increment, [100])
    const first = await client.wait([slow, fast], { returnWhen: 'FIRST_COMPLETED' })
    expect([[...first.done], [...first.notDone]]).toEqual([[fast], [slow]])
    await expect(client.wait([slow, fast], { timeoutMs: 5 })).rejects.toThrow('within 5 ms')
    const failing = client.submit(fail, ['first'])
    const until = await client.wait([slow, failing], { returnWhen: 'FIRST_EXCEPTION' })
    expect([...until.done]).toEqual([failing])
    slow.cancel()
    expect((await client.wait([slow, fast])).notDone.size).toBe(0)
  })

  test('asCompleted gives each once, as it is done, those added meanwhile, too', async () => {
    const seen: unknown[] = []
    const blocked = client.submit(wait, [])
    const completed = client.asCompleted<Future>([blocked, ...client.map(increment, [1, 2])])
    for await (const future of completed) {
      seen.push(future.status)
      if (seen.length === 1) completed.add(client.submit(increment, [50]))
      if (seen.length === 3) blocked.cancel()
    }
    expect(seen).toEqual(['finished', 'finished', 'finished', 'cancelled'])
    expect(completed.count).toBe(0)
  })

  test('several may ask for what is done next at once', async () => {
    const blocked = client.map(wait, [1, 2, 3])
    const completed = client.asCompleted(blocked)
    const given = Promise.all([completed.next(), completed.next(), completed.next()])
    blocked[1]!.cancel()
    blocked[2]!.cancel()
    blocked[0]!.cancel()
    expect((await given).map(({ value }) => value)).toEqual([blocked[1], blocked[2], blocked[0]])
    expect((await completed.next()).done).toBe(true)
  })

  test('nobody waits for a future that is let go of', async () => {
    const [one, two] = client.map(wait, [1, 2], { pure: false })
    const completed = client.asCompleted([one!])
    const waits = client.wait([two!])
    one!.release()
    two!.release()
    expect((await completed.next()).value).toBe(one)
    await expect(waits).rejects.toMatchObject({ code: 'UNDEFINED_OBJECT' })
  })

  test('a time without end is none, and what is no time is refused', async () => {
    const blocked = client.submit(wait, [], { pure: false })
    const result = blocked.result({ timeoutMs: Infinity })
    await expect(blocked.result({ timeoutMs: NaN })).rejects.toThrow('option "timeoutMs"')
    expect(blocked.status).toBe('pending')
    blocked.cancel()
    await expect(result).rejects.toThrow('a task was cancelled')
  })

  test('a wait that is over at once leaves no timer behind', async () => {
    const timers = (): number =>
      process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const done = client.submit(increment, [12])
    await done.result()
    const before = timers()
    await client.wait([done], { timeoutMs: 100_000 })
    await client.wait([], { timeoutMs: 100_000 })
    expect(await done.exception({ timeoutMs: 100_000 })).toBeUndefined()
    expect(timers()).toBe(before)
  })

  test('all errors of one that stands for several come along', async () => {
    const several = (): Promise<never> =>
      Promise.any([Promise.reject(new RangeError('a')), Promise.reject(new Error('b'))])
    const error = await client.submit(several, []).exception()
    expect(error).toBeInstanceOf(AggregateError)
    expect(error).toMatchObject({
      errors: [{ name: 'RangeError', message: 'a' }, { message: 'b' }],
    })
  })

  test('what does not bear being looked at can be thrown', async () => {
    const revoked = (): never => {
      const { proxy, revoke } = Proxy.revocable({}, {})
      revoke()
      throw proxy
    }
    const frozen = (): never => {
      throw Object.freeze(new ReferenceError('x is not defined'))
    }
    const errors = await Promise.all([revoked, frozen].map((f) => client.submit(f, []).exception()))
    expect(errors.map((error) => (error as Error).message)).toEqual([
      'a value without a text was thrown',
      'x is not defined',
    ])
  })

  test('a scattered value is read where it is', async () => {
    const column = await client.scatter(Float64Array.from({ length: 1_000 }, (_, n) => n))
    const sum = (values: Float64Array, from: number): number =>
      values.subarray(from).reduce((a, b) => a + b, 0)
    const sums = [0, 999].map((from) => client.submit(sum, [column, from]))
    expect(await client.gather(sums)).toEqual([499_500, 999])
    const everywhere = await client.scatter({ small: 1 }, { broadcast: true })
    expect(await everywhere.result()).toEqual({ small: 1 })
    expect((await column.result()).length).toBe(1_000)
  })

  test('a task asks for what its worker must have', async () => {
    expect(await client.submit(increment, [3], { resources: { lamp: 1 } }).result()).toBe(4)
    for (const resources of [{ lamp: 2 }, { radio: 1 }, { constructor: 1 }]) {
      expect(() => client.submit(increment, [4], { resources })).toThrow(/^no worker has \d of/)
    }
  })

  test('an export of a module is called by its name', async () => {
    const url = new URL('../user-functions/module-functions.mjs', import.meta.url)
    const triple = new ModuleFunction<[number], number>(url, 'triple')
    expect(await client.gather(client.map(triple, [1, 2]))).toEqual([3, 6])
  })

  test('what is told to go on does so, although nobody keeps it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'heddle-futures-'))
    const append = (file: string): number => {
      const { appendFileSync, readFileSync } = process.getBuiltinModule('node:fs')
      appendFileSync(file, 'x')
      return readFileSync(file, 'utf8').length
    }
    const [made, kept] = [join(folder, 'made'), join(folder, 'kept')]
    const first = client.submit(append, [made])
    expect(await first.result()).toBe(1)
    expect(await client.submit(append, [made]).result()).toBe(1)
    const forgotten = client.submit(append, [kept])
    client.fireAndForget(forgotten)
    forgotten.release()
    const exists = (file: string): boolean => process.getBuiltinModule('node:fs').existsSync(file)
    while (!(await client.submit(exists, [kept], { pure: false }).result()));
    rmSync(folder, { recursive: true })
  })

  const invalid: readonly (readonly [string, () => unknown])[] = [
    ['retries', () => client.submit(increment, [1], { retries: -1 })],
    ['priority', () => client.submit(increment, [1], { priority: 256 })],
    ['lamp', () => client.submit(increment, [1], { resources: { lamp: NaN } })],
    ['key', () => client.submit(increment, [1], { key: '' })],
    ['retry', () => client.submit(increment, [1], { retry: 1 } as object)],
    ['url', () => new ModuleFunction('https://example.com/f.mjs', 'f')],
  ]
  for (const [name, call] of invalid) {
    test(`an invalid ${name} is refused`, () => {
      expect(call).toThrow(`invalid value for option "${name}"`)
    })
  }

  test('arguments that are no array, and functions that are none, are refused', () => {
    const future = client.submit(increment, [1])
    for (const args of [5, 'text', { a: 1 }, future, undefined]) {
      expect(() => client.submit(increment, args as unknown as [number])).toThrow(
        'the arguments of a call are no array',
      )
    }
    expect(() => client.submit('f' as unknown as () => void, [])).toThrow('what is no function')
  })

  test('what Dask would do with an option is not left out without a word', () => {
    const options = { workers: ['a'] } as object
    expect(() => client.submit(increment, [1], options)).toThrow(
      expect.objectContaining({ code: 'FEATURE_NOT_SUPPORTED' }),
    )
  })

  test('futures of another client are refused', () => {
    const other = new Client(cluster)
    const future = other.submit(increment, [1])
    expect(() => client.submit(increment, [future])).toThrow('a future of another client')
    other.close()
    expect(future.status).toBe('cancelled')
    expect(() => other.submit(increment, [1])).toThrow('terminating')
  })
})

describe('futures on worker processes', () => {
  let cluster: LocalCluster
  let client: Client

  beforeAll(async () => {
    cluster = await LocalCluster.start({ workers: 2, threadsPerWorker: 1 })
    client = new Client(cluster)
  })
  afterAll(async () => {
    client.close()
    await cluster.close()
  })

  test('many calls, and a tree of them', async () => {
    let level = client.map(increment, [...Array(1_024).keys()])
    while (level.length > 1) {
      const pairs = level.length / 2
      level = Array.from({ length: pairs }, (_, n) =>
        client.submit(add, [level[2 * n]!, level[2 * n + 1]!]),
      )
    }
    expect(await level[0]!.result()).toBe((1_024 * 1_025) / 2)
  })

  test('large values go from worker to worker, and here', async () => {
    const value = await client.scatter('x'.repeat(3_000_000))
    const twice = client.map((text: string) => text + text, [value])
    expect((await twice[0]!.result()).length).toBe(6_000_000)
  })

  test('a worker that is killed takes no future with it', async () => {
    const pid = (): number => process.pid
    const big = (n: number): string => `${n}`.repeat(2_000)
    const values = client.map(big, [1, 2, 3, 4, 5, 6, 7, 8])
    await client.wait(values)
    const victim = await client.submit(pid, [], { pure: false }).result()
    const waits = client.map(wait, [1, 2], { pure: false })
    process.kill(victim, 'SIGKILL')
    const lengths = client.map((text: string) => text.length, values)
    for (const future of waits) future.cancel()
    expect(await client.gather(lengths)).toEqual(values.map(() => 2_000))
    expect(await client.gather(values)).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map(big))
  })
})

describe.each([true, false])('a cluster that is closed, with processes: %s', (processes) => {
  test('runs nothing, and says so', async () => {
    const cluster = await LocalCluster.start({ workers: 1, processes })
    const client = new Client(cluster)
    const failed = client.submit(fail, ['before'])
    await failed.exception()
    await cluster.close()
    const late = client.submit(increment, [1])
    failed.retry()
    for (const future of [late, failed]) {
      await expect(future.result()).rejects.toMatchObject({ code: 'ADMIN_SHUTDOWN' })
    }
    client.close()
  })

  test('a client that leaves while it scatters leaves nothing there', async () => {
    const cluster = await LocalCluster.start({ workers: 1, processes, memoryBytesMax: 1 << 24 })
    const first = new Client(cluster)
    const bytes = new Uint8Array(9 << 20)
    const scattered = first.scatter(bytes)
    first.close()
    await expect(scattered).rejects.toMatchObject({ code: 'ADMIN_SHUTDOWN' })
    const second = new Client(cluster)
    const there = await second.scatter(bytes)
    expect((await there.result()).length).toBe(bytes.length)
    second.close()
    await cluster.close()
  })
})

test('a cluster that closes rejects what is waited for', async () => {
  const cluster = await LocalCluster.start({ workers: 1, processes: false })
  const client = new Client(cluster)
  const waits = client.submit(wait, []).result()
  const rejected = expect(waits).rejects.toMatchObject({ code: 'ADMIN_SHUTDOWN' })
  await cluster.close()
  await rejected
  await expect(client.submit(increment, [1]).result()).rejects.toMatchObject({
    code: 'ADMIN_SHUTDOWN',
  })
  client.close()
})

for (const options of [{ workers: 0 }, { threadsPerWorker: 1.5 }, { memoryBytesMax: 1 }]) {
  test(`a cluster of ${JSON.stringify(options)} is refused`, async () => {
    await expect(LocalCluster.start(options)).rejects.toThrow('invalid value for option')
  })
}
