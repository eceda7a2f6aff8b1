import { Slices } from '../../filesystems/slices.ts'

/** An object of the sample: its keys and the source text of their values. */
export type SampleObject = ReadonlyMap<string, string>

export interface SampleObjects {
  readonly objects: readonly SampleObject[]
  /** Whether every object lies on one line of its own. */
  readonly isLines: boolean
}

const blanks = /\s*/y

/**
 * The first objects of a text, for finding out the columns, taken in slices: lenient, since faults are
 * the reader's to report. Stops at what it cannot read, as at the end of a text that is cut off.
 */
export async function sampleObjects(text: string, objectsMax: number): Promise<SampleObjects> {
  const slices = new Slices()
  const objects: SampleObject[] = []
  const keys = new Map<string, string | undefined>()
  let at = behindBlanks(text, 0)
  let isLines = text[at] !== '['
  if (!isLines) at++
  while (objects.length < objectsMax) {
    at = behindBlanks(text, at)
    if (text[at] === ',') at = behindBlanks(text, at + 1)
    if (text[at] !== '{') break
    const start = at
    const parsed = objectAt(text, at, keys)
    if (parsed === undefined) break
    objects.push(parsed.object)
    at = parsed.end
    if (isLines) isLines = !text.slice(start, at).includes('\n') && endsLine(text, at)
    if (objects.length % OBJECTS_UNINTERRUPTED === 0) await slices.pause()
  }
  return { objects, isLines }
}

/** Objects between two looks at the clock. */
const OBJECTS_UNINTERRUPTED = 16

/** Whether nothing but blanks stands between a place and the end of its line. */
function endsLine(text: string, at: number): boolean {
  return text[at] === '\n' || /^[^\S\n]*(?:\n|$)/.test(text.slice(at, at + 100))
}

function behindBlanks(text: string, at: number): number {
  const code = text.charCodeAt(at)
  // Most programs write no blanks, and patterns take their time.
  if (code > SPACE && code < NOT_ASCII) return at
  blanks.lastIndex = at
  return blanks.test(text) ? blanks.lastIndex : at
}

const SPACE = 32
const NOT_ASCII = 128

/** Behind a number or a word. */
function behindToken(text: string, start: number): number {
  let at = start
  while (at < text.length && !endsToken(text.charCodeAt(at))) at++
  return at
}

/** Blanks, a comma, and what closes lists and objects. */
function endsToken(code: number): boolean {
  return code <= SPACE || code === 44 || code === 93 || code === 125
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
  keys: Map<string, string | undefined>,
): { readonly object: SampleObject; readonly end: number } | undefined {
  const object = new Map<string, string>()
  let at = behindBlanks(text, start + 1)
  while (text[at] === '"') {
    const keyEnd = stringEndAt(text, at)
    const key = decoded(text.slice(at, keyEnd), keys)
    at = behindBlanks(text, keyEnd)
    if (key === undefined || text[at] !== ':') return undefined
    at = behindBlanks(text, at + 1)
    const valueEnd = valueEndAt(text, at)
    if (valueEnd === undefined) return undefined
    object.set(key, text.slice(at, valueEnd))
    at = behindBlanks(text, valueEnd)
    if (text[at] !== ',') break
    at = behindBlanks(text, at + 1)
  }
  return text[at] === '}' ? { object, end: at + 1 } : undefined
}

/** What a string says; undefined for none. `known`: those seen before, since objects repeat their keys. */
function decoded(source: string, known: Map<string, string | undefined>): string | undefined {
  if (known.has(source)) return known.get(source)
  const text = parsed(source)
  known.set(source, text)
  return text
}

function parsed(source: string): string | undefined {
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
    const end = behindToken(text, start)
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
