import { QueryError } from '../../base/errors.ts'
import type { Scalar } from '../../data/types/scalar.ts'
import type { ResultColumn } from '../../engine/results/result.ts'
import type { PreparedStatement } from '../../engine/queries/prepared-statements.ts'
import type { Session } from '../../engine/session.ts'
import type { WireParameter } from './parameters.ts'
import type { Portal } from './portal.ts'
import { wireType } from '../../data/binary/type-oids.ts'

export type Statement = Awaited<ReturnType<Session['parse']>>[number]

/** What Parse made. */
export interface NamedStatement {
  readonly prepared: PreparedStatement
  readonly parameters: readonly WireParameter[]
}

/** What Bind made. */
export interface BoundPortal {
  readonly prepared: PreparedStatement
  readonly parameters: readonly Scalar[]
  readonly formats: readonly number[]
  /** Set once it was executed. */
  open?: Portal
  finished: boolean
  /** The transaction that it belongs to has failed since. */
  hasFailed: boolean
}

/**
 * What a Bind leaves behind that fails because of its values: PostgreSQL makes a portal first and tells it
 * afterwards what it is of. Until then it is one of an empty statement.
 */
export function portalOfNothing(): BoundPortal {
  const prepared = { text: '', statement: undefined, parameterTypes: [], columns: undefined }
  return { prepared, parameters: [], formats: [], finished: false, hasFailed: false }
}

/** What ends the life of portals. */
export function endsTransaction(statement: Statement): boolean {
  if (statement.kind !== 'transaction') return false
  return statement.action === 'commit' || statement.action === 'rollback'
}

/** What may not be a part of a transaction. */
export function standsAlone(statement: Statement): boolean {
  return statement.kind === 'discard' && statement.what === 'all'
}

/**
 * Whether clients that were told of some columns can read rows of others. Digits that a sum or a product was found
 * to have are told to nobody.
 */
export function sameColumns(
  some: readonly ResultColumn[],
  others: readonly ResultColumn[],
): boolean {
  if (some.length !== others.length) return false
  return some.every((column, index) => {
    const other = others[index]!
    return column.name === other.name && isSameToClients(column, other)
  })
}

function isSameToClients(column: ResultColumn, other: ResultColumn): boolean {
  const [one, another] = [column, other].map(({ type, declared }) => wireType(type, declared))
  return one?.oid === another?.oid && one?.modifier === another?.modifier
}

/** What a client is told instead of rows of other columns than it knows of. */
export function changedColumns(): QueryError {
  return new QueryError('FEATURE_NOT_SUPPORTED', 'cached plan must not change result type')
}
