import { givenArray, givenRecord, givenText, isRecord, wrongArgument } from '../../base/given.ts'
import { checkText } from '../../base/utf8.ts'
import { col, Column, givenColumn, type FrameSortKey } from './expression.ts'

export const joinKinds = ['inner', 'left', 'right', 'full', 'semi', 'anti'] as const
export const explainViews = ['logical', 'optimized', 'physical', 'stages'] as const

/** A column's name, or new names with their expressions. Errors: INVALID_PARAMETER_VALUE, INVALID_ENCODING. */
export function namedColumns(
  name: string,
  item: string | Readonly<Record<string, Column>>,
): readonly (readonly [string, Column])[] {
  if (typeof item === 'string') return [[item, col(item)]]
  if (!isRecord(item) || item instanceof Column) {
    throw wrongArgument(name, 'a name, or an object of column expressions', item)
  }
  return Object.entries(item).map(([key, column]) => [checkText(key), givenColumn(key, column)])
}

/** Errors: INVALID_PARAMETER_VALUE. */
export function sortKey(key: string | Column | FrameSortKey): FrameSortKey {
  if (typeof key === 'string') return col(key).asc()
  if (key instanceof Column) return key.asc()
  if (isRecord(key) && key.column instanceof Column) return key
  throw wrongArgument('keys', 'a name, a column expression or its asc() or desc()', key)
}

/** Refuses what no join can be made of. Errors: INVALID_PARAMETER_VALUE. */
export function givenCondition(
  on: string | readonly string[] | Readonly<Record<string, string>> | Column,
): void {
  if (typeof on === 'string' || on instanceof Column) return
  const names = Array.isArray(on) ? givenArray('on', on) : Object.values(givenRecord('on', on))
  for (const name of names) givenText('on', name)
}

/** Errors: INVALID_PARAMETER_VALUE. */
export function givenOneOf(name: string, value: string, allowed: readonly string[]): void {
  if (allowed.includes(value)) return
  throw wrongArgument(name, allowed.join(', '), value)
}
