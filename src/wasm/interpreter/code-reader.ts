/** Instructions behind the prefix 0xfd are numbered from here on, those behind 0xfc from there. */
const SIMD_BASE = 0x100
const BULK_BASE = 0x200

export function simdCode(code: number): number {
  return SIMD_BASE + code
}

export const bulkCode = { copy: BULK_BASE + 10, fill: BULK_BASE + 11 } as const

/** How the operands that follow an opcode are written. */
type Immediates =
  | 'none'
  | 'byte'
  | 'index'
  | 'index-pair'
  | 'i32'
  | 'i64'
  | 'f32'
  | 'f64'
  | 'memory'

const byCode: Immediates[] = Array.from({ length: 0x300 }, (_, code) => immediatesOf(code))

function immediatesOf(code: number): Immediates {
  if (code >= 0x28 && code <= 0x3e) return 'memory'
  if (code >= 0x02 && code <= 0x04) return 'byte'
  switch (code) {
    case 0x0c:
    case 0x0d:
    case 0x10:
    case 0x20:
    case 0x21:
    case 0x22:
      return 'index'
    case 0x11:
    case bulkCode.copy:
      return 'index-pair'
    case 0x41:
      return 'i32'
    case 0x42:
      return 'i64'
    case 0x43:
      return 'f32'
    case 0x44:
      return 'f64'
    case simdCode(0x00):
    case simdCode(0x0b):
      return 'memory'
    case bulkCode.fill:
      return 'byte'
  }
  return code >= simdCode(0x15) && code <= simdCode(0x22) ? 'byte' : 'none'
}

/** Reads the instructions of a function's body one after another (core specification 2.0, section 5.4). */
export class CodeReader {
  readonly #bytes: Uint8Array
  #at: number
  /**
   * What follows the opcode that was read last: an index, the type of a block, a lane, the low and the
   * high word of a constant; of loads and stores the offset is `second`.
   */
  first = 0
  second = 0

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes
    this.#at = at
  }

  /** The next opcode, those behind a prefix as {@link simdCode} and {@link bulkCode} number them. */
  next(): number {
    let code = this.byte()
    if (code === 0xfd) code = SIMD_BASE + this.unsigned()
    else if (code === 0xfc) code = BULK_BASE + this.unsigned()
    this.#readImmediates(byCode[code] ?? 'none')
    return code
  }

  byte(): number {
    return this.#bytes[this.#at++]!
  }

  unsigned(): number {
    const low = this.#bytes[this.#at++]!
    if (low < 128) return low
    let value = low & 127
    for (let shift = 7; ; shift += 7) {
      const byte = this.#bytes[this.#at++]!
      value |= (byte & 127) << shift
      if (byte < 128) return value >>> 0
    }
  }

  #readImmediates(kind: Immediates): void {
    switch (kind) {
      case 'none':
        return
      case 'byte':
        this.first = this.byte()
        return
      case 'index':
        this.first = this.unsigned()
        return
      case 'memory':
      case 'index-pair':
        this.first = this.unsigned()
        this.second = this.unsigned()
        return
      case 'i32':
      case 'i64':
        this.#readSigned()
        return
      case 'f32':
        this.first = this.#word()
        this.second = 0
        return
      case 'f64':
        this.first = this.#word()
        this.second = this.#word()
    }
  }

  #word(): number {
    const bytes = this.#bytes
    const at = this.#at
    this.#at += 4
    return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
  }

  /** A signed number of up to 64 bits, in two words. */
  #readSigned(): void {
    let [low, high, shift] = [0, 0, 0]
    let byte: number
    do {
      byte = this.#bytes[this.#at++]!
      const bits = byte & 127
      if (shift < 32) low |= bits << shift
      if (shift === 28) high |= bits >>> 4
      else if (shift > 28) high |= bits << (shift - 32)
      shift += 7
    } while (byte > 127)
    if ((byte & 64) !== 0) {
      if (shift < 32) {
        low |= -1 << shift
        high = -1
      } else if (shift < 64) high |= -1 << (shift - 32)
    }
    this.first = low
    this.second = high
  }
}
