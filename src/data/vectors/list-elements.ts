import { assert, present } from '../../base/assert.ts'
import { address } from '../arenas/address.ts'
import type { MemoryViews } from '../arenas/memory-views.ts'
import { isBare, LIST_ELEMENT, LIST_TAIL_BYTES } from '../types/bare-list.ts'
import { valueForm } from '../types/catalogue.ts'
import type { ValueForm } from '../types/catalogue/entry.ts'
import type { DataType } from '../types/data-type.ts'
import type { Layout } from '../types/layout.ts'
import { isValid } from './to-scalars.ts'
import { NO_ADDRESS, type Vector } from './vector.ts'

/** The elements of lists that lie one behind the other, as a column of their own. */
export interface ListElements {
  readonly memory: MemoryViews
  readonly elements: Vector
  /** Rows whose lists these are. */
  readonly from: number
  readonly to: number
  /**
   * Where the elements of each of these rows end; those of the first begin at 0. A row without any is NULL or an
   * array that has its text: it is empty, has several dimensions, or elements that no key tells.
   */
  readonly ends: Uint32Array
}

/**
 * Takes the lists of rows from `from` on apart, of as many rows as lie in `bytesMax`, and of one at least: numbers are
 * turned from keys into a column's words, texts moved together, without making a value of any.
 */
export function listElements(
  memory: MemoryViews,
  vector: Vector,
  from: number,
  bytesMax: number,
): ListElements {
  assert(vector.type.kind === 'array' && vector.layout === 'utf8', 'lists of another layout')
  const { element } = vector.type
  const first = vector.offsets >>> 2
  const start = memory.u32[first + from]!
  let to = from + 1
  while (to < vector.length && memory.u32[first + to + 1]! - start <= bytesMax) to++
  const offsets = memory.u32.slice(first + from, first + to + 1)
  for (let row = 0; row < offsets.length; row++) offsets[row]! -= start
  const bytes = memory.u8.slice(vector.values + start, vector.values + start + offsets[to - from]!)
  const ends = endsOf(memory, vector, from, bytes, offsets)
  const made = emptyElements(element, ends[to - from - 1]!, bytes.length)
  const fill = made.elements.layout === 'utf8' ? fillTexts : fillWords
  const hasNulls = fill(made, bytes, offsets, ends)
  const elements = hasNulls ? made.elements : { ...made.elements, validity: NO_ADDRESS }
  return { memory: made.memory, elements, from, to, ends }
}

/** How many elements there are up to each row: a list's key tells its length. */
function endsOf(
  memory: MemoryViews,
  vector: Vector,
  from: number,
  bytes: Uint8Array,
  offsets: Uint32Array,
): Uint32Array {
  const ends = new Uint32Array(offsets.length - 1)
  const view = new DataView(bytes.buffer)
  let count = 0
  for (let row = 0; row < ends.length; row++) {
    const end = offsets[row + 1]!
    const isList = end > offsets[row]! && isBare(bytes, offsets[row]!, end)
    if (isList && isValid(memory, vector, from + row)) {
      count += view.getUint32(end - LIST_TAIL_BYTES + 2)
    }
    ends[row] = count
  }
  return ends
}

type Made = Pick<ListElements, 'memory' | 'elements'>

/** What elements lie as once they are no keys any more. */
const layouts: Readonly<Partial<Record<ValueForm, Layout>>> = {
  bit: 'bit',
  i32: 'i32',
  i64: 'i64',
  i128: 'i128',
  f32: 'f32',
  f64: 'f64',
  text: 'utf8',
}

/** Bytes of the widest element, to which values are aligned. */
const WIDEST_BYTES = 16

/** Room for so many elements, none of which is NULL yet; texts take as many bytes as lists at most. */
function emptyElements(type: DataType, length: number, listBytes: number): Made {
  // Elements that no key tells are in no list: nothing is read of their column.
  const layout = layouts[valueForm(type)] ?? 'i32'
  const values = WIDEST_BYTES
  const valueBytes = layout === 'utf8' ? listBytes : length * WIDEST_BYTES
  const offsets = aligned(values + valueBytes)
  const validity = aligned(offsets + (layout === 'utf8' ? 4 * (length + 1) : 0))
  const buffer = new ArrayBuffer(aligned(validity + (length >>> 3) + 1))
  const u8 = new Uint8Array(buffer)
  u8.fill(0xff, validity)
  const memory = {
    u8,
    i32: new Int32Array(buffer),
    u32: new Uint32Array(buffer),
    view: new DataView(buffer),
  }
  const elements: Vector = {
    type,
    layout,
    length,
    validity: address(validity),
    values: address(values),
    offsets: layout === 'utf8' ? address(offsets) : NO_ADDRESS,
    dictionary: undefined,
  }
  return { memory, elements }
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / WIDEST_BYTES) * WIDEST_BYTES
}

function setNull({ memory, elements }: Made, index: number): void {
  memory.u8[elements.validity + (index >> 3)]! &= ~(1 << (index & 7))
}

/** Moves the texts of lists together; whether there were NULLs. */
function fillTexts(
  made: Made,
  bytes: Uint8Array,
  offsets: Uint32Array,
  ends: Uint32Array,
): boolean {
  const { u8, u32 } = made.memory
  const { values } = made.elements
  const firstOffset = made.elements.offsets >>> 2
  let [index, put, hasNulls] = [0, values as number, false]
  for (let row = 0; row < ends.length; row++) {
    let at = offsets[row]!
    for (const end = ends[row]!; index < end;) {
      if (bytes[at++] === LIST_ELEMENT) {
        for (let byte = bytes[at++]!; byte !== 0; byte = bytes[at++]!) u8[put++] = byte
      } else {
        hasNulls = true
        setNull(made, index)
      }
      u32[firstOffset + ++index] = put - values
    }
  }
  return hasNulls
}

/** Turns the keys of an element into its words: those of `index` from the key at `at`. */
type WriteWords = (memory: MemoryViews, values: number, index: number, key: Key) => void

/** A key in its bytes, the first of which is the topmost one. */
interface Key {
  readonly bytes: Uint8Array
  at: number
}

interface FixedKey {
  readonly width: number
  readonly write: WriteWords
}

/** Turns the keys of lists into words; whether there were NULLs. */
function fillWords(
  made: Made,
  bytes: Uint8Array,
  offsets: Uint32Array,
  ends: Uint32Array,
): boolean {
  const { memory, elements } = made
  if (elements.length === 0) return false
  const { width, write } = present(fixedKeys[elements.layout], 'a key of one width')
  const key: Key = { bytes, at: 0 }
  let [index, hasNulls] = [0, false]
  for (let row = 0; row < ends.length; row++) {
    key.at = offsets[row]!
    for (const end = ends[row]!; index < end; index++) {
      if (bytes[key.at++] === LIST_ELEMENT) {
        write(memory, elements.values, index, key)
        key.at += width
      } else {
        hasNulls = true
        setNull(made, index)
      }
    }
  }
  return hasNulls
}

const TOPMOST_BIT = 0x8000_0000 | 0

/** The word that begins so many bytes behind a key's first. */
function wordAt({ bytes, at }: Key, behind: number): number {
  const from = at + behind
  return (
    (bytes[from]! << 24) | (bytes[from + 1]! << 16) | (bytes[from + 2]! << 8) | bytes[from + 3]!
  )
}

const writeDouble: WriteWords = ({ i32 }, values, index, key) => {
  const to = (values >>> 2) + 2 * index
  const [high, low] = [wordAt(key, 0), wordAt(key, 4)]
  // Of positive numbers the topmost bit is set, of negative ones all are turned.
  i32[to] = high < 0 ? low : ~low
  i32[to + 1] = high < 0 ? high ^ TOPMOST_BIT : ~high
}

const double = new DataView(new ArrayBuffer(8))
const doubleWords: MemoryViews = {
  u8: new Uint8Array(double.buffer),
  i32: new Int32Array(double.buffer),
  u32: new Uint32Array(double.buffer),
  view: double,
}

/** By what elements lie as. */
const fixedKeys: Readonly<Partial<Record<Layout, FixedKey>>> = {
  bit: {
    width: 1,
    write({ u8 }, values, index, { bytes, at }) {
      if (bytes[at] === 1) u8[values + (index >> 3)]! |= 1 << (index & 7)
    },
  },
  i32: {
    width: 4,
    write({ i32 }, values, index, key) {
      i32[(values >>> 2) + index] = wordAt(key, 0) ^ TOPMOST_BIT
    },
  },
  i64: {
    width: 8,
    write({ i32 }, values, index, key) {
      const to = (values >>> 2) + 2 * index
      i32[to] = wordAt(key, 4)
      i32[to + 1] = wordAt(key, 0) ^ TOPMOST_BIT
    },
  },
  i128: {
    width: 16,
    write({ i32 }, values, index, key) {
      const to = (values >>> 2) + 4 * index
      for (let word = 0; word < 4; word++) i32[to + word] = wordAt(key, 12 - 4 * word)
      i32[to + 3]! ^= TOPMOST_BIT
    },
  },
  f32: {
    width: 8,
    write({ view }, values, index, key) {
      writeDouble(doubleWords, 0, 0, key)
      view.setFloat32(values + 4 * index, double.getFloat64(0, true), true)
    },
  },
  f64: { width: 8, write: writeDouble },
}
