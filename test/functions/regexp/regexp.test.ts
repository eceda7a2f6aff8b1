import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type Budget, underBudget } from '../../../src/base/budget.ts'
import { QueryError } from '../../../src/base/errors.ts'
import { scalarEntry } from '../entries.ts'
import { BACK_REFERENCE_STEPS_MAX } from '../../../src/functions/text/regexp/divide.ts'
import { expressionOf } from '../../../src/functions/text/regexp/expression.ts'
import { advanced, readFlags } from '../../../src/functions/text/regexp/options.ts'

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t' }

function unescaped(field: string): string {
  return field.replaceAll(/\\(.)/g, (_, letter: string) => escapes[letter] ?? letter)
}

/** Pattern, text, flags, and what PostgreSQL 15 says: regexp_match, regexp_replace with `<\&|\1>`. */
const answers = readFileSync(new URL('postgres-15-patterns.tsv', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => line.split('\t').map(unescaped))

function shown(act: () => unknown): string {
  try {
    return JSON.stringify(act())
  } catch (error) {
    if (error instanceof QueryError) return `${error.sqlState} ${error.message}`
    throw error
  }
}

function firstMatch(pattern: string, text: string, flags: string): (string | null)[] | null {
  const expression = expressionOf(pattern, readFlags(flags).options)
  const search = expression.search(text, expression.groups)
  const found = search.find(0)
  expect(expression.test(text)).toBe(found)
  if (!found) return null
  if (expression.groups === 0) return [search.text(0) ?? null]
  return Array.from({ length: expression.groups }, (_, at) => search.text(at + 1) ?? null)
}

function evaluate(id: string, ...args: readonly (string | number)[]): unknown {
  return scalarEntry(id).evaluate(args, [], { kind: 'text' })
}

describe('random patterns as PostgreSQL 15 matches them', () => {
  test('there are thousands, of which many match and some are refused', () => {
    expect(answers.length).toBe(3_000)
    expect(answers.filter(([, , , match = '']) => match.startsWith('[')).length).toBeGreaterThan(
      600,
    )
    expect(answers.filter(([, , , match = '']) => match.startsWith('2')).length).toBeGreaterThan(
      200,
    )
  })

  test('the first match and its groups', () => {
    const wrong = answers.filter(([pattern = '', text = '', flags = '', match]) => {
      return shown(() => firstMatch(pattern, text, flags)) !== match
    })
    expect(wrong).toEqual([])
  })

  test('every match, replaced', () => {
    const wrong = answers.filter(([pattern = '', text = '', flags = '', , replaced]) => {
      const id = 'regexp_replace(text,text,text,text)'
      return shown(() => evaluate(id, text, pattern, '<\\&|\\1>', `${flags}g`)) !== replaced
    })
    expect(wrong).toEqual([])
  })
})

/** Steps that an evaluation spends, refused beyond a bound. */
function stepsOf(stepsMax: number, act: () => unknown): number {
  let steps = 0
  const budget: Budget = {
    check(more) {
      steps += more
      if (steps > stepsMax) throw new Error(`more than ${stepsMax} steps`)
    },
  }
  underBudget(budget, act)
  return steps
}

describe('time', () => {
  const adversaries: readonly (readonly [pattern: string, unit: string])[] = [
    ['(a+)+$', 'a'],
    ['(a|a)*$', 'a'],
    ['(a|aa)+$', 'a'],
    ['(a*)*$', 'a'],
    ['((a+)+)+c', 'a'],
    ['^(([a-z])+.)+[A-Z]([a-z])+$', 'a'],
    ['(x+x+)+y', 'x'],
    ['(.*)*(.*)*(.*)*!', 'a'],
    ['(?=(a+)+$)b', 'a'],
    ['(?<=(a+)+)c', 'a'],
    ['a?a?a?a?a?a?a?a?a?a?aaaaaaaaaa$', 'a'],
    ['(a?){0,60}a{60}$', 'a'],
  ]

  test.each(adversaries)('%s takes some steps a character', (pattern, unit) => {
    const text = `${unit.repeat(50_000)}-`
    // Ten passes over the text, and what it takes to make the automata.
    const act = (): unknown => evaluate('regexp_substr(text,text)', text, pattern)
    expect(stepsOf(text.length * 10 + 100_000, act)).toBeGreaterThan(text.length / 2)
  })

  test.each(['(a+)(a+)(a+)$', '(a|ab)*(b|c)*$', '(a+)+(b?)+$', '((a)|(aa))+$'])(
    'groups of %s take a few passes, too',
    (pattern) => {
      const text = 'a'.repeat(50_000)
      const act = (): unknown => evaluate('regexp_replace(text,text,text)', text, pattern, '\\1')
      expect(stepsOf(text.length * 30 + 100_000, act)).toBeGreaterThan(0)
    },
  )

  test('back references are tried out up to a bound', () => {
    const expression = expressionOf('^(a*)(a*)(a*)(a*)b\\1\\2\\3\\4c$', advanced)
    const text = `${'a'.repeat(200)}b${'a'.repeat(201)}c`
    const act = (): unknown => expression.test(text)
    expect(shown(act)).toBe('54001 regular expression takes too many steps on this text')
    expect(stepsOf(BACK_REFERENCE_STEPS_MAX * 2, () => shown(act))).toBeGreaterThan(0)
  })

  test('a long evaluation asks its budget while it runs', () => {
    const text = 'a'.repeat(20_000)
    // Each of the matches looks at the whole rest for a b.
    const act = (): unknown => evaluate('regexp_count(text,text)', text, 'a.*b|a')
    expect(() => stepsOf(1_000_000, act)).toThrow('more than 1000000 steps')
  })

  test('a pattern that is too large is refused', () => {
    const nested = `${'('.repeat(600)}a${')'.repeat(600)}`
    for (const pattern of [
      '((a{255}){255}){255}',
      nested,
      '(a)(\\1\\1)'.repeat(9) + '\\9'.repeat(9),
    ]) {
      expect(shown(() => expressionOf(pattern, advanced).test('b'))).toMatch(
        /^(false|2201B invalid regular expression: regular expression is too complex)$/,
      )
    }
  })
})
