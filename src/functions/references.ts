import { isCatalogueEntry, type CatalogueEntry } from './function.ts'

/**
 * Copies plain data for another thread or process, its entries of the catalogue with nothing but what names
 * them: code does not travel. What was one object stays one, in all that the same copier copies.
 */
export class ReferenceCopier {
  readonly #known = new Map<object, unknown>()
  #onlyHere: CatalogueEntry | undefined

  /** An entry that was met and is known here only: with it the copy is of no use elsewhere. */
  get onlyHere(): CatalogueEntry | undefined {
    return this.#onlyHere
  }

  copy<T>(value: T): T {
    return this.#copied(value) as T
  }

  #copied(value: unknown): unknown {
    if (typeof value !== 'object' || value === null || isLeaf(value)) return value
    const known = this.#known.get(value)
    if (known !== undefined) return known
    const made = this.#copiedObject(value)
    this.#known.set(value, made)
    return made
  }

  #copiedObject(value: object): unknown {
    if (Array.isArray(value)) return value.map((part) => this.#copied(part))
    if (value instanceof Map) {
      return new Map([...value].map(([key, part]) => [key, this.#copied(part)]))
    }
    if (isCatalogueEntry(value)) return this.#reference(value)
    return Object.fromEntries(
      Object.entries(value).map(([name, part]) => [name, this.#copied(part)]),
    )
  }

  #reference(entry: CatalogueEntry): CatalogueEntry {
    if (entry.onlyHere === true) this.#onlyHere ??= entry
    const { cataloguedAs, id } = entry
    return { cataloguedAs, id }
  }
}

/** Puts entries in the place of the references to them, in a copy that is nobody else's. */
export function resolveReferences(
  value: unknown,
  find: (reference: CatalogueEntry) => CatalogueEntry,
): void {
  const seen = new Set<object>()
  const visit = (part: unknown): unknown => {
    if (typeof part !== 'object' || part === null || isLeaf(part)) return part
    if (isCatalogueEntry(part)) return find(part)
    if (seen.has(part)) return part
    seen.add(part)
    if (part instanceof Map) {
      for (const [key, held] of part) part.set(key, visit(held))
      return part
    }
    const fields = part as Record<string, unknown>
    for (const name of Object.keys(fields)) fields[name] = visit(fields[name])
    return part
  }
  visit(value)
}

/** What holds no call, of which there may be very many. */
function isLeaf(value: object): boolean {
  return ArrayBuffer.isView(value) || ('kind' in value && value.kind === 'literal')
}
