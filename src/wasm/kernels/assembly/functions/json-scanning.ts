// What reads JSON texts byte by byte: blanks, words, strings and numbers by PostgreSQL's rules. Whoever reads stops at the
// first thing that is not so; what is wrong about it is told by TypeScript.
import { digit, numberEnd } from '../json-numbers'
import { digitsOf } from '../json-members'

// Arrays and objects within each other that a value may have: JSON_DEPTH_MAX of data/types/json-tree.ts.
export const DEPTH_MAX: u32 = 1_000

export const QUOTE: u32 = 34
export const BACKSLASH: u32 = 92
export const COMMA: u32 = 44
export const COLON: u32 = 58
export const OPEN_LIST: u32 = 91
export const CLOSE_LIST: u32 = 93
export const OPEN_OBJECT: u32 = 123
export const CLOSE_OBJECT: u32 = 125

// "null", "true" and "fals".
const NULL_WORD: u32 = 0x6c6c756e
const TRUE_WORD: u32 = 0x65757274
const FALSE_WORD: u32 = 0x736c6166

// @ts-ignore: decorator
@inline
export function pastBlanks(p: usize, end: usize): usize {
  while (p < end) {
    const c = <u32>load<u8>(p)
    if (c > 32 || !(c == 32 || c == 10 || c == 13 || c == 9)) break
    p++
  }
  return p
}

// How many bytes the word at p has: null, true or false; 0: there is none of these.
export function wordBytes(p: usize, end: usize): u32 {
  const left = end - p
  if (left < 4) return 0
  const word = load<u32>(p)
  if (word == NULL_WORD || word == TRUE_WORD) return 4
  return word == FALSE_WORD && left > 4 && load<u8>(p, 4) == 101 ? 5 : 0
}

// Of a number as JSON writes them: digits before its point and behind it, an exponent of EXPONENT_MAX at most, and whether it
// has one. Globals are each thread's own.
export let wholeDigits: u32 = 0
export let fractionDigits: u32 = 0
export let exponent: i32 = 0
export let isShifted: bool = false

export const EXPONENT_MAX: i32 = 1_000_000

// Behind the number at p, whose parts are told by the globals above; 0 where there is none.
export function scanNumber(p: usize, end: usize): usize {
  const from = p + usize(load<u8>(p) == 45)
  if (from >= end) return 0
  isShifted = false
  let digits = digitsOf(v128.load(from))
  const left = <u32>(end - from)
  if (left < 16) digits &= (1 << left) - 1
  const whole = <u32>ctz(~digits)
  let behind = from + whole
  fractionDigits = 0
  if (behind < end && load<u8>(behind) == 46) {
    fractionDigits = <u32>ctz(~(digits >> (whole + 1)))
    if (whole < 15 && fractionDigits == 0) return 0
    behind += 1 + fractionDigits
  }
  // All of it and one byte more were seen.
  if (behind - from < 16 && (behind >= end || (load<u8>(behind) | 32) != 101)) {
    wholeDigits = whole
    return whole == 0 || (whole > 1 && load<u8>(from) == 48) ? 0 : behind
  }
  return scanLong(p, from, end)
}

function scanLong(p: usize, from: usize, end: usize): usize {
  const behind = numberEnd(p, end)
  if (behind == p) return 0
  let at = from
  while (at < behind && digit(load<u8>(at))) at++
  wholeDigits = <u32>(at - from)
  fractionDigits = 0
  if (at < behind && load<u8>(at) == 46) {
    const first = ++at
    while (at < behind && digit(load<u8>(at))) at++
    fractionDigits = <u32>(at - first)
  }
  isShifted = at < behind
  if (isShifted) exponent = exponentAt(at + 1, behind)
  return behind
}

// The exponent behind an e.
export function exponentAt(at: usize, end: usize): i32 {
  const isNegative = at < end && load<u8>(at) == 45
  if (at < end && (isNegative || load<u8>(at) == 43)) at++
  let value: i32 = 0
  for (; at < end && digit(load<u8>(at)); at++) value = min(value * 10 + <i32>load<u8>(at) - 48, EXPONENT_MAX)
  return isNegative ? -value : value
}
