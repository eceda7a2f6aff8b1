import type { Options } from './tree.ts'

/** A place in a pattern, by code points. */
export class PatternCursor {
  readonly text: string
  readonly options: Options
  at: number
  /** Groups opened so far: an escape of two digits is a back reference if there are so many. */
  groups = 0

  constructor(text: string, options: Options, start: number) {
    this.text = text
    this.options = options
    this.at = start
  }

  get atEnd(): boolean {
    return this.at >= this.text.length
  }

  get isAdvanced(): boolean {
    return this.options.syntax === 'advanced'
  }

  /** The code point here, -1 at the end. */
  get code(): number {
    return this.text.codePointAt(this.at) ?? -1
  }

  sees(text: string): boolean {
    return this.text.startsWith(text, this.at)
  }

  /** Goes past a text if it is here. */
  accept(text: string): boolean {
    if (!this.sees(text)) return false
    this.at += text.length
    return true
  }

  /** The code point here; goes past it. Not at the end. */
  take(): number {
    const { code } = this
    this.at += code > 0xffff ? 2 : 1
    return code
  }

  /** Goes past what does not count: comments, and whitespace in expanded syntax. */
  skip(): void {
    for (;;) {
      if (this.options.expanded) this.#skipSpace()
      if (!this.isAdvanced || !this.sees('(?#')) return
      const end = this.text.indexOf(')', this.at)
      this.at = end < 0 ? this.text.length : end + 1
    }
  }

  #skipSpace(): void {
    const space = /(?:[ \t-\r]+|#[^\n]*)*/y
    space.lastIndex = this.at
    this.at += space.exec(this.text)?.[0].length ?? 0
  }
}
