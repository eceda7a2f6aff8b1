import { EngineError, type EngineSession } from '../../sqllogictest/runner/engine.ts'
import { ask } from '../functions/outcomes.ts'

/** The two that a statement is asked of. */
export interface Engines {
  readonly heddle: EngineSession
  readonly postgres: EngineSession
}

/** How the answers differ; undefined where they do not, or Heddle says that it does not support something. */
export async function differs(
  { heddle, postgres }: Engines,
  sql: string,
): Promise<string | undefined> {
  const theirs = await ask(postgres, sql)
  const ours = await ask(heddle, sql)
  if (ours instanceof EngineError) {
    if (['0A000', '57014'].includes(ours.sqlState)) return undefined
    const isSame = theirs instanceof EngineError && theirs.sqlState === ours.sqlState
    return isSame ? undefined : `${ours.sqlState} ${ours.message}, ${told(theirs)} in PostgreSQL`
  }
  if (theirs instanceof EngineError) {
    return theirs.sqlState === '57014' ? undefined : `rows, ${told(theirs)} in PostgreSQL`
  }
  const at = theirs.findIndex((row, number) => !isSameRow(row, ours[number] ?? []))
  if (at < 0 && ours.length === theirs.length) return undefined
  return `${JSON.stringify(ours[Math.max(at, 0)])}, ${JSON.stringify(theirs[Math.max(at, 0)])} in PostgreSQL`
}

type Row = readonly (string | null)[]

function isSameRow(left: Row, right: Row): boolean {
  return left.length === right.length && left.every((text, at) => text === right[at])
}

function told(answer: readonly Row[] | EngineError): string {
  return answer instanceof EngineError ? `${answer.sqlState} ${answer.message}` : 'rows'
}
