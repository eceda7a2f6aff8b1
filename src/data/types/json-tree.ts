import { spend } from '../../base/budget.ts'
import { QueryError } from '../../base/errors.ts'
import { jsonFault, type Escapes } from './json-fault.ts'

/** What reading a value costs at least, in steps of a budget. */
const VALUE_STEPS = 16

/** Arrays and objects within each other; PostgreSQL's own bound is its stack, about six times as deep. */
export const JSON_DEPTH_MAX = 1_000

/**
 * Values, and names of members, of one text. Each takes some hundred bytes of what JavaScript has in all, which no
 * account is kept of, and which ends the process when there is no more.
 */
export const JSON_PARTS_MAX = 8_000_000

/**
 * A JSON text taken apart. `start` and `end` are where a value stands in its text; a string's `text` is
 * what it says, undefined where its escapes say nothing that text can hold.
 */
export type JsonNode =
  | (JsonPlace & { readonly kind: 'null' | 'true' | 'false' | 'number' | 'string' })
  | (JsonPlace & { readonly kind: 'array'; readonly items: readonly JsonNode[] })
  | (JsonPlace & { readonly kind: 'object'; readonly members: readonly JsonMember[] })

interface JsonPlace {
  readonly start: number
  readonly end: number
}

export interface JsonMember {
  readonly name: JsonNode
  readonly value: JsonNode
}

/**
 * Reads a whole text. Throws INVALID_TEXT_REPRESENTATION as PostgreSQL does, STATEMENT_TOO_COMPLEX where it is nested
 * deeper than {@link JSON_DEPTH_MAX}, PROGRAM_LIMIT_EXCEEDED where it has more than `partsMax` values and names. `escapes`:
 * which fault is told where there are several.
 */
export function readJson(
  source: string,
  partsMax = JSON_PARTS_MAX,
  escapes: Escapes = 'kept',
): JsonNode {
  return new JsonReader(source, partsMax, escapes).read()
}

/** What a string says. Throws for escapes that are no text. */
export function stringOf(source: string, { start, end }: JsonNode): string {
  const inner = source.slice(start + 1, end - 1)
  if (!inner.includes('\\')) return inner
  return unescaped(source, inner)
}

/** What {@link stringOf} gives of a member's name. */
export function nameOf(source: string, { name }: JsonMember): string {
  return stringOf(source, name)
}

function unescaped(source: string, inner: string): string {
  let text = ''
  let at = 0
  for (;;) {
    const next = inner.indexOf('\\', at)
    if (next < 0) return text + inner.slice(at)
    text += inner.slice(at, next)
    const letter = inner[next + 1] ?? ''
    if (letter !== 'u') {
      text += plainEscapes.get(letter) ?? letter
      at = next + 2
      continue
    }
    const unit = Number.parseInt(inner.slice(next + 2, next + 6), 16)
    if (unit === 0) throw jsonFault(source, 'read')
    at = next + 6
    if (unit >= 0xdc00 && unit <= 0xdfff) throw jsonFault(source, 'read')
    if (unit >= 0xd800 && unit <= 0xdbff) {
      const low = /^\\u(d[c-f][0-9a-f]{2})/i.exec(inner.slice(at, at + 6))
      if (low === null) throw jsonFault(source, 'read')
      text += String.fromCharCode(unit, Number.parseInt(low[1] ?? '', 16))
      at += 6
    } else text += String.fromCharCode(unit)
  }
}

const plainEscapes: ReadonlyMap<string, string> = new Map([
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
])

const SPACE = 0x20
const QUOTE = 0x22
const BACKSLASH = 0x5c

const numberPattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const escapePattern = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y
const wordPattern = /[a-z]+/y

class JsonReader {
  readonly #source: string
  #at = 0
  #depth = 0
  #partsLeft: number
  readonly #escapes: Escapes

  constructor(source: string, partsMax: number, escapes: Escapes) {
    this.#source = source
    this.#escapes = escapes
    this.#partsLeft = partsMax
  }

  read(): JsonNode {
    const node = this.#value()
    this.#skipSpaces()
    if (this.#at < this.#source.length) throw this.#fault()
    return node
  }

  #fault(): QueryError {
    return jsonFault(this.#source, this.#escapes)
  }

  #value(): JsonNode {
    this.#count()
    this.#skipSpaces()
    const first = this.#source[this.#at]
    if (first === '{') return this.#nested(() => this.#object())
    if (first === '[') return this.#nested(() => this.#array())
    if (first === '"') return this.#string()
    if (first !== undefined && (first === '-' || (first >= '0' && first <= '9'))) {
      return this.#number()
    }
    return this.#word()
  }

  #count(): void {
    spend(VALUE_STEPS)
    if (this.#partsLeft-- > 0) return
    throw new QueryError('PROGRAM_LIMIT_EXCEEDED', 'JSON text has too many parts', {
      expected: `at most ${JSON_PARTS_MAX} values and names`,
    })
  }

  #nested(read: () => JsonNode): JsonNode {
    this.#depth++
    if (this.#depth > JSON_DEPTH_MAX) {
      throw new QueryError('STATEMENT_TOO_COMPLEX', 'stack depth limit exceeded', {
        expected: `at most ${JSON_DEPTH_MAX} arrays and objects within each other`,
      })
    }
    const node = read()
    this.#depth--
    return node
  }

  #array(): JsonNode {
    const start = this.#at++
    const items: JsonNode[] = []
    if (this.#accepts(']')) return { kind: 'array', start, end: this.#at, items }
    do items.push(this.#value())
    while (this.#accepts(','))
    this.#expect(']')
    return { kind: 'array', start, end: this.#at, items }
  }

  #object(): JsonNode {
    const start = this.#at++
    const members: JsonMember[] = []
    if (this.#accepts('}')) return { kind: 'object', start, end: this.#at, members }
    do {
      this.#count()
      this.#skipSpaces()
      const name = this.#string()
      this.#expect(':')
      members.push({ name, value: this.#value() })
    } while (this.#accepts(','))
    this.#expect('}')
    return { kind: 'object', start, end: this.#at, members }
  }

  /** Character by character: a pattern would take stack for each of them. */
  #string(): JsonNode {
    const source = this.#source
    const start = this.#at
    if (source[start] !== '"') throw this.#fault()
    let at = start + 1
    for (;;) {
      const code = source.charCodeAt(at)
      // Also behind the end, where there is none.
      if (!(code >= SPACE)) throw this.#fault()
      if (code === QUOTE) break
      if (code !== BACKSLASH) at++
      else {
        escapePattern.lastIndex = at
        if (!escapePattern.test(source)) throw this.#fault()
        at = escapePattern.lastIndex
      }
    }
    spend(at - start)
    this.#at = at + 1
    return { kind: 'string', start, end: this.#at }
  }

  #number(): JsonNode {
    const start = this.#at
    numberPattern.lastIndex = start
    if (!numberPattern.test(this.#source)) throw this.#fault()
    const end = numberPattern.lastIndex
    // Letters and digits right behind a number belong to it, and make it none.
    if (/[\w.+-]/.test(this.#source[end] ?? '')) throw this.#fault()
    this.#at = end
    return { kind: 'number', start, end }
  }

  #word(): JsonNode {
    const start = this.#at
    wordPattern.lastIndex = start
    if (!wordPattern.test(this.#source)) throw this.#fault()
    const end = wordPattern.lastIndex
    const word = this.#source.slice(start, end)
    if (word !== 'null' && word !== 'true' && word !== 'false') throw this.#fault()
    if (/[\w.+-]/.test(this.#source[end] ?? '')) throw this.#fault()
    this.#at = end
    return { kind: word, start, end }
  }

  #accepts(symbol: string): boolean {
    this.#skipSpaces()
    if (this.#source[this.#at] !== symbol) return false
    this.#at++
    return true
  }

  #expect(symbol: string): void {
    if (!this.#accepts(symbol)) throw this.#fault()
  }

  #skipSpaces(): void {
    for (;;) {
      const character = this.#source[this.#at]
      if (character !== ' ' && character !== '\n' && character !== '\t' && character !== '\r')
        return
      this.#at++
    }
  }
}
