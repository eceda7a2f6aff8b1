import { QueryError } from '../../base/errors.ts'
import {
  isJsonArray,
  isJsonNumber,
  isJsonObject,
  objectOf,
  type JsonValue,
} from '../../data/types/json-value.ts'

/** left || right */
export function joined(left: JsonValue, right: JsonValue): JsonValue {
  if (isJsonObject(left) && isJsonObject(right)) {
    return objectOf([...left.members, ...right.members])
  }
  return [...itemsOf(left), ...itemsOf(right)]
}

function itemsOf(value: JsonValue): readonly JsonValue[] {
  return isJsonArray(value) ? value : [value]
}

/** value - names */
export function withoutNames(value: JsonValue, names: readonly (string | null)[]): JsonValue {
  if (isJsonObject(value)) {
    return objectOf([...value.members].filter(([name]) => !names.includes(name)))
  }
  if (!isJsonArray(value)) throw notOf('cannot delete from scalar')
  return value.filter((item) => typeof item !== 'string' || !names.includes(item))
}

/** value - index */
export function withoutItem(value: JsonValue, index: number): JsonValue {
  if (isJsonObject(value)) throw notOf('cannot delete from object using integer index')
  if (!isJsonArray(value)) throw notOf('cannot delete from scalar')
  const at = index < 0 ? value.length + index : index
  return value.filter((_, position) => position !== at)
}

/** What becomes of the value at the end of a path. */
export type Change =
  | { readonly kind: 'delete' }
  | { readonly kind: 'set'; readonly value: JsonValue; readonly creates: boolean }
  | { readonly kind: 'insert'; readonly value: JsonValue; readonly isAfter: boolean }

/** jsonb_set, jsonb_insert and #-: only what the path leads to is another. */
export function changedAt(
  value: JsonValue,
  path: readonly (string | null)[],
  change: Change,
): JsonValue {
  if (!isJsonObject(value) && !isJsonArray(value)) {
    throw notOf(
      change.kind === 'delete' ? 'cannot delete path in scalar' : 'cannot set path in scalar',
    )
  }
  // Where there is nothing to change, nobody looks at the path.
  const isEmpty = isJsonObject(value) ? value.members.size === 0 : value.length === 0
  const adds = change.kind === 'insert' || (change.kind === 'set' && change.creates)
  if (path.length === 0 || (isEmpty && !adds)) return value
  return stepped(value, path, 0, change)
}

function stepped(
  value: JsonValue,
  path: readonly (string | null)[],
  level: number,
  change: Change,
): JsonValue {
  const step = path[level]
  if (step === undefined) return value
  if (step === null) {
    const message = `path element at position ${level + 1} is null`
    throw new QueryError('NULL_VALUE_NOT_ALLOWED', message)
  }
  const isLast = level === path.length - 1
  if (isJsonObject(value)) return memberChanged(value, path, level, change, step, isLast)
  return isJsonArray(value) ? itemChanged(value, path, level, change, step, isLast) : value
}

function memberChanged(
  value: JsonValue & { readonly members: ReadonlyMap<string, JsonValue> },
  path: readonly (string | null)[],
  level: number,
  change: Change,
  step: string,
  isLast: boolean,
): JsonValue {
  const known = value.members.get(step)
  const others = (): (readonly [string, JsonValue])[] => [...value.members]
  if (known === undefined) {
    const adds = isLast && (change.kind === 'insert' || (change.kind === 'set' && change.creates))
    return adds ? objectOf([...others(), [step, change.value]]) : value
  }
  if (!isLast) return objectOf([...others(), [step, stepped(known, path, level + 1, change)]])
  switch (change.kind) {
    case 'delete':
      return objectOf(others().filter(([name]) => name !== step))
    case 'insert':
      throw new QueryError('INVALID_PARAMETER_VALUE', 'cannot replace existing key', {
        hint: 'Try using the function jsonb_set to replace key value.',
      })
    case 'set':
      return objectOf([...others(), [step, change.value]])
  }
}

function itemChanged(
  items: readonly JsonValue[],
  path: readonly (string | null)[],
  level: number,
  change: Change,
  step: string,
  isLast: boolean,
): JsonValue {
  const index = Number(step)
  const isIndex = /^\s*[+-]?\d+$/.test(step) && index === (index | 0)
  if (!isIndex) {
    const message = `path element at position ${level + 1} is not an integer: "${step}"`
    throw new QueryError('INVALID_TEXT_REPRESENTATION', message)
  }
  const at = index < 0 ? items.length + index : index
  const isThere = at >= 0 && at < items.length
  if (!isLast) {
    return items.map((item, position) =>
      position === at ? stepped(item, path, level + 1, change) : item,
    )
  }
  switch (change.kind) {
    case 'delete':
      return items.filter((_, position) => position !== at)
    case 'set':
      if (isThere) return items.map((item, position) => (position === at ? change.value : item))
      if (!change.creates) return items
      return at < 0 ? [change.value, ...items] : [...items, change.value]
    case 'insert': {
      const place = at < 0 ? 0 : Math.min(at + (isThere && change.isAfter ? 1 : 0), items.length)
      return [...items.slice(0, place), change.value, ...items.slice(place)]
    }
  }
}

function notOf(message: string): QueryError {
  return new QueryError('INVALID_PARAMETER_VALUE', message)
}

/** Without members that are null, at any depth. */
export function withoutNulls(value: JsonValue): JsonValue {
  if (isJsonArray(value)) return value.map(withoutNulls)
  if (!isJsonObject(value)) return value
  return objectOf(
    [...value.members].flatMap(([name, item]) =>
      item === null ? [] : [[name, withoutNulls(item)] as const],
    ),
  )
}

/** left @> right: what right says, left says too. */
export function contains(left: JsonValue, right: JsonValue, isTop = true): boolean {
  if (isJsonObject(left) && isJsonObject(right)) {
    return [...right.members].every(([name, item]) => {
      const own = left.members.get(name)
      return own !== undefined && contains(own, item, false)
    })
  }
  if (isJsonArray(left) && isJsonArray(right)) {
    return right.every((item) => left.some((own) => contains(own, item, false)))
  }
  // An array of scalars says each of them, at the top only.
  if (isTop && isJsonArray(left) && !isJsonObject(right) && !isJsonArray(right)) {
    return left.some((own) => contains(own, right, false))
  }
  return sameScalar(left, right)
}

function sameScalar(left: JsonValue, right: JsonValue): boolean {
  if (!isJsonNumber(left) || !isJsonNumber(right)) return left === right
  return shortest(left.digits) === shortest(right.digits)
}

/** The digits of a number without zeros at the end of its fraction. */
function shortest(digits: string): string {
  if (!digits.includes('.')) return digits
  let end = digits.length
  while (digits[end - 1] === '0') end--
  const cut = digits.slice(0, digits[end - 1] === '.' ? end - 1 : end)
  return cut === '-0' ? '0' : cut
}

/** value ? name: a member's name, or a string among an array's items, or the string itself. */
export function hasName(value: JsonValue, name: string): boolean {
  if (isJsonObject(value)) return value.members.has(name)
  return isJsonArray(value) ? value.includes(name) : value === name
}
