import { type Alphabet, classOf } from './alphabet.ts'

/** Texts up to this length are read into one array that is kept. */
const KEPT_LENGTH_MAX = 4_096

/**
 * A text as the classes of its characters. Places count code points, see {@link offsetsOf}.
 */
export interface Subject {
  readonly text: string
  /** Characters; places go from 0 to this. */
  readonly length: number
  /** The class of the character behind place p is at p + 1; both ends are the edge. */
  readonly classes: Uint16Array
  /** For each place, which lookarounds match there; undefined if the pattern has none. */
  looks: Int32Array | undefined
  readonly isWide: boolean
  /** What was done so far, in characters looked at. */
  steps: number
}

const kept = new Uint16Array(KEPT_LENGTH_MAX + 2)

/** Reads a text. A short one lies where the next short one will be: use it up before. */
export function subjectOf(text: string, alphabet: Alphabet): Subject {
  const units = text.length
  const classes = units <= KEPT_LENGTH_MAX ? kept : new Uint16Array(units + 2)
  const { latin, edge } = alphabet
  classes[0] = edge
  let length = 0
  let isWide = false
  for (let at = 0; at < units; at++) {
    let code = text.charCodeAt(at)
    if (code < 256) {
      classes[++length] = latin[code] ?? 0
      continue
    }
    if (code >= 0xd800 && code < 0xdc00) {
      code = text.codePointAt(at) ?? code
      if (code > 0xffff) {
        at++
        isWide = true
      }
    }
    classes[++length] = classOf(alphabet, code)
  }
  classes[length + 1] = edge
  return { text, length, classes, looks: undefined, isWide, steps: 0 }
}

/** Where each place of a subject lies in its text, in UTF-16 units. */
export function offsetsOf({ text, length }: Subject): Int32Array {
  const offsets = new Int32Array(length + 1)
  for (let place = 0; place < length; place++) {
    const offset = offsets[place] ?? 0
    offsets[place + 1] = offset + ((text.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1)
  }
  return offsets
}

/** The code points of a subject by place. */
export function codesOf({ text, length }: Subject): Int32Array {
  const codes = new Int32Array(length)
  let offset = 0
  for (let place = 0; place < length; place++) {
    const code = text.codePointAt(offset) ?? 0
    codes[place] = code
    offset += code > 0xffff ? 2 : 1
  }
  return codes
}
