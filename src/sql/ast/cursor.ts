import type { Span } from '../../base/span.ts'
import type { Identifier } from './expression.ts'
import type { SelectStatement } from './select.ts'

/** DECLARE c SCROLL CURSOR WITH HOLD FOR SELECT ... */
export interface DeclareStatement {
  readonly kind: 'declare'
  readonly name: Identifier
  readonly query: SelectStatement
  /** SCROLL, NO SCROLL; undefined where neither is said. */
  readonly scroll: boolean | undefined
  readonly hold: boolean
  readonly span: Span
}

/** FETCH and MOVE. */
export interface FetchStatement {
  readonly kind: 'fetch'
  readonly name: Identifier
  readonly direction: FetchDirection
  /** MOVE gives no rows. */
  readonly isMove: boolean
  readonly span: Span
}

/** Rows relative to where the cursor is, or one row at a place; `all` of a direction without end. */
export type FetchDirection =
  | { readonly kind: 'forward' | 'backward'; readonly count: number | 'all' }
  | { readonly kind: 'absolute' | 'relative'; readonly count: number }

/** CLOSE c; without a name, CLOSE ALL. */
export interface CloseStatement {
  readonly kind: 'close'
  readonly name: Identifier | undefined
  readonly span: Span
}
