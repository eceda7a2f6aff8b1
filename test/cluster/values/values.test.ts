import { anything, assert, nat, property, string, uint8Array } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeValue } from '../../../src/cluster/values/decode-value.ts'
import { encodeValue } from '../../../src/cluster/values/encode-value.ts'

const options = { bytesMax: 1 << 20, what: 'a value' }

function copyOf<T>(value: T): T {
  return decodeValue(encodeValue(value, options)) as T
}

/** As a Buffer's memory begins anywhere. */
function view(bytes: readonly number[]): DataView {
  return new DataView(Uint8Array.from([0, 0, 0, ...bytes]).buffer, 3)
}

describe('values on their way', () => {
  test('arrive as structured clones do', () => {
    assert(
      property(
        anything({
          withBigInt: true,
          withDate: true,
          withMap: true,
          withSet: true,
          withNullPrototype: true,
          withTypedArray: true,
          withSparseArray: true,
        }),
        (value) => {
          expect(copyOf(value)).toStrictEqual(value)
        },
      ),
    )
  })

  test('texts arrive, also those with half a pair', () => {
    assert(
      property(string({ unit: 'binary', maxLength: 60 }), nat(9), (text, cut) => {
        expect(copyOf(text.slice(cut))).toBe(text.slice(cut))
      }),
    )
    expect(copyOf('a\ud800')).toBe('a\ud800')
  })

  const values: readonly (readonly [string, unknown])[] = [
    ['the numbers at the edges', [-0, NaN, Infinity, -(2 ** 31), 2 ** 31, 2 ** 31 - 1, 5e-324]],
    ['integers without end', [0n, -1n, 255n, 256n, -(2n ** 200n)]],
    ['an array with holes', [1, , undefined, null]], // oxlint-disable-line no-sparse-arrays
    ['dates', [new Date(0), new Date(NaN)]],
    [
      'bytes in any place',
      [view([1, 2]), Uint8Array.of(1), Float64Array.of(1.5), new ArrayBuffer(3)],
    ],
    ['patterns', [/a[/]b/giu]],
    ['a field that would be the prototype', JSON.parse('{"__proto__": {"a": 1}}')],
  ]
  for (const [what, value] of values) {
    test(`${what} arrive`, () => {
      expect(copyOf(value)).toStrictEqual(value)
    })
  }

  test('circles and shared parts stay what they are', () => {
    const shared = { a: 1 }
    const value: Record<string, unknown> = { left: shared, right: [shared] }
    value['self'] = value
    const copy = copyOf(value)
    expect(copy['self']).toBe(copy)
    expect((copy['right'] as unknown[])[0]).toBe(copy['left'])
  })

  test('errors keep class, message, stack, cause and fields', () => {
    class OwnError extends Error {
      override name = 'OwnError'
      readonly status = 404
    }
    const error = new OwnError('no', { cause: new TypeError('why', { cause: 'because' }) })
    const copy = copyOf(error)
    expect(copy).toBeInstanceOf(Error)
    expect(copy).toMatchObject({ name: 'OwnError', message: 'no', status: 404, stack: error.stack })
    expect(copy.cause).toBeInstanceOf(TypeError)
    expect(copy.cause).toMatchObject({ message: 'why', cause: 'because' })
    expect(Object.keys(copy)).toEqual(['status'])
  })

  test('results stand where they are wanted', () => {
    const future = {}
    const inputOf = (value: object) => (value === future ? 7 : undefined)
    const bytes = encodeValue([future, { deep: [future] }, new Map([['k', future]])], {
      ...options,
      inputOf,
    })
    const copy = decodeValue(bytes, (n) => `result ${n}`)
    const there = 'result 7'
    expect(copy).toEqual([there, { deep: [there] }, new Map([['k', there]])])
  })

  test('a getter may send values, too', () => {
    const value = {
      before: 'x',
      get odd() {
        return copyOf({ long: 'y'.repeat(100) })
      },
    }
    expect(copyOf(value)).toEqual({ before: 'x', odd: { long: 'y'.repeat(100) } })
  })

  class Account {
    balance = 42
  }
  const refused: readonly (readonly [string, unknown, string])[] = [
    ['a function', { f: Math.max }, 'the function max cannot be sent to another thread'],
    ['a symbol', [Symbol('s')], 'Symbol(s) cannot be sent'],
    ['an object of a class', new Account(), 'an object of class Account cannot be sent'],
    ['a promise', Promise.resolve(), 'an object of class Promise cannot be sent'],
    ['what is too large', 'x'.repeat((1 << 20) + 1), 'a value of more than 1048576 bytes'],
  ]
  for (const [what, value, message] of refused) {
    test(`${what} is refused`, () => {
      expect(() => encodeValue(value, options)).toThrow(message)
    })
  }

  test('what is nested without end is refused', () => {
    let value: unknown = 0
    for (let depth = 0; depth < 1_001; depth++) value = [value]
    expect(() => encodeValue(value, options)).toThrow('more than 1000 levels deep')
  })

  test('no bytes do more than be refused', () => {
    const whole = encodeValue([{ a: [1, 'text', new Map([[1n, /x/]])] }, new Error('e')], options)
    for (let length = 0; length < whole.length; length++) {
      expect(() => decodeValue(whole.subarray(0, length))).toThrow(
        expect.objectContaining({ code: 'PROTOCOL_VIOLATION' }),
      )
    }
    assert(
      property(uint8Array({ maxLength: 40 }), (bytes) => {
        try {
          decodeValue(bytes)
        } catch (error) {
          expect(error).toMatchObject({ code: 'PROTOCOL_VIOLATION' })
        }
      }),
      { numRuns: 2_000 },
    )
  })
})
