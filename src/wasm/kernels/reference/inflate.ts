// DEFLATE (RFC 1951), bit by bit.

const LENGTH_BASES = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131,
  163, 195, 227, 258,
]
const CODE_LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

/** Symbols by their code, a string of its bits. */
type Code = ReadonlyMap<string, number>

class Malformed extends RangeError {}

/**
 * The reference of `inflate`: the bytes of a stream and how many bytes it takes, undefined when it is
 * malformed or ends too early.
 */
export function inflate(
  source: Uint8Array,
): { readonly bytes: Uint8Array; readonly taken: number } | undefined {
  const input = new BitReader(source)
  const output: number[] = []
  try {
    let isLast = false
    while (!isLast) {
      isLast = input.bits(1) === 1
      const kind = input.bits(2)
      if (kind === 0) copyStored(input, output)
      else if (kind === 3) throw new Malformed('no such kind of block')
      else decodeBlock(input, output, kind === 1 ? fixedCodes() : dynamicCodes(input))
    }
    input.align()
    return { bytes: Uint8Array.from(output), taken: input.at / 8 }
  } catch (error) {
    if (error instanceof Malformed) return undefined
    throw error
  }
}

class BitReader {
  readonly #source: Uint8Array
  /** In bits. */
  at = 0

  constructor(source: Uint8Array) {
    this.#source = source
  }

  bits(count: number): number {
    let value = 0
    for (let bit = 0; bit < count; bit++, this.at++) {
      const byte = this.#source[this.at >> 3]
      if (byte === undefined) throw new Malformed('the end')
      value |= ((byte >> (this.at & 7)) & 1) << bit
    }
    return value
  }

  symbol(code: Code): number {
    let bits = ''
    while (bits.length < 15) {
      bits += this.bits(1)
      const symbol = code.get(bits)
      if (symbol !== undefined) return symbol
    }
    throw new Malformed('no such code')
  }

  align(): void {
    this.at = Math.ceil(this.at / 8) * 8
  }
}

function copyStored(input: BitReader, output: number[]): void {
  input.align()
  const length = input.bits(16)
  if ((length ^ input.bits(16)) !== 0xffff) throw new Malformed('length and its complement')
  for (let i = 0; i < length; i++) output.push(input.bits(8))
}

interface Codes {
  readonly literals: Code
  readonly distances: Code
}

/** Canonical codes: shorter ones first, then by symbol. They must be complete or be a single one. */
function codeOf(lengths: readonly number[]): Code {
  const code = new Map<string, number>()
  let next = 0
  for (let length = 1; length <= 15; length++) {
    next <<= 1
    lengths.forEach((wanted, symbol) => {
      if (wanted !== length) return
      if (next >= 1 << length) throw new Malformed('too many codes')
      code.set((next++).toString(2).padStart(length, '0'), symbol)
    })
  }
  if (code.size > 1 && next !== 1 << 15) throw new Malformed('too few codes')
  return code
}

function fixedCodes(): Codes {
  const lengths = Array.from({ length: 288 }, (_, symbol) => {
    if (symbol < 144) return 8
    if (symbol < 256) return 9
    return symbol < 280 ? 7 : 8
  })
  return { literals: codeOf(lengths), distances: codeOf(Array.from({ length: 32 }, () => 5)) }
}

function dynamicCodes(input: BitReader): Codes {
  const literals = input.bits(5) + 257
  const distances = input.bits(5) + 1
  const codes = input.bits(4) + 4
  if (literals > 286 || distances > 30) throw new Malformed('too many symbols')
  const codeLengths = Array.from({ length: 19 }, () => 0)
  for (const symbol of CODE_LENGTH_ORDER.slice(0, codes)) codeLengths[symbol] = input.bits(3)
  const code = codeOf(codeLengths)
  const lengths: number[] = []
  while (lengths.length < literals + distances) {
    const symbol = input.symbol(code)
    if (symbol === 16 && lengths.length === 0) throw new Malformed('nothing to repeat')
    const value = symbol < 16 ? symbol : symbol === 16 ? lengths.at(-1)! : 0
    const repeats = symbol < 16 ? 1 : [3, 3, 11][symbol - 16]! + input.bits([2, 3, 7][symbol - 16]!)
    for (let i = 0; i < repeats; i++) lengths.push(value)
  }
  if (lengths.length > literals + distances) throw new Malformed('too many lengths')
  if (lengths[256] === 0) throw new Malformed('no end of the block')
  return {
    literals: codeOf(lengths.slice(0, literals)),
    distances: codeOf(lengths.slice(literals)),
  }
}

function decodeBlock(input: BitReader, output: number[], { literals, distances }: Codes): void {
  for (;;) {
    const symbol = input.symbol(literals)
    if (symbol === 256) return
    if (symbol < 256) {
      output.push(symbol)
      continue
    }
    const base = LENGTH_BASES[symbol - 257]
    if (base === undefined) throw new Malformed('no such length')
    const extra = symbol < 265 || symbol === 285 ? 0 : (symbol - 261) >> 2
    const length = base + input.bits(extra)
    const code = input.symbol(distances)
    if (code > 29) throw new Malformed('no such distance')
    const more = code < 4 ? 0 : (code - 2) >> 1
    const distance = (code < 4 ? code : (2 + (code & 1)) << more) + 1 + input.bits(more)
    if (distance > output.length) throw new Malformed('before the beginning')
    for (let i = 0; i < length; i++) output.push(output[output.length - distance]!)
  }
}

/** The reference of `crc32`, which continues from the checksum of what came before. */
export function crc32(before: number, bytes: Uint8Array): number {
  let crc = ~before
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return ~crc >>> 0
}
