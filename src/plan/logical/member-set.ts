import { intervalSpan } from '../../data/types/compare-values.ts'
import { valueForm } from '../../data/types/catalogue.ts'
import type { DataType } from '../../data/types/data-type.ts'
import { comparedBytes } from '../../data/vectors/text-values.ts'
import { isInterval, isNumeric, type Scalar } from '../../data/types/scalar.ts'

/** What stands for a value in a set: equal exactly for values that SQL calls equal. */
export type MemberKey = string | number | bigint | boolean

const sets = new WeakMap<readonly Scalar[], ReadonlySet<MemberKey>>()

/** Whether a value is among others of its type, none of them NULL; the others are hashed once. */
export function isMember(
  values: readonly Scalar[],
  value: Exclude<Scalar, null>,
  type: DataType,
): boolean {
  let set = sets.get(values)
  if (set === undefined) {
    set = new Set(values.map((member) => memberKey(member as Exclude<Scalar, null>, type)))
    sets.set(values, set)
  }
  return set.has(memberKey(value, type))
}

/** A Set takes NaN for equal to itself and -0 for 0, as SQL does. */
export function memberKey(value: Exclude<Scalar, null>, type: DataType): MemberKey {
  if (valueForm(type) === 'keyed') return comparedBytes(value, type).join(' ')
  if (typeof value !== 'object') return value
  if (value instanceof Uint8Array) return value.join(' ')
  if (isInterval(value)) return intervalSpan(value)
  if (!isNumeric(value)) return Object.values(value).join(' ')
  if (value.special !== undefined) return value.special
  let { unscaled, scale } = value
  while (scale > 0 && unscaled % 10n === 0n) {
    unscaled /= 10n
    scale--
  }
  return `${unscaled}e-${scale}`
}
