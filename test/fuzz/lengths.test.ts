import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { lengthKinds } from '../../fuzz/lengths/kinds.ts'
import { parseStatements } from '../../src/sql/parse.ts'

const kinds = lengthKinds()

/** Productions by their names, and the right sides. */
const productions = new Map(
  [...readFileSync('grammar/productions.txt', 'utf8').matchAll(/^(\w+) ::= (.*)$/gm)].map(
    ([, name = '', right = '']) => [name, right],
  ),
)

/** Lists that say nothing by their length: each is a list of another production, or bounded by what there is. */
const others: ReadonlySet<string> = new Set([
  'common_table',
  'star_changed',
  'explain_option',
  'table_primary',
  'show',
])

describe('statements of any length', () => {
  const repeated = [...productions].filter(
    ([name, right]) => /[*+](?: |$)/.test(right) && !others.has(name),
  )
  test.each(repeated)('%s is repeated', (name) => {
    expect(kinds.map(({ production }) => production)).toContain(name)
  })

  test('their kinds have names and productions of their own', () => {
    expect(new Set(kinds.map(({ name }) => name)).size).toBe(kinds.length)
    for (const { production } of kinds) expect(productions.has(production), production).toBe(true)
  })

  /** What is refused by the grammar itself, or unfinished on purpose. */
  const refused: ReadonlySet<string> = new Set([
    '100 letters of an operator',
    '100 letters of open parentheses',
    '100 letters of parts of a name',
    'modes',
  ])
  test.each(kinds.map((kind) => [kind.name, kind] as const))(
    '%s is one that is read',
    (name, { sql }) => {
      if (refused.has(name)) return
      expect(parseStatements(sql(2)).length).toBeGreaterThan(0)
    },
  )
})
