import type { Alphabet } from './alphabet.ts'
import type { Expression } from './expression.ts'
import { leadingBytes } from './leading-bytes.ts'
import type { Part } from './parts.ts'
import { programOf } from './program.ts'
import { type Table, tableOf, type TableOptions } from './table.ts'
import type { Tree } from './tree.ts'

/** Words of an image, by byte offset; those that tell where a thing is tell its byte offset. */
const imageWords = {
  /** What is added to the address of a row for the edge of the text. */
  edge: 0,
  flags: 4,
  /** The rows where reading begins, 16 bits each, by the kind of the character before. */
  starts: 8,
  /** How many ranges of characters there are beyond ASCII, and where: first characters, classes. */
  rangeCount: 16,
  rangeStarts: 20,
  rangeClasses: 24,
  /** Where the kinds of classes are. */
  kinds: 28,
  /** Where the part is that the whole pattern is, 0 without parts. */
  parts: 32,
  /** Two ranges of bytes that may lead on from the row where reading begins, first and length less 1 each. */
  leading: 36,
  /** Rows by which is told whether a match begins at a place or behind it, 0 without; and their starts. */
  finder: 40,
  finderStarts: 44,
  /** Classes of ASCII, a byte each, and the rows of the whole pattern. */
  classes: 52,
  rows: 180,
} as const

/** Matches begin where the text does; where reading begins hangs on the character before; few bytes lead on. */
const imageFlags = { isAnchored: 1, hasConditions: 2, hasLeading: 4 } as const

/** Words of a part: what it is, its table, and where the parts are that it consists of. */
const partWords = {
  kind: 0,
  group: 4,
  flags: 8,
  rows: 12,
  starts: 16,
  count: 24,
  children: 28,
} as const

const partKinds = { whole: 0, sequence: 1, choice: 2, once: 3, wrapper: 4 } as const
const partFlags = { prefersShort: 1, hasGroups: 2 } as const

const ASCII = 128
/** Classes are told by the offsets of their cells, in a byte. */
const CLASSES_MAX = 128
/** Each part of a pattern has a table of its own. */
const IMAGE_BYTES_MAX = 1 << 18

/**
 * Writes an expression as kernels read it, see wasm/kernels/assembly/functions/pattern-tables.ts and
 * pattern-groups.ts: bytes that lie beside the code that calls these. {@link finish} gives nothing where a table
 * would be too large.
 */
export class ImageWriter {
  readonly #expression: Expression
  #bytes = new Uint8Array(imageWords.rows)
  #view = new DataView(this.#bytes.buffer)
  #isPossible = true
  readonly #rowsOfTrees = new Map<Tree, { readonly rows: number; readonly starts: Uint16Array }>()

  constructor(expression: Expression, options: TableOptions) {
    this.#expression = expression
    const { alphabet } = expression.machine
    if (alphabet.edge >= CLASSES_MAX) this.#isPossible = false
    else this.#writeWhole(alphabet, options)
  }

  finish(): Uint8Array | undefined {
    return this.#isPossible ? this.#bytes : undefined
  }

  #writeWhole(alphabet: Alphabet, options: TableOptions): void {
    const { parts, isAnchored } = this.#expression
    const program = programOf(parts.tree, alphabet, new Map(), true)
    const table = tableOf(program, alphabet, options)
    if (table === undefined) {
      this.#isPossible = false
      return
    }
    const leading = isAnchored ? undefined : leadingBytes(table, alphabet, options.anywhere)
    if (leading !== undefined) this.#bytes.set(leading, imageWords.leading)
    const flags =
      (isAnchored ? imageFlags.isAnchored : 0) |
      (program.hasConditions ? imageFlags.hasConditions : 0) |
      (leading === undefined ? 0 : imageFlags.hasLeading)
    this.#word(imageWords.edge, cellOffset(alphabet.edge))
    this.#word(imageWords.flags, flags)
    this.#append16(table.cells)
    this.#starts(imageWords.starts, table)
    this.#writeClasses(alphabet)
  }

  #writeClasses({ latin, starts, classes, kinds }: Alphabet): void {
    this.#bytes.set(Uint8Array.from(latin.subarray(0, ASCII), cellOffset), imageWords.classes)
    const beyond = starts.findLastIndex((start) => start <= ASCII)
    const ranges = starts.subarray(beyond)
    this.#word(imageWords.rangeCount, ranges.length)
    const rangeStarts = this.#append(new Uint8Array(4 * ranges.length))
    ranges.forEach((start, at) => this.#word(rangeStarts + 4 * at, start))
    this.#word(imageWords.rangeStarts, rangeStarts)
    const rangeClasses = Uint8Array.from(classes.subarray(beyond), cellOffset)
    this.#word(imageWords.rangeClasses, this.#append(rangeClasses))
    this.#word(imageWords.kinds, this.#append(kinds))
  }

  /** Writes what tells that there is no further match, where looking at each place would take long. */
  writeFinder(): void {
    const { machine, parts } = this.#expression
    if (!this.#isPossible) return
    const program = programOf(parts.tree, machine.alphabet, new Map(), true)
    const table = tableOf(program, machine.alphabet, { anywhere: true, untilMatch: true })
    if (table === undefined) return
    this.#word(imageWords.finder, this.#append16(table.cells))
    this.#starts(imageWords.finderStarts, table)
  }

  /** Writes the parts that a match is divided into, to find its groups. */
  writeParts(): void {
    if (this.#isPossible) this.#word(imageWords.parts, this.#writePart(this.#expression.parts))
  }

  #writePart(part: Part): number {
    const hasGroups = part.captures[0] <= part.captures[1]
    const kind = hasGroups ? kindOf(part) : partKinds.whole
    if (kind === undefined || this.#bytes.length > IMAGE_BYTES_MAX) {
      this.#isPossible = false
      return 0
    }
    const children = hasGroups ? part.children.map((child) => this.#writePart(child)) : []
    const table = this.#tableOf(part.tree)
    const at = this.#append(new Uint8Array(partWords.children + 4 * children.length))
    const flags =
      (part.prefersShort ? partFlags.prefersShort : 0) | (hasGroups ? partFlags.hasGroups : 0)
    this.#word(at + partWords.kind, kind)
    this.#word(at + partWords.group, part.capture)
    this.#word(at + partWords.flags, flags)
    this.#word(at + partWords.rows, table.rows)
    this.#starts(at + partWords.starts, table)
    this.#word(at + partWords.count, children.length)
    children.forEach((child, index) => this.#word(at + partWords.children + 4 * index, child))
    return at
  }

  /** The table of a part, to the last match that begins at a place. */
  #tableOf(tree: Tree): { readonly rows: number; readonly starts: Uint16Array } {
    const known = this.#rowsOfTrees.get(tree)
    if (known !== undefined) return known
    const { alphabet } = this.#expression.machine
    const program = programOf(tree, alphabet, new Map(), true)
    const table = tableOf(program, alphabet, { anywhere: false, untilMatch: false })
    if (table === undefined) this.#isPossible = false
    const { cells, starts } = table ?? noTable
    const written = { rows: this.#append16(cells), starts }
    this.#rowsOfTrees.set(tree, written)
    return written
  }

  #starts(at: number, { starts }: Pick<Table, 'starts'>): void {
    starts.forEach((row, kind) => this.#view.setUint16(at + 2 * kind, row, true))
  }

  #word(at: number, value: number): void {
    this.#view.setUint32(at, value, true)
  }

  /** Adds bytes, and tells where. */
  #append(bytes: Uint8Array): number {
    const at = this.#bytes.length
    const grown = new Uint8Array(at + bytes.length)
    grown.set(this.#bytes)
    grown.set(bytes, at)
    this.#bytes = grown
    this.#view = new DataView(grown.buffer)
    return at
  }

  #append16(cells: Uint16Array): number {
    const at = this.#append(new Uint8Array(2 * cells.length))
    cells.forEach((cell, index) => this.#view.setUint16(at + 2 * index, cell, true))
    return at
  }
}

const noTable: Table = { cells: new Uint16Array(0), starts: new Uint16Array(0) }

/** How a part with groups is divided; undefined for repetitions, which are tried out. */
function kindOf({ kind, max }: Part): number | undefined {
  if (kind === 'loop') return max === 1 ? partKinds.once : undefined
  return kind === 'back' ? undefined : partKinds[kind]
}

function cellOffset(index: number): number {
  return 2 * index
}
