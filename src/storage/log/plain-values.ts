import { assert, AssertionError } from '../../base/assert.ts'
import { isRecord } from '../../base/given.ts'

/** What a record or a catalog's entry is made of. */
export type PlainValue =
  | null
  | undefined
  | boolean
  | number
  | string
  | bigint
  | readonly PlainValue[]
  | ReadonlyMap<string, PlainValue>
  | { readonly [key: string]: PlainValue }

/**
 * Plain values as JSON. What JSON has not is an object of one key: `$i` an integer of any size, `$d` a number that is not
 * finite or -0, `$u` undefined, `$m` a map, `$o` an object one of whose keys begins with a dollar sign. Asserts that there
 * is nothing else, as what could not be read again must not be written.
 */
export function writePlain(value: unknown): string {
  return JSON.stringify(written(value))
}

export function readPlain(text: string): PlainValue {
  return read(JSON.parse(text))
}

function written(value: unknown): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      if (Number.isFinite(value) && !Object.is(value, -0)) return value
      return { $d: Object.is(value, -0) ? '-0' : String(value) }
    case 'bigint':
      return { $i: String(value) }
    case 'undefined':
      return { $u: 0 }
    case 'object':
      return value === null ? null : writtenObject(value)
    case 'function':
    case 'symbol':
      throw new AssertionError(`internal error: a ${typeof value} in what is to be kept`)
  }
}

function writtenObject(value: object): unknown {
  if (Array.isArray(value)) return value.map(written)
  if (value instanceof Map) return { $m: writtenEntries([...value]) }
  const prototype: unknown = Object.getPrototypeOf(value)
  assert(prototype === Object.prototype || prototype === null, 'an object with a class of its own')
  assert(!('chunks' in value && 'id' in value), 'rows where their description belongs')
  const entries = Object.entries(value)
  if (entries.some(([key]) => key.startsWith('$') || key === '__proto__')) {
    return { $o: writtenEntries(entries) }
  }
  return Object.fromEntries(entries.map(([key, one]) => [key, written(one)]))
}

function writtenEntries(entries: readonly (readonly [unknown, unknown])[]): unknown {
  return entries.map(([key, one]) => [String(key), written(one)])
}

function read(value: unknown): PlainValue {
  if (Array.isArray(value)) return value.map(read)
  if (!isRecord(value)) return value as PlainValue
  const entries = Object.entries(value)
  const [first] = entries
  if (entries.length === 1 && first !== undefined && first[0].startsWith('$')) {
    return readSpecial(first[0], first[1])
  }
  return Object.fromEntries(entries.map(([key, one]) => [key, read(one)]))
}

function readSpecial(key: string, value: unknown): PlainValue {
  switch (key) {
    case '$i':
      return BigInt(String(value))
    case '$d':
      return Number(value)
    case '$u':
      return undefined
    case '$m':
      return new Map(readEntries(value))
    case '$o':
      return Object.fromEntries(readEntries(value))
    default:
      throw new AssertionError(`internal error: a value of an unknown form ${key}`)
  }
}

function readEntries(value: unknown): [string, PlainValue][] {
  return (value as [string, unknown][]).map(([key, one]) => [key, read(one)])
}
