import { expect, test } from 'vitest'
import { present } from '../../../src/base/assert.ts'
import { seededRandom, type Random } from '../../../src/base/world.ts'
import { arrayOf, plainType, text, type PlainKind } from '../../../src/data/types/data-type.ts'
import { parseScalar } from '../../../src/data/types/parse-scalar.ts'
import type { Scalar } from '../../../src/data/types/scalar.ts'
import { valueKindOf, valueKinds } from '../../../src/wasm/kernels/value-kinds.ts'
import { scalarEntry } from '../../functions/entries.ts'
import { attempt, bytesOfView, cellOf, expectedBytes, viewOf } from '../values/cells.ts'
import { exact } from '../values/json-values.ts'
import { arena, below, conformance, pick, space, textAt } from './bench.ts'

// Arrays full of one value, and their bounds, by kernels and by the entries of their functions.

const ROUNDS = 2_000
const ELSEWHERE = -1n

const values: readonly (readonly [PlainKind, readonly string[]])[] = [
  ['int4', ['0', '-2147483648']],
  ['int8', ['9223372036854775807']],
  ['text', ['', 'a', '"\\', 'a,b', 'longer than sixteen bytes', 'NULL']],
  ['numeric', ['1.50', '-0.001', '123456789012345678901234567890123456789012345']],
  ['float8', ['-0', 'NaN', '1e300']],
  ['timestamp', ['2024-02-29 10:00:00.5', '0044-03-15 00:00:00 BC']],
  ['bool', ['t']],
]

/** Mostly as many as there may be; few elements. */
function randomNumbers(random: Random, count: number, numbers: readonly string[]): string {
  return `{${Array.from({ length: count }, () => pick(random, numbers)).join()}}`
}

const integers = arrayOf({ kind: 'int4' })

conformance(['arrayFill', 'arrayFillBytes', 'arrayBounds'], () => {
  test('full of one value', () => {
    const random = seededRandom(61)
    let taken = 0
    for (let round = 0; round < ROUNDS; round++) {
      const [kind, items] = pick(random, values)
      const type = plainType(kind)
      const value = below(random, 7) === 0 ? null : parseScalar(pick(random, items), type)
      const count = below(random, 5)
      const odd = below(random, 12) === 0
      const lengths = randomNumbers(random, count, odd ? ['0', '-1', 'NULL', '9'] : ['1', '2', '3'])
      const others = below(random, 20) === 0 ? count + 1 : count
      const lowers = randomNumbers(random, others, ['1', '1', '-5', '0', '1000000'])
      const isTold = below(random, 2) === 0
      const [kindNumber, cell] = [
        valueKinds[present(valueKindOf(type), 'kind')],
        cellOf(value, type),
      ]
      const [isNull, list] = [Number(value === null), viewOf(lengths, integers)]
      const bytes = exact('arrayFillBytes', kindNumber, cell, isNull, list)
      const room = bytes < 0n ? 0 : space(Number(bytes))
      const under = isTold ? viewOf(lowers, integers) : 0n
      const found =
        bytes < 0n ? ELSEWHERE : exact('arrayFill', kindNumber, 0, cell, isNull, list, under, room)
      const result = arrayOf(type)
      const id = `array_fill(any,array${isTold ? ',array' : ''})`
      const args: readonly Scalar[] = [value, lengths, ...(isTold ? [lowers] : [])]
      const expected = attempt(() =>
        scalarEntry(id).evaluate(args, [type, integers, integers].slice(0, args.length), result),
      )
      const shown = `${kind} ${String(value)} ${lengths} ${lowers} ${isTold}`
      if (found !== ELSEWHERE) {
        taken++
        const wanted = expected === 'error' ? expected : expectedBytes(expected, result)
        expect(bytesOfView(found), shown).toEqual(wanted)
        const bounds = scalarEntry('array_dims(array)').evaluate(
          [expected as Scalar],
          [result],
          text,
        )
        const dims = exact('arrayBounds', found, space(192))
        expect(textAt(dims), shown).toBe(bounds ?? '')
      }
      arena.release()
    }
    expect(taken, 'most are taken').toBeGreaterThan(ROUNDS / 2)
  })
})
