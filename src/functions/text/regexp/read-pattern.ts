import { complement, everything } from '../character-set.ts'
import { PatternCursor } from './cursor.ts'
import { patternError } from './errors.ts'
import { checkOptions, readPrefix } from './options.ts'
import { readBracket, setOfCharacter, setOfClass } from './read-bracket.ts'
import { readEscape } from './read-escape.ts'
import type { Options, Pattern, Preference, Tree } from './tree.ts'

/** Parentheses within parentheses; deeper ones are refused as too complex. */
const NESTING_MAX = 500

/** The largest count of a quantifier. */
const COUNT_MAX = 255

const empty: Tree = { kind: 'empty' }

/** Reads a pattern by PostgreSQL's syntax (manual 9.7.3). Throws INVALID_REGULAR_EXPRESSION. */
export function readPattern(text: string, given: Options): Pattern {
  checkOptions(given)
  const { options, start } = readPrefix(text, given)
  const cursor = new PatternCursor(text, options, start)
  const reader = new PatternReader(cursor)
  const tree = options.syntax === 'literal' ? readLiteral(cursor) : reader.readWhole()
  const { groups } = cursor
  const { hasBackReferences } = reader
  return { tree, groups, ignoreCase: options.ignoreCase, hasBackReferences }
}

function readLiteral(cursor: PatternCursor): Tree {
  const items: Tree[] = []
  while (!cursor.atEnd) items.push(character(cursor, cursor.take()))
  return sequence(items)
}

function character({ options }: PatternCursor, code: number): Tree {
  return { kind: 'characters', set: setOfCharacter(code, options.ignoreCase) }
}

function sequence(items: readonly Tree[]): Tree {
  const [only] = items
  if (only === undefined) return empty
  return items.length === 1 ? only : { kind: 'sequence', items }
}

interface Count {
  readonly min: number
  readonly max: number
  readonly prefer: Preference
}

class PatternReader {
  hasBackReferences = false
  readonly #cursor: PatternCursor
  /** Groups that are closed, by number: only these may be referred to. */
  readonly #closed = new Map<number, Tree>()
  #depth = 0
  /** Within a lookaround, where groups do not count and back references are refused. */
  #looking = 0

  constructor(cursor: PatternCursor) {
    this.#cursor = cursor
  }

  readWhole(): Tree {
    const tree = this.#readChoice()
    if (!this.#cursor.atEnd) throw patternError('parenthesis')
    return tree
  }

  get #isBasic(): boolean {
    return this.#cursor.options.syntax === 'basic'
  }

  /** Branches up to a closing parenthesis or the end. */
  #readChoice(): Tree {
    if (this.#depth > NESTING_MAX) throw patternError('complex')
    const branches = [this.#readBranch()]
    while (!this.#isBasic && this.#cursor.accept('|')) branches.push(this.#readBranch())
    const [only] = branches
    return branches.length === 1 && only !== undefined ? only : { kind: 'choice', branches }
  }

  #readBranch(): Tree {
    const items: Tree[] = []
    const cursor = this.#cursor
    for (;;) {
      cursor.skip()
      if (cursor.atEnd || this.#atClose()) break
      if (!this.#isBasic && cursor.sees('|')) break
      items.push(this.#readQuantified(items.length === 0))
    }
    return sequence(items)
  }

  #atClose(): boolean {
    if (this.#isBasic) return this.#cursor.sees('\\)')
    // Outside of parentheses the plain extended syntax takes it for a character.
    const literal = this.#depth === 0 && this.#cursor.options.syntax === 'extended'
    return this.#cursor.sees(')') && !literal
  }

  #readQuantified(first: boolean): Tree {
    const atom = this.#isBasic ? this.#readBasicAtom(first) : this.#readAtom()
    // A condition takes no quantifier: one behind it is an operand of its own, and refused.
    if (atom.kind === 'place' || atom.kind === 'look') return atom
    this.#cursor.skip()
    const count = this.#readCount()
    if (count === undefined) return atom
    if (count.max === 0) return empty
    return { kind: 'repeat', body: atom, ...count }
  }

  #readAtom(): Tree {
    const cursor = this.#cursor
    const bracket = this.#readBracketed()
    if (bracket !== undefined) return bracket
    const code = cursor.take()
    switch (String.fromCodePoint(code)) {
      case '^':
        return this.#lineEdge('start')
      case '$':
        return this.#lineEdge('end')
      case '*':
      case '+':
      case '?':
        throw patternError('quantifier')
      case '{':
        if (cursor.options.expanded) cursor.skip()
        if (/^[0-9]/.test(cursor.text[cursor.at] ?? '')) throw patternError('quantifier')
        return character(cursor, code)
      case '(':
        return this.#readParenthesis()
      case '.':
        return this.#anyCharacter()
      case '\\':
        return this.#readEscaped()
      default:
        return character(cursor, code)
    }
  }

  #lineEdge(side: 'start' | 'end'): Tree {
    const { newlineAnchors } = this.#cursor.options
    return { kind: 'place', name: newlineAnchors ? `line-${side}` : `text-${side}` }
  }

  #anyCharacter(): Tree {
    const { newlineStops } = this.#cursor.options
    return { kind: 'characters', set: newlineStops ? complement([10, 10]) : everything }
  }

  #readBracketed(): Tree | undefined {
    const cursor = this.#cursor
    if (cursor.accept('[[:<:]]')) return { kind: 'place', name: 'word-start' }
    if (cursor.accept('[[:>:]]')) return { kind: 'place', name: 'word-end' }
    if (!cursor.accept('[')) return undefined
    return { kind: 'characters', set: readBracket(cursor) }
  }

  #readEscaped(): Tree {
    const cursor = this.#cursor
    if (cursor.atEnd) throw patternError('escape')
    if (!cursor.isAdvanced) return character(cursor, cursor.take())
    const escape = readEscape(cursor)
    switch (escape.kind) {
      case 'character':
        return character(cursor, escape.code)
      case 'class': {
        const set = setOfClass(escape.name, cursor.options.ignoreCase)
        return { kind: 'characters', set: escape.negative ? complement(set) : set }
      }
      case 'place':
        return { kind: 'place', name: escape.name }
      case 'back':
        return this.#backReference(escape.group)
    }
  }

  #backReference(group: number): Tree {
    const body = this.#closed.get(group)
    if (this.#looking > 0 || body === undefined) throw patternError('backReference')
    this.hasBackReferences = true
    return { kind: 'back', group, body }
  }

  #readParenthesis(): Tree {
    const cursor = this.#cursor
    if (!cursor.isAdvanced || !cursor.accept('?')) return this.#readGroup(true)
    if (cursor.accept(':')) return this.#readGroup(false)
    const behind = cursor.accept('<')
    const negative = cursor.sees('!')
    if (!cursor.accept(negative ? '!' : '=')) throw patternError('quantifier')
    this.#looking++
    const body = this.#readInside()
    this.#looking--
    return { kind: 'look', ahead: !behind, negative, body }
  }

  #readGroup(captures: boolean): Tree {
    const capture = captures && this.#looking === 0 ? ++this.#cursor.groups : 0
    const body = this.#readInside()
    if (capture > 0) this.#closed.set(capture, body)
    return { kind: 'group', capture, body }
  }

  #readInside(): Tree {
    this.#depth++
    const body = this.#readChoice()
    this.#depth--
    if (!this.#cursor.accept(this.#isBasic ? '\\)' : ')')) throw patternError('parenthesis')
    return body
  }

  /** The quantifier here; undefined without one. */
  #readCount(): Count | undefined {
    const cursor = this.#cursor
    const counts = { '*': [0, Infinity], '+': [1, Infinity], '?': [0, 1] } as const
    for (const mark of this.#isBasic ? (['*'] as const) : (['*', '+', '?'] as const)) {
      if (cursor.accept(mark)) {
        const [min, max] = counts[mark]
        return { min, max, prefer: this.#readPreference() }
      }
    }
    if (this.#isBasic) return cursor.accept('\\{') ? this.#readBound() : undefined
    if (!cursor.sees('{')) return undefined
    const { at } = cursor
    cursor.accept('{')
    if (cursor.options.expanded) cursor.skip()
    if (/[0-9]/.test(cursor.text[cursor.at] ?? '')) return this.#readBound()
    cursor.at = at
    return undefined
  }

  #readPreference(): Preference {
    return this.#cursor.isAdvanced && this.#cursor.accept('?') ? 'shortest' : 'longest'
  }

  #readBound(): Count {
    const cursor = this.#cursor
    const min = this.#readNumber()
    const isRange = this.#acceptInBound(',')
    const max = isRange ? this.#readNumber(Infinity) : min
    if (!this.#acceptInBound(this.#isBasic ? '\\}' : '}')) {
      throw patternError(cursor.atEnd ? 'brace' : 'bound')
    }
    const prefer = this.#readPreference()
    if (min > max) throw patternError('bound')
    return { min, max, prefer: isRange ? prefer : 'inherit' }
  }

  #acceptInBound(mark: string): boolean {
    if (this.#cursor.options.expanded) this.#cursor.skip()
    return this.#cursor.accept(mark)
  }

  #readNumber(missing = 0): number {
    const cursor = this.#cursor
    if (cursor.options.expanded) cursor.skip()
    const start = cursor.at
    while (/[0-9]/.test(cursor.text[cursor.at] ?? '')) {
      cursor.at++
      if (Number(cursor.text.slice(start, cursor.at)) > COUNT_MAX) throw patternError('bound')
    }
    return cursor.at === start ? missing : Number(cursor.text.slice(start, cursor.at))
  }

  /** An atom of the basic syntax, where groups and bounds have backslashes. */
  #readBasicAtom(first: boolean): Tree {
    const cursor = this.#cursor
    const bracket = this.#readBracketed()
    if (bracket !== undefined) return bracket
    const code = cursor.take()
    switch (String.fromCodePoint(code)) {
      case '*':
        if (!first && !cursor.text.slice(0, cursor.at - 1).endsWith('^')) {
          throw patternError('quantifier')
        }
        return character(cursor, code)
      case '.':
        return this.#anyCharacter()
      case '^':
        return first ? this.#lineEdge('start') : character(cursor, code)
      case '$':
        if (cursor.options.expanded) cursor.skip()
        if (cursor.atEnd || cursor.sees('\\)')) return this.#lineEdge('end')
        return character(cursor, code)
      case '\\':
        return this.#readBasicEscape()
      default:
        return character(cursor, code)
    }
  }

  #readBasicEscape(): Tree {
    const cursor = this.#cursor
    if (cursor.atEnd) throw patternError('escape')
    const code = cursor.take()
    const letter = String.fromCodePoint(code)
    if (letter === '(') return this.#readGroup(true)
    if (letter === '{') throw patternError('quantifier')
    if (letter === '<') return { kind: 'place', name: 'word-start' }
    if (letter === '>') return { kind: 'place', name: 'word-end' }
    if (/[1-9]/.test(letter)) return this.#backReference(Number(letter))
    return character(cursor, code)
  }
}
