import { spend } from '../../base/budget.ts'
import { QueryError } from '../../base/errors.ts'

/** Dimensions that an array may have (MAXDIM in PostgreSQL). */
export const ARRAY_DIMENSIONS_MAX = 6
/** Elements that an array may have (MaxArraySize). */
export const ARRAY_ELEMENTS_MAX = 134_217_727

/** What reading or writing an element costs at least, in steps of a budget. */
export const ELEMENT_STEPS = 16

/** One dimension: the subscript of its first element, and how many there are. */
export interface ArrayDimension {
  readonly lower: number
  readonly length: number
}

/** An array taken apart: `elements` in row-major order. Without dimensions it is empty. */
export interface ArrayParts<T> {
  readonly dimensions: readonly ArrayDimension[]
  readonly elements: readonly T[]
}

/** Reads `{1,2,NULL}`; elements stay text, null for NULL. Throws PostgreSQL's errors of array_in. */
export function readArrayText(source: string): ArrayParts<string | null> {
  return plainParts(source) ?? new ArrayReader(source).read()
}

/** One dimension of elements that need no quotes, as most arrays are; undefined for others. */
function plainParts(source: string): ArrayParts<string | null> | undefined {
  if (!source.startsWith('{') || !source.endsWith('}') || source.length < 3) return undefined
  const inner = source.slice(1, -1)
  if (NOT_PLAIN.test(inner)) return undefined
  const items = inner.split(',')
  if (items.includes('')) return undefined
  checkElements(items.length)
  const elements = items.map((item) => {
    spend(ELEMENT_STEPS)
    return NULL_ELEMENT.test(item) ? null : item
  })
  return { dimensions: [{ lower: 1, length: items.length }], elements }
}

const NOT_PLAIN = /[\s{}"\\]/
/** What cannot stand in an element without quotes. Blanks are those of ASCII only. */
const QUOTED = /[{}",\\ \t\n\v\f\r]/
const NULL_ELEMENT = /^null$/i

/** PostgreSQL's text of an array whose elements are text already. */
export function writeArrayText({ dimensions, elements }: ArrayParts<string | null>): string {
  if (dimensions.length === 0) return '{}'
  const isPlain = dimensions.every(({ lower }) => lower === 1)
  const bounds = dimensions.map(({ lower, length }) => `[${lower}:${lower + length - 1}]`)
  let next = 0
  const written = (depth: number): string => {
    const parts: string[] = []
    const length = dimensions[depth]?.length ?? 0
    for (let at = 0; at < length; at++) {
      spend(ELEMENT_STEPS)
      if (depth + 1 < dimensions.length) parts.push(written(depth + 1))
      else parts.push(quoted(elements[next++] ?? null))
    }
    return `{${parts.join()}}`
  }
  return `${isPlain ? '' : `${bounds.join('')}=`}${written(0)}`
}

/**
 * Arrays of the same dimensions as one with a dimension more; empty ones beside each other are empty.
 * Throws ARRAY_SUBSCRIPT_ERROR where they differ.
 */
export function stackArrays<T>(parts: readonly ArrayParts<T>[]): ArrayParts<T> {
  const [first] = parts
  if (first === undefined || parts.every(({ dimensions }) => dimensions.length === 0)) {
    return { dimensions: [], elements: [] }
  }
  const fits = parts.every(
    ({ dimensions }) =>
      dimensions.length === first.dimensions.length &&
      dimensions.every(
        ({ lower, length }, at) =>
          lower === first.dimensions[at]?.lower && length === first.dimensions[at]?.length,
      ),
  )
  if (!fits) {
    throw new QueryError(
      'ARRAY_SUBSCRIPT_ERROR',
      'multidimensional arrays must have array expressions with matching dimensions',
    )
  }
  checkDimensions(first.dimensions.length + 1)
  const elements = parts.flatMap((part) => part.elements)
  checkElements(elements.length)
  return { dimensions: [{ lower: 1, length: parts.length }, ...first.dimensions], elements }
}

/** One dimension from 1 on. */
export function listOf<T>(elements: readonly T[]): ArrayParts<T> {
  checkElements(elements.length)
  const dimensions = elements.length === 0 ? [] : [{ lower: 1, length: elements.length }]
  return { dimensions, elements }
}

/** Checks the number of elements. Throws PROGRAM_LIMIT_EXCEEDED. */
export function checkElements(count: number): void {
  if (count <= ARRAY_ELEMENTS_MAX) return
  const message = `array size exceeds the maximum allowed (${ARRAY_ELEMENTS_MAX})`
  throw new QueryError('PROGRAM_LIMIT_EXCEEDED', message)
}

/** Checks that all subscripts are integers. Throws PROGRAM_LIMIT_EXCEEDED. */
export function checkBounds(dimensions: readonly ArrayDimension[]): void {
  for (const { lower, length } of dimensions) {
    if (lower + length <= SUBSCRIPT_MAX) continue
    const message = `array lower bound is too large: ${lower}`
    throw new QueryError('PROGRAM_LIMIT_EXCEEDED', message)
  }
}

const SUBSCRIPT_MAX = 2 ** 31 - 1

/** Checks the number of dimensions. Throws PROGRAM_LIMIT_EXCEEDED. */
export function checkDimensions(count: number): void {
  if (count <= ARRAY_DIMENSIONS_MAX) return
  const message =
    `number of array dimensions (${count}) exceeds the maximum allowed (` +
    `${ARRAY_DIMENSIONS_MAX})`
  throw new QueryError('PROGRAM_LIMIT_EXCEEDED', message)
}

/** The number that digits and signs begin with, as C's atoi reads it. */
function subscriptOf(text: string): number {
  return Number(/^[+-]?\d+/.exec(text)?.[0] ?? 0)
}

function quoted(element: string | null): string {
  if (element === null) return 'NULL'
  const isBare = element !== '' && !QUOTED.test(element) && !NULL_ELEMENT.test(element)
  return isBare ? element : `"${element.replaceAll(/["\\]/g, String.raw`\$&`)}"`
}

const spaces: ReadonlySet<string> = new Set([' ', '\t', '\n', '\v', '\f', '\r'])

class ArrayReader {
  readonly #source: string
  #at = 0
  readonly #lengths: (number | undefined)[] = []
  readonly #elements: (string | null)[] = []
  /** At what depth elements stand. */
  #depth: number | undefined

  constructor(source: string) {
    this.#source = source
  }

  read(): ArrayParts<string | null> {
    this.#skipSpaces()
    const bounds = this.#readBounds()
    if (this.#source[this.#at] !== '{') throw this.#malformed()
    this.#readLevel(0)
    this.#skipSpaces()
    if (this.#at < this.#source.length) throw this.#malformed()
    const lengths = this.#lengths.map((length) => length ?? 0)
    if (this.#elements.length === 0) {
      if (lengths.length > 1 || bounds !== undefined) throw this.#malformed()
      return { dimensions: [], elements: [] }
    }
    checkElements(this.#elements.length)
    const fits =
      bounds === undefined ||
      (bounds.length === lengths.length && bounds.every((b, at) => b.length === lengths[at]))
    if (!fits) throw this.#malformed()
    if (bounds !== undefined) checkBounds(bounds)
    const dimensions = bounds ?? lengths.map((length) => ({ lower: 1, length }))
    return { dimensions, elements: this.#elements }
  }

  /** `[2:3][0:1]=` */
  #readBounds(): readonly ArrayDimension[] | undefined {
    if (this.#source[this.#at] !== '[') return undefined
    const bounds: ArrayDimension[] = []
    const pattern = /\[\s*([+\-\d]+)(?::([+\-\d]+))?\]\s*/y
    while (this.#source[this.#at] === '[') {
      pattern.lastIndex = this.#at
      const match = pattern.exec(this.#source)
      if (match === null) throw this.#malformed()
      this.#at = pattern.lastIndex
      checkDimensions(bounds.length + 1)
      const [, first = '1', last] = match
      const lower = last === undefined ? 1 : subscriptOf(first)
      const upper = subscriptOf(last ?? first)
      if (upper < lower) {
        const message = 'upper bound cannot be less than lower bound'
        throw new QueryError('ARRAY_SUBSCRIPT_ERROR', message)
      }
      bounds.push({ lower, length: upper - lower + 1 })
    }
    if (this.#source[this.#at] !== '=') throw this.#malformed()
    this.#at++
    this.#skipSpaces()
    return bounds
  }

  /** One pair of braces. All at one depth have as many members, and elements stand at one depth. */
  #readLevel(depth: number): void {
    checkDimensions(depth + 1)
    if (this.#lengths.length === depth) this.#lengths.push(undefined)
    this.#at++
    this.#skipSpaces()
    let members = 0
    if (this.#source[this.#at] === '}') {
      this.#at++
      this.#settle(depth, 0)
      return
    }
    for (;;) {
      this.#skipSpaces()
      if (this.#source[this.#at] === '{') {
        if (this.#depth !== undefined && this.#depth <= depth) throw this.#malformed()
        this.#readLevel(depth + 1)
      } else {
        if (this.#depth === undefined && this.#lengths.length > depth + 1) throw this.#malformed()
        this.#depth ??= depth
        if (this.#depth !== depth) throw this.#malformed()
        spend(ELEMENT_STEPS)
        this.#elements.push(this.#readElement())
      }
      members++
      this.#skipSpaces()
      const next = this.#source[this.#at++]
      if (next === '}') break
      if (next !== ',') throw this.#malformed()
    }
    this.#settle(depth, members)
  }

  #settle(depth: number, members: number): void {
    const known = this.#lengths[depth]
    if (known !== undefined && known !== members) throw this.#malformed()
    this.#lengths[depth] = members
  }

  #readElement(): string | null {
    if (this.#source[this.#at] === '"') return this.#readQuoted()
    let text = ''
    /** How much of the text is certain to stay: blanks at its end go unless they were escaped. */
    let kept = 0
    let isEscaped = false
    for (;;) {
      const character = this.#source[this.#at]
      if (character === undefined || character === '"' || character === '{') {
        throw this.#malformed()
      }
      if (character === ',' || character === '}') break
      this.#at++
      if (character === '\\') {
        text += this.#escaped()
        isEscaped = true
        kept = text.length
      } else {
        text += character
        if (!spaces.has(character)) kept = text.length
      }
    }
    if (kept === 0) throw this.#malformed()
    const element = text.slice(0, kept)
    return !isEscaped && /^null$/i.test(element) ? null : element
  }

  #readQuoted(): string {
    let text = ''
    this.#at++
    for (;;) {
      const character = this.#source[this.#at++]
      if (character === undefined) throw this.#malformed()
      if (character === '"') return text
      text += character === '\\' ? this.#escaped() : character
    }
  }

  #escaped(): string {
    const character = this.#source[this.#at++]
    if (character === undefined) throw this.#malformed()
    return character
  }

  #skipSpaces(): void {
    while (spaces.has(this.#source[this.#at] ?? '')) this.#at++
  }

  #malformed(): QueryError {
    const message = `malformed array literal: "${this.#source}"`
    return new QueryError('INVALID_TEXT_REPRESENTATION', message)
  }
}
