/** A statement of a script as psql sends it: several where they are joined by `\;`. */
export interface ScriptStatement {
  readonly line: number
  readonly text: string
  /** The lines up to `\.` behind a COPY ... FROM STDIN. */
  readonly copyData: string | undefined
}

const copyFromStdin = /^\s*copy\b[\s\S]*\bfrom\s+stdin\b/i
const dollarQuote = /^\$(?:[A-Za-z_\u0080-\uFFFF][\w\u0080-\uFFFF]*)?\$/

/**
 * The statements of a psql script. Commands of psql itself are left out, with `\g` and its kin ending a
 * statement as a semicolon does; variables (`:name`) stay as they are.
 */
export function scriptStatements(script: string): readonly ScriptStatement[] {
  return new Splitter(script).all()
}

class Splitter {
  readonly #script: string
  #at = 0
  #start = 0
  /** The statement so far, without psql's commands. */
  #text = ''
  #parentheses = 0
  /** Bodies of SQL functions (BEGIN ATOMIC) have semicolons of their own. */
  #atomic = 0

  constructor(script: string) {
    this.#script = script
  }

  all(): readonly ScriptStatement[] {
    const found: ScriptStatement[] = []
    while (this.#at < this.#script.length) {
      const ended = this.#step()
      if (!ended) continue
      const text = this.#text.trim()
      if (text !== '') found.push(this.#statement(text))
      this.#text = ''
      this.#parentheses = 0
      this.#atomic = 0
    }
    return found
  }

  #statement(text: string): ScriptStatement {
    const line = this.#script.slice(0, this.#start).split('\n').length
    if (!copyFromStdin.test(text)) return { line, text, copyData: undefined }
    const begin = this.#script.indexOf('\n', this.#at) + 1
    const ends = /^\\\.$/m.exec(this.#script.slice(begin))
    const length = ends?.index ?? 0
    const copyData = this.#script.slice(begin, begin + length)
    if (ends !== null) this.#at = begin + length + 2
    return { line, text, copyData }
  }

  /** Takes one token; true where it ends a statement. */
  #step(): boolean {
    const rest = this.#script.slice(this.#at, this.#at + 2)
    if (rest === '--') return this.#skipTo('\n', 0)
    if (rest === '/*') return this.#comment()
    if (rest === '\\;') {
      this.#take(2, ';')
      return false
    }
    const character = rest[0]!
    if (character === '\\') return this.#command()
    if (character === "'" || character === '"') return this.#quoted(character)
    if (character === '$' && !/\w$/.test(this.#text)) return this.#dollar()
    if (/[A-Za-z_]/.test(character)) return this.#word()
    if (character === '(') this.#parentheses += 1
    if (character === ')') this.#parentheses -= 1
    const ends = character === ';' && this.#parentheses <= 0 && this.#atomic === 0
    this.#take(1, ends ? '' : character)
    return ends
  }

  #take(length: number, text: string): void {
    if (this.#text.trim() === '' && text.trim() !== '') this.#start = this.#at
    this.#text += text
    this.#at += length
  }

  #word(): boolean {
    const word = /^\w+/.exec(this.#script.slice(this.#at, this.#at + 128))![0]
    if (/^atomic$/i.test(word) && /\bbegin\s+$/i.test(this.#text)) this.#atomic = 1
    else if (this.#atomic > 0 && /^case$/i.test(word)) this.#atomic += 1
    else if (this.#atomic > 0 && /^end$/i.test(word)) this.#atomic -= 1
    this.#take(word.length, word)
    return false
  }

  #skipTo(end: string, more: number): boolean {
    const found = this.#script.indexOf(end, this.#at)
    this.#at = found < 0 ? this.#script.length : found + more
    return false
  }

  #comment(): boolean {
    let depth = 0
    do {
      const two = this.#script.slice(this.#at, this.#at + 2)
      if (two === '/*') depth += 1
      if (two === '*/') depth -= 1
      this.#at += two === '/*' || two === '*/' ? 2 : 1
    } while (depth > 0 && this.#at < this.#script.length)
    return false
  }

  #quoted(quote: string): boolean {
    const escapes = quote === "'" && /\be$/i.test(this.#text)
    let end = this.#at + 1
    while (end < this.#script.length) {
      if (escapes && this.#script[end] === '\\') end += 2
      else if (this.#script[end] !== quote) end += 1
      else if (this.#script[end + 1] === quote) end += 2
      else break
    }
    this.#take(end + 1 - this.#at, this.#script.slice(this.#at, end + 1))
    return false
  }

  #dollar(): boolean {
    const tag = dollarQuote.exec(this.#script.slice(this.#at, this.#at + 128))?.[0]
    if (tag === undefined) {
      this.#take(1, '$')
      return false
    }
    const found = this.#script.indexOf(tag, this.#at + tag.length)
    const end = found < 0 ? this.#script.length : found + tag.length
    this.#take(end - this.#at, this.#script.slice(this.#at, end))
    return false
  }

  /** A command of psql up to the end of its line; those that send the statement end it. */
  #command(): boolean {
    const line = /^.*/.exec(this.#script.slice(this.#at))![0]
    this.#at += line.length
    return /^\\(?:g|gx|gset|gexec|gdesc|crosstabview|watch)\b/.test(line)
  }
}
