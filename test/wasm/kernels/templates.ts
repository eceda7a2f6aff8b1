import { expect, test } from 'vitest'
import { seededRandom, type Random } from '../../../src/base/world.ts'
import { numeric, text, timestamptz } from '../../../src/data/types/data-type.ts'
import type { NumericValue, Scalar } from '../../../src/data/types/scalar.ts'
import { readingProgram } from '../../../src/functions/datetime/from-template-inline.ts'
import { UNREAD } from '../../../src/functions/kernel-forms.ts'
import { numberReadingProgram } from '../../../src/functions/math/to-number-inline.ts'
import { scalarEntry } from '../../functions/entries.ts'
import { arena, below, conformance, kernels, pick, place, placeText } from './bench.ts'

const ROUNDS = 4_000

const momentFields: Readonly<Record<string, (random: Random) => string>> = {
  YYYY: (random) => pick(random, ['2020', '1999', '0001', '9999', '20', '0000', '12345']),
  MM: (random) => pick(random, ['01', '2', '12', '13', '00', '7', '-1']),
  DD: (random) => pick(random, ['01', '31', '29', '30', '5', '0', ' 5', '32']),
  HH24: (random) => pick(random, ['00', '23', '24', '7', '+3']),
  MI: (random) => pick(random, ['00', '59', '60', '5']),
  SS: (random) => pick(random, ['00', '59', '60', '5', '5x']),
  MS: (random) => pick(random, ['123', '5', '000', '1234']),
  US: (random) => pick(random, ['123456', '5', '000001']),
  Mon: (random) => pick(random, ['Jan', 'dec', 'FEB', 'Xyz', 'Ju']),
}
const gaps = ['-', '/', ' ', ':', ', ', '', '.', '"T"', '" of "', ' - ', '--']

/** A template of some fields, and a text that mostly fits it. */
function momentCase(random: Random): { readonly template: string; readonly source: string } {
  const names = Object.keys(momentFields).filter((name) => name !== 'YYYY' && random.next() < 0.4)
  names.splice(below(random, names.length + 1), 0, 'YYYY')
  let [template, source] = ['', '']
  for (const [at, name] of names.entries()) {
    const gap = at === 0 ? '' : pick(random, gaps)
    template += gap + name
    const shown = gap.replaceAll('"', '')
    source += (random.next() < 0.05 ? pick(random, gaps) : shown) + momentFields[name]!(random)
  }
  return {
    template,
    source: source + pick(random, ['', '', '', '', ' ', '1', ' 12:30', '-5', 'x']),
  }
}

/** What TypeScript makes of a text by a template; undefined where it raises. */
function evaluated(
  name: 'to_timestamp' | 'to_number',
  args: readonly string[],
): Scalar | undefined {
  const result = name === 'to_number' ? numeric : timestamptz
  return safely(() => scalarEntry(`${name}(text,text)`).evaluate(args, [text, text], result))
}

conformance(['momentOfTemplate', 'numberOfTemplate'], () => {
  test('moments that are read are those that TypeScript reads', () => {
    const random = seededRandom(1)
    let read = 0
    for (let round = 0; round < ROUNDS; round++) {
      const { template, source } = momentCase(random)
      const program = readingProgram(template)
      if (program === undefined) continue
      const answer = kernels.call('momentOfTemplate', placeText(source), viewOf(program))
      if (answer === UNREAD) continue
      read++
      const expected = evaluated('to_timestamp', [source, template])
      expect(answer, `${source} by ${template}`).toBe(expected)
      if (round % 256 === 0) arena.release()
    }
    expect(read).toBeGreaterThan(ROUNDS / 100)
  })

  test('what is usual is read', () => {
    for (const [source, template] of [
      ['2020-02-29', 'YYYY-MM-DD'],
      ['29/2/2020', 'DD/MM/YYYY'],
      ['20200229', 'YYYYMMDD'],
      ['5 Dec 2000 10:30', 'DD Mon YYYY HH24:MI'],
      ['2020-02-29T23:59:59.123', 'YYYY-MM-DD"T"HH24:MI:SS.MS'],
    ] as const) {
      const program = readingProgram(template)!
      const answer = kernels.call('momentOfTemplate', placeText(source), viewOf(program))
      const expected = evaluated('to_timestamp', [source, template])
      expect(answer, `${source} by ${template}`).toBe(expected)
    }
  })

  test('numbers that are read are those that TypeScript reads', () => {
    const random = seededRandom(2)
    let read = 0
    for (let round = 0; round < ROUNDS; round++) {
      const pattern = some(random, ['9', '9', '9', '0', ',', 'G', '.', 'D'], 10)
      const source = some(random, [...'0123456789'.split(''), '.', ',', '-', '+', ' ', 'é'], 9)
      const program = safely(() => numberReadingProgram(pattern))
      if (program === undefined) continue
      const answer = kernels.call('numberOfTemplate', placeText(source), viewOf(program))
      if (answer === UNREAD) continue
      read++
      const expected = evaluated('to_number', [source, pattern])
      const found: NumericValue = { unscaled: answer >> 8n, scale: Number(answer & 0xffn) }
      expect(found, `${source} by ${pattern}`).toEqual(expected)
      if (round % 256 === 0) arena.release()
    }
    expect(read).toBeGreaterThan(ROUNDS / 100)
  })
})

function some(random: Random, letters: readonly string[], lettersMax: number): string {
  return Array.from({ length: below(random, lettersMax + 1) }, () => pick(random, letters)).join('')
}

/** Undefined where a template may not be as it is. */
function safely<T>(make: () => T | undefined): T | undefined {
  try {
    return make()
  } catch {
    return undefined
  }
}

function viewOf(program: Uint8Array): bigint {
  return (BigInt(program.length) << 32n) | BigInt(place(program))
}
