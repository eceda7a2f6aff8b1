import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { QueryError } from '../../../src/base/errors.ts'
import { seededRandom, type Random } from '../../../src/base/world.ts'
import type { Scalar } from '../../../src/data/types/scalar.ts'
import { WORKSPACE_BYTES } from '../../../src/functions/inline.ts'
import { type Expression, expressionOf } from '../../../src/functions/text/regexp/expression.ts'
import { dividerOf, finderOf, matcherOf } from '../../../src/functions/text/regexp/images.ts'
import { advanced, readFlags } from '../../../src/functions/text/regexp/options.ts'
import { scalarEntry } from '../../functions/entries.ts'
import { bytesOfView, expectedBytes } from '../values/cells.ts'
import { textArray } from '../values/json-values.ts'
import {
  arena,
  below,
  conformance,
  kernels,
  pick,
  place,
  placeText,
  space,
  textAt,
} from './bench.ts'

const ELSEWHERE = -1
const NO_TEXT = -2n

/** What PostgreSQL 15 was asked: pattern, text, flags. */
const recorded = readFileSync(
  new URL('../../functions/regexp/postgres-15-patterns.tsv', import.meta.url),
  'utf8',
)
  .trimEnd()
  .split('\n')
  .map((line) => line.split('\t').map((field) => field.replaceAll(/\\(.)/g, unescaped)))

function unescaped(_: string, letter: string): string {
  return letter === 'n' ? '\n' : letter === 't' ? '\t' : letter
}

const letters = ['a', 'b', 'c', 'A', 'é', 'É', '1', '_', ' ', '-', '\n', '😀', 'ß', 'Σ', '日', ']']

function randomText(random: Random): string {
  const count = below(random, random.next() < 0.1 ? 60 : 9)
  return Array.from({ length: count }, () =>
    random.next() < 0.7 ? pick(random, ['a', 'b', 'c']) : pick(random, letters),
  ).join('')
}

function expressionFor(pattern: string, flags: string): Expression | undefined {
  try {
    return expressionOf(pattern, readFlags(flags).options)
  } catch (error) {
    if (error instanceof QueryError) return undefined
    throw error
  }
}

function evaluate(id: string, args: readonly Scalar[]): Scalar {
  return scalarEntry(id).evaluate(args, [], { kind: 'text' })
}

const arrayBytes = (value: Scalar): string | null => expectedBytes(value, textArray)

/** What kernels make of the matches of a text, and what TypeScript does. */
function checkMatches(
  random: Random,
  image: number,
  [pattern, text, flags]: readonly [string, string, string],
  groups = 0,
): void {
  const work = space(WORKSPACE_BYTES)
  const view = placeText(text)
  const [from, number] = [1 + below(random, random.next() < 0.5 ? 1 : 6), below(random, 3)]
  const nth = Math.max(1, number)
  const ending = below(random, 2)
  const group = below(random, groups + 1)
  const named = groups > 0 ? ['<\\1>', '\\2\\1\\\\1', '\\9é'] : []
  const replacement = pick(random, ['', '<\\&>', 'x', '[\\\\\\&é]', '\\q', ...named])
  const room = space((Buffer.byteLength(text) + 1) * (Buffer.byteLength(replacement) + 1) + 16)
  const part = kernels.call('patternPart', view, image, from, nth, group, work)
  const to = placeText(replacement)
  // A pattern whose groups are not asked for has a table that does not tell them.
  const isWhole = expressionFor(pattern, flags)?.groups === groups
  const pieces = 12 * Buffer.byteLength(text) + 64
  const shares = space(pieces * Math.max(1, groups))
  const first = kernels.call('patternGroups', view, image, groups, work, shares)
  const replaced = kernels.call('patternReplace', view, image, to, from, number, work, room)
  const found = {
    count: kernels.call('patternCount', view, image, from, work),
    place: kernels.call('patternPlace', view, image, from, nth, ending, group, work),
    part: part === NO_TEXT ? null : textAt(part),
    replaced: textAt(replaced),
    first: !isWhole || first === NO_TEXT ? null : bytesOfView(first),
    split: bytesOfView(kernels.call('patternSplit', view, image, work, space(pieces))),
  }
  const expected = {
    count: evaluate('regexp_count(text,text,int4,text)', [text, pattern, from, flags]),
    place: evaluate('regexp_instr(text,text,int4,int4,int4,text,int4)', [
      text,
      pattern,
      from,
      nth,
      ending,
      flags,
      group,
    ]),
    part: evaluate('regexp_substr(text,text,int4,int4,text,int4)', [
      text,
      pattern,
      from,
      nth,
      flags,
      group,
    ]),
    replaced: evaluate('regexp_replace(text,text,text,int4,int4,text)', [
      text,
      pattern,
      replacement,
      from,
      number,
      flags,
    ]),
    first: isWhole
      ? arrayBytes(evaluate('regexp_match(text,text,text)', [text, pattern, flags]))
      : null,
    split: arrayBytes(evaluate('regexp_split_to_array(text,text,text)', [text, pattern, flags])),
  }
  expect(found, JSON.stringify([pattern, text, flags, from, number, group, replacement])).toEqual(
    expected,
  )
}

const names = [
  'patternFinds',
  'patternCount',
  'patternPlace',
  'patternPart',
  'patternReplace',
  'patternGroups',
  'patternSplit',
]

conformance(names, () => {
  test('the patterns that PostgreSQL was asked, over more texts', () => {
    const random = seededRandom(31)
    // Of those with classes, the alphabets take their time: one in five.
    const some = recorded.filter((_, at) => at % 5 === 0)
    let [finders, matchers, dividers] = [0, 0, 0]
    for (const [pattern = '', text = '', flags = ''] of some) {
      const expression = expressionFor(pattern, flags)
      if (expression === undefined) continue
      const texts = [text, randomText(random), randomText(random)]
      const finder = finderOf(expression)
      if (finder !== undefined) {
        finders++
        const image = place(finder)
        for (const source of texts) {
          const found = kernels.call('patternFinds', placeText(source), image)
          const shown = JSON.stringify([pattern, source, flags])
          expect(found, shown).toBe(expression.test(source) ? 1 : 0)
        }
      }
      const matcher = matcherOf(expression)
      if (matcher !== undefined) {
        matchers++
        const image = place(matcher)
        for (const source of texts) checkMatches(random, image, [pattern, source, flags])
      }
      const divider = expression.groups > 0 ? dividerOf(expression) : undefined
      if (divider !== undefined) {
        dividers++
        const image = place(divider)
        for (const source of texts) {
          checkMatches(random, image, [pattern, source, flags], expression.groups)
        }
      }
      arena.release()
    }
    expect(dividers).toBeGreaterThan(90)
    expect(finders).toBeGreaterThan(450)
    expect(matchers).toBeGreaterThan(450)
  })

  test('classes over all of Unicode', () => {
    const random = seededRandom(32)
    for (const name of ['alpha', 'upper', 'lower', 'punct', 'space', 'alnum', 'word', 'cntrl']) {
      const expression = expressionOf(`^[[:${name}:]]$`, advanced)
      const image = place(finderOf(expression) ?? [])
      for (let round = 0; round < 1_500; round++) {
        const code = 1 + below(random, pick(random, [0x100, 0x3000, 0x10000, 0x10ffff]))
        if (code >= 0xd800 && code < 0xe000) continue
        const text = String.fromCodePoint(code)
        const found = kernels.call('patternFinds', placeText(text), image)
        expect(found, `${name} ${code.toString(16)}`).toBe(expression.test(text) ? 1 : 0)
      }
      arena.release()
    }
  })

  test('texts that are long, and searches that take many steps, are left out', () => {
    const long = placeText('a'.repeat(1_048_577))
    const work = space(WORKSPACE_BYTES)
    const finder = place(finderOf(expressionOf('b+', advanced)) ?? [])
    expect(kernels.call('patternFinds', long, finder)).toBe(ELSEWHERE)
    const matcher = place(matcherOf(expressionOf('a.*b|a', advanced)) ?? [])
    expect(kernels.call('patternCount', long, matcher, 1, work)).toBe(ELSEWHERE)
    // Each match looks at the whole rest for a b.
    const rests = placeText('a'.repeat(20_000))
    expect(kernels.call('patternCount', rests, matcher, 1, work)).toBe(ELSEWHERE)
    expect(kernels.call('patternPart', rests, matcher, 1, 20_000, 0, work)).toBe(BigInt(ELSEWHERE))
    expect(kernels.call('patternCount', placeText('a'.repeat(80)), matcher, 1, work)).toBe(80)
    // No place leads to a match, which is found out once.
    const hopeless = place(matcherOf(expressionOf('a+b|a+c', advanced)) ?? [])
    expect(kernels.call('patternCount', rests, hopeless, 1, work)).toBe(0)
  })

  test('arguments that are wrong are left out', () => {
    const work = space(WORKSPACE_BYTES)
    const image = place(matcherOf(expressionOf('a', advanced)) ?? [])
    const [view, room] = [placeText('aaa'), space(100)]
    expect(kernels.call('patternCount', view, image, 0, work)).toBe(ELSEWHERE)
    expect(kernels.call('patternPlace', view, image, 1, 0, 0, 0, work)).toBe(ELSEWHERE)
    expect(kernels.call('patternPlace', view, image, 1, 1, 2, 0, work)).toBe(ELSEWHERE)
    const left = kernels.call('patternReplace', view, image, placeText('\\1'), 1, 0, work, room)
    expect(left).toBe(BigInt(ELSEWHERE))
  })
})

test('what tables cannot run has none', () => {
  const tables = (pattern: string): readonly boolean[] => {
    const expression = expressionOf(pattern, advanced)
    return [finderOf(expression) !== undefined, matcherOf(expression) !== undefined]
  }
  for (const pattern of ['a(?=b)', '(?<!a)b', '(a)\\1', '(a|b)*a(a|b){16}', '(.{100}){200}']) {
    expect(tables(pattern), pattern).toEqual([false, false])
  }
  for (const pattern of ['^a|b$', '\\mfoo\\M', '(a)(b)?', '[[:alpha:]]+', 'x{200}']) {
    expect(tables(pattern), pattern).toEqual([true, true])
  }
})
