import { readFileSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { seededRandom } from '../../src/base/world.ts'
import { askOracle, askParser, loadOracle } from './oracle.ts'
import { readRule, sentence } from './sentence.ts'

interface Production {
  readonly name: string
  readonly rightSide: string
  readonly extension: boolean
  readonly examples: readonly string[]
}

interface GrammarScript {
  keywordModule(): string
  grammarPage(): string
  productions(): readonly Production[]
}

const root = fileURLToPath(new URL('../..', import.meta.url))
const script = (await import(
  pathToFileURL(`${root}/scripts/generate-grammar.mjs`).href
)) as GrammarScript
const productions = script.productions()

beforeAll(loadOracle)

describe('grammar', () => {
  test('generated files are up to date', () => {
    const read = (path: string): string => readFileSync(`${root}/${path}`, 'utf8')
    expect(read('src/sql/generated/keywords.ts')).toBe(script.keywordModule())
    expect(read('docs/reference/grammar.md')).toBe(script.grammarPage())
  })

  test('every name stands for a production, and every production has an example', () => {
    const names = new Set(productions.map(({ name }) => name))
    for (const { name, rightSide, examples } of productions) {
      expect(examples.length, name).toBeGreaterThan(0)
      const used = rightSide.replaceAll(/'(?:[^']|'')*'/g, '').match(/\w+/g) ?? []
      for (const word of used) expect(names, `${name} uses ${word}`).toContain(word)
    }
  })

  test.each(productions)('examples of $name', ({ examples, extension }) => {
    for (const example of examples) {
      expect(askParser(example).kind, example).toBe('accepted')
      if (!extension) expect(askOracle(example).message, example).toBe('')
    }
  })

  const rules = new Map(productions.map(({ name, rightSide }) => [name, readRule(rightSide)]))
  const extensions = new Set(productions.filter((p) => p.extension).map((p) => p.name))

  test.each([
    ['of PostgreSQL', extensions],
    ['with extensions', new Set<string>()],
  ])('random sentences %s are accepted', (title, barred) => {
    const seed = 31_337
    const random = seededRandom(seed)
    let made = 0
    for (let round = 0; round < 1500; round += 1) {
      const text = sentence(rules, barred, 'statement', random)
      if (text === undefined || text.length > 20_000) continue
      made += 1
      const ours = askParser(text)
      const problem = ours.kind === 'rejected' ? ours.error.message : ''
      // `(select 1 limit 1) limit 2`: what no context-free grammar says.
      const meaning =
        /^multiple \w+(?: BY)? clauses not allowed$|^OUT and INOUT arguments aren't allowed/.test(
          problem,
        )
      expect(meaning ? '' : problem, `seed ${seed}: ${text}`).toBe('')
      if (barred.size > 0) expect(askOracle(text).message, `seed ${seed}: ${text}`).toBe(problem)
    }
    expect(made, title).toBeGreaterThan(1000)
  })
})
