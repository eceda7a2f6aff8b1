import { afterAll, describe, expect, test } from 'vitest'
import { errorToData, QueryError } from '../../../src/base/errors.ts'
import {
  sourceOf,
  type AnyFunction,
  type FunctionCode,
} from '../../../src/cluster/user-functions/function-code.ts'
import type { RunningCall } from '../../../src/cluster/user-functions/function-pool.ts'
import { startFunctionPool } from '../../../src/cluster/user-functions/start-function-pool.ts'
import { thrownOf } from '../../../src/cluster/user-functions/thrown.ts'
import type { TaskContext } from '../../../src/cluster/user-functions/call-server.ts'
import { decodeValue } from '../../../src/cluster/values/decode-value.ts'
import { encodeValue } from '../../../src/cluster/values/encode-value.ts'

const pool = startFunctionPool(2, 100)
afterAll(() => pool.close())

const options = { bytesMax: 1 << 26, what: 'a value' }

function begin(code: FunctionCode, args: readonly unknown[]): RunningCall {
  const urgency = { priority: 0, rank: 0 }
  return pool.run({ code, args: encodeValue(args, options), inputs: [], urgency })
}

async function run(fn: AnyFunction | FunctionCode, ...args: readonly unknown[]): Promise<unknown> {
  const { result } = begin(typeof fn === 'function' ? sourceOf(fn) : fn, args)
  return decodeValue((await result).bytes)
}

/** What a function threw, as whoever waits for it gets it. */
async function thrownBy(
  fn: AnyFunction | FunctionCode,
  ...args: readonly unknown[]
): Promise<unknown> {
  const error: unknown = await run(fn, ...args).then(
    () => expect.unreachable(),
    (reason: unknown) => reason,
  )
  return thrownOf(errorToData(error))
}

const module = {
  url: new URL('module-functions.mjs', import.meta.url).href,
  kind: 'module',
} as const
const missing = 1

function chainable(this: unknown): unknown {
  return this
}

describe('functions in threads of their own', () => {
  const forms: readonly (readonly [string, AnyFunction])[] = [
    ['an arrow function', (n: number) => n + 1],
    [
      'a function',
      function add(n: number) {
        return n + 1
      },
    ],
    ['an async function', async (n: number) => (await Promise.resolve(n)) + 1],
    [
      'a method',
      {
        add(n: number) {
          return n + 1
        },
      }.add,
    ],
  ]
  for (const [what, fn] of forms) {
    test(`${what} runs`, async () => {
      expect(String(await run(fn, 41))).toBe('42')
    })
  }

  test('an export of a module knows its module', async () => {
    expect(await run({ ...module, name: 'triple' }, 14)).toBe(42)
    expect(await thrownBy({ ...module, name: 'notAFunction' })).toMatchObject({
      code: 'UNDEFINED_FUNCTION',
    })
  })

  test('they run strict, in a thread without the memory of the engine, and import what they like', async () => {
    // As a text, which no tool of tests changes.
    const text = `async () => {
      const { isMainThread, workerData } = await import('node:worker_threads')
      return [isMainThread, Object.keys(workerData), (function () { return this })()]
    }`
    const found = await run({ kind: 'source', name: 'look', text })
    expect(found).toEqual([false, ['shared', 'resultBytesMax'], undefined])
  })

  test('large values come and go', async () => {
    const column = Float64Array.from({ length: 300_000 }, (_, n) => n)
    const sum = (values: Float64Array): unknown => ({
      sum: values.reduce((a, b) => a + b),
      values: values.map((value) => -value),
    })
    const result = (await run(sum, column)) as { sum: number; values: Float64Array }
    expect(result.sum).toBe((300_000 * 299_999) / 2)
    expect(result.values.at(-1)).toBe(-299_999)
  })

  test('what they throw arrives as it was', async () => {
    const fails = (): unknown => {
      throw new TypeError('no', { cause: new Error('why') })
    }
    const thrown = await thrownBy(fails)
    expect(thrown).toBeInstanceOf(TypeError)
    expect(thrown).toMatchObject({ message: 'no', cause: { message: 'why' } })
    expect((thrown as Error).stack).toContain('fails')
    const odd = (): unknown => {
      throw { status: 404 } // oxlint-disable-line no-throw-literal
    }
    expect(await thrownBy(odd)).toEqual({ status: 404 })
    const unsendable = (): unknown => {
      throw Object.assign(new RangeError('no'), { retry: () => 1 })
    }
    expect(await thrownBy(unsendable)).toMatchObject({ name: 'RangeError', message: 'no' })
  })

  test('a name from around a function is missing, and the error says why', async () => {
    const thrown = await thrownBy(() => missing + 1)
    expect(thrown).toBeInstanceOf(ReferenceError)
    expect((thrown as Error).message).toContain('without the variables around it')
  })

  test('a result that cannot be sent is an error', async () => {
    expect(await thrownBy(() => () => 1)).toMatchObject({ code: 'DATATYPE_MISMATCH' })
  })

  test('a text that is more than a function is refused', async () => {
    const text = '(globalThis.entered = 1, (n) => n)'
    const code: FunctionCode = { kind: 'source', name: 'odd', text }
    expect(await thrownBy(code, 1)).toMatchObject({ code: 'INVALID_PARAMETER_VALUE' })
  })

  const unusable: readonly (readonly [string, AnyFunction])[] = [
    ['built in', Math.max],
    ['bound', chainable.bind(undefined)],
    ['a class', class Point {} as unknown as AnyFunction],
  ]
  for (const [what, fn] of unusable) {
    test(`${what}: cannot be sent`, () => {
      expect(() => sourceOf(fn)).toThrow('cannot be sent to workers')
    })
  }

  test('a thread that a function ends is replaced', async () => {
    const exits = (): never => process.exit(3)
    expect(await thrownBy(exits)).toMatchObject({
      code: 'FUNCTION_FAILED',
      message: 'a function ended its thread: exit code 3',
    })
    expect(await run((n: number) => n, 1)).toBe(1)
  })

  test('cancelled ones hear of it, and are ended when they do not', async () => {
    const reason = new QueryError('QUERY_CANCELED', 'enough')
    const listens = async function (this: TaskContext): Promise<unknown> {
      const { signal } = this
      await new Promise((resolve) => {
        signal.addEventListener('abort', resolve)
      })
      return 'heard'
    }
    const spins = (): never => {
      for (;;);
    }
    const looks = function (this: TaskContext): unknown {
      while (!this.isCancelled);
      return 'seen'
    }
    for (const fn of [listens, spins, looks]) {
      const call = begin(sourceOf(fn), [])
      // By then it runs: others did before it, and one behind it.
      await run(() => 1)
      call.cancel(reason)
      await expect(call.result).rejects.toThrow('enough')
    }
    expect(await Promise.all([run(() => 1), run(() => 2), run(() => 3)])).toEqual([1, 2, 3])
  })
})
