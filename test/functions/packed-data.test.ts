import { expect, test } from 'vitest'
import { finishSteps } from '../../src/base/steps.ts'
import { present } from '../../src/base/assert.ts'
import { seededRandom } from '../../src/base/world.ts'
import { builtInFunctions } from '../../src/functions/built-in.ts'
import { entryOf } from '../../src/functions/catalogue.ts'
import type { CatalogueEntry } from '../../src/functions/function.ts'
import { packedData, unpackedData } from '../../src/functions/packed-data.ts'

/** Data as another thread has it. */
function arrived(data: unknown): unknown {
  const packed = present(finishSteps(packedData(data)), 'packed')
  return unpackedData(structuredClone(packed), (named) => entryOf(builtInFunctions, named))
}

const shared = { kind: 'int4' }

test.each([
  ['nothing', {}],
  ['integers', { list: [0, 1, -1, 2 ** 28 - 1, 2 ** 28, -(2 ** 28), 2 ** 53, -(2 ** 31)] }],
  ['other numbers', { list: [-0, 0, 0.5, Number.NaN, Infinity, -Infinity, 1e300] }],
  ['values', { list: ['', 'x', 'length', null, undefined, true, false, 0n, -(2n ** 127n)] }],
  ['bytes', { bytes: new Uint8Array([1, 2]), words: new Float64Array([0.5]) }],
  ['fields named as shapes are', { list: [1], array: { array: 5 }, map: { map: [new Map()] } }],
  ['fields of odd names', { one: { 'x,y': 1 }, two: { x: 1, y: 2 }, no: {}, empty: { '': 1 } }],
  ['lists of lists', [[], [[]], [1, [2, [3]]], Array.from({ length: 3 })]],
  [
    'maps',
    new Map<unknown, unknown>([
      [1, { a: new Map([['x', [shared]]]) }],
      [-0, shared],
    ]),
  ],
  [
    'fields of all names',
    { 0: 1, length: 2, 'a,b': 3, a: { b: 4 }, array: [5], entry: { map: 6 } },
  ],
  ['fields in another order', [{ a: 1, b: 2 }, { b: 2, a: 1 }, { a: 1 }, { a: 1, b: undefined }]],
])('%s arrive as they were', (_, data) => {
  expect(arrived(data)).toStrictEqual(structuredClone(data))
})

test('what was one object stays one, however often it is met', () => {
  let tree: object = shared
  for (let level = 0; level < 100; level++) tree = { left: tree, right: tree }
  let node = arrived(tree) as { left?: object; right?: object }
  for (let level = 0; level < 100; level++) {
    expect(node.left).toBe(node.right)
    node = node.left as typeof node
  }
  expect(node).toEqual(shared)
})

test('entries arrive as those of the other side; one that is known here only does not travel', () => {
  const [fn] = builtInFunctions.scalar.all
  const [first, second] = arrived([{ fn }, fn]) as [{ fn: unknown }, unknown]
  expect(first.fn).toBe(fn)
  expect(second).toBe(fn)
  const own: CatalogueEntry = { cataloguedAs: 'scalar', id: 'own()', onlyHere: true }
  expect(finishSteps(packedData({ deep: [{ fn: own }] }))).toBeUndefined()
})

test('random data arrives, in many steps when it is much', () => {
  const random = seededRandom(7)
  const some = (depth: number): unknown => {
    const kind = Math.floor(random.next() * (depth > 0 ? 6 : 3))
    if (kind === 0) return Math.floor(random.next() * 2 ** 30) - 2 ** 29
    if (kind === 1) return `text ${Math.floor(random.next() * 50)}`
    if (kind === 2) return BigInt(Math.floor(random.next() * 1e9))
    const parts = Array.from({ length: Math.floor(random.next() * 5) }, () => some(depth - 1))
    if (kind === 3) return parts
    if (kind === 4) return new Map(parts.map((part, at) => [at, part]))
    return Object.fromEntries(parts.map((part, at) => [`field${at}`, part]))
  }
  const data = Array.from({ length: 2_000 }, () => some(5))
  expect(arrived(data)).toStrictEqual(data)
  let yields = 0
  for (const _step of packedData(data)) yields++
  expect(yields).toBeGreaterThan(5)
})
