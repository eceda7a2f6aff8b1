import { QueryError } from '../../base/errors.ts'
import type { PreparedStatement } from '../../engine/queries/prepared-statements.ts'
import type { Session } from '../../engine/session.ts'
import type { WireParameter } from './parameters.ts'
import type { NamedStatement } from './prepared.ts'

/** The prepared statements of a client: those with names are its session's, where SQL finds them too. */
export class ClientStatements {
  readonly #session: Session
  #unnamed: NamedStatement | undefined
  /** Of named statements that the client prepared. */
  readonly #parameters = new WeakMap<PreparedStatement, readonly WireParameter[]>()

  constructor(session: Session) {
    this.#session = session
  }

  /** Errors: DUPLICATE_PREPARED_STATEMENT, CONFIGURATION_LIMIT. */
  keep(name: string, statement: NamedStatement): void {
    if (name === '') {
      this.#unnamed = statement
      return
    }
    const { prepared, parameters } = statement
    const preparedMicros = this.#session.wallMicros()
    const named = { prepared, shown: prepared.text, isOfSql: false, preparedMicros }
    this.#session.prepared.add(name, named)
    this.#parameters.set(prepared, parameters)
  }

  find(name: string): NamedStatement | undefined {
    if (name === '') return this.#unnamed
    const prepared = this.#session.prepared.find(name)?.prepared
    if (prepared === undefined) return undefined
    // PREPARE declares no numbers of types.
    const parameters =
      this.#parameters.get(prepared) ??
      prepared.parameterTypes.map((type) => ({ type, declaredOid: 0 }))
    return { prepared, parameters }
  }

  /** Errors: INVALID_STATEMENT_NAME. */
  get(name: string): NamedStatement {
    const found = this.find(name)
    if (found !== undefined) return found
    const shown = name === '' ? 'unnamed prepared statement' : `prepared statement "${name}"`
    throw new QueryError('INVALID_STATEMENT_NAME', `${shown} does not exist`)
  }

  forget(name: string): void {
    if (name === '') this.#unnamed = undefined
    else this.#session.prepared.delete(name)
  }

  /** Errors: DUPLICATE_PREPARED_STATEMENT. */
  requirePlace(name: string): void {
    if (name !== '') this.#session.prepared.requirePlace(name)
  }
}
