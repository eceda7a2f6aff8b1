// jsonb over several lines.
import { keyEnd, textEnd } from './array-parts'
import { stringEnd } from './json-parts'
import { putByte } from '../value-keys'
import { put, size, viewOf, written } from './views'

const INDENT: u32 = 4

// Braces are brackets with one bit more.
// @ts-ignore: decorator
@inline
function opens(c: u32): bool {
  return (c & 0xdf) == 91
}

// @ts-ignore: decorator
@inline
function closes(c: u32): bool {
  return (c & 0xdf) == 93
}

// Bytes that it takes over several lines.
export function jsonbPrettyBytes(view: i64): i64 {
  if (size(view) == 0) return 0
  const end = textEnd(view)
  let bytes = <i64>size(view)
  let indent: i64 = 0
  for (let at = keyEnd(view); at < end; ) {
    const c = <u32>load<u8>(at)
    if (c == 34) {
      at = stringEnd(at)
      continue
    }
    if (opens(c)) indent += INDENT
    if (opens(c) || c == 44) bytes += indent + 1
    if (closes(c)) {
      indent -= INDENT
      bytes += indent + 1
    }
    at++
  }
  return bytes
}

function putLine(depth: u32, to: usize): usize {
  store<u8>(to++, 10)
  return putIndent(depth, to)
}

function putIndent(depth: u32, to: usize): usize {
  for (; depth > 0; depth--) {
    store<u32>(to, 0x20202020)
    to += INDENT
  }
  return to
}

// The value over several lines, four blanks deeper in each array and object.
export function jsonbPretty(view: i64, target: usize): i64 {
  if (size(view) == 0) return viewOf(target, 0)
  const end = textEnd(view)
  let depth: u32 = 0
  let to = target
  for (let at = keyEnd(view); at < end; ) {
    const c = <u32>load<u8>(at)
    if (c == 34) {
      const last = stringEnd(at)
      to = put(to, at, <u32>(last - at))
      at = last
      continue
    }
    at++
    if (closes(c)) {
      depth--
      to = opens(load<u8>(at - 2)) ? putIndent(depth, to) : putLine(depth, to)
      to = putByte(c, to)
      continue
    }
    to = putByte(c, to)
    if (c == 44) {
      to = putLine(depth, to)
      at++
    } else if (opens(c)) {
      depth++
      if (closes(load<u8>(at))) to = putByte(10, to)
      else to = putLine(depth, to)
    }
  }
  return written(target, to)
}
