import { describe, expect, test } from 'vitest'
import type { Statement } from '../../src/sql/ast/statement.ts'
import { parseExpression, parseStatements } from '../../src/sql/parse.ts'
import { printExpression, printStatement } from './printer.ts'
import { corpusQueries } from './corpus.ts'
import { askParser } from './oracle.ts'
import { extensions, postgresQueries, postgresStatements } from './statements.ts'

const positional = new Set([
  'span',
  'operatorSpan',
  'valueSpan',
  'queryText',
  'valueText',
  'conditionText',
])

/** The tree without positions. */
function bare(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(bare)
  if (node instanceof Map) return [...node]
  if (typeof node !== 'object' || node === null) return node
  const entries = Object.entries(node).filter(([key]) => !positional.has(key))
  return Object.fromEntries(entries.map(([key, value]) => [key, bare(value)]))
}

function checkRoundTrip(text: string): void {
  const statements: Statement[] = parseStatements(text)
  const printed = statements.map(printStatement).join('; ')
  expect(bare(parseStatements(printed)), printed).toEqual(bare(statements))
}

/** Every node lies inside its parent's text and inside the statement. */
function checkSpans(node: unknown, length: number): void {
  if (Array.isArray(node)) {
    for (const item of node) checkSpans(item, length)
  } else if (typeof node === 'object' && node !== null && !(node instanceof Map)) {
    const { span } = node as { span?: { start: number; end: number } }
    if (span !== undefined) {
      expect(span.start).toBeGreaterThanOrEqual(0)
      expect(span.end, JSON.stringify(node)).toBeGreaterThanOrEqual(span.start)
      expect(span.end).toBeLessThanOrEqual(length)
    }
    for (const value of Object.values(node)) checkSpans(value, length)
  }
}

describe('what is printed parses to the same tree', () => {
  test.each([...postgresQueries, ...postgresStatements, ...extensions])('%s', (text) => {
    checkRoundTrip(text)
    checkSpans(parseStatements(text), text.length)
  })

  test('chains longer than a tree may be high', () => {
    const chain = (operator: string, count: number): string =>
      Array.from({ length: count }, (_, index) => `a${index}`).join(` ${operator} `)
    checkRoundTrip(`select ${chain('or', 5000)}`)
    checkRoundTrip(`select ${chain('and', 65)} or ${chain('and', 300)}`)
    checkRoundTrip(`select ${chain('+', 400)}`)
    checkRoundTrip(
      Array.from({ length: 3000 }, (_, index) => `select ${index}`).join(' union all '),
    )
    checkRoundTrip(Array.from({ length: 70 }, () => 'select 1').join(' union '))
  })

  test('text that is nearly a keyword or a comment', () => {
    for (const text of [
      '- (- a)',
      'a - - b',
      '(a).b',
      '"select" + "A b"',
      "'it''s'",
      '(- a) ^ b',
    ]) {
      const expr = parseExpression(text)
      expect(bare(parseExpression(printExpression(expr)))).toEqual(bare(expr))
    }
  })

  test.skipIf(corpusQueries.length === 0)('statements of real clients and benchmarks', () => {
    for (const { text } of corpusQueries) {
      if (askParser(text).kind === 'accepted') checkRoundTrip(text)
    }
  })
})
