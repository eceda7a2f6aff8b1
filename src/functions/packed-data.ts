import { assert, present } from '../base/assert.ts'
import type { Steps } from '../base/steps.ts'
import { isCatalogueEntry, type CatalogueEntry } from './function.ts'

/**
 * Plain data of many small objects in few large ones, which another thread gets several times faster: whatever
 * is posted is copied in one go. Entries of the catalogue are named, as code does not travel. What was one
 * object stays one.
 */
export interface PackedData {
  /** By object, in the order of their numbers: its shape, how many parts it has where that may vary, its parts. */
  readonly words: Int32Array<ArrayBuffer>
  readonly shapes: readonly Shape[]
  /** What is no object and no small integer, and what is not looked into: bytes. */
  readonly values: readonly unknown[]
}

/** The names of an object's fields, or what else it is. */
type Shape = readonly string[] | 'array' | 'map' | 'entry'

// A part is the number of a value, an integer or the number of an object.
const VALUE = 0
const INTEGER = 1
const OBJECT = 2
const KIND_BITS = 2
const KINDS = (1 << KIND_BITS) - 1
/** Numbers and integers have so many bits beside their kind. */
const SMALL_MAX = 2 ** 28

const OBJECTS_A_STEP = 512

/** Packs data in steps. Undefined where an entry is known here only, so that it would be of no use elsewhere. */
export function* packedData(data: unknown): Steps<PackedData | undefined> {
  const packer = new Packer()
  packer.part(data)
  while (packer.packNext()) {
    if (packer.isOnlyHere) return undefined
    if (packer.packed % OBJECTS_A_STEP === 0) yield
  }
  return packer.finish()
}

class Packer {
  readonly #words: number[] = []
  readonly #shapes: Shape[] = []
  readonly #shapeNumbers = new Map<string, number>()
  readonly #values: unknown[] = []
  readonly #valueNumbers = new Map<unknown, number>()
  readonly #objects: object[] = []
  readonly #objectNumbers = new Map<object, number>()
  packed = 0
  isOnlyHere = false

  /** What stands for a part of an object. */
  part(value: unknown): number {
    if (typeof value === 'number' && isSmall(value)) return (value << KIND_BITS) | INTEGER
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) {
      return (this.#numberOf(value) << KIND_BITS) | VALUE
    }
    let number = this.#objectNumbers.get(value)
    if (number === undefined) {
      number = this.#objects.push(value) - 1
      this.#objectNumbers.set(value, number)
    }
    return (number << KIND_BITS) | OBJECT
  }

  /** Packs an object that was met and is not packed yet; its parts come after all that were met before. */
  packNext(): boolean {
    const object = this.#objects[this.packed]
    if (object === undefined) return false
    this.packed++
    if (Array.isArray(object)) this.#list('array', object)
    else if (object instanceof Map) this.#list('map', [...object].flat())
    else if (isCatalogueEntry(object)) this.#entry(object)
    else this.#fields(object as Readonly<Record<string, unknown>>)
    return true
  }

  finish(): PackedData {
    assert(this.#objects.length < SMALL_MAX, 'more objects than have numbers')
    return { words: new Int32Array(this.#words), shapes: this.#shapes, values: this.#values }
  }

  #list(shape: 'array' | 'map', parts: readonly unknown[]): void {
    this.#words.push(this.#shapeOf(shape, shape), parts.length)
    for (const part of parts) this.#words.push(this.part(part))
  }

  #entry({ cataloguedAs, id, onlyHere }: CatalogueEntry): void {
    if (onlyHere === true) this.isOnlyHere = true
    this.#words.push(this.#shapeOf('entry', 'entry'), this.part(cataloguedAs), this.part(id))
  }

  #fields(object: Readonly<Record<string, unknown>>): void {
    const names = Object.keys(object)
    // Unlike the key of a list, and of fields with other names, whatever letters these have.
    this.#words.push(this.#shapeOf(`${names.length} fields ${names.join('\0')}`, names))
    for (const name of names) this.#words.push(this.part(object[name]))
  }

  #shapeOf(key: string, shape: Shape): number {
    const known = this.#shapeNumbers.get(key)
    if (known !== undefined) return known
    const number = this.#shapes.push(shape) - 1
    this.#shapeNumbers.set(key, number)
    return number
  }

  #numberOf(value: unknown): number {
    // A Map takes -0 for 0, which it would come back as.
    if (Object.is(value, -0)) return this.#values.push(value) - 1
    const known = this.#valueNumbers.get(value)
    if (known !== undefined) return known
    const number = this.#values.push(value) - 1
    this.#valueNumbers.set(value, number)
    return number
  }
}

function isSmall(value: number): boolean {
  return Number.isInteger(value) && Math.abs(value) < SMALL_MAX && !Object.is(value, -0)
}

/** What was packed; `find` gives the entries that are named. */
export function unpackedData(
  { words, shapes, values }: PackedData,
  find: (reference: CatalogueEntry) => CatalogueEntry,
): unknown {
  const partAt = (at: number, objects: readonly unknown[]): unknown => {
    const word = present(words[at], 'a part')
    const kind = word & KINDS
    if (kind === INTEGER) return word >> KIND_BITS
    return kind === VALUE ? values[word >> KIND_BITS] : objects[word >> KIND_BITS]
  }
  const objects: unknown[] = []
  const starts: number[] = []
  for (let at = 0; at < words.length;) {
    const shape = present(shapes[words[at]!], 'a shape')
    starts.push(at)
    if (shape === 'entry') {
      const named = { cataloguedAs: partAt(at + 1, objects), id: partAt(at + 2, objects) }
      objects.push(find(named as CatalogueEntry))
      at += 3
    } else if (shape === 'array' || shape === 'map') {
      objects.push(shape === 'array' ? [] : new Map())
      at += 2 + words[at + 1]!
    } else {
      objects.push({})
      at += 1 + shape.length
    }
  }
  objects.forEach((object, number) => {
    const at = starts[number]!
    const shape = shapes[words[at]!]!
    if (shape === 'entry') return
    if (shape !== 'array' && shape !== 'map') {
      const fields = object as Record<string, unknown>
      shape.forEach((name, field) => (fields[name] = partAt(at + 1 + field, objects)))
      return
    }
    const end = at + 2 + words[at + 1]!
    if (shape === 'array') {
      for (let part = at + 2; part < end; part++) (object as unknown[]).push(partAt(part, objects))
      return
    }
    for (let part = at + 2; part < end; part += 2) {
      const map = object as Map<unknown, unknown>
      map.set(partAt(part, objects), partAt(part + 1, objects))
    }
  })
  return objects[0]
}
