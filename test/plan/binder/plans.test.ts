import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { explainRelation } from '../../../src/plan/logical/explain.ts'
import { mapRelationChildren, rewriteAllExpressions } from '../../../src/plan/logical/walk.ts'
import { bindText } from './binding.ts'

/**
 * Each case is a query, a line of dashes, its plan, and an empty line. UPDATE=1 writes the plans anew;
 * read the difference before you commit it.
 */
const files = ['names', 'grouping', 'subqueries', 'joins', 'sets', 'expressions', 'tpch']

interface Case {
  readonly sql: string
  readonly plan: string
}

function pathOf(file: string): string {
  return fileURLToPath(new URL(`plans/${file}.txt`, import.meta.url))
}

function casesOf(file: string): readonly Case[] {
  const blocks = readFileSync(pathOf(file), 'utf8').trimEnd().split('\n\n')
  return blocks.map((block) => {
    const [sql = '', plan = ''] = block.split(/\n?----\n?/)
    return { sql, plan }
  })
}

describe.each(files)('plans: %s', (file) => {
  const cases = casesOf(file)
  const update = process.env['UPDATE'] === '1'
  if (update) {
    const texts = cases.map(
      ({ sql }) => `${sql}\n----\n${explainRelation(bindText(sql).relation)}\n`,
    )
    writeFileSync(pathOf(file), texts.join('\n'))
  }

  test.each(casesOf(file))('$sql', ({ sql, plan }) => {
    const { relation } = bindText(sql)
    expect(explainRelation(relation)).toBe(plan)
    const same = { expression: <T>(expr: T): T => expr, relation: <T>(input: T): T => input }
    expect(mapRelationChildren(relation, same)).toBe(relation)
    expect(rewriteAllExpressions(relation, (expr) => expr)).toBe(relation)
  })
})
