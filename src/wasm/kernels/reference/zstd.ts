/**
 * The reference of `zstdDecode`: RFC 8878 word for word, one bit at a time. Throws a RangeError where
 * the kernel returns -1.
 */
export function zstdDecode(source: Uint8Array, capacity: number): Uint8Array {
  const output: number[] = []
  let at = 0
  while (at < source.length) {
    const magic = little(source, at, 4)
    at += 4
    if (Math.floor(magic / 16) === 0x184d2a5) {
      at += 4 + little(source, at, 4)
      need(at <= source.length)
      continue
    }
    need(magic === 0xfd2fb528)
    at = decodeFrame(source, at, output, capacity)
  }
  return Uint8Array.from(output)
}

function need(condition: boolean): asserts condition {
  if (!condition) throw new RangeError('not a zstd frame')
}

function little(source: Uint8Array, at: number, bytes: number): number {
  need(at + bytes <= source.length)
  let value = 0
  for (let i = 0; i < bytes; i++) value += source[at + i]! * 2 ** (8 * i)
  return value
}

interface FseTable {
  readonly accuracy: number
  readonly states: readonly {
    readonly symbol: number
    readonly bits: number
    readonly base: number
  }[]
}

interface Frame {
  readonly output: number[]
  readonly start: number
  readonly capacity: number
  huffman: ReadonlyMap<string, number> | undefined
  tables: (FseTable | undefined)[]
  repeated: [number, number, number]
}

function decodeFrame(source: Uint8Array, from: number, output: number[], capacity: number): number {
  let at = from
  const descriptor = little(source, at++, 1)
  need((descriptor & 8) === 0)
  const single = (descriptor >> 5) & 1
  if (single === 0) at++
  const idBytes = [0, 1, 2, 4][descriptor & 3]!
  need(little(source, at, idBytes) === 0)
  at += idBytes
  const sizeBytes = [single, 2, 4, 8][descriptor >> 6]!
  const size = little(source, at, sizeBytes) + (sizeBytes === 2 ? 256 : 0)
  at += sizeBytes
  const start = output.length
  const repeated: [number, number, number] = [1, 4, 8]
  const frame: Frame = { output, start, capacity, huffman: undefined, tables: [], repeated }
  for (let last = false; !last;) {
    const header = little(source, at, 3)
    at += 3
    last = (header & 1) === 1
    const [kind, length] = [(header >> 1) & 3, header >> 3]
    need(kind !== 3 && length <= 131_072)
    const stored = kind === 1 ? 1 : length
    need(at + stored <= source.length)
    if (kind === 2) decodeBlock(frame, source.subarray(at, at + stored))
    else for (let i = 0; i < length; i++) output.push(source[kind === 1 ? at : at + i]!)
    need(output.length <= capacity)
    at += stored
  }
  need(sizeBytes === 0 || output.length - start === size)
  at += descriptor & 4
  need(at <= source.length)
  return at
}

/** Bits of a stream that is read from its end towards its beginning. */
class BackwardBits {
  readonly #bytes: Uint8Array
  left: number

  constructor(bytes: Uint8Array) {
    const last = bytes.at(-1)
    need(last !== undefined && last !== 0)
    this.#bytes = bytes
    this.left = bytes.length * 8 - (Math.clz32(last) - 24) - 1
  }

  /** Past the beginning bits are 0, and `left` goes below 0. */
  read(count: number): number {
    let value = 0
    for (let i = 0; i < count; i++) {
      this.left--
      const bit = this.left < 0 ? 0 : (this.#bytes[this.left >> 3]! >> (this.left & 7)) & 1
      value = value * 2 + bit
    }
    return value
  }
}

function readFse(
  bytes: Uint8Array,
  accuracyMax: number,
  symbolMax: number,
): { readonly table: FseTable; readonly end: number } {
  let bit = 0
  const read = (count: number): number => {
    let value = 0
    for (let i = 0; i < count; i++, bit++) {
      value += (((bytes[bit >> 3] ?? 0) >> (bit & 7)) & 1) * 2 ** i
    }
    return value
  }
  const accuracy = read(4) + 5
  need(accuracy <= accuracyMax)
  const counts: number[] = []
  let left = 1 << accuracy
  while (left > 0) {
    need(counts.length <= symbolMax && bit >> 3 < bytes.length)
    const bits = 32 - Math.clz32(left + 1)
    const small = (1 << bits) - 1 - (left + 1)
    let value = read(bits - 1)
    if (value >= small && read(1) === 1) value += (1 << (bits - 1)) - small
    const count = value - 1
    left -= Math.abs(count)
    counts.push(count)
    for (let repeat = count === 0 ? 3 : 0; repeat === 3;) {
      need(bit >> 3 < bytes.length)
      repeat = read(2)
      for (let i = 0; i < repeat; i++) counts.push(0)
      need(counts.length <= symbolMax + 1)
    }
  }
  const end = (bit + 7) >> 3
  need(left === 0 && end <= bytes.length)
  return { table: fseTable(counts, accuracy), end }
}

function fseTable(counts: readonly number[], accuracy: number): FseTable {
  const size = 1 << accuracy
  const symbols: number[] = Array.from({ length: size }, () => 0)
  let high = size
  for (const [symbol, count] of counts.entries()) if (count < 0) symbols[--high] = symbol
  let position = 0
  for (const [symbol, count] of counts.entries()) {
    for (let i = 0; i < count; i++) {
      symbols[position] = symbol
      do position = (position + (size >> 1) + (size >> 3) + 3) & (size - 1)
      while (position >= high)
    }
  }
  const next = counts.map((count) => Math.abs(count))
  const states = symbols.map((symbol) => {
    const state = next[symbol]!
    next[symbol] = state + 1
    const bits = accuracy - (31 - Math.clz32(state))
    return { symbol, bits, base: (state << bits) - size }
  })
  return { accuracy, states }
}

function readHuffman(bytes: Uint8Array): {
  readonly codes: Map<string, number>
  readonly end: number
} {
  const header = little(bytes, 0, 1)
  const weights: number[] = []
  let end = 1
  if (header >= 128) {
    end += (header - 127 + 1) >> 1
    need(end <= bytes.length)
    for (let i = 0; i < header - 127; i++) {
      const pair = bytes[1 + (i >> 1)]!
      weights.push(i % 2 === 0 ? pair >> 4 : pair & 15)
    }
  } else {
    end += header
    need(end <= bytes.length)
    weights.push(...fseWeights(bytes.subarray(1, end)))
  }
  need(weights.every((weight) => weight <= 11))
  const sum = weights.reduce((total, weight) => total + (weight === 0 ? 0 : 2 ** (weight - 1)), 0)
  need(sum > 0)
  const longest = 32 - Math.clz32(sum)
  const rest = Math.log2(2 ** longest - sum)
  need(longest <= 11 && Number.isInteger(rest))
  weights.push(rest + 1)
  return { codes: huffmanCodes(weights, longest), end }
}

function fseWeights(bytes: Uint8Array): number[] {
  const { table, end } = readFse(bytes, 6, 11)
  const bits = new BackwardBits(bytes.subarray(end))
  need(bits.left >= 2 * table.accuracy)
  const states = [bits.read(table.accuracy), bits.read(table.accuracy)]
  const weights: number[] = []
  for (let turn = 0; ; turn ^= 1) {
    need(weights.length <= 253)
    const state = table.states[states[turn]!]!
    weights.push(state.symbol)
    if (bits.left < state.bits) return [...weights, table.states[states[turn ^ 1]!]!.symbol]
    states[turn] = state.base + bits.read(state.bits)
  }
}

/** Codes as strings of 0 and 1: by length from the longest, then by symbol. */
function huffmanCodes(weights: readonly number[], longest: number): Map<string, number> {
  const codes = new Map<string, number>()
  let code = 0
  for (let weight = 1; weight <= longest; weight++) {
    for (const [symbol, own] of weights.entries()) {
      if (own !== weight) continue
      const length = longest + 1 - weight
      codes.set((code >> (weight - 1)).toString(2).padStart(length, '0'), symbol)
      code += 2 ** (weight - 1)
    }
  }
  return codes
}

function huffmanStream(
  bytes: Uint8Array,
  codes: ReadonlyMap<string, number>,
  count: number,
): number[] {
  const bits = new BackwardBits(bytes)
  const symbols: number[] = []
  while (symbols.length < count) {
    let code = ''
    let symbol: number | undefined
    while (symbol === undefined) {
      code += String(bits.read(1))
      need(code.length <= 11)
      symbol = codes.get(code)
    }
    symbols.push(symbol)
  }
  need(bits.left === 0)
  return symbols
}

function readLiterals(frame: Frame, block: Uint8Array): { literals: number[]; end: number } {
  const first = little(block, 0, 1)
  const [kind, format] = [first & 3, (first >> 2) & 3]
  if (kind < 2) {
    const bytes = format === 1 ? 2 : format === 3 ? 3 : 1
    const length = Math.floor(little(block, 0, bytes) / (bytes === 1 ? 8 : 16))
    const stored = kind === 0 ? length : 1
    need(length <= 131_072 && bytes + stored <= block.length)
    const literals = Array.from({ length }, (_, i) => block[kind === 0 ? bytes + i : bytes]!)
    return { literals, end: bytes + stored }
  }
  const bytes = format < 2 ? 3 : format + 2
  const bits = format < 2 ? 10 : format === 2 ? 14 : 18
  const header = little(block, 0, bytes)
  const length = Math.floor(header / 16) % 2 ** bits
  const end = bytes + Math.floor(header / 2 ** (4 + bits))
  need(length <= 131_072 && end <= block.length)
  let coded = block.subarray(bytes, end)
  if (kind === 2) {
    const tree = readHuffman(coded)
    frame.huffman = tree.codes
    coded = coded.subarray(tree.end)
  }
  const codes = frame.huffman
  need(codes !== undefined)
  if (format === 0) return { literals: huffmanStream(coded, codes, length), end }
  const sizes = [0, 2, 4].map((at) => little(coded, at, 2))
  const quarter = (length + 3) >> 2
  need(length >= 6)
  const literals: number[] = []
  let at = 6
  for (const size of [...sizes, coded.length - 6 - sizes.reduce((a, b) => a + b)]) {
    need(size > 0 && at + size <= coded.length)
    const count = Math.min(quarter, length - literals.length)
    literals.push(...huffmanStream(coded.subarray(at, at + size), codes, count))
    at += size
  }
  return { literals, end }
}

/** What one of the three kinds of sequence codes means. */
interface CodeKind {
  readonly symbolMax: number
  readonly accuracyMax: number
  readonly defaults: readonly number[]
  readonly defaultAccuracy: number
  readonly extraBits: (symbol: number) => number
  readonly base: (symbol: number) => number
}

const literalBits: readonly number[] = [
  1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
]
const matchBits: readonly number[] = [
  1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
]

/** Lengths: `plain` codes stand for themselves (plus `least`), the others begin where the last ended. */
function lengthKind(
  plain: number,
  least: number,
  bits: readonly number[],
): Pick<CodeKind, 'extraBits' | 'base'> {
  const extraBits = (symbol: number): number => (symbol < plain ? 0 : bits[symbol - plain]!)
  const base = (symbol: number): number =>
    symbol <= plain ? symbol + least : base(symbol - 1) + 2 ** extraBits(symbol - 1)
  return { extraBits, base }
}

const literalLengths: CodeKind = {
  symbolMax: 35,
  accuracyMax: 9,
  defaults: [
    4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1,
    -1, -1, -1, -1,
  ],
  defaultAccuracy: 6,
  ...lengthKind(16, 0, literalBits),
}
const matchLengths: CodeKind = {
  symbolMax: 52,
  accuracyMax: 9,
  defaults: [
    1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1,
  ],
  defaultAccuracy: 6,
  ...lengthKind(32, 3, matchBits),
}
const offsets: CodeKind = {
  symbolMax: 31,
  accuracyMax: 8,
  defaults: [
    1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1,
  ],
  defaultAccuracy: 5,
  extraBits: (symbol) => symbol,
  base: (symbol) => 2 ** symbol,
}

function readTables(frame: Frame, bytes: Uint8Array): { tables: FseTable[]; end: number } {
  const modes = little(bytes, 0, 1)
  need((modes & 3) === 0)
  let at = 1
  const tables = [literalLengths, offsets, matchLengths].map((kind, index): FseTable => {
    const mode = (modes >> (6 - 2 * index)) & 3
    let table = frame.tables[index]
    if (mode === 0) table = fseTable(kind.defaults, kind.defaultAccuracy)
    else if (mode === 1) {
      const symbol = little(bytes, at++, 1)
      need(symbol <= kind.symbolMax)
      table = { accuracy: 0, states: [{ symbol, bits: 0, base: 0 }] }
    } else if (mode === 2) {
      const read = readFse(bytes.subarray(at), kind.accuracyMax, kind.symbolMax)
      table = read.table
      at += read.end
    }
    need(table !== undefined)
    frame.tables[index] = table
    return table
  })
  return { tables, end: at }
}

function decodeBlock(frame: Frame, block: Uint8Array): void {
  const { literals, end } = readLiterals(frame, block)
  let at = end
  let count = little(block, at++, 1)
  if (count === 255) {
    count = little(block, at, 2) + 0x7f00
    at += 2
  } else if (count >= 128) count = (count - 128) * 256 + little(block, at++, 1)
  let used = 0
  if (count > 0) {
    const read = readTables(frame, block.subarray(at))
    used = runSequences(frame, read.tables, block.subarray(at + read.end), count, literals)
  } else need(at === block.length)
  need(frame.output.length + literals.length - used <= frame.capacity)
  for (const literal of literals.slice(used)) frame.output.push(literal)
}

/** Returns how many literals were used. */
function runSequences(
  frame: Frame,
  tables: readonly FseTable[],
  bytes: Uint8Array,
  count: number,
  literals: readonly number[],
): number {
  const { output } = frame
  const bits = new BackwardBits(bytes)
  const states = tables.map((table) => bits.read(table.accuracy))
  let used = 0
  for (let sequence = 0; sequence < count; sequence++) {
    const [length, offset, match] = tables.map((table, i) => table.states[states[i]!]!)
    need(length !== undefined && offset !== undefined && match !== undefined)
    const raw = offsets.base(offset.symbol) + bits.read(offset.symbol)
    const matched =
      matchLengths.base(match.symbol) + bits.read(matchLengths.extraBits(match.symbol))
    const copied =
      literalLengths.base(length.symbol) + bits.read(literalLengths.extraBits(length.symbol))
    const distance = distanceOf(frame, raw, copied)
    need(bits.left >= 0 && used + copied <= literals.length)
    need(output.length + copied + matched <= frame.capacity)
    for (let i = 0; i < copied; i++) output.push(literals[used++]!)
    need(distance > 0 && distance <= output.length - frame.start)
    for (let i = 0; i < matched; i++) output.push(output[output.length - distance]!)
    if (sequence === count - 1) break
    states[0] = length.base + bits.read(length.bits)
    states[2] = match.base + bits.read(match.bits)
    states[1] = offset.base + bits.read(offset.bits)
  }
  need(bits.left === 0)
  return used
}

/** Offsets 1 to 3 name one of the last three distances; without literals, the ones after. */
function distanceOf(frame: Frame, raw: number, literals: number): number {
  const [first, second, third] = frame.repeated
  if (raw > 3) {
    frame.repeated = [raw - 3, first, second]
    return raw - 3
  }
  const index = raw - 1 + Number(literals === 0)
  if (index === 0) return first
  const distance = index === 1 ? second : index === 2 ? third : first - 1
  frame.repeated = index === 1 ? [second, first, third] : [distance, first, second]
  return distance
}
