import type { Local } from '../../../wasm/assembler/function-builder.ts'
import { contextWords } from '../../model/context.ts'
import type { LegContext } from './leg-loop.ts'

/** Where the text of a batch went on when rows that are still to be read were made. */
export interface BatchText {
  readonly cursor: Local
  readonly end: Local
}

export function beginText(leg: LegContext): BatchText {
  const text = { cursor: leg.f.local('i32'), end: leg.f.local('i32') }
  emitRememberText(leg, text)
  return text
}

export function emitRememberText({ f, scope }: LegContext, { cursor, end }: BatchText): void {
  f.get(scope.ctx).memory('i32.load', contextWords.textCursor).set(cursor)
  f.get(scope.ctx).memory('i32.load', contextWords.textEnd).set(end)
}

/**
 * Drops the text that the next legs made for a batch, however many of them are made of one row: it ends where it did, or
 * goes on at the beginning of the block that they began.
 */
export function emitDropText({ f, scope }: LegContext, { cursor, end }: BatchText): void {
  f.get(scope.ctx).get(cursor).get(scope.ctx).memory('i32.load', contextWords.textBase)
  f.get(scope.ctx).memory('i32.load', contextWords.textEnd).get(end).op('i32.eq')
  f.op('select').memory('i32.store', contextWords.textCursor)
}
