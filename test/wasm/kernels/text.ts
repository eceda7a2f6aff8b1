import { expect, test } from 'vitest'
import { QueryError } from '../../../src/base/errors.ts'
import { seededRandom } from '../../../src/base/world.ts'
import { lowerText } from '../../../src/functions/text/letters.ts'
import { scalarEntry } from '../../functions/entries.ts'
import * as reference from '../../../src/wasm/kernels/reference/text.ts'
import { below, call, conformance, kernels, pick, placeText, randomText, textAt } from './bench.ts'
import { space } from './bench.ts'

const ROUNDS = 2_000

/** Runs a check over random pairs of texts, often alike. */
function overPairs(
  seed: number,
  check: (left: string, right: string, round: number) => void,
): void {
  const random = seededRandom(seed)
  for (let round = 0; round < ROUNDS; round++) {
    const left = randomText(random, 8)
    const right = random.next() < 0.2 ? left : randomText(random, random.next() < 0.5 ? 2 : 8)
    check(left, right, round)
  }
}

conformance(['textEqual', 'textOrder'], () => {
  test('comparisons', () => {
    overPairs(1, (left, right) => {
      const args = [placeText(left), placeText(right)]
      const order = reference.compareTexts(left, right)
      const found = {
        equal: call('textEqual', ...args),
        order: call('textOrder', ...args),
      }
      const expected = { equal: Number(order === 0), order }
      expect(found, JSON.stringify([left, right])).toEqual(expected)
    })
  })
})

conformance(['textStartsWith', 'textEndsWith', 'textFind', 'textPosition'], () => {
  test('searching', () => {
    const random = seededRandom(7)
    overPairs(2, (left, right) => {
      const long = left.repeat(1 + below(random, 4))
      const args = [placeText(long), placeText(right)]
      const from = below(random, 6)
      const found = {
        starts: call('textStartsWith', ...args),
        ends: call('textEndsWith', ...args),
        at: call('textFind', ...args, from),
        position: call('textPosition', ...args),
      }
      const expected = {
        starts: Number(long.startsWith(right)),
        ends: Number(long.endsWith(right)),
        at: reference.findText(long, right, from),
        position: reference.positionOf(long, right),
      }
      expect(found, JSON.stringify([long, right, from])).toEqual(expected)
    })
  })
})

conformance(['textFind'], () => {
  // Texts that repeat themselves, where looking at the ends of a needle tells nothing.
  test('searching among what is nearly found everywhere', () => {
    const random = seededRandom(11)
    for (let round = 0; round < ROUNDS; round++) {
      const unit = pick(random, ['a', 'ab', 'aab', 'abaab', 'aé'])
      const write = (times: number): string => {
        const letters = [...unit.repeat(below(random, times))]
        if (random.next() < 0.7) letters.splice(below(random, letters.length + 1), 1, 'b')
        return letters.join('')
      }
      const [text, needle, from] = [write(400), write(60), below(random, 6)]
      const found = call('textFind', placeText(text), placeText(needle), from)
      const expected = reference.findText(text, needle, from)
      expect(found, JSON.stringify([text, needle, from])).toBe(expected)
    }
  })

  test('a search takes time with the length of both texts, not with their product', () => {
    const half = 'a'.repeat(100_000)
    const text = placeText('a'.repeat(4_000_000))
    // Comparing at every place would take minutes.
    expect(call('textFind', text, placeText(`${half}b${half}`), 0)).toBe(-1)
    expect(call('textFind', text, placeText(half + half), 0)).toBe(0)
  })
})

conformance(['textLike', 'likeEscape'], () => {
  test('patterns', () => {
    const random = seededRandom(3)
    const letters = ['a', 'b', 'é', 'è', '%', '_', '\\', 'ab', '😀', 'a long piece of text']
    const write = (most: number): string =>
      Array.from({ length: below(random, most) }, () => pick(random, letters)).join('')
    for (let round = 0; round < 4 * ROUNDS; round++) {
      const [text, pattern] = [write(8), write(6)]
      const escape = pick(random, ['\\', '', 'b', '%', '_', 'é', '😀'])
      const code = kernels.call('likeEscape', placeText(escape))
      const found = call('textLike', placeText(text), placeText(pattern), code)
      const expected = reference.like(text, pattern, escape === '' ? undefined : escape)
      expect(found, JSON.stringify([text, pattern, escape])).toBe(expected)
    }
  })

  test('what is no escape character, and what takes many steps, is left out', () => {
    expect(call('likeEscape', placeText('ab'))).toBe(-2)
    expect(call('textLike', placeText('a'), placeText('a'), -2)).toBe(-1)
    const [text, pattern] = [placeText('a'.repeat(5_000)), placeText(`%${'_'.repeat(200)}b`)]
    expect(call('textLike', text, pattern, -1)).toBe(-1)
    const long = placeText('a'.repeat(1_048_577))
    expect(call('textLike', long, placeText('%a_'), -1)).toBe(-1)
    expect(call('textLikeFolded', long, placeText('%a_'), -1)).toBe(-1)
  })
})

conformance(['textStartsFolded'], () => {
  test('prefixes in lower case', () => {
    const random = seededRandom(14)
    const letters = ['a', 'B', 'b', 'É', 'é', '[', '日', 'ß', '\u212a', 'A Long Piece of Text']
    for (let round = 0; round < 2 * ROUNDS; round++) {
      const all = Array.from({ length: below(random, 8) }, () => pick(random, letters))
      const text = all.join('')
      const begin = all.slice(0, below(random, all.length + 1)).join('')
      const prefix = lowerText(begin) + pick(random, ['', '', 'x', 'é'])
      const found = call('textStartsFolded', placeText(text), placeText(prefix))
      // The Kelvin sign is left out, unless there is a difference before it.
      if (found === -1) expect(text).toContain('\u212a')
      else expect(found, JSON.stringify([text, prefix])).toBe(+lowerText(text).startsWith(prefix))
    }
  })
})

conformance(['textLikeFolded'], () => {
  test('patterns in lower case', () => {
    const random = seededRandom(13)
    const letters = [
      'a',
      'B',
      'b',
      'É',
      'é',
      '%',
      '_',
      '\\',
      '[',
      '日',
      'ß',
      'A Long Piece of Text',
    ]
    const write = (most: number, of: readonly string[]): string =>
      Array.from({ length: below(random, most) }, () => pick(random, of)).join('')
    const { evaluate } = scalarEntry('ilike(text,text,text)')
    for (let round = 0; round < 4 * ROUNDS; round++) {
      // Half of the texts are ASCII.
      const own = round % 2 === 0 ? letters : letters.filter((letter) => letter < '\u0080')
      const [text, pattern] = [write(8, own), write(6, letters)]
      // One that may have a case is none of the kernel's.
      const escape = pick(random, ['\\', '', '%', '_', '[', '#'])
      const code = kernels.call('likeEscape', placeText(escape))
      const args = [placeText(text), placeText(pattern.toLowerCase()), code] as const
      const found = call('textLikeFolded', ...args)
      const shown = JSON.stringify([text, pattern, escape])
      try {
        const expected = evaluate([text, pattern, escape], [], { kind: 'bool' })
        expect(found, shown).toBe(expected === true ? 1 : 0)
      } catch (error) {
        if (!(error instanceof QueryError)) throw error
        expect(found, shown).toBe(2)
      }
    }
  })

  test('letters beyond the tables, and patterns that were left out, are left out', () => {
    const pattern = placeText('%k%')
    // The Kelvin sign is a k in lower case.
    expect(call('textLikeFolded', placeText('3 \u212a'), pattern, -1)).toBe(-1)
    expect(call('textLikeFolded', placeText('3 K'), pattern, -1)).toBe(1)
    expect(call('textLikeFolded', placeText('k'), -1n, -1)).toBe(-1)
  })
})

conformance(['textLength', 'textSlice', 'textLeft', 'textRight', 'textConcatenate'], () => {
  test('pieces', () => {
    const random = seededRandom(5)
    const counts = [0, 1, -1, 3, -3, 8, 2_147_483_647, -2_147_483_648]
    overPairs(4, (left, right) => {
      const view = placeText(left)
      const [count, from] = [pick(random, counts), below(random, 12) - 3]
      const to = from + below(random, 12) - 1
      const room = space(Buffer.byteLength(left + right))
      const found = {
        length: call('textLength', view),
        slice: textAt(kernels.call('textSlice', view, BigInt(from), BigInt(to))),
        left: textAt(kernels.call('textLeft', view, count)),
        right: textAt(kernels.call('textRight', view, count)),
        both: textAt(kernels.call('textConcatenate', view, placeText(right), room)),
      }
      const expected = {
        length: [...left].length,
        slice: reference.sliceText(left, from, to),
        left: reference.leftOf(left, count),
        right: reference.rightOf(left, count),
        both: left + right,
      }
      expect(found, JSON.stringify([left, right, count, from, to])).toEqual(expected)
    })
  })
})

conformance(['textTrim'], () => {
  test('sides and sets', () => {
    overPairs(6, (left, right, round) => {
      const sides = round % 4
      const found = textAt(kernels.call('textTrim', placeText(left), placeText(right), sides))
      const expected = reference.trim(left, right, sides)
      expect(found, JSON.stringify([left, right, sides])).toBe(expected)
    })
  })
})
