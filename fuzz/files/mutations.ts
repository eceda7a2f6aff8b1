import type { Chooser } from '../chooser.ts'

/** One change of a file's bytes. */
export type Edit =
  | { readonly kind: 'write'; readonly at: number; readonly bytes: readonly number[] }
  | { readonly kind: 'insert'; readonly at: number; readonly bytes: readonly number[] }
  | { readonly kind: 'delete'; readonly at: number; readonly count: number }
  | { readonly kind: 'swap'; readonly at: number; readonly other: number; readonly count: number }

/** Numbers that lengths and offsets are likely to be wrong by. */
const numbers = [
  0,
  1,
  2,
  127,
  255,
  256,
  65_535,
  2 ** 22,
  2 ** 26,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
]

const texts = [
  '"',
  '""',
  ',',
  '\n',
  '\r',
  '{',
  '}',
  '[',
  ']',
  ':',
  '\\',
  '\\u12',
  '\0',
  ' ',
  '-',
  '1e999',
  'null',
]

const notUtf8 = [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80]]

/** A few changes; formats that end in a description of themselves are changed there more often. */
export function randomEdits(choose: Chooser, length: number): readonly Edit[] {
  const near = choose.pick([length, length, 400, 64])
  const place = (): number => {
    const from = choose.chance(0.5) ? Math.max(0, length - near) : 0
    return choose.between(from, Math.max(from, Math.min(length, from + near) - 1))
  }
  return choose.some(1, choose.pick([1, 1, 2, 6]), () => randomEdit(choose, place, length))
}

function randomEdit(choose: Chooser, place: () => number, length: number): Edit {
  const at = place()
  switch (choose.between(0, 8)) {
    case 0:
    case 1:
      return { kind: 'write', at, bytes: [choose.between(0, 255)] }
    case 2:
      return { kind: 'write', at, bytes: [choose.pick([0, 1, 127, 128, 255])] }
    case 3: {
      const aligned = at - (at % 4)
      const number = choose.pick(numbers)
      const width = choose.pick([2, 4, 8])
      const bytes = Array.from(
        { length: width },
        (_, byte) => Math.floor(number / 256 ** byte) % 256,
      )
      return { kind: 'write', at: aligned, bytes }
    }
    case 4:
      return { kind: 'delete', at, count: choose.pick([1, 2, 8, length]) }
    case 5:
      return { kind: 'insert', at, bytes: [...new TextEncoder().encode(choose.pick(texts))] }
    case 6:
      return { kind: 'insert', at, bytes: choose.pick(notUtf8) }
    case 7: {
      const bytes = choose.some(1, 16, () => choose.between(0, 255))
      return { kind: choose.pick(['write', 'insert'] as const), at, bytes }
    }
    default:
      return { kind: 'swap', at, other: place(), count: choose.pick([1, 4, 32, 500]) }
  }
}

/** The bytes with all changes made, one after the other. */
export function edited(bytes: Uint8Array, edits: readonly Edit[]): Uint8Array {
  return edits.reduce((before, edit) => editedOnce(before, edit), bytes)
}

function editedOnce(bytes: Uint8Array, edit: Edit): Uint8Array {
  const at = Math.min(edit.at, bytes.length)
  switch (edit.kind) {
    case 'write': {
      const copy = bytes.slice()
      edit.bytes.forEach((byte, index) => {
        if (at + index < copy.length) copy[at + index] = byte
      })
      return copy
    }
    case 'insert':
      return joined(bytes.subarray(0, at), Uint8Array.from(edit.bytes), bytes.subarray(at))
    case 'delete':
      return joined(bytes.subarray(0, at), bytes.subarray(at + edit.count))
    case 'swap': {
      const copy = bytes.slice()
      const count = Math.min(edit.count, bytes.length - Math.max(at, edit.other))
      if (count <= 0) return copy
      copy.set(bytes.subarray(edit.other, edit.other + count), at)
      copy.set(bytes.subarray(at, at + count), edit.other)
      return copy
    }
  }
}

function joined(...pieces: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(pieces))
}
