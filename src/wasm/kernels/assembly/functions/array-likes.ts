// LIKE and ILIKE with the patterns of an array.
import { elementsOf, endOfText, keyText, NULL_ELEMENT } from './array-parts'
import { textLower } from './letters'
import { textLike, textLikeFolded } from './like'
import { size, start } from './views'

const BACKSLASH: i32 = 92
const UNKNOWN: i32 = 2
const LEFT_OUT: i32 = -1
// Longer arrays are left out: a kernel cannot be cancelled.
const ARRAY_BYTES_MAX: u32 = 65536

// Whether a text is like any (1) or all (0) of the patterns, or unlike them where `negated`; 2: NULL; -1 leaves it to TypeScript,
// as it does with a pattern that ends with its escape character. `target`: room for a pattern in lower case where case does
// not matter, 0 where it does.
export function arrayLikes(text: i64, isNull: i32, view: i64, negated: i32, any: i32, target: usize): i32 {
  if (size(view) == 0) return UNKNOWN
  if (size(view) > ARRAY_BYTES_MAX) return LEFT_OUT
  let at = start(view)
  let unknown = false
  for (let left = elementsOf(view); left > 0; left--) {
    const none = load<u8>(at) == NULL_ELEMENT
    const pattern = none ? 0 : keyText(at)
    at = none ? at + 1 : endOfText(at + 1) + 1
    if (none || isNull != 0) {
      unknown = true
      continue
    }
    const outcome = target == 0
      ? textLike(text, pattern, BACKSLASH)
      : textLikeFolded(text, textLower(pattern, target), BACKSLASH)
    if (outcome != 0 && outcome != 1) return LEFT_OUT
    if ((outcome != negated) == (any != 0)) return any
  }
  return unknown ? UNKNOWN : 1 - any
}
