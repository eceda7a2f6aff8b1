/** The first OID of objects that users make. */
export const OWN_OID_MIN = 16_384

/** Names of objects that are gone are forgotten when there are so many more than live ones. */
const IDS_MIN = 4_096

/**
 * The OIDs of what a database has, by what each object is called: they are made when somebody asks and stay while the
 * engine runs. Types that are made have theirs from elsewhere.
 */
export class ObjectIds {
  readonly #ids = new Map<string, number>()
  #next = OWN_OID_MIN
  /** Whose use is looked at since the last time that names were forgotten. */
  #used = new Set<string>()

  of(kind: string, ...names: readonly string[]): number {
    const key = [kind, ...names].join('\0')
    this.#used.add(key)
    let id = this.#ids.get(key)
    if (id === undefined) {
      id = this.#next++
      this.#ids.set(key, id)
    }
    return id
  }

  /** To be called when all objects of a catalog have been asked for. */
  forgetOthers(): void {
    if (this.#ids.size > IDS_MIN && this.#ids.size > 2 * this.#used.size) {
      for (const key of this.#ids.keys()) if (!this.#used.has(key)) this.#ids.delete(key)
    }
    this.#used = new Set()
  }
}
