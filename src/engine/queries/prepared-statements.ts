import { QueryError } from '../../base/errors.ts'
import type { Span } from '../../base/span.ts'
import type { DataType } from '../../data/types/data-type.ts'
import type { Statement } from '../../sql/ast/statement.ts'
import type { ResultColumn } from '../results/result.ts'

/** A statement that was parsed and bound once, for running with different parameters. */
export interface PreparedStatement {
  readonly text: string
  /** Undefined for an empty statement. */
  readonly statement: Statement | undefined
  readonly parameterTypes: readonly DataType[]
  /** Undefined when it gives no rows. */
  readonly columns: readonly ResultColumn[] | undefined
}

/** A prepared statement that has a name. */
export interface NamedPrepared {
  readonly prepared: PreparedStatement
  /** As it was given: by PREPARE, with that. */
  readonly shown: string
  /** PREPARE, not the message of a protocol. */
  readonly isOfSql: boolean
  readonly preparedMicros: bigint
}

const STATEMENTS_MAX = 10_000

/** The prepared statements of a session by their names, those of SQL and of its protocol. */
export class PreparedStatements {
  readonly #byName = new Map<string, NamedPrepared>()

  /** Errors: DUPLICATE_PREPARED_STATEMENT, CONFIGURATION_LIMIT. */
  add(name: string, named: NamedPrepared): void {
    this.requirePlace(name)
    if (this.#byName.size >= STATEMENTS_MAX) {
      throw new QueryError('CONFIGURATION_LIMIT', 'too many prepared statements', {
        expected: `at most ${STATEMENTS_MAX}`,
      })
    }
    this.#byName.set(name, named)
  }

  /** Errors: DUPLICATE_PREPARED_STATEMENT. */
  requirePlace(name: string): void {
    if (!this.#byName.has(name)) return
    const message = `prepared statement "${name}" already exists`
    throw new QueryError('DUPLICATE_PREPARED_STATEMENT', message)
  }

  find(name: string): NamedPrepared | undefined {
    return this.#byName.get(name)
  }

  /** Errors: INVALID_STATEMENT_NAME. */
  get(name: string, span?: Span): NamedPrepared {
    const named = this.#byName.get(name)
    if (named !== undefined) return named
    const message = `prepared statement "${name}" does not exist`
    throw new QueryError('INVALID_STATEMENT_NAME', message, span && { span })
  }

  delete(name: string): void {
    this.#byName.delete(name)
  }

  clear(): void {
    this.#byName.clear()
  }

  entries(): Iterable<readonly [string, NamedPrepared]> {
    return this.#byName
  }
}

/** A statement as its text has it, with the semicolon that ends it. */
export function shownStatement(text: string, { start, end }: Span): string {
  return text.slice(start, text[end] === ';' ? end + 1 : end)
}
