import type { Scalar } from '../../data/types/scalar.ts'

/** Bytes that become letters at a time: a call takes no more arguments. */
const LETTERS_AT_ONCE = 8_192

/** A text whose characters are the bytes of a bytea, for what is done with these as with characters. */
export function lettersOf(value: Scalar | undefined): string {
  const bytes = bytesOf(value)
  let letters = ''
  for (let at = 0; at < bytes.length; at += LETTERS_AT_ONCE) {
    letters += String.fromCharCode(...bytes.subarray(at, at + LETTERS_AT_ONCE))
  }
  return letters
}

export function bytesOfLetters(letters: string): Uint8Array {
  const bytes = new Uint8Array(letters.length)
  for (let at = 0; at < letters.length; at++) bytes[at] = letters.charCodeAt(at)
  return bytes
}

/** The value of a bytea argument. */
export function bytesOf(value: Scalar | undefined): Uint8Array {
  return value as Uint8Array
}
