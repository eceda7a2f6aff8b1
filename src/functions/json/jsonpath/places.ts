import {
  isJsonArray,
  isJsonNumber,
  isJsonObject,
  type JsonValue,
} from '../../../data/types/json-value.ts'

/*
 * Where arrays and objects lie in PostgreSQL's binary jsonb (utils/jsonb.h), of which keyvalue() makes the ids of objects.
 */

/** The offset of each array and object from the outermost one. */
export function placesIn(value: JsonValue): ReadonlyMap<JsonValue, number> {
  const places = new Map<JsonValue, number>()
  place(value, 0, places)
  return places
}

const WORD = 4
const encoder = new TextEncoder()

function aligned(at: number): number {
  return Math.ceil(at / WORD) * WORD
}

/** Puts a value down; the place behind it. */
function place(value: JsonValue, start: number, places: Map<JsonValue, number>): number {
  if (value === null || typeof value === 'boolean') return start
  if (typeof value === 'string') return start + encoder.encode(value).length
  if (isJsonNumber(value)) return aligned(start) + numberBytes(value.digits)
  const from = aligned(start)
  places.set(value, from)
  // A header and a word for each item, or for each name and value: names lie before all values.
  if (isJsonArray(value)) {
    let at = from + WORD + WORD * value.length
    for (const item of value) at = place(item, at, places)
    return at
  }
  if (!isJsonObject(value)) return from
  let at = from + WORD + 2 * WORD * value.members.size
  for (const name of value.members.keys()) at += encoder.encode(name).length
  for (const member of value.members.values()) at = place(member, at, places)
  return at
}

const DIGITS_A_GROUP = 4
const GROUP_BYTES = 2
const LENGTH_BYTES = 4
/** What the short form of a numeric has room for. */
const SHORT = { scale: 63, weightMin: -64, weightMax: 63 } as const

/** Bytes of a numeric: groups of four digits, without those that are 0 at either end. */
function numberBytes(digits: string): number {
  const [whole = '', fraction = ''] = digits.replace('-', '').split('.')
  const before = Math.ceil(whole.length / DIGITS_A_GROUP)
  const padded =
    whole.padStart(before * DIGITS_A_GROUP, '0') +
    fraction.padEnd(Math.ceil(fraction.length / DIGITS_A_GROUP) * DIGITS_A_GROUP, '0')
  const groups = padded.match(/\d{4}/g) ?? []
  const first = groups.findIndex((group) => group !== '0000')
  const last = groups.findLastIndex((group) => group !== '0000')
  const count = first < 0 ? 0 : last - first + 1
  const weight = first < 0 ? 0 : before - 1 - first
  const isShort =
    fraction.length <= SHORT.scale && weight >= SHORT.weightMin && weight <= SHORT.weightMax
  return LENGTH_BYTES + (isShort ? 2 : 4) + GROUP_BYTES * count
}
