import { QueryError } from '../../src/base/errors.ts'
import type { Database, Session } from '../../src/index.ts'

/**
 * What shows that a clause has its effect: statements, separated by `;;`, and what the last one gives.
 * `1|x;2|y` are rows, `~text` is text in the answer, `!23505` an error (`!` any); 0A000 must have a place.
 */
export type Case = readonly [statements: string, answer: string]
export type Evidence = Readonly<Record<string, readonly Case[]>>

/** Every case has these in a schema of its own, whose name `$s` stands for. */
const setup = [
  'create schema $s',
  'set search_path = $s',
  `create table t (a int, b int, s text, d date)`,
  `insert into t values (1, 10, 'x', '2020-01-31'), (2, 20, 'y', '2021-05-05'), (3, null, 'z', null)`,
  `create table u as select * from (values (1, 'one'), (3, 'three'), (4, 'four')) v (a, c)`,
  'create table n1 as select 1 a',
]

let cases = 0

/** Runs a case in a session of its own; gives what is wrong with it, or undefined. */
export async function problemOf(
  db: Database,
  [statements, answer]: Case,
): Promise<string | undefined> {
  const schema = `case_${++cases}`
  const session = db.session()
  try {
    for (const sql of setup) await session.query(sql.replaceAll('$s', schema))
    const given = await answerOf(session, statements.replaceAll('$s', schema))
    return matches(given, answer) ? undefined : `${statements}: ${given}, expected ${answer}`
  } finally {
    session.close()
  }
}

async function answerOf(session: Session, statements: string): Promise<string> {
  const parts = statements.split(';;')
  const last = parts.pop() ?? ''
  try {
    for (const sql of parts) await session.query(sql)
  } catch (error) {
    return `failed before its end: ${String(error)}`
  }
  try {
    const result = await session.query(last)
    return result
      .texts()
      .map((row) => row.map((value) => value ?? 'NULL').join('|'))
      .join(';')
  } catch (error) {
    if (!(error instanceof QueryError)) throw error
    const nowhere = error.sqlState === '0A000' && error.details.span === undefined
    return `!${error.sqlState}${nowhere ? ' without a place' : ''}`
  }
}

function matches(given: string, answer: string): boolean {
  if (answer.startsWith('~')) return given.includes(answer.slice(1))
  return answer === '!' ? given.startsWith('!') : given === answer
}
