// Values of char(n): what it says without the blanks at its end, and a NUL, is the key that stands before the text; the key's
// length stands behind it.
import { textLeft, textLength } from '../text'
import { ELSEWHERE, put, size, start, viewOf, written } from './views'

const BLANK: u8 = 0x20
const KEY_END: u32 = 1

function withoutBlanks(at: usize, bytes: u32): u32 {
  while (bytes > 0 && load<u8>(at + bytes - 1) == BLANK) bytes--
  return bytes
}

// A value of a text and so many blanks behind it.
function putPadded(text: i64, blanks: u32, target: usize): i64 {
  const said = withoutBlanks(start(text), size(text))
  let at = put(target, start(text), said)
  store<u8>(at, 0)
  at = put(at + KEY_END, start(text), size(text))
  memory.fill(at, BLANK, blanks)
  at += blanks
  store<u32>(at, said + KEY_END)
  return written(target, at + 4)
}

// The value of a text as it is.
export function paddedOfText(text: i64, target: usize): i64 {
  return putPadded(text, 0, target)
}

// The value of so many characters: filled up with blanks, or cut, of which a column (`stores`) takes only blanks.
export function paddedTo(text: i64, wanted: i32, stores: i32, target: usize): i64 {
  const missing = wanted - textLength(text)
  if (wanted < 0) return ELSEWHERE
  if (missing >= 0) return putPadded(text, <u32>missing, target)
  const kept = textLeft(text, wanted)
  if (stores != 0 && withoutBlanks(start(text), size(text)) > size(kept)) return ELSEWHERE
  return putPadded(kept, 0, target)
}

// What a value says: its key without the NUL.
export function paddedText(key: i64): i64 {
  const bytes = size(key)
  return bytes == 0 ? key : viewOf(start(key), bytes - KEY_END)
}
