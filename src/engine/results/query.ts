import type { Locale } from '../../data/types/datetime/locale.ts'
import { isWrittenOtherwise } from '../../data/types/locale-parts.ts'
import type { DeclaredType } from '../../data/types/declared-type.ts'
import type { DataType } from '../../data/types/data-type.ts'
import type { NeededEntries } from '../../plan/binder/context.ts'
import type { Relation } from '../../plan/logical/relation.ts'
import type { CopyDoor, CopyPieces } from './copy-door.ts'
import type { ResultColumn } from './result.ts'

/** How one statement is to be run. */
export interface RunOptions {
  /** Aborting it cancels the statement: QUERY_CANCELED. */
  readonly signal?: AbortSignal | undefined
  /**
   * A query's rows may come while later ones are still made, in bounded memory and at the reader's pace. The result
   * is read by `for await`, or piece by piece, then: not by what gives all rows at once.
   */
  readonly streams?: boolean | undefined
  /** What COPY FROM STDIN reads: bytes or texts in any pieces, cut anywhere. */
  readonly copyFrom?: CopyPieces | undefined
  /** Takes what COPY TO STDOUT writes, piece by piece; the next one waits until it resolves. */
  readonly copyTo?: ((bytes: Uint8Array) => void | Promise<void>) | undefined
  /** Of doors whose clients send and take rows of COPY in a way of their own. */
  readonly copyDoor?: CopyDoor | undefined
}

/** A bound query: its plan, and what its output and parameters are. */
export interface BoundSelect {
  readonly relation: Relation
  readonly outputNames: readonly string[]
  readonly parameterTypes: readonly DataType[]
  /** What clients are told of the columns beyond their types, one a column; nothing where it is left out. */
  readonly declared?: readonly (DeclaredType | undefined)[]
  /** How the session writes dates and times; as they are written everywhere where it is left out. */
  readonly locale?: Locale
  /** Binding looked at no clock and no file: it gives the same while the catalog is the same. */
  readonly repeatable?: boolean
  readonly needed: NeededEntries
}

/** What a query gives and takes. */
export interface QueryShape {
  readonly columns: readonly ResultColumn[]
  /** Of $1, $2, ... */
  readonly parameterTypes: readonly DataType[]
}

/** The columns of a bound query's result. */
export function columnsOf(
  bound: Pick<BoundSelect, 'relation' | 'declared' | 'outputNames' | 'locale'>,
): readonly ResultColumn[] {
  return bound.relation.columns.map(({ type }, i) => {
    const declared = bound.declared?.[i]
    const { locale } = bound
    const isOther = locale !== undefined && isWrittenOtherwise(type, locale)
    return {
      name: bound.outputNames[i] ?? '',
      type,
      ...(declared && { declared }),
      ...(isOther && { locale }),
    }
  })
}
