/**
 * Thrift's compact protocol, as far as Parquet's footers and page headers use it. Every length is
 * checked against the bytes there are; nesting is bounded.
 */
export type ThriftValue =
  | boolean
  | number
  | bigint
  | Uint8Array
  | readonly ThriftValue[]
  | ThriftStruct

/** A struct's fields by their id. */
export type ThriftStruct = ReadonlyMap<number, ThriftValue>

/** Bytes that are not the protocol. Callers turn it into an error that names the file. */
export class ThriftError extends Error {
  override readonly name = 'ThriftError'
}

const DEPTH_MAX = 24

interface Cursor {
  readonly bytes: Uint8Array
  at: number
}

/** Reads one struct at a position; `end` is the position behind it. */
export function readStruct(
  bytes: Uint8Array,
  start: number,
): { readonly struct: ThriftStruct; readonly end: number } {
  const cursor: Cursor = { bytes, at: start }
  const struct = structAt(cursor, 0)
  return { struct, end: cursor.at }
}

/** Integer field: i64 values beyond 2^53 come as bigint, all others as number. */
export function integerField(struct: ThriftStruct, id: number): number | undefined {
  const value = struct.get(id)
  if (typeof value === 'number') return value
  if (value === undefined) return undefined
  throw new ThriftError(`field ${id} is not an integer in range`)
}

export function requiredInteger(struct: ThriftStruct, id: number): number {
  const value = integerField(struct, id)
  if (value === undefined || value < 0) throw new ThriftError(`field ${id} is missing`)
  return value
}

export function structField(struct: ThriftStruct, id: number): ThriftStruct | undefined {
  const value = struct.get(id)
  return value instanceof Map ? (value as ThriftStruct) : undefined
}

export function bytesField(struct: ThriftStruct, id: number): Uint8Array | undefined {
  const value = struct.get(id)
  return value instanceof Uint8Array ? value : undefined
}

export function booleanField(struct: ThriftStruct, id: number): boolean | undefined {
  const value = struct.get(id)
  return typeof value === 'boolean' ? value : undefined
}

/** A list of structs; members of other kinds are an error. */
export function structsField(struct: ThriftStruct, id: number): readonly ThriftStruct[] {
  return listField(struct, id).map((member) => {
    if (member instanceof Map) return member as ThriftStruct
    throw new ThriftError(`field ${id} holds something else than structs`)
  })
}

/** A list of any values; empty where there is none. */
export function listField(struct: ThriftStruct, id: number): readonly ThriftValue[] {
  const value = struct.get(id)
  if (value === undefined) return []
  if (!Array.isArray(value)) throw new ThriftError(`field ${id} is not a list`)
  return value as readonly ThriftValue[]
}

function byteAt(cursor: Cursor): number {
  const byte = cursor.bytes[cursor.at]
  if (byte === undefined) throw new ThriftError('the bytes end within a value')
  cursor.at++
  return byte
}

function varint(cursor: Cursor): number | bigint {
  let value = 0
  let scale = 1
  const start = cursor.at
  while (cursor.at - start < 7) {
    const byte = byteAt(cursor)
    value += (byte & 127) * scale
    if (byte < 128) return value
    scale *= 128
  }
  let large = BigInt(value)
  let shift = 49n
  while (shift < 70n) {
    const byte = byteAt(cursor)
    large |= BigInt(byte & 127) << shift
    if (byte < 128) return large
    shift += 7n
  }
  throw new ThriftError('an integer of more than 10 bytes')
}

function zigzag(cursor: Cursor): number | bigint {
  const raw = varint(cursor)
  if (typeof raw === 'number') return raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2
  const value = BigInt.asIntN(64, (raw >> 1n) ^ -(raw & 1n))
  const plain = Number(value)
  return Number.isSafeInteger(plain) ? plain : value
}

function length(cursor: Cursor): number {
  const value = varint(cursor)
  if (typeof value !== 'number' || value > cursor.bytes.length - cursor.at) {
    throw new ThriftError(`a length of ${value} where ${cursor.bytes.length - cursor.at} bytes are`)
  }
  return value
}

function structAt(cursor: Cursor, depth: number): ThriftStruct {
  if (depth > DEPTH_MAX) throw new ThriftError('values nested too deeply')
  const fields = new Map<number, ThriftValue>()
  let id = 0
  for (;;) {
    const header = byteAt(cursor)
    if (header === 0) return fields
    const delta = header >> 4
    id = delta === 0 ? Number(zigzag(cursor)) : id + delta
    fields.set(id, valueAt(cursor, header & 15, depth))
  }
}

function valueAt(cursor: Cursor, type: number, depth: number): ThriftValue {
  switch (type) {
    case 1:
      return true
    case 2:
      return false
    case 3:
      return (byteAt(cursor) << 24) >> 24
    case 4:
    case 5:
    case 6:
      return zigzag(cursor)
    case 7: {
      const from = cursor.at
      cursor.at += 8
      if (cursor.at > cursor.bytes.length) throw new ThriftError('the bytes end within a value')
      return cursor.bytes.slice(from, cursor.at)
    }
    case 8: {
      const bytes = length(cursor)
      cursor.at += bytes
      return cursor.bytes.slice(cursor.at - bytes, cursor.at)
    }
    case 9:
    case 10:
      return listAt(cursor, depth)
    case 12:
      return structAt(cursor, depth + 1)
    default:
      throw new ThriftError(`a value of the unknown type ${type}`)
  }
}

function listAt(cursor: Cursor, depth: number): readonly ThriftValue[] {
  if (depth > DEPTH_MAX) throw new ThriftError('values nested too deeply')
  const header = byteAt(cursor)
  const members = header >> 4 === 15 ? length(cursor) : header >> 4
  const type = header & 15
  const values: ThriftValue[] = []
  for (let i = 0; i < members; i++) {
    // Booleans in a list take a byte each.
    values.push(type < 3 ? byteAt(cursor) === 1 : valueAt(cursor, type, depth + 1))
  }
  return values
}
