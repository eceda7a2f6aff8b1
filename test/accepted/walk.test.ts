import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect, type Database } from '../../src/index.ts'
import { definitionEvidence } from './definitions.ts'
import { problemOf } from './evidence.ts'
import { queryEvidence } from './queries.ts'
import { routineEvidence } from './routines.ts'
import { statementEvidence } from './statements.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const script = (await import(
  pathToFileURL(`${root}/scripts/generate-grammar.mjs`).href
)) as GrammarScript

interface GrammarScript {
  productions(): readonly { readonly name: string; readonly rightSide: string }[]
}

let db: Database

beforeAll(async () => {
  db = await connect({ threads: 1 })
})

afterAll(() => db.close())

const evidence = {
  ...queryEvidence,
  ...statementEvidence,
  ...definitionEvidence,
  ...routineEvidence,
}

/** Productions of letters and digits: what they stand for has its effect where they are used. */
const plain = new Set(['name', 'number', 'string', 'parameter'])

describe('what the grammar accepts is done, or refused by an error', () => {
  const productions = script.productions().filter(({ name }) => !plain.has(name))

  test('there is evidence of productions of the grammar, and of no others', () => {
    expect(Object.keys(evidence).toSorted()).toEqual(productions.map(({ name }) => name).toSorted())
  })

  test.each(productions)('every word of $name is in its evidence', ({ name, rightSide }) => {
    const texts = (evidence[name] ?? []).map(([statements]) => statements.toLowerCase())
    const tokens = new Set(texts.flatMap((text) => text.match(/\w+|[^\w\s]+/g) ?? []))
    const terminals = [...rightSide.matchAll(/'((?:[^']|'')*)'/g)].map(([, text]) => text ?? '')
    const words = terminals.filter((text) => /^[A-Z_]+$/.test(text))
    expect(words.filter((word) => !tokens.has(word.toLowerCase()))).toEqual([])
  })

  test.each(Object.entries(evidence))('%s', async (_, cases) => {
    const problems: string[] = []
    for (const one of cases) {
      const problem = await problemOf(db, one)
      if (problem !== undefined) problems.push(problem)
    }
    expect(problems).toEqual([])
  })
})

describe('what the parser reads, it keeps', () => {
  /** Lines that read words and keep nothing of them, with the reason why nothing is lost. */
  const readAndDropped: ReadonlyMap<string, string> = new Map([
    ["cursor.acceptAll('no', 'inherit')", 'there is no inheritance'],
    [
      "cursor.acceptAll('not', 'deferrable') || cursor.acceptAll('initially', 'immediate')",
      'that is how every constraint is checked',
    ],
    ["cursor.accept('concurrently')", 'readers are never held up'],
    ["cursor.accept('only')", 'there are no partitions and no children'],
    ["if (!cursor.accept('asc')) cursor.accept('desc')", 'indexes are never read in order'],
    ["if (!isConstraint) cursor.accept('column')", 'DROP COLUMN a is DROP a'],
    ["if (word === 'table') cursor.accept('only')", 'there are no children'],
    ["cursor.accept('column')", 'ADD COLUMN a is ADD a'],
    ["if (objectKind === 'macro') cursor.accept('table')", 'DROP MACRO TABLE m is DROP MACRO m'],
    ["cursor.accept('as')", 'AS before a string of COPY is a filler'],
    ["cursor.accept('table')", 'DESCRIBE TABLE t is DESCRIBE t, TRUNCATE TABLE t is TRUNCATE t'],
    ["cursor.accept('nowait')", 'nobody ever waits for a lock'],
    ["cursor.accept('restrict')", 'nothing else is ever truncated'],
  ])

  test.each([
    'alter',
    'alter-table',
    'assignments',
    'change',
    'constraint',
    'copy',
    'create',
    'create-index',
    'create-table',
    'insert',
    'merge',
    'on-conflict',
    'drop',
    'foreign-key',
    'maintain',
    'routine',
    'routine-changes',
    'routine-options',
    'setting',
  ])('%s', (file) => {
    const text = readFileSync(`${root}/src/sql/parser/${file}.ts`, 'utf8')
    const dropped = text
      .split('\n')
      .map((line) => line.trim())
      .filter((line) =>
        /^(?:if \(!cursor\.accept\(.*\)\) )?cursor\.accept(?:All)?\(.*\)$/.test(line),
      )
      .filter((line) => !readAndDropped.has(line))
    expect(dropped).toEqual([])
  })

  test('the engine looks at every field of a statement', () => {
    const ast = readFileSync(`${root}/src/sql/ast/statement.ts`, 'utf8')
    const fields = new Set(
      [...ast.matchAll(/^ {2}readonly (\w+):/gm)].map(([, field]) => field ?? ''),
    )
    const families = readdirSync(`${root}/src/engine/statements`)
    const readers = [
      ...families.map((file) => `statements/${file.replace(/\.ts$/, '')}`),
      ...readdirSync(`${root}/src/engine/tables/alter`).map(
        (file) => `tables/alter/${file.replace(/\.ts$/, '')}`,
      ),
      'tables/declared-table',
      'tables/like-tables',
      'tables/row-rules',
      '../plan/binder/changes/assigned-row',
      '../plan/binder/changes/change',
      '../plan/binder/changes/insert',
      '../plan/binder/changes/merge',
      '../plan/binder/changes/on-conflict',
    ].map((file) => readFileSync(`${root}/src/engine/${file}.ts`, 'utf8'))
    const code = readers.join('\n')
    const unread = [...fields].filter((field) => !new RegExp(`\\b${field}\\b`).test(code))
    expect(unread).toEqual([])
  })
})
