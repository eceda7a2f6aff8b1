import { describe, expect, test } from 'vitest'
import { underBudget, type Budget } from '../../src/base/budget.ts'
import type { Steps } from '../../src/base/steps.ts'
import { seededRandom } from '../../src/base/world.ts'
import { tokenSteps } from '../../src/sql/lexer/lexer.ts'
import { LONG_TEXT, parseStatements, parseSteps } from '../../src/sql/parse.ts'
import { extensions, postgresQueries, postgresStatements } from './statements.ts'

const listed = (count: number, item: (at: number) => string, separator = ', '): string =>
  Array.from({ length: count }, (_, at) => item(at)).join(separator)

const patient: Budget = { check() {} }
const overdue: Budget = { check() {}, isOverdue: true }

/** Overdue now and then. */
function nowAndThen(seed: number): Budget {
  const random = seededRandom(seed)
  return {
    check() {},
    get isOverdue() {
      return random.next() < 0.02
    },
  }
}

interface Read {
  readonly read: unknown
  /** How often reading was left, splitting the text into tokens not counted. */
  readonly left: number
}

/** What a text is read as under a budget: its trees or its error. */
function readUnder(budget: Budget, text: string): Read {
  const split = ended(budget, tokenSteps(text))
  const parsed = ended(budget, parseSteps(text))
  return { read: parsed.value, left: parsed.yields - split.yields }
}

function ended(
  budget: Budget,
  steps: Steps<unknown>,
): { readonly value: unknown; readonly yields: number } {
  for (let yields = 0; ; yields++) {
    try {
      const { done, value } = underBudget(budget, () => steps.next())
      if (done === true) return { value, yields }
    } catch (error) {
      const { message, code, details } = error as Error & { code: unknown; details: unknown }
      return { value: { message, code, details }, yields }
    }
  }
}

const statements = [...postgresQueries, ...postgresStatements, ...extensions]

describe('a text that is left in its middle again and again', () => {
  test('gives the same trees, for every kind of statement', () => {
    let text = statements.join(';\n')
    while (text.length <= LONG_TEXT) text += `;\n${text}`
    const expected = parseStatements(text)
    const { read, left } = readUnder(overdue, text)
    expect(left).toBeGreaterThan(statements.length)
    expect(read).toEqual(expected)
    for (const seed of [1, 2, 3]) expect(readUnder(nowAndThen(seed), text).read).toEqual(expected)
  })

  test.each([
    ['rows', `values ${listed(1_200, (at) => `(${at}, 'row ${at}')`)}`],
    ['rows to insert', `insert into t (a, b) values ${listed(1_200, (at) => `(${at}, default)`)}`],
    ['members', `select 1 in (${listed(3_600, (at) => `${at}`)})`],
    ['pairs', `select (a, b) in (${listed(1_600, (at) => `(${at}, ${at + 1})`)}) from t`],
    ['conditions', `select 1 where ${listed(1_200, (at) => `a + 1 <> ${at}`, ' and ')} or b`],
    ['terms', `select ${listed(1_200, (at) => `a * ${at} - 1`, ' + ')} from t`],
    ['items', `select ${listed(1_200, (at) => `f(a, ${at}) as x${at}`)} from t`],
    ['operands', listed(1_200, (at) => `select ${at} as x`, ' union all ')],
    ['statements', listed(1_200, (at) => `select ${at} as x`, '; ')],
    ['common tables', `with ${listed(1_200, (at) => `c${at} as (select ${at})`)} select 1`],
    ['lists of lists', listed(50, () => `select 1 in (${listed(200, String)})`, '; ')],
    ['an error behind', `values ${listed(1_200, (at) => `(${at}, 'row ${at}')`)} oops oops`],
    ['an error of the last token', `values ${listed(1_200, (at) => `(${at}, 'r ${at}')`)}, 'x`],
  ])('gives the same: %s', (_, text) => {
    expect(text.length).toBeGreaterThan(LONG_TEXT)
    const usual = readUnder(patient, text)
    const hurried = readUnder(overdue, text)
    expect(hurried.read).toEqual(usual.read)
    expect(usual.left).toBe(0)
    expect(hurried.left).toBeGreaterThan(500)
  })
})

test('reading what was read before costs no more than what is gained', () => {
  const text = `select ${listed(300, (at) => `f(a, ${at})`)} from t where ${listed(2_000, (at) => `a = ${at}`, ' or ')}`
  const spentUnder = (isOverdue: boolean): number => {
    let spent = 0
    const budget: Budget = { check: (steps) => void (spent += steps), isOverdue }
    readUnder(budget, text)
    return spent
  }
  // Splitting into tokens, which is not done again, is half of it.
  expect(spentUnder(true)).toBeLessThan(2 * spentUnder(false))
})

describe('a long constant', () => {
  const piece = "\\n\\'\\x41\\u00e9\\U0001F600 plain \\303\\244\\uD83D\\uDE00''\\7"
  const value = "\n'Aé😀 plain ä😀'\x07"
  const count = 20_000
  test.each([
    ['quotes', `'a${"''".repeat(200_000)}b'`, `a${"'".repeat(200_000)}b`],
    ['a quote at its end', `'${'x'.repeat(65_535)}'''`, `${'x'.repeat(65_535)}'`],
    ['escapes', `E'${piece.repeat(count)}'`, value.repeat(count)],
    ['letters behind one escape', `E'\\x41${'b'.repeat(200_000)}'`, `A${'b'.repeat(200_000)}`],
    ['lines', `'${"''".repeat(70_000)}'\n'${"''".repeat(70_000)}'`, "'".repeat(140_000)],
  ])('of %s is read in parts', (_, text, expected) => {
    const { value: read, yields } = ended(overdue, tokenSteps(text))
    expect((read as { tokens: { text: string }[] }).tokens[0]?.text === expected).toBe(true)
    expect(yields).toBeGreaterThan(0)
  })

  test('that does not end is an error at its beginning', () => {
    for (const text of [`select '${"''".repeat(200_000)}`, `select E'${'\\n'.repeat(200_000)}`]) {
      const { value: read } = ended(patient, tokenSteps(text))
      const { error } = read as { error: { message: string; details: { span: { start: number } } } }
      expect([error.message.slice(0, 26), error.details.span.start]).toEqual([
        'unterminated quoted string',
        7,
      ])
    }
  })
})
