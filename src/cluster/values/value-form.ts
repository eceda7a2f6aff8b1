/**
 * The form of values between processes: a byte that says what follows, then that. Lengths and counts are
 * unsigned LEB128, numbers little-endian. What may be met twice (objects of any kind) is numbered in the
 * order in which it begins, so that it can be pointed at.
 */
export const tags = {
  undefined: 0,
  null: 1,
  false: 2,
  true: 3,
  /** Zigzag LEB128, of numbers that are integers of 32 bits and not -0. */
  integer: 4,
  number: 5,
  /** A sign, then the bytes of the absolute value, lowest first. */
  bigint: 6,
  /** UTF-8. */
  text: 7,
  /** UTF-16 of texts that have half a pair somewhere, which UTF-8 could not tell. */
  brokenText: 8,
  date: 9,
  array: 10,
  /** Instead of an element, where an array has none. */
  hole: 11,
  object: 12,
  /** One without a prototype. */
  bareObject: 13,
  map: 14,
  set: 15,
  buffer: 16,
  /** Its class, then the bytes that it shows. */
  view: 17,
  /** Name, message, stack, whether there is a cause, the cause, and other fields as an object. */
  error: 18,
  regexp: 19,
  /** The number of what was met before. */
  reference: 20,
  /** The number of a result that stands here. */
  input: 21,
} as const

interface ViewClass {
  readonly BYTES_PER_ELEMENT?: number
  new (buffer: ArrayBuffer): ArrayBufferView
}

/** Classes of views over bytes, by their number. */
export const viewClasses: readonly ViewClass[] = [
  Uint8Array,
  Int8Array,
  Uint8ClampedArray,
  Uint16Array,
  Int16Array,
  Uint32Array,
  Int32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  DataView,
]

/** Classes of errors that come back as what they were; others come back as an Error of their name. */
const errorClasses: ReadonlyMap<string, ErrorConstructor> = new Map(
  [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError].map((known) => [
    known.name,
    known,
  ]),
)

/** An error of its class, without what else it has. */
export function newError(name: string, message: string): Error {
  // Its errors come with its fields.
  if (name === 'AggregateError') return new AggregateError([], message)
  return new (errorClasses.get(name) ?? Error)(message)
}

/** How deeply values may lie in each other. */
export const VALUE_DEPTH_MAX = 1_000

/** Half a surrogate pair; whole ones are one character of the pattern. */
export const brokenPair = /\p{Surrogate}/u
