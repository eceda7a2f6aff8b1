// JSON objects to the fields of CSV, character by character. Text is ASCII here, so that offsets in
// characters are offsets in bytes; escapes may give any character.

/** What `jsonRecords` says; the numbers are the kernel's. */
export const jsonStatus = {
  ok: 0,
  incomplete: 1,
  objectExpected: 2,
  keyExpected: 3,
  colonExpected: 4,
  commaExpected: 5,
  valueExpected: 6,
  badEscape: 7,
  textBehind: 8,
  badNesting: 9,
  unknownKey: 11,
  commaBehind: 12,
} as const
export type JsonStatus = (typeof jsonStatus)[keyof typeof jsonStatus]

export interface JsonRecords {
  /** By record the fields of the wanted keys, as CSV would write them; '' for NULL and for none. */
  readonly records: readonly (readonly string[])[]
  readonly status: JsonStatus
  /** Offset of the fault. */
  readonly at: number
  /** Offset of the record that was not taken, or of what follows the last one. */
  readonly next: number
}

class Fault extends Error {
  readonly status: JsonStatus
  readonly at: number

  constructor(status: JsonStatus, at: number) {
    super(`status ${status} at ${at}`)
    this.status = status
    this.at = at
  }
}

/** What is asked of `jsonRecords`. */
export interface JsonKeys {
  /** Keys whose values are wanted. */
  readonly wanted: readonly string[]
  /** Those of them whose strings keep their quotes and escapes. */
  readonly asTheyStand?: readonly string[]
  /** Keys that are known besides; undefined: any other may occur. */
  readonly known: readonly string[] | undefined
}

/** The reference of `jsonRecords`; `isLines`: an object a line, else commas between them. */
export function jsonRecords(text: string, keys: JsonKeys, isLines: boolean): JsonRecords {
  const records: (readonly string[])[] = []
  let next = 0
  try {
    for (;;) {
      next = skipBlanks(text, next)
      if (!isLines && text[next] === ',') {
        const behind = skipBlanks(text, next + 1)
        if (behind >= text.length) return { records, status: jsonStatus.ok, at: next, next }
        if (text[behind] === ']') throw new Fault(jsonStatus.commaBehind, next)
        next = behind
      }
      if (next >= text.length || (!isLines && text[next] === ']')) {
        return { records, status: jsonStatus.ok, at: next, next }
      }
      if (text[next] !== '{') throw new Fault(jsonStatus.objectExpected, next)
      const { fields, end } = objectAt(text, next, keys)
      const behind = end + /^[ \t\r]*/.exec(text.slice(end))![0].length
      if (isLines && behind < text.length && text[behind] !== '\n') {
        throw new Fault(jsonStatus.textBehind, behind)
      }
      records.push(fields)
      next = end
    }
  } catch (fault) {
    if (!(fault instanceof Fault)) throw fault
    return { records, status: fault.status, at: fault.at, next }
  }
}

function objectAt(
  text: string,
  start: number,
  keys: JsonKeys,
): { readonly fields: readonly string[]; readonly end: number } {
  const fields = keys.wanted.map(() => '')
  let at = within(text, skipBlanks(text, start + 1))
  if (text[at] === '}') return { fields, end: at + 1 }
  for (;;) {
    if (text[at] !== '"') throw new Fault(jsonStatus.keyExpected, at)
    const start = at
    const close = stringEnd(text, at + 1)
    const key = unescape(text.slice(at + 1, close))
    if (key === undefined) throw new Fault(jsonStatus.badEscape, at)
    at = within(text, skipBlanks(text, close + 1))
    if (text[at] !== ':') throw new Fault(jsonStatus.colonExpected, at)
    const index = keys.wanted.indexOf(key)
    const isUnknown = index < 0 && keys.known !== undefined && !keys.known.includes(key)
    if (isUnknown) throw new Fault(jsonStatus.unknownKey, start)
    at = within(text, skipBlanks(text, at + 1))
    const { asTheyStand = [] } = keys
    const value = valueAt(text, at, index >= 0 && !asTheyStand.includes(key))
    if (index >= 0) {
      const isString = text[at] === '"' && asTheyStand.includes(key)
      fields[index] = isString ? text.slice(at, value.end) : value.field
    }
    at = within(text, skipBlanks(text, value.end))
    if (text[at] === '}') return { fields, end: at + 1 }
    if (text[at] !== ',') throw new Fault(jsonStatus.commaExpected, at)
    at = within(text, skipBlanks(text, at + 1))
  }
}

function valueAt(
  text: string,
  at: number,
  isWanted: boolean,
): { readonly field: string; readonly end: number } {
  if (text[at] === '"') {
    const close = stringEnd(text, at + 1)
    // Strings of other keys are not looked into.
    const value = isWanted ? unescape(text.slice(at + 1, close)) : ''
    if (value === undefined) throw new Fault(jsonStatus.badEscape, at)
    const isPlain = value !== '' && !value.startsWith('"')
    return { field: isPlain ? value : `"${value.replaceAll('"', '""')}"`, end: close + 1 }
  }
  const end = text[at] === '{' || text[at] === '[' ? nestedEnd(text, at) : plainEnd(text, at)
  const value = text.slice(at, end)
  return { field: value === 'null' ? '' : value, end }
}

function stringEnd(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    if (text[at] === '"') return at
    if (text.charCodeAt(at) < 32) throw new Fault(jsonStatus.valueExpected, at)
    if (text[at] !== '\\') continue
    const escape = text.slice(at, at + 6)
    const isCut = escape.length < 2 || (escape[1] === 'u' && escape.length < 6)
    if (isCut) throw new Fault(jsonStatus.incomplete, text.length)
    if (!/^\\(?:["\\/bfnrt]|u[0-9a-f]{4})/i.test(escape)) throw new Fault(jsonStatus.badEscape, at)
    at += escape[1] === 'u' ? 5 : 1
  }
  throw new Fault(jsonStatus.incomplete, text.length)
}

/** Behind a nested value, which must be well-formed. */
function nestedEnd(text: string, from: number, depth = 1): number {
  if (depth > 256) throw new Fault(jsonStatus.badNesting, from)
  const isObject = text[from] === '{'
  const closer = isObject ? '}' : ']'
  let at = within(text, skipBlanks(text, from + 1))
  if (text[at] === closer) return at + 1
  for (let isFirst = true; ; isFirst = false) {
    if (isObject) {
      const fault = isFirst ? jsonStatus.valueExpected : jsonStatus.keyExpected
      if (text[at] !== '"') throw new Fault(fault, at)
      at = within(text, skipBlanks(text, stringEnd(text, at + 1) + 1))
      if (text[at] !== ':') throw new Fault(jsonStatus.colonExpected, at)
      at = within(text, skipBlanks(text, at + 1))
    }
    const c = text[at] ?? ''
    if (c === '"') at = stringEnd(text, at + 1) + 1
    else at = '{['.includes(c) ? nestedEnd(text, at, depth + 1) : plainEnd(text, at)
    at = within(text, skipBlanks(text, at))
    if (text[at] === closer) return at + 1
    if (text[at] !== ',') throw new Fault(jsonStatus.valueExpected, at)
    at = within(text, skipBlanks(text, at + 1))
  }
}

function plainEnd(text: string, from: number): number {
  const end = from + text.slice(from).search(/[,}\] \t\r\n]|$/)
  if (end === text.length) throw new Fault(jsonStatus.incomplete, end)
  if (
    /^(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)$/.test(text.slice(from, end))
  )
    return end
  throw new Fault(jsonStatus.valueExpected, from)
}

/** A string's value; undefined when there is an escape that JSON does not have, or of NUL. */
function unescape(content: string): string | undefined {
  try {
    const value = JSON.parse(`"${content}"`) as string
    return /\p{Surrogate}/u.test(value) || value.includes('\0') ? undefined : value
  } catch {
    return undefined
  }
}

function skipBlanks(text: string, from: number): number {
  return from + /^[ \t\r\n]*/.exec(text.slice(from))![0].length
}

function within(text: string, at: number): number {
  if (at < text.length) return at
  throw new Fault(jsonStatus.incomplete, text.length)
}
