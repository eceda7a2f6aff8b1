import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Arena } from '../../../src/data/arenas/arena.ts'
import { Heap } from '../../../src/data/arenas/heap.ts'
import * as types from '../../../src/data/types/data-type.ts'
import type { KnownEntries } from '../../../src/data/vectors/add-column.ts'
import { addScalars, scalarsOf } from '../../../src/data/vectors/column-scalars.ts'
import { vectorFromScalars } from '../../../src/data/vectors/from-scalars.ts'
import { address, NO_ADDRESS } from '../../../src/data/vectors/vector.ts'
import type { Scalar } from '../../../src/data/types/scalar.ts'

const heap = new Heap(Heap.createMemory(64 * 1_048_576))

/** Of one to four bytes a character; U+FEFF begins some, and long ones fill blocks. */
const texts = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.string({ unit: fc.constantFrom('a', 'é', '日', '🜚', '\u{FEFF}') }) },
    { weight: 4, arbitrary: fc.string({ unit: 'grapheme-ascii' }) },
    { weight: 1, arbitrary: fc.constant(null) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom('x', 'ü', '🜚'), fc.constantFrom(16_000, 32_768, 65_536, 70_000))
        .map(([unit, count]) => unit.repeat(count)),
    },
  ),
  { maxLength: 60 },
)

test('texts that are decoded together are those that were written', () => {
  fc.assert(
    fc.property(texts, fc.nat(), (values, from) => {
      const arena = new Arena(heap)
      try {
        const vector = vectorFromScalars(arena, types.text, values)
        expect(scalarsOf(heap, vector)).toEqual(values)
        // Some behind others, as in pages of files.
        const at = values.length === 0 ? 0 : from % values.length
        const rest = {
          ...vector,
          length: values.length - at,
          offsets: address(vector.offsets + 4 * at),
        }
        const isWhole = vector.validity === NO_ADDRESS
        if (isWhole) expect(scalarsOf(heap, rest)).toEqual(values.slice(at))
      } finally {
        arena.release()
      }
    }),
    { numRuns: 300 },
  )
})

test('values are added behind others, and a dictionary is decoded once', () => {
  const arena = new Arena(heap)
  const dictionary = vectorFromScalars(arena, types.text, ['one', 'two'])
  const codes = vectorFromScalars(arena, types.int4, [1, null, 0])
  const vector = { ...codes, type: types.text, layout: 'dict32' as const, dictionary }
  const scalars: Scalar[] = ['before']
  const known: KnownEntries<Scalar> = new Map()
  addScalars(scalars, heap, vector, known)
  known.set(dictionary, ['uno', 'due'])
  addScalars(scalars, heap, vector, known)
  expect(scalars).toEqual(['before', 'two', null, 'one', 'due', null, 'uno'])
  arena.release()
})
