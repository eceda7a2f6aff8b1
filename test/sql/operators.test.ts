import { describe, expect, test } from 'vitest'
import { underBudget } from '../../src/base/budget.ts'
import { finishSteps } from '../../src/base/steps.ts'
import { tokenSteps } from '../../src/sql/lexer/lexer.ts'

function tokensOf(text: string): readonly string[] {
  const { tokens } = underBudget({ check() {} }, () => finishSteps(tokenSteps(text)))
  return tokens.slice(0, -1).map((token) => token.text)
}

describe('operators beside one another', () => {
  test.each<readonly [string, readonly string[]]>([
    ['1+-+2', ['1', '+', '-', '+', '2']],
    ['1<-+-2', ['1', '<', '-', '+', '-', '2']],
    ['1*+-/2', ['1', '*+-/', '2']],
    ['1@+-2', ['1', '@+-', '2']],
    ['1+-@-+2', ['1', '+-@-+', '2']],
    ['1+-+--+2', ['1', '+', '-', '+']],
    ['1+-/*@*/-+2', ['1', '+', '-', '-', '+', '2']],
    ['1=--\n-2', ['1', '=', '-', '2']],
    ['1+- @-+ +2', ['1', '+', '-', '@-+', '+', '2']],
    ['1=>-2', ['1', '=>', '-', '2']],
    ['1-2+3', ['1', '-', '2', '+', '3']],
  ])('%j', (text, expected) => {
    expect(tokensOf(text)).toEqual(expected)
  })

  // Each is looked at once: a text that is looked at from each of them again does not end within hours.
  test.each<readonly [string, string, number]>([
    ['signs', '+', 500_000],
    ['signs of both kinds', '+-+', 1_500_000 / 3],
    ['signs and comments', '+/**/', 200_000],
    ['a comparison and signs', '<+ ', 200_000],
  ])('as many as a text has: %s', (_, part, count) => {
    const tokens = tokensOf(`${part.repeat(count)}1`)
    expect(tokens).toHaveLength(part.replace(/\/\*\*\/| /g, '').length * count + 1)
  })
})
