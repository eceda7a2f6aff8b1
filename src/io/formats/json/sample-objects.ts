import { Slices } from '../../filesystems/slices.ts'

/** An object of the sample: its keys and the source text of their values. */
export type SampleObject = ReadonlyMap<string, string>

export interface SampleObjects {
  readonly objects: readonly SampleObject[]
  /** Whether every object lies on one line of its own. */
  readonly isLines: boolean
}

const blanks = /[\s]*/y
const plainToken = /[^\s,}\]]+/y

/**
 * The first objects of a text, for finding out the columns, taken in slices: lenient, since faults are
 * the reader's to report. Stops at what it cannot read, as at the end of a text that is cut off.
 */
export async function sampleObjects(text: string, objectsMax: number): Promise<SampleObjects> {
  const slices = new Slices()
  const objects: SampleObject[] = []
  let at = skip(blanks, text, 0)
  let isLines = text[at] !== '['
  if (!isLines) at++
  while (objects.length < objectsMax) {
    at = skip(blanks, text, at)
    if (text[at] === ',') at = skip(blanks, text, at + 1)
    if (text[at] !== '{') break
    const start = at
    const parsed = objectAt(text, at)
    if (parsed === undefined) break
    objects.push(parsed.object)
    at = parsed.end
    if (text.slice(start, at).includes('\n')) isLines = false
    if (!/^[^\S\n]*(?:\n|$)/.test(text.slice(at, at + 100))) isLines = false
    if (objects.length % OBJECTS_UNINTERRUPTED === 0) await slices.pause()
  }
  return { objects, isLines }
}

/** Objects between two looks at the clock. */
const OBJECTS_UNINTERRUPTED = 16

function skip(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : at
}

/** Behind the string that begins here; its start when it is cut off. A pattern would use the stack up. */
function stringEndAt(text: string, start: number): number {
  if (text[start] !== '"') return start
  for (let at = start + 1; ; at++) {
    at = text.indexOf('"', at)
    if (at < 0) return start
    let escapes = at
    while (text[escapes - 1] === '\\') escapes--
    if ((at - escapes) % 2 === 0) return at + 1
  }
}

function objectAt(
  text: string,
  start: number,
): { readonly object: SampleObject; readonly end: number } | undefined {
  const object = new Map<string, string>()
  let at = skip(blanks, text, start + 1)
  while (text[at] === '"') {
    const keyEnd = stringEndAt(text, at)
    const key = decoded(text.slice(at, keyEnd))
    at = skip(blanks, text, keyEnd)
    if (key === undefined || text[at] !== ':') return undefined
    at = skip(blanks, text, at + 1)
    const valueEnd = valueEndAt(text, at)
    if (valueEnd === undefined) return undefined
    object.set(key, text.slice(at, valueEnd))
    at = skip(blanks, text, valueEnd)
    if (text[at] !== ',') break
    at = skip(blanks, text, at + 1)
  }
  return text[at] === '}' ? { object, end: at + 1 } : undefined
}

function decoded(source: string): string | undefined {
  try {
    return JSON.parse(source) as string
  } catch {
    return undefined
  }
}

function valueEndAt(text: string, start: number): number | undefined {
  const first = text[start]
  if (first === '"') {
    const end = stringEndAt(text, start)
    return end > start ? end : undefined
  }
  if (first !== '{' && first !== '[') {
    const end = skip(plainToken, text, start)
    return end > start && end < text.length ? end : undefined
  }
  let depth = 0
  for (let at = start; at < text.length; at++) {
    const character = text[at]
    if (character === '"') {
      const end = stringEndAt(text, at)
      if (end === at) return undefined
      at = end - 1
    } else if (character === '{' || character === '[') depth++
    else if ((character === '}' || character === ']') && --depth === 0) return at + 1
  }
  return undefined
}
