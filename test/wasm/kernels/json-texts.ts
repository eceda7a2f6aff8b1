import { expect, test } from 'vitest'
import { QueryError } from '../../../src/base/errors.ts'
import { seededRandom, type Random } from '../../../src/base/world.ts'
import { json, jsonb, type DataType } from '../../../src/data/types/data-type.ts'
import { parseScalar } from '../../../src/data/types/parse-scalar.ts'
import { scalarEntry } from '../../functions/entries.ts'
import {
  attempt,
  bytesOfView,
  expectedBytes,
  expectedView,
  shownOfView,
  viewOf,
} from '../values/cells.ts'
import { exact } from '../values/json-values.ts'
import { extremeJson, jsonText, mutated } from '../values/json-texts.ts'
import {
  arena,
  below,
  call,
  conformance,
  heap,
  pick,
  placeText,
  space,
  textAt,
  zeros,
} from './bench.ts'

// Texts as json and jsonb: kernels take what the types' own parsers take, and nothing else.

const ELSEWHERE = -1n
const ROOM_MAX = 67_108_864n
const PAST_BYTES = 16
const GUARD_BYTES = 48
const GUARD = 0x5a

function parsed(source: string, type: DataType): string | undefined {
  try {
    return expectedBytes(parseScalar(source, type), type) ?? undefined
  } catch (error) {
    if (error instanceof QueryError) return undefined
    throw error
  }
}

function asJsonb(source: string): string | undefined {
  const text = placeText(source)
  const sizes = zeros(384)
  const bytes = exact('jsonbTextBytes', text, sizes)
  if (bytes < 0n || bytes > ROOM_MAX) return undefined
  const room = space(Number(bytes) + PAST_BYTES)
  const view = exact('jsonbOfText', text, sizes, room)
  const guard = heap.u8.slice(
    room + Number(bytes) + PAST_BYTES,
    room + Number(bytes) + PAST_BYTES + GUARD_BYTES,
  )
  expect(
    guard.every((byte) => byte === GUARD),
    'more is written than there is room for',
  ).toBe(true)
  return view === ELSEWHERE ? undefined : (bytesOfView(view) ?? undefined)
}

/** Of what the reference takes all is taken, too. */
function check(source: string): boolean {
  const text = exact('jsonOfText', placeText(source), zeros(384))
  const shown = source.length > 200 ? `${source.slice(0, 200)}...` : source
  const found = asJsonb(source)
  // There is no room for many zeros of exponents.
  const mayLeave = found === undefined && /\de[+-]?\d{3}/i.test(source)
  if (!mayLeave) expect(found, `jsonb ${JSON.stringify(shown)}`).toEqual(parsed(source, jsonb))
  expect(text === ELSEWHERE ? undefined : textAt(text), `json ${JSON.stringify(shown)}`).toEqual(
    parsed(source, json) === undefined ? undefined : source,
  )
  arena.release()
  return found !== undefined
}

conformance(['jsonbNumber', 'jsonbTruth'], () => {
  test('numbers and truth values', () => {
    const random = seededRandom(9)
    for (let round = 0; round < 900; round++) {
      const source = jsonText(random, 5)
      const value =
        parsed(source, jsonb) === undefined ? 'null' : String(parseScalar(source, jsonb))
      const view = viewOf(value, jsonb)
      const isNumber = /^-?\d/.test(value)
      expect(textAt(exact('jsonbNumber', view)), value).toEqual(isNumber ? value : '')
      expect(call('jsonbTruth', view), value).toEqual(['false', 'true'].indexOf(value))
      arena.release()
    }
  })
})

/** The functions that the kernel makes lists for, by what it is told. */
const lists = [
  ['array_elements', 0, '_values'],
  ['each', 1, '_keys'],
  ['each', 2, '_values'],
] as const

function checkPieces(random: Random): 'taken' | 'left' {
  const type = pick(random, [json, jsonb])
  const text = jsonText(random, below(random, 4))
  const source = String(parseScalar(parsed(text, type) === undefined ? '[]' : text, type))
  const [name, what, end] = pick(random, lists)
  const asText = below(random, 2)
  const entry = scalarEntry(
    `${type.kind}_${name}${asText === 1 ? '_text' : ''}${end}(${type.kind})`,
  )
  const { returns } = entry
  const view = viewOf(source, type)
  const told = [what, type.kind === 'jsonb' ? 1 : 0, asText]
  const room = 6 * Number(view >> 32n) + 256
  const found = exact('jsonPieces', view, ...told, space(room + 16))
  const expected = attempt(() => entry.evaluate([source], [type], returns as DataType))
  const made = found === ELSEWHERE ? undefined : shownOfView(found, returns as DataType)
  arena.release()
  if (made === undefined) return 'left'
  const wanted = expected === 'error' ? expected : expectedView(expected, returns as DataType)
  expect(made, `${entry.id} ${source}`).toEqual(wanted)
  return 'taken'
}

conformance(['jsonPieces'], () => {
  test('documents that are taken apart', () => {
    const random = seededRandom(10)
    let taken = 0
    for (let round = 0; round < 4_000; round++) if (checkPieces(random) === 'taken') taken++
    expect(taken).toBeGreaterThan(700)
  })
})

conformance(['jsonbOfText', 'jsonbTextBytes', 'jsonOfText'], () => {
  test('texts of any form', () => {
    const random = seededRandom(7)
    let taken = 0
    for (let round = 0; round < 4_000; round++) if (check(jsonText(random))) taken++
    expect(taken, 'most texts are right').toBeGreaterThan(3_500)
  })

  test('damaged texts', () => {
    const random = seededRandom(8)
    let taken = 0
    for (let round = 0; round < 6_000; round++) {
      if (check(mutated(random, jsonText(random, below(random, 4))))) taken++
    }
    expect(taken, 'some damage does not matter').toBeGreaterThan(300)
    expect(taken).toBeLessThan(5_000)
  })

  test('no bytes, nowhere', () => {
    const sizes = zeros(384)
    const bytes = Number(exact('jsonbTextBytes', 0n, sizes))
    expect(exact('jsonbOfText', 0n, sizes, space(bytes + PAST_BYTES))).toBe(ELSEWHERE)
    expect(exact('jsonOfText', 0n, sizes)).toBe(ELSEWHERE)
  })

  test('long, deep and wide texts', () => {
    for (const source of extremeJson()) check(source)
  })
})
