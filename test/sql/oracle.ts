import { loadModule, parseSync } from 'libpg-query'
import { QueryError } from '../../src/base/errors.ts'
import { parseStatements } from '../../src/sql/parse.ts'

export async function loadOracle(): Promise<void> {
  await loadModule()
}

interface OracleAnswer {
  readonly accepted: boolean
  readonly message: string
  /** UTF-16 offset of the error; -1 when accepted. */
  readonly position: number
  readonly tree: unknown
}

/** What PostgreSQL's own parser says about a text. */
export function askOracle(text: string): OracleAnswer {
  try {
    return { accepted: true, message: '', position: -1, tree: parseSync(text) }
  } catch (error) {
    const details = (error as { sqlDetails?: { message: string; cursorPosition: number } })
      .sqlDetails
    const message = details?.message ?? String(error)
    return { accepted: false, message, position: details?.cursorPosition ?? -1, tree: undefined }
  }
}

/** The expression of `select <expr>` in the oracle's tree. */
export function oracleExpression(tree: unknown): unknown {
  const { stmts } = tree as {
    stmts: { stmt: { SelectStmt: { targetList: { ResTarget: { val: unknown } }[] } } }[]
  }
  return stmts[0]!.stmt.SelectStmt.targetList[0]!.ResTarget.val
}

export type Verdict =
  | { readonly kind: 'accepted' | 'not-offered' }
  | { readonly kind: 'rejected'; readonly error: QueryError }

/** What our parser says; anything thrown other than a QueryError goes through. */
export function askParser(text: string): Verdict {
  try {
    const statements = parseStatements(text)
    const offered = statements.every((statement) => statement.kind !== 'unsupported')
    return { kind: offered ? 'accepted' : 'not-offered' }
  } catch (error) {
    if (!(error instanceof QueryError)) throw error
    if (error.code === 'FEATURE_NOT_SUPPORTED') return { kind: 'not-offered' }
    return { kind: 'rejected', error }
  }
}
